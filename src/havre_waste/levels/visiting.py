"""What trucks' stops and crews' notes tell of a container."""

from collections.abc import Mapping

import numpy as np

from havre_waste.levels.filtering import expected, observe
from havre_waste.levels.reading import AFTER, emptied
from havre_waste.levels.state import LEVEL, Fault, Floats, Ints
from havre_waste.levels.work import Work

NOTES: Mapping[str, int] = {
    "emptied": 0, "full": 1, "half": 2, "empty": 3, "blocked": 4, "damaged": 5, "not_found": 6,
}  # fmt: skip
GLANCED = np.array([np.nan, 0.95, 0.55, 0.12, np.nan, np.nan, np.nan])
"""The fill that such a note means when it tells none, and how sure that is."""
GLANCE = np.array([np.nan, 0.10, 0.20, 0.10, np.nan, np.nan, np.nan])
BRIM = 0.99
"""Who notes this says that it was full, not by how much it was over."""
MISSED = 2.5
"""Deviations below what was expected from which on a note tells that an emptying was missed."""
ONE_VISIT = 3600.0
"""Seconds within which a stop and a note are of one visit."""
LONG, SHORT = 45.0, 30.0
"""Seconds: a stop that long is most often an emptying, one that is shorter hardly ever."""
PATIENCE = 14 * 3600.0
"""How long a stop waits for a reading to tell what it was."""


def odds(seconds: Floats, other_flow: Floats) -> Floats:
    """Probability that a stop is an emptying; a truck for another flow empties nothing."""
    by_time = np.interp(seconds, [SHORT, LONG, 60.0], [0.10, 0.80, 0.97])
    return np.asarray(np.where(other_flow > 0, 0.005, by_time))


def stop(work: Work, rows: Ints, at: Floats, probability: Floats) -> None:
    """Trucks stood by these. What for is open until a reading or a note tells, or nothing does."""
    visits = work.visits
    visits.stopped[rows] = at
    likely = (probability > 0.05) & ~(at - visits.emptied[rows] < ONE_VISIT)
    rows, at, probability = rows[likely], at[likely], probability[likely]
    better = np.isnan(visits.stood[rows]) | (probability >= visits.odds[rows])
    visits.stood[rows[better]], visits.odds[rows[better]] = at[better], probability[better]


def note(work: Work, rows: Ints, at: Floats, state: Ints, fill: Floats) -> None:
    """Crews noted this."""
    visits = work.visits
    told = ~np.isnan(fill)
    level = np.where(told, fill, GLANCED[state])
    deviation = np.where(told, work.levels.parameters.seen, GLANCE[state])
    again = (state == NOTES["emptied"]) & (at - visits.emptied[rows] < ONE_VISIT)
    level[again] = np.nan
    more = (level >= BRIM) & (expected(work.belief, rows, heaped=False) > level)
    known = ~np.isnan(level) & ~more
    _heed_missed(work, rows[known], level[known], deviation[known] ** 2)
    observe(work.belief, rows[known], level[known], deviation[known] ** 2, heaped=False)
    done = (state == NOTES["emptied"]) & ~again
    stood = visits.stood[rows]
    when = np.where(np.abs(at - stood) < ONE_VISIT, stood + AFTER, at)
    emptied(work, rows[done], np.minimum(when, work.belief.at[rows])[done], "note")
    visits.stood[rows[(state >= NOTES["blocked"]) & (np.abs(at - stood) < ONE_VISIT)]] = np.nan


def _heed_missed(work: Work, rows: Ints, level: Floats, variance: Floats) -> None:
    """Where a note tells of far less than was expected, an emptying was missed: the level is whatever it may be, and
    nothing is learned of rates and deposits."""
    cov = work.belief.cov
    surprise = level - expected(work.belief, rows, heaped=False)
    missed = surprise < -MISSED * np.sqrt(cov[rows, LEVEL, LEVEL] + variance)
    rows, surprise = rows[missed], surprise[missed]
    cov[rows, LEVEL, :] = cov[rows, :, LEVEL] = 0.0
    cov[rows, LEVEL, LEVEL] = surprise**2


def settle(work: Work, rows: Ints, at: Floats) -> None:
    """Decide on stops of which nothing more is to be expected."""
    visits, watch = work.visits, work.watch
    age = at - visits.stood[rows]
    sees = work.levels.fleet.sensed[rows] & (watch.fault[rows] == Fault.NONE)
    over = age > np.where(sees, PATIENCE, ONE_VISIT)
    rows = rows[over]
    yes = rows[visits.odds[rows] > 0.5]
    emptied(work, yes, visits.stood[yes] + AFTER, "pass")
    visits.stood[rows] = np.nan
