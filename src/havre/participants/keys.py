"""Keys, and their protection at rest: Ed25519 (RFC 8032), JSON Web Keys (RFC 7517, 8037), AES-256-GCM.

Rules that hold here: the node key is 32 bytes, from the environment or from a file that its owner alone can read;
a private key and a secret leave the process only sealed with it.
"""

import base64
import os
import stat
from collections.abc import Mapping
from hmac import digest
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from havre.errors import Invalid
from havre.settings import Settings

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

KEY_BYTES = 32
NONCE_BYTES = 12


# The node key


def key_file(settings: Settings) -> Path:
    return settings.home / "node.key"


def node_key(settings: Settings) -> bytes:
    """The node's key, from the environment or from its file; ``Invalid`` says what to do when it is not fit."""
    if settings.node_key is not None:
        return _decoded(settings.node_key, "HAVRE_NODE_KEY")
    path = key_file(settings)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Invalid(f"others can read {path} (mode {mode:o})", field="node_key", expected=f"chmod 600 {path}")
        return _decoded(path.read_text(), str(path))
    except FileNotFoundError as error:
        how = "`havre node init` first, or HAVRE_NODE_KEY"
        raise Invalid(f"there is no node key at {path}", field="node_key", expected=how) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}", field="node_key") from error


def write_node_key(settings: Settings) -> None:
    """Make a new node key in its file, unless there is one already."""
    path = key_file(settings)
    if settings.node_key is not None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise Invalid(f"the node key in {where} is not base64", field="node_key", expected="32 bytes") from error
    if len(key) != KEY_BYTES:
        raise Invalid(f"the node key in {where} has {len(key)} bytes", field="node_key", expected="32 bytes")
    return key


# What it protects


def seal(node_key: bytes, secret: bytes, purpose: str) -> bytes:
    """Encrypt a secret for the database: nonce, then ciphertext with its tag. It opens for ``purpose`` only."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(node_key).encrypt(nonce, secret, purpose.encode())


def unseal(node_key: bytes, sealed: bytes, purpose: str) -> bytes:
    try:
        return AESGCM(node_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except InvalidTag as error:
        raise Invalid(f"{purpose} does not open with this node key", field="node_key") from error


def signing_key_of(slug: str) -> str:
    """What the signing key of a participant is sealed for."""
    return f"the signing key of {slug}"


def value_for(id: str) -> str:
    """What the ``Authorization`` value for a counterparty is sealed for."""
    return f"the authorization value for {id}"


def keyed_hash(node_key: bytes, value: str) -> str:
    """What is stored of a value that others chose: without the node key it cannot be guessed from the database."""
    return digest(node_key, b"authorization value:" + value.encode(), "sha256").hex()


# Signing keys


def new_signing_key() -> bytes:
    """The 32 bytes of a new private key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def private_key(raw: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(raw)


def public_bytes(raw: bytes) -> bytes:
    return private_key(raw).public_key().public_bytes_raw()


def public_jwk(raw_public: bytes) -> dict[str, str]:
    """An Ed25519 public key as a JSON Web Key (RFC 8037, section 2)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw_public).rstrip(b"=").decode()}


def from_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    """The public key in a JSON Web Key, Ed25519 or P-256; ``Invalid`` for any other kind of key."""
    try:
        match jwk.get("kty"), jwk.get("crv"):
            case "OKP", "Ed25519":
                return Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"]))
            case "EC", "P-256":
                x, y = (int.from_bytes(_bytes(jwk[name])) for name in ("x", "y"))
                return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Invalid("the key is broken", field="publicKeyJwk", expected="base64url coordinates") from error
    raise Invalid("a kind of key that is not used here", field="publicKeyJwk", expected="Ed25519 or P-256")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
