"""What ships tell of their waste before they arrive, and what is then truly taken from them: seeded, wrong ones among
it.

A ship makes sludge and bilge water with the days and with her size, sewage and garbage with the people on board,
washings and residues with her cargo. Most of what she tells is right; ``WRONG`` of it is not, each in one way
(``FAULTS``), and the truth says which. Ships are those of the calls: invented, without an IMO number. The shape is
that of the JSON form of directive (EU) 2019/883, annex 2, as ``havre_waste`` reads it; nothing of that is imported
here.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from havre_scenario import tables
from havre_scenario.calls import FOREIGN, Call
from havre_scenario.chance import Chance, stream
from havre_scenario.ships import Ship
from havre_scenario.tables import Stamp

DAY, HOUR = 86400.0, 3600.0
WRONG, LATE = 0.12, 0.08
"""Shares of the notifications; a late one is right otherwise."""
UNKNOWN_NEXT = 0.05
TRUTH = ("notification", "mmsi", "said_at", "fault", "type", "received_m3")
TYPES = {
    "CARRIER": "container", "FEEDER": "container", "TANKER": "oil tanker", "CHEMICAL": "chemical tanker",
    "RORO": "ro-ro", "BULK": "bulk carrier", "GRAIN": "bulk carrier", "COASTER": "other cargo ship",
    "FERRY": "passenger ship",
}  # fmt: skip
CREW = {"CARRIER": 25, "TANKER": 24, "FERRY": 900, "RORO": 30}
Form = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """``said_at``: seconds after the start. ``fault`` is empty where the form is right.

    ``received``: what is truly taken on shore, in m³, by type.
    """

    notification: str
    mmsi: int
    said_at: float
    form: Form = field(repr=False)
    fault: str
    received: dict[str, float] = field(repr=False)


def notifications(calls: Sequence[Call], start: datetime.date, seed: int) -> list[Told]:
    """One for each call, in the order in which they come in."""
    chance, stamp = stream(seed, start, "ship waste"), tables.stamper(start)
    found = [_told(call, chance, stamp) for call in calls]
    return sorted(found, key=lambda one: (one.said_at, one.notification))


def write(told: Iterable[Told], start: datetime.date, folder: Path) -> dict[str, int]:
    """``waste/ship_notifications.ndjson`` (said_at, notification, form) and ``truth/waste/ship_notifications.csv``."""
    stamp, all_of_them = tables.stamper(start), list(told)
    for part in ("waste", "truth/waste"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    name = "waste/ship_notifications.ndjson"
    lines = [
        json.dumps({"said_at": stamp(one.said_at), "notification": one.notification, "form": one.form})
        for one in all_of_them
    ]
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    truth = "truth/waste/ship_notifications.csv"
    rows = (
        (one.notification, one.mmsi, stamp(one.said_at), one.fault, kind, f"{m3:.3f}")
        for one in all_of_them
        for kind, m3 in one.received.items()
    )
    return {name: len(lines), truth: tables.write(folder / truth, TRUTH, rows)}


def _told(call: Call, chance: Chance, stamp: Stamp) -> Told:
    ship = call.vessel.ship
    arrives = _rounded(call.movements[0].passage.ended_at + float(chance.normal(0, 1)) * HOUR)
    leaves = _rounded(call.movements[-1].passage.left_at + float(chance.normal(0, 0.5)) * HOUR)
    late = chance.random() < LATE
    said_at = arrives - float(chance.uniform(2, 20) if late else chance.uniform(25, 70)) * HOUR
    next_port = None if chance.random() < UNKNOWN_NEXT else call.vessel.onward
    keeps = chance.random() < 0.6
    waste = _waste(ship, chance, keeps=keeps, next_port=next_port)
    kept, given = any(one["retained_m3"] for one in waste), any(one["deliver_m3"] for one in waste)
    last_port = str(chance.choice(FOREIGN))
    voyage: Form = {
        "terminal": call.movements[0].berth,
        "arrives_at": stamp(arrives),
        "departs_at": stamp(max(leaves, arrives + HOUR)),
        "last_port": last_port,
        "last_delivery_port": last_port,
        "delivering": "some" if kept and given else "none" if kept else "all",
        "submitted_by": "agent",
    }
    voyage |= {"next_port": next_port, "next_delivery_port": next_port} if next_port else {}
    form: Form = {"ship": _ship(ship), "voyage": voyage, "waste": waste}
    fault = ""
    if chance.random() < WRONG:
        names = list(FAULTS)
        fault = names[int(chance.integers(len(names)))]
        form = deepcopy(form)
        FAULTS[fault](form)
    taken = {one["type"]: one["deliver_m3"] for one in waste if one["deliver_m3"]}
    received = {kind: round(m3 * float(chance.uniform(0.85, 1.1)), 3) for kind, m3 in taken.items()}
    return Told(f"w-{call.movements[0].name}", ship.mmsi, said_at, form, fault or ("late" if late else ""), received)


def _rounded(seconds: float) -> float:
    return seconds // 600 * 600


def _ship(ship: Ship) -> Form:
    return {
        "name": ship.name, "mmsi": str(ship.mmsi), "call_sign": ship.call_sign, "flag_state": "FR",
        "gross_tonnage": tonnage(ship), "type": TYPES.get(ship.kind.name, "other"),
        "owner_or_operator": "Invented Shipping",
    }  # fmt: skip


def tonnage(ship: Ship) -> int:
    """Gross tonnage, about: 0.3 for each cubic metre of a hull that fills four fifths of the box around it."""
    return round(0.3 * 0.8 * ship.length * ship.beam * (ship.draught + 0.06 * ship.length))


def _waste(ship: Ship, chance: Chance, *, keeps: bool, next_port: str | None) -> list[Form]:
    """Of each type what was made since the last delivery, split into what is delivered and what is kept."""
    days, ahead = float(chance.uniform(2, 9)), float(chance.uniform(0.5, 6))
    people, size = CREW.get(ship.kind.name, 16), ship.length / 200
    daily = {
        # type: m³ made a day, m³ of dedicated storage
        "oily-bilge-water": (0.6 * size, 25 * size),
        "oily-residues": (1.2 * size**2, 40 * size),
        "sewage": (0.03 * people, max(12.0, 0.2 * people)),
        "plastics": (0.002 * people, max(1.5, 0.02 * people)),
        "food-waste": (0.001 * people, max(1.0, 0.02 * people)),
        "domestic-waste": (0.003 * people, max(2.0, 0.04 * people)),
    }
    if ship.kind.name == "CARRIER" and chance.random() < 0.4:
        daily["exhaust-gas-cleaning"] = (0.3, 20.0)
    if ship.kind.name == "TANKER":
        daily["oily-tank-washings"] = (float(chance.uniform(10, 45)), 600.0)
    lines = []
    for kind, (rate, storage) in daily.items():
        made = min(rate * days * float(chance.lognormal(0, 0.3)), 0.95 * storage)
        kept = round(made * float(chance.uniform(0.2, 1.0)), 2) if keeps and chance.random() < 0.5 else 0.0
        line = {
            "type": kind, "deliver_m3": round(max(0.0, made - kept), 2), "capacity_m3": round(storage, 1),
            "retained_m3": kept, "generated_m3": round(rate * ahead, 2),
        }  # fmt: skip
        lines.append(line | ({"remaining_port": next_port or "NLRTM"} if kept else {}))
    return lines


def _unit(form: Form) -> None:
    form["waste"][0]["deliver_m3"] = f"{form['waste'][0]['deliver_m3']} t"


def _over(form: Form) -> None:
    line = form["waste"][0]
    line |= {"retained_m3": line["capacity_m3"] + 5, "remaining_port": "NLRTM"}
    form["voyage"]["delivering"] = "some"


def _backwards(form: Form) -> None:
    voyage = form["voyage"]
    voyage["arrives_at"], voyage["departs_at"] = voyage["departs_at"], voyage["arrives_at"]


def _kept_of_all(form: Form) -> None:
    form["voyage"]["delivering"] = "all"
    form["waste"][0] |= {"retained_m3": 0.5, "remaining_port": "NLRTM"}


def _told_twice(form: Form) -> None:
    form["waste"].append(dict(form["waste"][0]))


FAULTS: dict[str, Callable[[Form], Any]] = {
    "unit": _unit,
    "over_capacity": _over,
    "departs_before": _backwards,
    "all_but_retained": _kept_of_all,
    "twice": _told_twice,
    "not_port": lambda form: form["voyage"].update(last_port="Rotterdam"),
    "not_mmsi": lambda form: form["ship"].update(mmsi=form["ship"]["mmsi"][:-1]),
    "imo_check": lambda form: form["ship"].update(imo="9074720"),  # no ship's: its last digit is wrong
    "missing": lambda form: form["ship"].pop("gross_tonnage"),
    "unknown_field": lambda form: form["ship"].update(grt=1000),
}
"""What is wrong, under the key by which a reader should name it."""
