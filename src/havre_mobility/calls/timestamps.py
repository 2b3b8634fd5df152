"""What is known of a port call as timestamps: estimated, requested, planned, actual, each with its issuer and source.

Actual ones come from the visits that were seen (source ``ais``), the others, and actual ones too, from what parties
announce (source ``announcement``). Both stand side by side: who reads them sees who said what, and when.
Codes are those of DCSA Port Call 2.0 (``services``). Locks have none there and are left to the visits.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from havre_mobility.calls.sequence import Call, Stay
from havre_mobility.calls.services import Classifier, Event, Facility, Phase

AIS, ANNOUNCEMENT = "ais", "announcement"
LINKED_WITHIN = timedelta(hours=18)
"""Half of the shortest time in which a ship that calls again is expected."""


@dataclass(frozen=True)
class Timestamp:
    """``call`` is the port call's key (see ``key``); ``place`` the id of the berth or anchorage, empty at sea."""

    call: str
    mmsi: int
    service: str
    event: Event
    phase: Phase | None
    facility: Facility | None
    place: str
    classifier: Classifier
    at: datetime
    said_at: datetime
    issuer: str
    source: str


def key(call: Call) -> str:
    """The same for the same call, however often it is found: its ship, and when it began to the hour."""
    begins = call.entered_at or call.stays[0].entered_at
    return f"{call.mmsi}/{call.track}/{begins:%Y-%m-%dT%H}"


def identifier(*names: str) -> UUID:
    """A UUID of version 4's form, as the standard wants, that is the same for the same names."""
    return UUID(bytes=hashlib.sha256("\0".join(names).encode()).digest()[:16], version=4)


def of_call(call: Call, issuer: str) -> tuple[Timestamp, ...]:
    """The actual times of a call, by time. An edge of the log is no event and gives none."""
    berths = call.berths
    found = [
        *_crossings(call, issuer),
        *(one for stay in call.stays if stay.kind == "anchorage" for one in _at_anchor(call, stay, issuer)),
        *(
            one
            for index, stay in enumerate(berths)
            for one in _at_berth(call, stay, issuer, first=index == 0, last=index == len(berths) - 1)
        ),
    ]
    return tuple(sorted(found, key=lambda one: one.at))


POINTS: Mapping[str, tuple[str, Event, Phase, Facility]] = {
    "pilot": ("PILOT_BOARDING_PLACE", Event.ARRIVED, Phase.INBOUND, Facility.PILOT_BOARDING_PLACE),
    "berth": ("BERTH", Event.ARRIVED, Phase.INBOUND, Facility.BERTH),
    "departure": ("BERTH", Event.DEPARTED, Phase.OUTBOUND, Facility.BERTH),
}


def of_announcements(rows: Iterable[Mapping[str, Any]]) -> Iterator[Timestamp]:
    """What parties said, row by row: said_at, movement, mmsi, kind, point, berth, classifier, value_at, issuer.

    The key of the call is the movement's number. ``ValueError`` for a point or a classifier that there is not.
    """
    for row in rows:
        if row["point"] not in POINTS:
            raise ValueError(f"the point is {row['point']!r} (expected {', '.join(POINTS)})")
        service, event, phase, facility = POINTS[row["point"]]
        shifts = row["kind"] == "shift"
        yield Timestamp(
            row["movement"], row["mmsi"], service, event, Phase.SHIFTING if shifts else phase, facility,
            row["berth"] if facility is Facility.BERTH else "", Classifier(row["classifier"]),
            row["value_at"], row["said_at"], row["issuer"], ANNOUNCEMENT,
        )  # fmt: skip


def linked(announced: Iterable[Timestamp], calls: Iterable[Call]) -> Iterator[Timestamp]:
    """The same, each with the key of the call that it is about: the one of her ship that is nearest in time, up to
    ``LINKED_WITHIN`` away. What is about no call that was seen keeps the key that it has."""
    of_ship: dict[int, list[Call]] = {}
    for call in calls:
        of_ship.setdefault(call.mmsi, []).append(call)
    for one in announced:
        near = min(of_ship.get(one.mmsi, []), key=lambda call: _away(call, one.at), default=None)
        yield replace(one, call=key(near)) if near and _away(near, one.at) <= LINKED_WITHIN else one


def _away(call: Call, at: datetime) -> timedelta:
    """How long before or after a call a time lies; nothing within it."""
    begins = min(stay.entered_at for stay in call.stays)
    ends = max(stay.left_at for stay in call.stays)
    return max(begins - at, at - ends, timedelta(0))


def _crossings(call: Call, issuer: str) -> Iterator[Timestamp]:
    if call.entered_at is not None:
        yield _actual(call, "SEA_PASSAGE", Event.COMPLETED, Phase.INBOUND, None, "", call.entered_at, issuer)
    if call.left_at is not None:
        yield _actual(call, "SEA_PASSAGE", Event.STARTED, Phase.OUTBOUND, None, "", call.left_at, issuer)


def _at_anchor(call: Call, stay: Stay, issuer: str) -> Iterator[Timestamp]:
    for event, at, seen in ((Event.STARTED, stay.entered_at, stay.entered), (Event.COMPLETED, stay.left_at, stay.left)):
        if seen:
            yield _actual(call, "ANCHORAGE", event, None, Facility.ANCHORAGE, stay.area, at, issuer)


def _at_berth(call: Call, stay: Stay, issuer: str, *, first: bool, last: bool) -> Iterator[Timestamp]:
    if stay.entered:
        phase = Phase.INBOUND if first else Phase.SHIFTING
        yield _actual(call, "BERTH", Event.ARRIVED, phase, Facility.BERTH, stay.area, stay.entered_at, issuer)
    if stay.left:
        phase = Phase.OUTBOUND if last else Phase.SHIFTING
        yield _actual(call, "BERTH", Event.DEPARTED, phase, Facility.BERTH, stay.area, stay.left_at, issuer)


def _actual(
    call: Call, service: str, event: Event, phase: Phase | None, facility: Facility | None, place: str, at: datetime,
    issuer: str,
) -> Timestamp:  # fmt: skip
    return Timestamp(
        key(call), call.mmsi, service, event, phase, facility, place, Classifier.ACTUAL, at, at, issuer, AIS
    )
