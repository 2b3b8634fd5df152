"""What the exchange answers, as values. Times are aware, in UTC; members that a newer node adds are left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]
FINAL = frozenset({"FINALIZED", "TERMINATED"})
OURS = {"consumer": frozenset({"OFFERED", "AGREED"}), "provider": frozenset({"REQUESTED", "ACCEPTED", "VERIFIED"})}
"""The states in which a negotiation goes on only with a step of ours."""


@dataclass(frozen=True)
class Participant:
    """An organisation. ``token`` is that of its administrator, shown once, when it was added by this call."""

    slug: str
    did: str
    name: str
    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Member:
    """A person or a machine (``kind``) of a participant."""

    name: str
    kind: str
    role: str
    id: str | None = None


@dataclass(frozen=True)
class Me:
    """Who the token stands for, and what it may do."""

    participant: Participant
    member: Member
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """An API token; ``token`` is its secret, shown once, when it was made by this call."""

    id: str
    member: str
    scopes: tuple[str, ...]
    expires: datetime
    created: datetime | None = None
    revoked: datetime | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Trusted:
    """An entry of the trust list: whom this node deals with."""

    id: str
    name: str
    memberships: tuple[str, ...] = ()
    identity: str | None = None


@dataclass(frozen=True)
class Field:
    """A column: ``type`` is string, integer, number, boolean, timestamp or date."""

    name: str
    type: str
    unit: str | None = None
    nullable: bool = True
    description: str = ""
    personal: bool = False


@dataclass(frozen=True)
class Schema:
    """Columns; ``time``, ``longitude`` and ``latitude`` name those that say when and where."""

    fields: tuple[Field, ...]
    time: str | None = None
    longitude: str | None = None
    latitude: str | None = None

    def keeping(self, names: Collection[str]) -> "Schema":
        """The same with these columns alone, in this order; ``ValueError`` for one that it does not have."""
        known = {field.name: field for field in self.fields}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"columns: got {unknown[0]!r}, expected some of {', '.join(known)}")
        fields = tuple(known[name] for name in names)
        kept = {role: name if name in names else None for role, name in self._roles.items()}
        return Schema(fields, **kept)

    @property
    def _roles(self) -> dict[str, str | None]:
        return {"time": self.time, "longitude": self.longitude, "latitude": self.latitude}


@dataclass(frozen=True)
class Statistics:
    """``bbox`` is west, south, east, north, in degrees."""

    rows: int = 0
    quarantined: int = 0
    bytes: int = 0
    first: datetime | None = None
    last: datetime | None = None
    bbox: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Dataset:
    """A dataset of one's own."""

    id: str
    title: str
    schema: Schema
    description: str = ""
    keywords: tuple[str, ...] = ()
    theme: str | None = None
    licence: str | None = None
    origin: str | None = None
    language: str | None = None
    withdrawn: datetime | None = None
    statistics: Statistics = Statistics()


@dataclass(frozen=True)
class Ingested:
    """What became of rows: taken in, or kept apart because they do not fit the schema."""

    rows: int
    quarantined: int
    version: int | None = None
    offset: int | None = None


@dataclass(frozen=True)
class Rejected:
    """A row in quarantine."""

    reason: str
    raw: str
    id: str | int | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True)
class Quarantine:
    """``count`` of all that is kept apart, and the first of it."""

    count: int
    rows: tuple[Rejected, ...]


@dataclass(frozen=True)
class SourceStatus:
    """How a source does: ``state`` is running, idle, waiting (for ``next``) or failed (``error`` says why).

    ``done`` of ``total`` bytes are read, as far as they are known; ``rows`` and ``quarantined`` are of the last run.
    """

    state: str
    done: int | None = None
    total: int | None = None
    rows: int = 0
    quarantined: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    next: datetime | None = None
    error: str | None = None

    @property
    def lag(self) -> int | None:
        """Bytes that are there and not yet read; None where nobody can know."""
        return None if self.done is None or self.total is None else max(self.total - self.done, 0)


@dataclass(frozen=True)
class Source:
    """Where rows come from."""

    id: str
    dataset: str
    transport: str
    format: str
    status: SourceStatus
    options: Json = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Offer:
    """An offer in a catalogue. ``policy`` is its ODRL, as it stands there."""

    id: str
    provider: str
    dataset: str
    policy: Json = field(hash=False)


@dataclass(frozen=True)
class OwnOffer:
    """An offer that one has published; ``visible_to`` empty means everybody on the trust list."""

    id: str
    dataset: str
    policy: Json = field(hash=False)
    decision: str = "automatic"
    visible_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class CatalogEntry:
    """A dataset in a catalogue. ``raw`` is its DCAT, as received."""

    id: str
    title: str
    description: str
    provider: str
    offers: tuple[Offer, ...]
    keywords: tuple[str, ...] = ()
    raw: Json = field(default_factory=dict, hash=False, repr=False)

    @property
    def offer_ids(self) -> tuple[str, ...]:
        return tuple(offer.id for offer in self.offers)


@dataclass(frozen=True)
class Negotiation:
    """A contract negotiation; ``agreement`` is the agreement's id once ``state`` is FINALIZED."""

    pid: str
    role: str
    state: str
    counterparty: str
    dataset: str
    offer: Json = field(default_factory=dict, hash=False, repr=False)
    agreement: str | None = None
    reason: str | None = None
    updated: datetime | None = None

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def ours(self) -> bool:
        """Whether it goes on only with a step of ours: to accept a counter-offer, or to agree to a request."""
        return self.state in OURS.get(self.role, ())


@dataclass(frozen=True)
class Agreement:
    """An agreement. ``policy`` is its ODRL; nothing is read under it once it has ``ended``."""

    id: str
    role: str
    dataset: str
    counterparty: str
    signed: datetime
    policy: Json = field(default_factory=dict, hash=False, repr=False)
    ended: datetime | None = None
    reason: str | None = None
    negotiation: str | None = None


@dataclass(frozen=True)
class Transfer:
    """A transfer process."""

    pid: str
    role: str
    state: str
    agreement: str
    dataset: str
    counterparty: str
    reason: str | None = None
    updated: datetime | None = None
    format: str | None = None


@dataclass(frozen=True)
class Access:
    """What opens the rows: ``token`` is good for ``endpoint`` until ``expires``."""

    endpoint: str
    token: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True)
class UsageLine:
    """What was used under one agreement, as its provider counted it."""

    agreement: str
    dataset: str
    consumer: str
    accesses: int
    rows: int
    bytes: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the audit log."""

    sequence: int
    at: datetime
    event: str
    subject: str
    participant: str
    data: Json = field(default_factory=dict, hash=False)
    hash: str | None = None


@dataclass(frozen=True)
class Verification:
    """What a check of the whole audit log found; ``first_bad`` is where it breaks, ``why`` says how."""

    whole: bool
    entries: int
    head: str
    first_bad: int | None = None
    why: str | None = None
