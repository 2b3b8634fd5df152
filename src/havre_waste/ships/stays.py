"""When a ship lies at which berth, from the port calls of the mobility service.

Rows of its products: ``port-call-timestamps`` (told_at, call, movement, mmsi, service, event, place, classifier, at,
said_at, issuer, …) and ``ship-etas`` (made_at, movement, mmsi, point, berth, p10, p50, p90). What happened counts
before what is planned, that before what is requested, that before an estimate; of each the one that was said last.
Where nothing was told, the times of the notification stand. A ship that shifts is at the berth that she came to last,
until she leaves that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from havre_waste.ships.model import Notification

RANK = {"ACT": 0, "PLN": 1, "REQ": 2, "EST": 3}
"""Classifiers of DCSA Port Call 2.0, the surest first."""
NEAR = timedelta(hours=36)
"""A time at a berth that is further from what the ship notified is of another call."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stay:
    """At ``berth`` (None: not known) from ``arrives_at`` to ``departs_at``.

    ``latest_arrival``: she comes later only once in ten times, where that is forecast, else ``arrives_at``.
    ``arrival`` and ``departure`` say what each rests on: ACT, PLN, REQ, EST, forecast or notified.
    """

    berth: str | None
    arrives_at: datetime
    latest_arrival: datetime
    departs_at: datetime
    arrival: str
    departure: str


def stay(of: Notification, timestamps: Iterable[Row] = (), etas: Iterable[Row] = (), *, now: datetime) -> Stay:
    """Of the ship of the notification, from what had been told until ``now``."""
    voyage = of.voyage
    ours = [one for one in timestamps if _is_ours(of, one) and one["told_at"] <= now]
    arrival = _best([one for one in ours if one["event"] == "ARRI"], voyage.arrives_at)
    eta = None if arrival is not None and arrival["classifier"] == "ACT" else _eta(of, etas, now)
    if eta is not None:
        berth, arrives, latest, basis = eta["berth"] or _place(arrival), eta["p50"], eta["p90"], "forecast"
    elif arrival is not None:
        berth, arrives, latest, basis = _place(arrival), arrival["at"], arrival["at"], arrival["classifier"]
    else:
        berth, arrives, latest, basis = None, voyage.arrives_at, voyage.arrives_at, "notified"
    leaving = [one for one in ours if one["event"] == "DEPA" and one["at"] > arrives]
    departure = _best([one for one in leaving if berth in (None, _place(one))], voyage.departs_at)
    if departure is not None:
        return Stay(berth or _place(departure), arrives, latest, departure["at"], basis, departure["classifier"])
    # she stays as long as she had said, though she comes later
    departs = max(voyage.departs_at, arrives + (voyage.departs_at - voyage.arrives_at))
    return Stay(berth, arrives, latest, departs, basis, "notified")


def _place(row: Row | None) -> str | None:
    return (row["place"] or None) if row is not None else None


def _is_ours(of: Notification, row: Row) -> bool:
    if of.ship.mmsi is None or str(row["mmsi"]) != of.ship.mmsi or row["service"] != "BERTH":
        return False
    if of.voyage.call is not None and of.voyage.call in (row["call"], row.get("movement")):
        return True
    return bool(of.voyage.arrives_at - NEAR <= row["at"] <= of.voyage.departs_at + NEAR)


def _best(rows: list[Row], near: datetime) -> Row | None:
    """The surest, of those the one said last. What is far from what was notified is of another call."""
    return min(
        (one for one in rows if abs(one["at"] - near) <= NEAR),
        key=lambda one: (RANK.get(one["classifier"], 9), -one["said_at"].timestamp(), abs(one["at"] - near)),
        default=None,
    )


def _eta(of: Notification, etas: Iterable[Row], now: datetime) -> Row | None:
    ours = [
        one
        for one in etas
        if of.ship.mmsi is not None
        and str(one["mmsi"]) == of.ship.mmsi
        and one["point"] == "berth"
        and one["made_at"] <= now
        and abs(one["p50"] - of.voyage.arrives_at) <= NEAR
    ]
    return max(ours, key=lambda one: one["made_at"], default=None)
