"""Who may send the service something over HTTP: parties that the settings name, each with a token of its own.

Of a token only the SHA-256 stands in the settings, which nothing can be sent with; a token should be as long as chance
makes it (``openssl rand -hex 32``), for its hash is not salted. It is sent as ``Authorization: Bearer``, or as
``X-Api-Key``, which a node passes on to the services that it shows.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from starlette.requests import Request

PORT_CALLS, APPOINTMENTS = "port-calls", "appointments"
SCOPES = frozenset({PORT_CALLS, APPOINTMENTS})


@dataclass(frozen=True)
class Party:
    """``digest``: SHA-256 of its token."""

    name: str
    digest: bytes
    scopes: frozenset[str]


class NotAdmitted(Exception):
    """``status``: 401 where nobody is recognised, 403 where the party may not do this."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True)
class Parties:
    known: tuple[Party, ...] = ()

    def sender(self, request: Request, scope: str) -> str:
        """The name of who asks. ``NotAdmitted``."""
        said = request.headers.get("x-api-key", "")
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            said = bearer.strip()
        given = sha256(said.encode()).digest()
        # all are compared, each in the same time: how long it takes tells nothing
        found = [one for one in self.known if hmac.compare_digest(one.digest, given)]
        if not found:
            raise NotAdmitted(401, "the token is not known: Authorization: Bearer TOKEN, or X-Api-Key: TOKEN")
        if scope not in found[0].scopes:
            raise NotAdmitted(403, f"{found[0].name} may not do this: it lacks the scope {scope}")
        return found[0].name

    def may(self, scope: str) -> bool:
        """Whether anybody may."""
        return any(scope in one.scopes for one in self.known)


def parties(given: Any) -> Parties:
    """From settings: by name ``token_sha256`` (hex) and ``scopes``. ``ValueError`` names what is wrong with them."""
    if not isinstance(given, Mapping):
        raise ValueError(f"settings.parties: got {given!r}, expected tables by name")
    found = tuple(_party(f"settings.parties.{name}", name, one) for name, one in given.items())
    if len({one.digest for one in found}) < len(found):
        raise ValueError("settings.parties: two have the same token")
    return Parties(found)


def _party(place: str, name: str, given: Any) -> Party:
    if not isinstance(given, Mapping) or given.keys() != {"token_sha256", "scopes"}:
        raise ValueError(f"{place}: expected token_sha256 and scopes")
    digest, scopes = given["token_sha256"], given["scopes"]
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise ValueError(f"{place}.token_sha256: expected the 64 hexadecimal digits of a SHA-256")
    if not isinstance(scopes, list | tuple) or not set(scopes) <= SCOPES:
        raise ValueError(f"{place}.scopes: got {scopes!r}, expected some of {', '.join(sorted(SCOPES))}")
    return Party(name, bytes.fromhex(digest), frozenset(scopes))
