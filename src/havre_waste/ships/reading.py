"""Reading what somebody sent as a notification: JSON members, cells of a CSV file, fields of a page, all of one shape.

All that is wrong is said at once, each with its field; nothing half-read is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.ships import fields, rules
from havre_waste.ships.fields import Bad, Read
from havre_waste.ships.kinds import KINDS
from havre_waste.ships.model import Delivering, Notification, Ship, ShipType, Voyage, Waste
from havre_waste.ships.wrong import Wrong

Given = Mapping[str, Any]
SHIP: Mapping[str, tuple[Read, bool]] = {
    "name": (fields.text, True),
    "imo": (fields.imo, False),
    "gross_tonnage": (fields.tonnage, True),
    "type": (fields.choice([*ShipType]), True),
    "owner_or_operator": (fields.text, False),
    "call_sign": (fields.text, False),
    "mmsi": (fields.mmsi, False),
    "flag_state": (fields.flag, True),
}
"""Of the members of ``model.Ship``: how each is read, and whether it must be there."""
WASTE: Mapping[str, tuple[Read, bool]] = {
    "type": (fields.choice([*KINDS]), True),
    "specified": (fields.text, False),
    "deliver_m3": (fields.amount, True),
    "capacity_m3": (fields.amount, True),
    "retained_m3": (fields.amount, True),
    "remaining_port": (fields.port, False),
    "generated_m3": (fields.amount, True),
}


def voyage_fields(zone: ZoneInfo | None) -> Mapping[str, tuple[Read, bool]]:
    time = fields.time(zone)
    return {
        "terminal": (fields.text, True),
        "arrives_at": (time, True),
        "departs_at": (time, True),
        "last_port": (fields.port, True),
        "next_port": (fields.port, False),
        "last_delivery_port": (fields.port, False),
        "last_delivery_date": (fields.day, False),
        "next_delivery_port": (fields.port, False),
        "delivering": (fields.choice([*Delivering]), True),
        "submitted_by": (fields.text, False),
        "call": (fields.text, False),
        "left_last_port_at": (time, False),
        "port_known_at": (time, False),
    }


VOYAGE = tuple(voyage_fields(None))


@dataclass
class Reading:
    """What is wrong is gathered while members are read."""

    wrong: list[Wrong] = field(default_factory=list)

    def no(self, path: str, key: str, **values: Any) -> None:
        self.wrong.append(Wrong(path, key, values))

    def members(self, path: str, of: Any, wanted: Mapping[str, tuple[Read, bool]]) -> dict[str, Any]:
        """The values of an object's members; None for what is empty or wrong."""
        if not isinstance(of, Mapping):
            self.no(path, "missing") if of is None else self.no(path, "not_object", got=fields.shown(of))
            return dict.fromkeys(wanted)
        below = f"{path}." if path else ""
        for name in sorted(of.keys() - wanted.keys(), key=str):
            self.no(f"{below}{name}", "unknown_field", names=", ".join(wanted))
        return {name: self._member(f"{below}{name}", of.get(name), *how) for name, how in wanted.items()}

    def _member(self, path: str, given: Any, read: Read, needed: bool) -> Any:
        given = given.strip() if isinstance(given, str) else given
        if given is None or given == "":
            if needed:
                self.no(path, "missing")
            return None
        try:
            return read(given)
        except Bad as bad:
            self.no(path, bad.key, **bad.values)
            return None


def notification(
    given: Any, id: str, received_at: datetime, zone: ZoneInfo | None = None
) -> tuple[Notification | None, list[Wrong]]:
    """The notification, or all that is wrong with what was sent.

    ``given`` has ``ship``, ``voyage`` and ``waste`` (a list), with the members of ``SHIP``, ``VOYAGE`` and ``WASTE``.
    One that the form does not have is refused, so that none is lost by a slip of the pen. ``zone``: of local times.
    """
    if not isinstance(given, Mapping):
        return None, [Wrong("", "not_object", {"got": fields.shown(given)})]
    reading = Reading()
    for name in sorted(given.keys() - {"ship", "voyage", "waste"}, key=str):
        reading.no(str(name), "unknown_field", names="ship, voyage, waste")
    ship = reading.members("ship", given.get("ship"), SHIP)
    voyage = reading.members("voyage", given.get("voyage"), voyage_fields(zone))
    lines = _lines(reading, given.get("waste"))
    told = given.get("ship")
    if isinstance(told, Mapping) and not any(str(told.get(name) or "").strip() for name in ("imo", "mmsi")):
        reading.no("ship.imo", "imo_or_mmsi")
    if reading.wrong:
        return None, reading.wrong
    found = Notification(
        id,
        received_at,
        Ship(**{**ship, "type": ShipType(ship["type"])}),
        Voyage(**{**voyage, "delivering": Delivering(voyage["delivering"])}),
        tuple(_waste(one) for one in lines),
    )
    wrong = rules.contradictions(found)
    return (None, wrong) if wrong else (found, [])


def _lines(reading: Reading, given: Any) -> Sequence[dict[str, Any]]:
    if not isinstance(given, list):
        reading.no("waste", "missing") if given is None else reading.no("waste", "not_list", got=fields.shown(given))
        return ()
    if not given:
        reading.no("waste", "no_waste")
    found = []
    for at, one in enumerate(given):
        values = reading.members(f"waste[{at}]", one, WASTE)
        if values["type"] in KINDS and KINDS[values["type"]].specified and not values["specified"]:
            reading.no(f"waste[{at}].specified", "specify")
        found.append(values)
    return found


def _waste(values: Mapping[str, Any]) -> Waste:
    rest = {name: value for name, value in values.items() if name not in ("type", "specified")}
    return Waste(KINDS[values["type"]], specified=values["specified"] or "", **rest)
