"""Usage events and what they sum up to (pure)."""

from dataclasses import dataclass
from datetime import datetime

NEXT = "/"


@dataclass(frozen=True)
class UsageEvent:
    """One access under an agreement: what left, in rows and bytes on the wire.

    ``id`` is that of the access: recorded twice it counts once. ``complete`` says whether the answer was sent whole.
    An access that lasts is recorded in several, of which the first alone counts as an access: see ``stretch``.
    """

    id: str
    participant: str
    agreement: str
    transfer: str
    dataset: str
    consumer: str
    rows: int
    bytes: int
    at: datetime
    milliseconds: int
    complete: bool


@dataclass(frozen=True)
class UsageLine:
    """The use of one agreement."""

    agreement: str
    dataset: str
    consumer: str
    accesses: int
    rows: int
    bytes: int
    first: datetime
    last: datetime


def stretch(access: str, number: int) -> str:
    """The id of what was used in one stretch of an access, the first of which is number 0."""
    return access if number == 0 else f"{access}{NEXT}{number}"
