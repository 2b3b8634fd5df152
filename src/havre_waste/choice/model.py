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
WORKDAYS = frozenset(range(6))


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


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is believed this morning: the fill that a truck would find today, and the risk of leaving it.

    ``overflow_p``: the probability that it is more than full before the next chance to empty it.
    """

    fill: Floats
    overflow_p: Floats


@dataclass(frozen=True)
class Terms:
    """What the choice of a flow goes by.

    A container whose ``overflow_p`` is ``must`` or more is emptied, and so is one that is as full as ``threshold``
    (None: none is by its fill alone). Any other is emptied when its way costs less than it is worth: ``overflow_eur``
    times the risk, and ``saved`` of what a way of its own would cost for each share that is full. Those with a risk of
    ``risk`` are looked at first, then those that are ``least_fill`` full.
    """

    must: float = 0.25
    risk: float = 0.03
    threshold: float | None = None
    least_fill: float = 0.5
    overflow_eur: float = 150.0
    saved: float = 1.0
    weekdays: frozenset[int] = WORKDAYS
    """On which rounds are driven; 0 is Monday."""


EACH_DAY = frozenset(range(7))
_OFTEN = Terms(must=0.12, risk=0.12, least_fill=0.8, overflow_eur=60.0, weekdays=EACH_DAY)
USUAL: Mapping[str, Terms] = {
    "residual": _OFTEN,
    "packaging": _OFTEN,
    "food": _OFTEN,
    "glass": replace(_OFTEN, weekdays=frozenset({1, 4})),
    "litter": replace(_OFTEN, must=0.03, risk=0.03, least_fill=0.6),
}
"""By flow, found in the scenario with seeds from 100 on: a day's rounds take what is needed, on each day of the week;
glass fills slowly and has two days; a bin of litter that is full is a mess at once."""
