"""Self-issued tokens between participants: JSON Web Tokens (RFC 7519) signed with EdDSA (RFC 8037).

Rules that hold here: ``iss`` = ``sub`` = the sender's DID, ``aud`` = the receiver's DID, ``jti`` never used before,
``exp`` at most five minutes after ``iat``, the key one of the issuer's ``authentication`` keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from havre.errors import HavreError, Unreachable
from havre.participants.did import Document

LIFE = timedelta(minutes=2)
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
ALGORITHM = "EdDSA"
CLAIMS = ("iss", "sub", "aud", "jti", "iat", "exp")


class Untrusted(HavreError):
    """Why a token was not accepted. For the log: the other side only hears that nothing was found."""

    code = "untrusted"


@dataclass(frozen=True)
class Claims:
    issuer: str
    token_id: str
    expires: datetime


def issue(key: Ed25519PrivateKey, *, sender: str, receiver: str, now: datetime, id: str) -> str:
    """A token from ``sender`` to ``receiver`` (both DIDs), good once and for two minutes."""
    claims = {
        "iss": sender,
        "sub": sender,
        "aud": receiver,
        "jti": id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": f"{sender}#key-1"})


def issuer(token: str) -> str:
    """Who says to have issued it; nothing is proven by this."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise Untrusted(f"not a token: {error}") from error
    if not isinstance(claims.get("iss"), str):
        raise Untrusted("the token names no issuer")
    return str(claims["iss"])


def verify(token: str, *, receiver: str, now: datetime, resolve: Callable[[bool], Document]) -> Claims:
    """Check all of a token. ``resolve(fresh)`` gives the issuer's DID document. ``Untrusted`` says what is wrong."""
    try:
        document = resolve(False)
        try:
            claims = _decode(token, document, receiver)
        except Untrusted:
            renewed = resolve(True)  # the issuer may have a new key
            if renewed is document:
                raise
            claims = _decode(token, renewed, receiver)
    except Unreachable as error:
        raise Untrusted(error.message) from error
    return _checked(claims, document.did, now)


def _decode(token: str, document: Document, receiver: str) -> dict[str, Any]:
    """Signature, algorithm and audience. Times are checked by ``_checked``, against the clock that we are given."""
    try:
        header = jwt.get_unverified_header(token)
        key = document.keys.get(str(header.get("kid")))
        if key is None:
            raise Untrusted(f"{header.get('kid')!r} is not an authentication key of {document.did}")
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=receiver,
            options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.PyJWTError as error:
        raise Untrusted(f"the token does not hold: {error}") from error


def _checked(claims: dict[str, Any], did: str, now: datetime) -> Claims:
    if claims["iss"] != did or claims["sub"] != did:
        raise Untrusted("issuer and subject are not the same DID")
    if claims["aud"] != str(claims["aud"]) or not isinstance(claims["jti"], str) or not claims["jti"]:
        raise Untrusted("audience and token identifier must be texts")
    issued, expires = _instant(claims["iat"]), _instant(claims["exp"])
    if expires + LEEWAY <= now:
        raise Untrusted(f"the token expired at {expires:%H:%M:%S}")
    if issued - LEEWAY > now or ("nbf" in claims and _instant(claims["nbf"]) - LEEWAY > now):
        raise Untrusted("the token is from the future")
    if expires - issued > LONGEST_LIFE:
        raise Untrusted("the token lives longer than five minutes")
    return Claims(did, claims["jti"], expires)


def _instant(value: Any) -> datetime:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Untrusted(f"{value!r} is not a time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Untrusted(f"{value!r} is not a time") from error
