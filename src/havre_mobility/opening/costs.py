"""What an opening costs each side, with the formula that gave it.

Road and trucks wait in one queue (``queue``) and share its delay as they share its flow. A tram or train that is due
while the road is closed waits until it is free again, or until the queue before it is gone where it shares the lane
(a bus): here the end of the closure is taken. A ship waits from the time that she wished for.

Where other openings are near, the cost is what this one adds to them: one for two ships costs little more than one.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from havre_mobility.opening.model import Asked, Crossing, Span, Traffic, Weights
from havre_mobility.opening.queue import HOUR, Flow, queue

LOOK = 180.0
"""Minutes after the last closure within which a queue is followed."""


@dataclass(frozen=True)
class Cost:
    """``minutes``: of vehicles (road, truck), people (tram), trains or the ship.

    ``formula``: with its figures, which ``figures`` has by name for who says it in other words.
    """

    side: str
    euros: float
    minutes: float
    count: float
    formula: str
    figures: Mapping[str, float]


def costs(
    asked: Asked, start: datetime.datetime, traffic: Traffic, weights: Weights, others: Sequence[Span] = ()
) -> tuple[Cost, ...]:
    """One for each of ``SIDES``, of an opening that closes the road from ``start``; ``others`` are there anyway."""
    end = start + datetime.timedelta(minutes=asked.minutes)
    with_it, without = merged([*others, (start, end)]), merged(others)
    road, truck = _road(start, with_it, without, traffic, weights)
    tram = _public("tram", with_it, without, traffic.crossings, weights)
    rail = _public("rail", with_it, without, traffic.crossings, weights)
    return road, truck, tram, rail, _ship(asked, start, end, weights)


def merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, those that touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _road(
    start: datetime.datetime, with_it: Sequence[Span], without: Sequence[Span], traffic: Traffic, weights: Weights
) -> tuple[Cost, Cost]:
    trucks = _minutes(traffic.trucks, start)
    flow = Flow(_sum(_minutes(traffic.vehicles, start), trucks), traffic.saturation)
    until = max((end - start).total_seconds() / 60 for _, end in with_it) + LOOK
    after, before = (queue(flow, _closed(spans, start), until) for spans in (with_it, without))
    delay, delayed = after.delay - before.delay, after.delayed - before.delayed
    each = delay / delayed if delayed else 0.0
    longest = _longest(flow, with_it, start, until)
    an_hour = flow.at(0)
    share = Flow(trucks, 0).at(0) / an_hour if an_hour else 0.0
    said = (
        f"{an_hour:.0f} vehicles/h meet a closed road; {delayed:.0f} more have to wait, {each:.1f} min each, until the "
        f"queue of {longest:.0f} has drained at {traffic.saturation:.0f}/h"
    )
    car, truck = (1 - share) * delay, share * delay
    return (
        Cost(
            "road", car / HOUR * weights.people_a_car * weights.person_hour, car, (1 - share) * delayed,
            f"{said}; × {weights.people_a_car:g} people × {weights.person_hour:g} €/h",
            {"flow": an_hour, "delayed": delayed, "each": each, "longest": longest, "saturation": traffic.saturation,
             "people": weights.people_a_car, "price": weights.person_hour},
        ),
        Cost(
            "truck", truck / HOUR * weights.truck_hour, truck, share * delayed,
            f"{share:.0%} of that queue are trucks; × {weights.truck_hour:g} €/h",
            {"share": share, "price": weights.truck_hour},
        ),
    )  # fmt: skip


def _longest(flow: Flow, closed: Sequence[Span], start: datetime.datetime, until: float) -> float:
    """The longest queue of the closure that the opening is in, and not of later or earlier ones."""
    so_far = [one for one in closed if one[0] <= start]
    own, _ = _closed(so_far[-1:], start)[0]
    return queue(flow, _closed(so_far, start), until, own).longest


def _closed(spans: Sequence[Span], zero: datetime.datetime) -> list[tuple[float, float]]:
    return [((start - zero).total_seconds() / 60, (end - zero).total_seconds() / 60) for start, end in spans]


def _minutes(flow: Sequence[tuple[datetime.datetime, float]], zero: datetime.datetime) -> list[tuple[float, float]]:
    return [((since - zero).total_seconds() / 60, an_hour) for since, an_hour in sorted(flow)]


def _sum(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    moments = sorted({since for since, _ in (*one, *other)})
    return [(minute, Flow(one, 0).at(minute) + Flow(other, 0).at(minute)) for minute in moments]


def _public(
    kind: str, with_it: Sequence[Span], without: Sequence[Span], crossings: Sequence[Crossing], weights: Weights
) -> Cost:
    due = [(one, _wait(one.at, with_it) - _wait(one.at, without)) for one in crossings if one.kind == kind]
    held = [(one, wait) for one, wait in due if wait > 0]
    vehicle, per_vehicle = sum(wait for _, wait in held), weights.train_hour
    people = sum(one.people * wait for one, wait in held)
    if kind == "tram":
        per_vehicle = weights.tram_vehicle_hour
    euros = (people * weights.person_hour + vehicle * per_vehicle) / HOUR
    said = (
        f"{len(held)} due while the road is closed wait {vehicle:.1f} min together; their people × "
        f"{weights.person_hour:g} €/h + vehicles × {per_vehicle:g} €/h"
    )
    figures = {"count": len(held), "minutes": vehicle, "price": weights.person_hour, "vehicle": per_vehicle}
    return Cost(kind, euros, people if kind == "tram" else vehicle, len(held), said, figures)


def _wait(at: datetime.datetime, closed: Sequence[Span]) -> float:
    return next(((end - at).total_seconds() / 60 for start, end in closed if start <= at < end), 0.0)


def _ship(asked: Asked, start: datetime.datetime, end: datetime.datetime, weights: Weights) -> Cost:
    waits = max(0.0, (start - asked.wished_at).total_seconds() / 60)
    early = max(0.0, (asked.wished_at - start).total_seconds() / 60)
    misses = bool(asked.tide) and not any(since <= start and end <= until for since, until in asked.tide)
    euros = (waits + early) / HOUR * weights.ship_hour + (weights.missed_tide if misses else 0)
    tide = f"; misses her tide: {weights.missed_tide:g} €" if misses else ""
    said = f"{waits + early:.0f} min from the time that she wished for × {weights.ship_hour:g} €/h{tide}"
    figures = {"minutes": waits + early, "price": weights.ship_hour, "tide": weights.missed_tide if misses else 0.0}
    return Cost("ship", euros, waits + early, 1, said, figures)
