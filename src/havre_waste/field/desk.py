"""What pages change: crews' events and photos, residents' reports. The service implements it, or takes the ``Book``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from havre_waste.field.events import Event


class Seen(StrEnum):
    """What a resident may report of a container."""

    FULL = "full"
    OVERFLOW = "overflow"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Report:
    """Of whoever stood there: nothing of them is kept."""

    at: datetime
    container: str
    seen: Seen


class Desk(Protocol):
    """Each call is whole or not at all, and may be made again: none of them does anything twice."""

    def events(self, since: datetime) -> Sequence[Event]:
        """Those that say that they are of then or later, in any order."""
        ...

    def accept(self, events: Sequence[Event]) -> Mapping[str, str]:
        """Keep those that are new. Returned: ids that are of another event already, and why; the rest is kept."""
        ...

    def keep_photo(self, hash: str, jpeg: bytes, at: datetime) -> None: ...

    def report(self, report: Report) -> None: ...
