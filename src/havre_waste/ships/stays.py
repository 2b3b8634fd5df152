"""When a ship lies at which berth, from the port calls of the mobility service.

Rows of its products: ``port-call-timestamps`` (told_at, call, movement, mmsi, service, event, place, classifier, at,
said_at, issuer, …) and ``ship-etas`` (made_at, movement, mmsi, point, berth, p10, p50, p90). What happened counts
before what is planned, that before what is requested, that before an estimate; of each the one that was said last.
Where nothing was told, the times of the notification stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    arrival = _best(ours, "ARRI", voyage.arrives_at)
    departure = _best(ours, "DEPA", voyage.departs_at)
    berth = (arrival or departure or {}).get("place") or None
    found = Stay(
        berth,
        arrival["at"] if arrival else voyage.arrives_at,
        arrival["at"] if arrival else voyage.arrives_at,
        departure["at"] if departure else voyage.departs_at,
        arrival["classifier"] if arrival else "notified",
        departure["classifier"] if departure else "notified",
    )
    if found.arrival != "ACT" and (eta := _eta(of, etas, now)) is not None:
        at, late = eta["p50"], eta["p90"]
        found = replace(found, arrives_at=at, latest_arrival=late, arrival="forecast", berth=eta["berth"] or berth)
    if found.departs_at <= found.arrives_at:  # a departure that was said before the arrival slipped
        planned = voyage.departs_at - voyage.arrives_at
        found = replace(found, departs_at=found.arrives_at + planned, departure="notified")
    return found


def _is_ours(of: Notification, row: Row) -> bool:
    if of.ship.mmsi is None or str(row["mmsi"]) != of.ship.mmsi or row["service"] != "BERTH":
        return False
    if of.voyage.call is not None and of.voyage.call in (row["call"], row.get("movement")):
        return True
    return bool(of.voyage.arrives_at - NEAR <= row["at"] <= of.voyage.departs_at + NEAR)


def _best(rows: list[Row], event: str, near: datetime) -> Row | None:
    """The surest, of those the one said last; of several as sure and as old (a shift has two) the nearest."""
    of_event = [one for one in rows if one["event"] == event and abs(one["at"] - near) <= NEAR]
    return min(
        of_event,
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
