"""What is to be emptied, by whom, over which ways, and on which terms.

Columns have an element a container; places are rows of the matrix; lengths in metres, times in seconds, money in EUR.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
DAY = 86400.0


@dataclass(frozen=True)
class Crew:
    """A truck and its day: it leaves ``depot``, is emptied at ``tip`` when it is full and at the end, and comes back.

    ``seconds`` is what it may work a day, without lunch; ``kg`` what it holds.
    """

    id: str
    depot: int
    tip: int
    kg: float
    seconds: float
    begins: int = 300
    """Minutes after local midnight."""
    at_tip: float = 720.0
    eur_per_km: float = 1.1
    eur_per_hour: float = 70.0
    litres_per_100km: float = 60.0


@dataclass(frozen=True, eq=False)
class Ground:
    """The containers and the ways between them; each flow is collected by crews of its own."""

    ids: tuple[str, ...]
    flow: tuple[str, ...]
    place: Ints
    litres: Floats
    full_kg: Floats
    """What a full container weighs."""
    metres: Floats = field(repr=False)
    seconds: Floats = field(repr=False)
    crews: Mapping[str, Sequence[Crew]]
    """By flow, in the order in which they are sent out."""
    at_stop: float = 115.0
    """Seconds that an emptying takes, without the way."""

    def __post_init__(self) -> None:
        missing = sorted(set(self.flow) - set(self.crews))
        if missing:
            raise ValueError(f"crews: none for {', '.join(missing)}")

    def rows(self, flow: str) -> Ints:
        return np.flatnonzero(np.array(self.flow) == flow)


@dataclass(frozen=True)
class Terms:
    """What the choice of a flow goes by.

    ``overflow_eur``: what a day costs on which a container is more than full. ``saved``: how much of the way that a
    container would need later is counted as saved when it is emptied before it is due; less than 1, since it must be
    emptied earlier the next time too. One that is less than ``ripe`` of what it would be when it is due waits in any
    case. One must be emptied when its ``overflow_p`` is ``must`` or more, or when it is as full as ``threshold`` (None:
    none must by its fill alone).
    """

    overflow_eur: float = 50.0
    saved: float = 0.8
    ripe: float = 0.95
    must: float = 0.25
    threshold: float | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    """On which rounds are driven; 0 is Monday."""


USUAL: Mapping[str, Terms] = {
    "residual": Terms(),
    "packaging": Terms(),
    "food": Terms(),
    "glass": Terms(weekdays=frozenset({0, 2, 4})),
    "litter": Terms(overflow_eur=200.0),
}
"""By flow, found in the scenario with seeds from 100 on. Glass fills slowly, and three days a week are enough for it. A
bin of litter is soon full when it is nearly full, and then a mess: that weighs more."""
COUNTS: Mapping[str, Terms] = {
    **{flow: replace(USUAL[flow], overflow_eur=35.0, must=0.3) for flow in ("residual", "packaging", "food")},
    "glass": replace(USUAL["glass"], overflow_eur=25.0, must=0.3),
    "litter": USUAL["litter"],
}
"""Where a flow has no sensors: what is known from counts is less sure, so the same risk is run for less."""


def usual_terms(flow: str, sensed: bool) -> Terms:
    """``sensed``: whether containers of the flow have sensors."""
    return (USUAL if sensed else COUNTS).get(flow, Terms())
