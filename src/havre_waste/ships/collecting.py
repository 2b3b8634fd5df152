"""What a collector sends: the time at which it comes for a load, and what it took. Read as a notification is: all that
is wrong is said at once, and nothing half-read is kept (``reading``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.ships import fields
from havre_waste.ships.kinds import KINDS
from havre_waste.ships.model import Received
from havre_waste.ships.pickups import Pickup
from havre_waste.ships.reading import Reading
from havre_waste.ships.requests import fits
from havre_waste.ships.wrong import Wrong

RECEIVED = {
    "type": (fields.choice([*KINDS]), True),
    "specified": (fields.text, False),
    "received_m3": (fields.amount, True),
}
SOON = timedelta(minutes=15)
"""A clock that is ahead by so much is no lie."""


@dataclass(frozen=True)
class Taken:
    """What a receipt is made of."""

    received: tuple[Received, ...]
    delivered_from: datetime
    delivered_to: datetime
    reception_facility: str
    treatment_facility: str | None


def confirmation(given: Any, load: Pickup, zone: ZoneInfo | None = None) -> tuple[datetime | None, list[Wrong]]:
    """``given`` has ``load`` and ``at``, which lies in a window of the load."""
    reading = Reading()
    values = reading.members("", given, {"load": (fields.text, True), "at": (fields.time(zone), True)})
    at = values["at"]
    if at is not None and not fits(load, at):
        reading.no("at", "not_in_window", got=f"{at:%Y-%m-%dT%H:%MZ}")
    return (None, reading.wrong) if reading.wrong else (at, [])


def delivery(
    given: Any, load: Pickup, firm: str, now: datetime, zone: ZoneInfo | None = None
) -> tuple[Taken | None, list[Wrong]]:
    """``given`` has ``load``, ``delivered_from``, ``delivered_to``, ``received`` (a list of ``RECEIVED``), and where
    they are not known or wanted ``reception_facility`` and ``treatment_facility``. ``firm``: known for the first."""
    reading = Reading()
    time = fields.time(zone)
    wanted = {
        "load": (fields.text, True), "delivered_from": (time, True), "delivered_to": (time, True),
        "received": (_as_it_is, True), "reception_facility": (fields.text, not firm),
        "treatment_facility": (fields.text, False),
    }  # fmt: skip
    values = reading.members("", given, wanted)
    lines = _lines(reading, values["received"])
    begins, ends = values["delivered_from"], values["delivered_to"]
    if begins is not None and ends is not None and ends < begins:
        reading.no("delivered_to", "ends_before", got=f"{ends:%Y-%m-%dT%H:%MZ}", expected=f"{begins:%Y-%m-%dT%H:%MZ}")
    elif ends is not None and ends > now + SOON:
        reading.no("delivered_to", "to_come", got=f"{ends:%Y-%m-%dT%H:%MZ}")
    if reading.wrong:
        return None, reading.wrong
    firm = values["reception_facility"] or firm
    return Taken(tuple(lines), begins, ends, firm, values["treatment_facility"]), []


def _as_it_is(given: Any) -> Any:
    return given


def _lines(reading: Reading, given: Any) -> list[Received]:
    if given is None:
        return []
    if not isinstance(given, list) or not given:
        reading.no("received", "not_list", got=fields.shown(given))
        return []
    found = []
    for at, one in enumerate(given):
        values: Mapping[str, Any] = reading.members(f"received[{at}]", one, RECEIVED)
        if values["type"] in KINDS and values["received_m3"] is not None:
            found.append(Received(values["type"], values["received_m3"], values["specified"] or ""))
    names = [(one.kind, one.specified) for one in found]
    for at, name in enumerate(names):
        if name in names[:at]:
            reading.no(f"received[{at}].type", "twice", got=" ".join(name).strip())
    return found
