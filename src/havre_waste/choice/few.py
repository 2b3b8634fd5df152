"""Which rounds the few crews that run drive, in a strike or a storm, so that most is done of what comes first (pure).

One crew after the other is given to the flow in which it does most more; each flow's rounds are planned anew with the
crews it has then (``today.most_worth``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from havre_waste.choice import driving
from havre_waste.choice.driving import Driven, Round
from havre_waste.choice.model import Crew, Floats, Ground, Ints
from havre_waste.choice.today import LEAST, most_worth


@dataclass(frozen=True, eq=False)
class Few:
    """``rounds``: with their flows and what they take, the one that does most first; ``left``: rows that nobody
    empties."""

    rounds: tuple[tuple[str, Round, Driven], ...]
    left: Ints = field(repr=False)


def few(ground: Ground, rows: Ints, worth: Floats, fill: Floats, running: int) -> Few:
    """Of ``rows`` (those to be emptied today) by ``running`` crews at most. ``worth`` and ``fill``: of all containers.

    ``ValueError``: ``running`` is negative.
    """
    if running < 0:
        raise ValueError(f"running: got {running}, expected 0 or more")
    flows = np.array(ground.flow)
    of = {flow: rows[flows[rows] == flow] for flow in sorted(set(flows[rows].tolist()))}
    mine: dict[str, list[Crew]] = {flow: [] for flow in of}
    known: dict[str, list[Round]] = {flow: [] for flow in of}
    tried: dict[str, list[Round]] = {}
    for _ in range(running):
        for flow in of:
            if flow not in tried:
                tried[flow] = _with_one_more(ground, flow, of[flow], worth, fill, mine)
        gain = {flow: _done(one, worth) - _done(known[flow], worth) for flow, one in tried.items() if one}
        if not gain or max(gain.values()) <= 0:
            break
        best = max(gain, key=lambda flow: gain[flow])
        known[best], crew = tried[best], _free(ground, best, mine)[0]
        mine[best].append(crew)
        # what was found for the others stands, unless it was with the same truck
        tried = {flow: one for flow, one in tried.items() if flow != best and all(crew.id != r.crew.id for r in one)}
    kg = np.clip(fill, LEAST, 1.2) * ground.full_kg
    found = [
        (flow, one, driving.drive(ground, one.crew, one.stops, kg[one.stops])) for flow in of for one in known[flow]
    ]
    found.sort(key=lambda each: -float(worth[each[1].stops].sum()))
    emptied = np.concatenate([np.zeros(0, np.int64), *(one.stops for _, one, _ in found)])
    return Few(tuple(found), np.setdiff1d(rows, emptied))


def _free(ground: Ground, flow: str, mine: dict[str, list[Crew]]) -> Sequence[Crew]:
    """Crews of the flow that have no round yet; a truck may be one of several flows'."""
    used = {one.id for those in mine.values() for one in those}
    return [one for one in ground.crews[flow] if one.id not in used]


def _with_one_more(
    ground: Ground, flow: str, rows: Ints, worth: Floats, fill: Floats, mine: dict[str, list[Crew]]
) -> list[Round]:
    """Empty when there is no crew left."""
    free = _free(ground, flow, mine)
    if not free:
        return []
    crews = [*mine[flow], free[0]]
    asked = replace(ground, crews={**ground.crews, flow: crews})
    return most_worth(asked, flow, rows, worth[rows], fill[rows], len(crews))


def _done(rounds: Sequence[Round], worth: Floats) -> float:
    return float(sum(worth[one.stops].sum() for one in rounds))
