"""The key that certificates are signed with, and its public half for whoever checks them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from havre_mobility.trucks.certificate import canonical


@dataclass(frozen=True)
class Signer:
    """``issuer``: whose word a certificate is, such as a DID."""

    key: Ed25519PrivateKey
    key_id: str
    issuer: str

    @property
    def public(self) -> Mapping[str, str]:
        """As a JWK (RFC 8037)."""
        return {**_public(self.key), "kid": self.key_id, "alg": "EdDSA", "use": "sig"}


def signer(file: Path, issuer: str | None = None) -> Signer:
    """From a file with an Ed25519 private key, PEM (PKCS 8, without a password) or JWK (RFC 8037).

    The key is named by its thumbprint (RFC 7638, as a URN of RFC 9278), and so is the issuer where none is given.
    ``ValueError`` and ``OSError``: there is no such key.
    """
    raw = file.read_bytes()
    try:
        key = _jwk(raw) if raw.lstrip().startswith(b"{") else serialization.load_pem_private_key(raw, None)
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{file}: expected an Ed25519 private key, as PEM without a password or as JWK") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{file}: got a key of another kind; expected Ed25519")
    print_ = base64.urlsafe_b64encode(sha256(canonical(_public(key))).digest()).rstrip(b"=").decode()
    name = f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{print_}"
    return Signer(key, name, issuer or name)


def _public(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}


def _jwk(raw: bytes) -> Ed25519PrivateKey:
    jwk: Any = json.loads(raw)
    if jwk["kty"] != "OKP" or jwk["crv"] != "Ed25519":
        raise ValueError("another kind of key")
    text = str(jwk["d"])
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
