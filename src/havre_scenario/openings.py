"""When each bridge truly was closed to the road for ships: by movements, and a few for small craft and service."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from havre_scenario import places
from havre_scenario.calls import Movement
from havre_scenario.chance import Chance
from havre_scenario.harbour import BRIDGE_GAP, Harbour

DAY, MINUTE = 86400.0, 60.0
OTHERS_A_DAY = 1.1
"""Openings that no announced ship asked for: a few per cent of all."""
OTHER_MINUTES = (8.0, 11.0)


@dataclass(frozen=True)
class Opening:
    """The road is closed from ``opened_at`` to ``closed_at``, in seconds after the start."""

    name: str
    bridge: str
    opened_at: float
    closed_at: float
    cause: str
    """``ship``, ``small craft`` or ``service``."""
    movement: Movement | None = None


_Found = tuple[float, float, str, str, Movement | None]


def openings(movements: Iterable[Movement], harbour: Harbour, days: int, chance: Chance) -> tuple[Opening, ...]:
    """All of them in order of time, those of the days around the period too."""
    found: list[_Found] = [
        (start, end, bridge, "ship", one) for one in movements for bridge, start, end in harbour.openings(one.passage)
    ]
    found += _others(harbour, days, chance)
    found.sort(key=lambda one: (one[0], one[2]))
    return tuple(
        Opening(f"o-{number:05}", bridge, start, end, cause, movement)
        for number, (start, end, bridge, cause, movement) in enumerate(found, start=1)
    )


def _others(harbour: Harbour, days: int, chance: Chance) -> list[_Found]:
    found: list[_Found] = []
    for day in range(days):
        for _ in range(chance.poisson(OTHERS_A_DAY)):
            bridge = str(chance.choice(list(places.BRIDGES)))
            start = (day + float(chance.uniform(6, 20)) / 24) * DAY
            end = start + float(chance.uniform(*OTHER_MINUTES)) * MINUTE
            if harbour.may_open(bridge, start, end) and harbour.is_free(bridge, start - BRIDGE_GAP, end + BRIDGE_GAP):
                harbour.take(bridge, start, end + BRIDGE_GAP)
                cause = "service" if chance.random() < 0.3 else "small craft"
                found.append((start, end, bridge, cause, None))
    return found


class Barriers:
    """Who comes to a bridge at some second: waits, or drives on."""

    def __init__(self, found: Sequence[Opening]) -> None:
        self._by_bridge: defaultdict[str, list[Opening]] = defaultdict(list)
        for one in found:
            self._by_bridge[one.bridge].append(one)
        self._starts = {bridge: [one.opened_at for one in some] for bridge, some in self._by_bridge.items()}

    def at(self, bridge: str, second: float) -> Opening | None:
        """The opening for which the bridge is closed to the road at this second."""
        before = bisect_right(self._starts.get(bridge, []), second)
        if not before:
            return None
        last = self._by_bridge[bridge][before - 1]
        return last if second < last.closed_at else None
