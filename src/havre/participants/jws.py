"""JSON Web Signatures in the compact form (RFC 7515, section 7.1) with EdDSA (RFC 8037, section 3.1) or ES256
(RFC 7518, section 3.4).

Rules that hold here: what is not exactly of the form is no token; critical extensions are none that we know, so a
token that has one is refused (RFC 7515, section 4.1.11); nothing that was read is proven until ``fits`` says so.
"""

import json
import re
from base64 import urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from havre.participants.keys import PublicKey

EDDSA, ES256 = "EdDSA", "ES256"
LONGEST = 8 * 1024
SIGNATURE_BYTES = 64
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_TO_BASE64 = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True)
class Read:
    """A token as it was read: ``signed`` is what the signature is over."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def sign(key: Ed25519PrivateKey, kid: str, claims: Mapping[str, Any]) -> str:
    """A token with these claims, signed by the key that others find as ``kid``."""
    signed = f"{_header(kid)}.{_text(json.dumps(claims, separators=(',', ':')).encode())}"
    return f"{signed}.{_text(key.sign(signed.encode()))}"


@lru_cache(maxsize=1024)
def _header(kid: str) -> str:
    return _text(json.dumps({"alg": EDDSA, "kid": kid, "typ": "JWT"}, separators=(",", ":")).encode())


@lru_cache(maxsize=64)
def read(token: str) -> Read | None:
    """The parts of a token of at most ``LONGEST`` characters, None when it is none; nothing is proven.

    A token is read several times while its sender is recognised, and never again: hence the small memory.
    """
    parts = _COMPACT.fullmatch(token) if len(token) <= LONGEST else None
    if parts is None:
        return None
    signed = token[: parts.end(2)].encode()
    try:
        header, claims = (json.loads(_bytes(part).decode()) for part in signed.split(b"."))
        signature = _bytes(parts[3].encode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or "crit" in header:
        return None
    return Read(header, claims, signed, signature)


def algorithm_of(key: PublicKey) -> str:
    """The one algorithm that a key is used with (RFC 8725, section 3.1)."""
    return EDDSA if isinstance(key, Ed25519PublicKey) else ES256


def fits(token: Read, key: PublicKey) -> bool:
    """Whether the signature was made with the private half of ``key``, by the key's own algorithm."""
    if len(token.signature) != SIGNATURE_BYTES:
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(token.signature, token.signed)
        else:
            key.verify(_der(token.signature), token.signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes) -> bytes:
    """The two numbers of an ES256 signature in the form that the library checks."""
    half = SIGNATURE_BYTES // 2
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: bytes) -> bytes:
    """``ValueError`` for what is not base64url without padding."""
    return a2b_base64(text.translate(_TO_BASE64) + b"=" * (-len(text) % 4), strict_mode=True)
