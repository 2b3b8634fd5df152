"""Who is who (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from havre.errors import Invalid, NotFound

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
KINDS = ("person", "machine")
LONGEST_NAME = 200


class Role(StrEnum):
    """What a person or machine client may do for its participant."""

    ADMIN = "admin"
    PUBLISHER = "publisher"
    READER = "reader"


class Scope(StrEnum):
    """What a token is good for: never more than the role of its owner."""

    READ = "read"
    PUBLISH = "publish"
    NEGOTIATE = "negotiate"
    ADMIN = "admin"


SCOPES_OF: dict[Role, frozenset[Scope]] = {
    Role.READER: frozenset({Scope.READ}),
    Role.PUBLISHER: frozenset({Scope.READ, Scope.PUBLISH, Scope.NEGOTIATE}),
    Role.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True)
class Participant:
    """An organisation hosted by this node. ``url`` is its base: DID document, protocol and data stand under it."""

    slug: str
    did: str
    name: str
    url: str

    @property
    def protocol_url(self) -> str:
        """The base of the Dataspace Protocol, which is also the callback address of its messages."""
        return f"{self.url}/dsp/2025-1"


@dataclass(frozen=True)
class Member:
    """A person or a machine client (``kind``) of a participant."""

    id: str
    participant: str
    name: str
    kind: str
    role: Role


@dataclass(frozen=True)
class Token:
    """An API token as it can be shown: the secret itself is shown once and stored as its hash."""

    id: str
    member: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime
    revoked: datetime | None


@dataclass(frozen=True)
class Counterparty:
    """Another participant that the operator has put on the trust list."""

    id: str
    name: str
    memberships: frozenset[str]


class Recognition(StrEnum):
    """How a counterparty is recognised: by tokens signed with a key of its DID, or by a configured value."""

    DID = "did"
    FIXED = "fixed"


@dataclass(frozen=True)
class Trusted:
    """An entry of the trust list. ``sends`` is what we send, sealed; ``receives`` the keyed hash of what comes."""

    counterparty: Counterparty
    recognition: Recognition
    sends: bytes | None
    receives: str | None
    added: datetime


@dataclass(frozen=True)
class Caller:
    """Who speaks to our own API."""

    participant: Participant
    member: Member
    scopes: frozenset[Scope]


@dataclass(frozen=True)
class Identified:
    """Who sent a message, and the identifier of the token that said so, to be used once."""

    counterparty: Counterparty
    token_id: str | None
    expires: datetime | None


class Stranger(NotFound):
    """A sender that is not recognised. What it is told is the same for all; ``why`` is for log and audit alone."""

    def __init__(self, why: str) -> None:
        super().__init__("nothing here, or nothing for this sender")
        self.why = why


def checked_slug(value: str) -> str:
    """A short name that can stand in a web address."""
    if not SLUG.fullmatch(value):
        raise Invalid(f"{value!r} cannot be a short name", field="slug", expected="a-z, 0-9 and -, at most 63")
    return value


def checked_name(value: str) -> str:
    """The name of an organisation, a person or a machine, to be shown on one line."""
    name = value.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("cannot be a name", field="name", expected=f"1 to {LONGEST_NAME} printable characters")
    return name
