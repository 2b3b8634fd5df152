"""Self-issued tokens between participants: JSON Web Tokens (RFC 7519) signed with EdDSA (RFC 8037) or ES256.

Rules that hold here, for tokens that we take:

1. ``iss`` = ``sub`` = the sender's DID; ``aud`` = the receiver's DID, one text.
2. ``exp`` and ``iat`` are there; ``exp`` is at most five minutes after ``iat``; ``iat`` is not in the future.
   Clocks may differ by ``LEEWAY``.
3. ``kid`` names one of the issuer's ``authentication`` keys, and the key alone decides the algorithm: what the
   token says of it must be the same (RFC 8725, section 3.1).
4. ``jti`` is there; that it was never used before is checked in the transaction that handles the message.

How they are written, signed and read stands in ``havre.participants.jws``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from havre.errors import HavreError, Unreachable
from havre.participants import jws
from havre.participants.did import Document, absolute, key_id
from havre.participants.keys import PublicKey

LIFE = timedelta(minutes=2)
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
LONGEST_ID = 255
_REQUIRED = ("iss", "sub", "aud", "jti", "iat", "exp")


class Untrusted(HavreError):
    """Why a token was not accepted. For log and audit: the other side only hears that nothing was found."""

    code = "untrusted"


class Unchecked(Untrusted):
    """The issuer's key cannot be had now; nothing else is wrong with the token."""


class Outdated(Untrusted):
    """The token does not fit the keys that we know of its issuer, who may have new ones."""


@dataclass(frozen=True)
class Claims:
    """What a token says that holds."""

    issuer: str
    token_id: str
    expires: datetime


def issue(key: Ed25519PrivateKey, *, sender: str, receiver: str, now: datetime, id: str) -> str:
    """A token from ``sender`` to ``receiver`` (both DIDs), good once and for two minutes."""
    issued = int(now.timestamp())
    claims = {
        "iss": sender,
        "sub": sender,
        "aud": receiver,
        "jti": id,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
    }
    return jws.sign(key, key_id(sender), claims)


def issuer(token: str) -> str | None:
    """Who says to have issued it, None when it is no token; nothing is proven by this."""
    read = jws.read(token)
    found = None if read is None else read.claims.get("iss")
    return found if isinstance(found, str) else None


def verify(token: str, *, receiver: str, now: datetime, resolve: Callable[[bool], Document]) -> Claims:
    """Check all of a token. ``resolve(fresh)`` gives the issuer's document.

    ``Untrusted`` says what is wrong; ``Unchecked`` when it is that there is no document at the moment.
    """
    read = jws.read(token)
    if read is None:
        raise Untrusted("it is not a signed token")
    try:
        document = resolve(False)
        try:
            _require_signed(read, document)
        except Outdated:
            _require_signed(read, resolve(True))
    except Unreachable as error:
        _checked(read.claims, str(read.claims.get("iss")), receiver, now)
        raise Unchecked(error.message) from error
    return _checked(read.claims, document.did, receiver, now)


def _require_signed(token: jws.Read, document: Document) -> None:
    """Key, algorithm and signature."""
    said = token.header.get("alg")
    if said not in (jws.EDDSA, jws.ES256):
        raise Untrusted(f"{said!r} is not an algorithm that is accepted")
    key = _key(token.header, document)
    if said != jws.algorithm_of(key):
        raise Outdated(f"the key {token.header['kid']!r} is not one for {said}")
    if not jws.fits(token, key):
        raise Outdated("the signature does not fit the key")


def _key(header: dict[str, Any], document: Document) -> PublicKey:
    kid = header.get("kid")
    key = document.keys.get(absolute(document.did, kid)) if isinstance(kid, str) else None
    if key is None:
        raise Outdated(f"{kid!r} is not an authentication key of {document.did}")
    return key


def _checked(claims: dict[str, Any], did: str, receiver: str, now: datetime) -> Claims:
    missing = [name for name in _REQUIRED if claims.get(name) is None]
    if missing:
        raise Untrusted(f"the token lacks {', '.join(missing)}")
    if claims["aud"] != receiver:
        raise Untrusted(f"the token is not for {receiver}")
    if claims["iss"] != did or claims["sub"] != did:
        raise Untrusted(f"issuer and subject are not both {did}")
    id = claims["jti"]
    if not isinstance(id, str) or not 1 <= len(id) <= LONGEST_ID:
        raise Untrusted(f"the token identifier must be a text of at most {LONGEST_ID} characters")
    issued, expires = _instant(claims["iat"]), _instant(claims["exp"])
    if expires + LEEWAY <= now:
        raise Untrusted(f"the token expired at {expires:%H:%M:%S} UTC")
    if max(issued, _instant(claims.get("nbf", claims["iat"]))) > now + LEEWAY:
        raise Untrusted("the token is from the future")
    if not timedelta(0) < expires - issued <= LONGEST_LIFE:
        raise Untrusted("the token lives longer than five minutes, or not at all")
    return Claims(did, id, expires)


def _instant(value: object) -> datetime:
    """A NumericDate (RFC 7519, section 2)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Untrusted(f"{value!r} is not a time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Untrusted(f"{value!r} is not a time") from error
