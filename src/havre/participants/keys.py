"""Signing keys (Ed25519, RFC 8032) and their protection at rest (AES-256-GCM under the node key)."""

import base64
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from havre.errors import Invalid
from havre.settings import Settings

KEY_BYTES = 32
NONCE_BYTES = 12


def node_key(settings: Settings) -> bytes:
    """The node's key, from the environment or from its file, which nobody else may read."""
    if settings.node_key is not None:
        return _decoded(settings.node_key, "HAVRE_NODE_KEY")
    path = key_file(settings)
    if not path.exists():
        raise Invalid(f"there is no node key at {path}", expected="`havre node init` first, or HAVRE_NODE_KEY")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Invalid(f"{path} can be read by others (mode {mode:o})", expected=f"chmod 600 {path}")
    return _decoded(path.read_text(), str(path))


def write_node_key(settings: Settings) -> None:
    """Make a new node key in its file, unless there is one."""
    path = key_file(settings)
    if settings.node_key is not None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")


def key_file(settings: Settings) -> Path:
    return settings.home / "node.key"


def seal(node_key: bytes, secret: bytes) -> bytes:
    """Encrypt a secret for the database: nonce, then ciphertext with its tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(node_key).encrypt(nonce, secret, None)


def unseal(node_key: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCM(node_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except InvalidTag as error:
        raise Invalid("a stored secret does not open with this node key", field="node_key") from error


def new_signing_key() -> bytes:
    """The 32 bytes of a new private key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def private_key(raw: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(raw)


def public_bytes(raw: bytes) -> bytes:
    return private_key(raw).public_key().public_bytes_raw()


def public_jwk(raw_public: bytes) -> dict[str, str]:
    """A public key as a JSON Web Key (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw_public).rstrip(b"=").decode()}


def from_jwk(jwk: dict[str, str]) -> Ed25519PublicKey:
    """The public key in a JSON Web Key; ``Invalid`` for any other kind of key."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or not isinstance(jwk.get("x"), str):
        raise Invalid("not an Ed25519 key", field="publicKeyJwk", expected="kty OKP, crv Ed25519")
    text = jwk["x"]
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise Invalid("not an Ed25519 key", field="publicKeyJwk.x", expected="32 bytes in base64url") from error


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise Invalid(f"the node key in {where} is not base64", field="node_key") from error
    if len(key) != KEY_BYTES:
        raise Invalid(f"the node key in {where} has {len(key)} bytes", field="node_key", expected="32 bytes")
    return key
