"""The craft that do not call: tugs, pilot boats, the dredger, ships that pass, small craft."""

from collections.abc import Iterator, Sequence

from havre_scenario import errands, limits, places, ships
from havre_scenario.chance import Chance
from havre_scenario.passages import Passage
from havre_scenario.places import Places
from havre_scenario.plane import Point, at
from havre_scenario.ships import Registry, Vessel
from havre_scenario.tracks import MOORED, UNDER_WAY, Track, hold, join, sail

TUGS, PILOT_BOATS = 4, 2
DAY = 86400.0
PASSING, SMALL = 34, 8
"""A day, and in all, at density 1."""
STAYS_IN = 0.25
LANES = (
    # out of sight to the west and north-east, and up the Seine
    (at(49.700, -0.800), at(49.830, -0.250), at(50.000, 0.100)),
    (at(50.020, 0.060), at(49.870, -0.280), at(49.740, -0.830)),
    (at(49.640, -0.720), at(49.470, -0.120), at(49.435, 0.120), at(49.440, 0.300)),
    (at(49.442, 0.300), at(49.437, 0.120), at(49.478, -0.120), at(49.655, -0.720)),
)


def craft(
    port: Places, passages: Sequence[Passage], registry: Registry, chance: Chance, days: int, density: float
) -> tuple[Vessel, ...]:
    """All of them, from second 0 on; ``density`` scales how many pass each day and how many small ones there are."""
    end = days * DAY
    passing = (
        _passing(registry, chance, day * DAY) for day in range(days) for _ in range(chance.poisson(PASSING * density))
    )
    return (
        *_service(port, passages, registry, end),
        _dredger(port, registry, chance, days),
        *passing,
        *(_small(port, registry, chance, days) for _ in range(round(SMALL * density))),
    )


def _service(port: Places, passages: Sequence[Passage], registry: Registry, end: float) -> Iterator[Vessel]:
    for kind, count, station, limit, jobs in (
        (ships.TUG, TUGS, places.TUGS, limits.TUG, errands.towage(passages)),
        (ships.PILOT_BOAT, PILOT_BOATS, places.PILOT_BOATS, limits.PILOT_BOAT, errands.pilotage(passages)),
    ):
        for track in errands.days(port, jobs, count, station, limit, end):
            yield Vessel(registry.new(kind), track, limit)


def _dredger(port: Places, registry: Registry, chance: Chance, days: int) -> Vessel:
    """Each day from its quay to the channel and the dumping ground, over and over, until it is back in the evening."""
    quay = port.point(places.DREDGER)
    parts = [hold(quay, 0, 1, 180.0, MOORED)]
    for day in range(days):
        parts.append(_resting(parts[-1], max(day * DAY + float(chance.uniform(4, 6)) * 3600, parts[-1].end + 1)))
        here, place = places.DREDGER, quay
        for target in (*(("channel-west", places.DUMP) * 4), places.DREDGER):
            inner = [port.point(name) for name in port.way(here, target)[1:-1]]
            parts.append(sail([place, *inner, port.point(target)], parts[-1].end, limits.DREDGER))
            here, place = target, port.point(target)
            stop, status = (1200, UNDER_WAY) if target != places.DREDGER else (1, MOORED)
            parts.append(hold(place, parts[-1].end, parts[-1].end + stop, float(parts[-1].course[-1]), status))
    parts.append(_resting(parts[-1], max(days * DAY, parts[-1].end + 1)))
    return Vessel(registry.new(ships.DREDGER), join(parts), limits.DREDGER)


def _resting(before: Track, until: float) -> Track:
    return hold(before.place(before.end), before.end, until, float(before.course[-1]), MOORED)


def _passing(registry: Registry, chance: Chance, midnight: float) -> Vessel:
    lane = LANES[int(chance.integers(len(LANES)))]
    aside = float(chance.uniform(-400, 400))
    limit = limits.PASSING.scaled(float(chance.uniform(0.65, 1.0)))
    points = [Point(point.x, point.y + aside) for point in lane]
    track = sail(points, midnight + float(chance.uniform(-2 * 3600, 22 * 3600)), limit, rolling=(True, True))
    return Vessel(registry.new(ships.PASSING), track, limit, bound_for=str(chance.choice(("NLRTM", "GBLGP", "FRURO"))))


def _small(port: Places, registry: Registry, chance: Chance, days: int) -> Vessel:
    """On most days out of the marina to some place in the bay, there for a while, and back."""
    marina = port.point(places.MARINA)
    home = Point(marina.x + float(chance.uniform(-60, 60)), marina.y + float(chance.uniform(-60, 60)))
    limit = limits.SMALL.scaled(float(chance.uniform(0.7, 1.0)))
    parts: list[Track] = [hold(home, 0, 1, 0.0, MOORED)]
    for day in range(days):
        leave = day * DAY + float(chance.uniform(5, 13)) * 3600
        if chance.random() < STAYS_IN or leave <= parts[-1].end:
            continue
        parts.append(_resting(parts[-1], leave))
        parts += _outing(port, home, limit, leave, chance)
    parts.append(_resting(parts[-1], max(days * DAY, parts[-1].end + 1)))
    kind = ships.FISHER if chance.random() < 0.5 else ships.YACHT
    return Vessel(registry.new(kind, class_b=True), join(parts), limit)


def _outing(port: Places, home: Point, limit: limits.Limits, leave: float, chance: Chance) -> list[Track]:
    ground = at(float(chance.uniform(49.50, 49.60)), float(chance.uniform(-0.05, 0.04)))
    away = [home, port.point(places.ENTRANCE), port.point("channel-east"), ground]
    out = sail(away, leave, limit)
    fishing = hold(ground, out.end, out.end + float(chance.uniform(0.5, 3)) * 3600, float(out.course[-1]), UNDER_WAY)
    return [out, fishing, sail(away[::-1], fishing.end, limit)]
