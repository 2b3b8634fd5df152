"""The rounds of always: which containers are emptied on which weekday, whatever is in them.

Only the days are those of the plan; their stops are put into as short an order as those of any other day, over all
crews of the flow, so that a comparison tells what the choice saves and not what the order does.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from havre_waste.choice.driving import Round
from havre_waste.choice.model import Crew, Ground, Ints
from havre_waste.choice.today import in_rounds

USUAL_FILL = 0.6
"""With which a fixed round is planned."""
OVERTIME = (1.0, 1.1, 1.25, 1.5, 2.0, 10.0)


@dataclass(frozen=True)
class Stop:
    """A container on a weekday (0 is Monday) of ``weeks``: all, even or odd by ISO."""

    weekday: int
    container: str
    weeks: str = "all"

    def on(self, day: datetime.date) -> bool:
        return self.weekday == day.weekday() and self.weeks in ("all", ("even", "odd")[day.isocalendar().week % 2])


@dataclass(frozen=True, eq=False)
class Fixed:
    """``ValueError`` for a container that is not on the ground."""

    ground: Ground
    stops: tuple[Stop, ...]
    holidays: frozenset[datetime.date] = frozenset()
    """Days on which nobody drives."""
    _found: dict[tuple[int, ...], tuple[Round, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        unknown = {one.container for one in self.stops} - set(self.ground.ids)
        if unknown:
            raise ValueError(f"{min(unknown)}: is in a fixed round, and no container")

    def of(self, day: datetime.date) -> tuple[Round, ...]:
        if day in self.holidays:
            return ()
        number = {id_: row for row, id_ in enumerate(self.ground.ids)}
        rows = tuple(sorted({number[one.container] for one in self.stops if one.on(day)}))
        if rows not in self._found:
            self._found[rows] = tuple(_rounds(self.ground, np.array(rows, np.int64)))
        return self._found[rows]


def emptyings_a_week(stops: Iterable[Stop]) -> Mapping[str, float]:
    """By container."""
    found: dict[str, float] = {}
    for one in stops:
        found[one.container] = found.get(one.container, 0.0) + (1.0 if one.weeks == "all" else 0.5)
    return found


def _rounds(ground: Ground, rows: Ints) -> list[Round]:
    found: list[Round] = []
    flow_of = np.array(ground.flow)[rows]
    for flow in sorted(set(flow_of.tolist())):
        found += _with_overtime(ground, list(ground.crews[flow]), rows[flow_of == flow])
    return found


def _with_overtime(ground: Ground, crews: list[Crew], rows: Ints) -> list[Round]:
    """A fixed round is driven to its end, however long that takes."""
    kg = USUAL_FILL * ground.full_kg
    for factor in OVERTIME:
        longer = [replace(one, seconds=one.seconds * factor) for one in crews]
        found = in_rounds(ground, longer, rows, kg)
        if found is not None:
            real = {one.id: one for one in crews}
            return [Round(real[one.crew.id], one.stops) for one in found]
    raise ValueError(f"{len(rows)} stops of a fixed round cannot be driven in a day")
