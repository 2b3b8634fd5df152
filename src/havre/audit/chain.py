"""The chain of hashes (pure).

An entry's bytes are canonical JSON: members sorted by name, no spaces, UTF-8, times in UTC to the microsecond.
Its hash is SHA-256 of the byte 0x00 and those bytes, which is the leaf hash of RFC 6962 (section 2.1): the same
entries can become the leaves of a Merkle tree. Each entry holds the hash of the one before it; the first holds ZERO.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

ZERO = "0" * 64
LEAF = b"\x00"


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``data`` is kept as the JSON text that was hashed."""

    sequence: int
    at: datetime
    participant: str
    event: str
    subject: str
    data: str
    previous: str


def canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(entry: Entry) -> str:
    """The hash of an entry, in hexadecimal."""
    members = {**vars(entry), "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    return sha256(LEAF + canonical(members).encode()).hexdigest()
