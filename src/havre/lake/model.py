"""What a dataset is (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from havre.errors import Invalid

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
POSITION = "_position"
"""The column that every table has: an int64 that grows by one with each row of the dataset."""


class FieldType(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DATE = "date"


@dataclass(frozen=True)
class Field:
    """A column. ``unit`` is free text (``kn``, ``%``); ``personal`` marks data on a person."""

    name: str
    type: FieldType
    unit: str | None = None
    nullable: bool = True
    description: str = ""
    personal: bool = False


@dataclass(frozen=True)
class Schema:
    """The declared columns; ``time``, ``longitude``, ``latitude`` name those that say when and where (WGS 84)."""

    fields: tuple[Field, ...]
    time: str | None = None
    longitude: str | None = None
    latitude: str | None = None

    def __post_init__(self) -> None:
        _check_names([field.name for field in self.fields])
        for role, types in (("time", TIMES), ("longitude", NUMBERS), ("latitude", NUMBERS)):
            name = getattr(self, role)
            if name is not None and (name not in self.names or self.field(name).type not in types):
                wanted = " or ".join(sorted(types))
                raise Invalid(f"got {name!r}", field=f"schema.{role}", expected=f"the name of a {wanted} field")
        if (self.longitude is None) != (self.latitude is None):
            raise Invalid("one without the other", field="schema.longitude", expected="both longitude and latitude")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """``Invalid`` when there is no such field."""
        for field in self.fields:
            if field.name == name:
                return field
        raise Invalid(f"{name!r} is not a field of this dataset", expected="one of " + ", ".join(self.names))


TIMES = frozenset({FieldType.TIMESTAMP, FieldType.DATE})
NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER})


def _check_names(names: list[str]) -> None:
    if not names:
        raise Invalid("there are no fields", field="schema.fields", expected="at least one field")
    seen: set[str] = set()
    for index, name in enumerate(names):
        if not FIELD_NAME.fullmatch(name):
            wanted = "a letter, then letters, digits and _, at most 100"
            raise Invalid(f"got {name!r}", field=f"schema.fields.{index}.name", expected=wanted)
        if name.lower() in seen:
            raise Invalid(f"{name!r} is there twice", field=f"schema.fields.{index}.name")
        seen.add(name.lower())


@dataclass(frozen=True)
class Dataset:
    """A dataset of a participant (its slug). ``id`` is unique there, and its identifier in the catalogue.

    ``origin`` says where the rows come from, in words; ``withdrawn`` is when it left the catalogue.
    """

    participant: str
    id: str
    title: str
    schema: Schema
    created: datetime
    description: str = ""
    keywords: tuple[str, ...] = ()
    theme: str | None = None
    licence: str | None = None
    origin: str | None = None
    language: str | None = None
    withdrawn: datetime | None = None

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.id):
            raise Invalid(f"got {self.id!r}", field="id", expected="letters, digits, '.', '_' and '-', at most 100")


@dataclass(frozen=True)
class Statistics:
    """What a table holds: ``bytes`` at rest; ``first`` and ``last`` time; ``bbox`` west, south, east, north.

    ``next`` is the position that the next row will have. ``version`` is the table's version they are true of.
    """

    rows: int = 0
    bytes: int = 0
    first: datetime | None = None
    last: datetime | None = None
    bbox: tuple[float, float, float, float] | None = None
    next: int = 0
    version: int = -1


@dataclass(frozen=True)
class Rejected:
    """Input that could not become a row. ``position`` is where in its source it stands: the same on each reading.

    ``format`` reads ``raw`` on its own, when it is tried again: a name, and options as in ``nmea;messages=all``.
    """

    raw: bytes
    format: str
    reason: str
    position: int


@dataclass(frozen=True)
class Quarantined:
    """A rejected input as it is kept."""

    id: int
    source: str
    position: int
    reason: str
    format: str
    raw: bytes
    at: datetime


@dataclass(frozen=True)
class Ingested:
    """What came of some input: rows committed, inputs sent to the quarantine."""

    rows: int = 0
    quarantined: int = 0

    def __add__(self, other: "Ingested") -> "Ingested":
        return Ingested(self.rows + other.rows, self.quarantined + other.quarantined)
