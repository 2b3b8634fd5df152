"""The secret link of a round: who has it, drives it. Nobody is named, nothing is stored.

The secret part is an HMAC-SHA256 (RFC 2104) of the round's id, cut to 128 bits, compared in constant time. As the id
names the day, and only rounds of today's plan are shown, a link ends with its day; a new key ends all of them at once.
Links of other things, such as a collector's (``ships.links``), are made in the same way under their own ``kind``.

``python -m havre_waste.field.links KEY ADDRESS < city.json`` says those of the rounds in it.
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

SHORTEST_KEY = 16


def token(key: bytes, round: str, kind: str = "round") -> str:
    """22 characters that may stand in a path. ``ValueError`` for a key that could be guessed."""
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the key of the links has {len(key)} bytes; {SHORTEST_KEY} or more are needed")
    digest = hmac.digest(key, f"havre-waste {kind}\0{round}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def matches(key: bytes, round: str, given: str, kind: str = "round") -> bool:
    return hmac.compare_digest(token(key, round, kind).encode(), given.encode())


def link(key: bytes, round: str, address: str) -> str:
    """Of the round, below the address of the pages; the phone chooses the language."""
    return f"{address.rstrip('/')}/drive/{round}/{token(key, round)}/"


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m havre_waste.field.links KEY ADDRESS < city.json")
    key = Path(sys.argv[1]).read_bytes()
    for one in json.load(sys.stdin)["rounds"]:
        sys.stdout.write(f"{one['id']} {link(key, one['id'], sys.argv[2])}\n")


if __name__ == "__main__":
    main()
