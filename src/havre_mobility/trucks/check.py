"""``python -m havre_mobility.trucks.check certificate.json key.json`` checks a certificate without a network.

The key is the issuer's JWK (or its DID document, of which every key is tried). Prints the verdict and its causes, or
all that is wrong; the exit status is 0, 1 when something is wrong, 2 when a file cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from havre_mobility.trucks.certificate import Document, check, opened, public_key


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m havre_mobility.trucks.check", description="Check a certificate.")
    parser.add_argument("certificate", type=Path)
    parser.add_argument("key", type=Path, help="the issuer's public key: a JWK, or a DID document")
    given = parser.parse_args(arguments)
    try:
        signed, key = (json.loads(file.read_text("utf-8")) for file in (given.certificate, given.key))
        keys = [public_key(one) for one in _jwks(key)]
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    found = [check(signed, one) for one in keys]
    if [] in found:
        sys.stdout.write(told(opened(signed, keys[found.index([])])))
        return 0
    sys.stdout.write("".join(f"{problem}\n" for problem in found[0]))
    return 1


def told(document: Document) -> str:
    """The verdict in a few lines."""
    result = document["result"]
    lines = [
        f"booking {document['booking']} at {document['gate']}, issued {document['issued_at']} by {document['issuer']}",
        f"{result['verdict']}: {result['late_s']} s late, {result['unexplained_s']} s not explained",
        *(f"  {one['seconds']} s by {one['cause']} at {one['place']} (fact {one['fact']})" for one in result["causes"]),
        "the signature holds, the hashes of all facts hold, and the rule gives this result",
    ]
    return "".join(f"{line}\n" for line in lines)


def _jwks(key: Any) -> list[Any]:
    if not isinstance(key, dict):
        raise ValueError("key: expected a JSON object")
    if "verificationMethod" not in key:
        return [key]
    found = [
        one["publicKeyJwk"] for one in key["verificationMethod"] if isinstance(one, dict) and "publicKeyJwk" in one
    ]
    if not found:
        raise ValueError("key: the DID document has no publicKeyJwk")
    return found


if __name__ == "__main__":
    sys.exit(main())
