"""One reading a container: is it believed, does it tell an emptying, does the sensor lie?

A reading that does not fit what is expected is doubted until the next one: if that agrees with it, something happened
(an emptying, much waste at once); if not, it was wild. A truck that stood there before makes it an emptying at once.
"""

import numpy as np

from havre_waste.levels import faults
from havre_waste.levels.filtering import expected, observe, own_rate, reset, spread, widened
from havre_waste.levels.state import LEVEL, Fault, Floats, Ints, Mask
from havre_waste.levels.work import Work

GATE, GATE_LEAST = 4.0, 0.04
"""Deviations, and a share of the volume added, within which a reading fits."""
AGREES, RISES = 0.07, 0.2
"""Share by which two readings may differ that agree; more is allowed where both tell that much comes in."""
LOW = 0.30
"""Not more than this is there after an emptying that nothing but the sensor tells."""
DROP = 0.10
RARE, UNTOLD_A_DAY = 12 * 3600.0, 0.4
"""Seconds between readings beyond which one thinks of an emptying that nobody told, and how many come in a day."""
FULL = 0.98
"""From here on a sensor sees no difference."""
SEEN_FULL = 0.93
AFTER = 30.0
"""Seconds after a truck has come that it empties."""


def read(work: Work, rows: Ints, at: Floats, mm: Floats, tilt: Floats) -> None:
    """Readings of ``rows`` (each once), to which the belief has been brought."""
    watch = work.watch
    fill = work.levels.fleet.fill(rows, mm)
    before = work.levels.fleet.fill(rows, watch.value[rows])
    _remember(work, rows, at, mm, tilt)
    faults.look(work, rows, at, mm, fill, before)
    faulty = watch.fault[rows] != Fault.NONE
    if faulty.any():
        bad = rows[faulty]
        well = faults.recovered(work, bad, at[faulty], fill[faulty], before[faulty], expected(work.belief, bad))
        work.count(not_used=len(bad) - len(well))
        if len(well):
            back = np.isin(rows, well)
            faults.believe(work, rows[back], at[back])
    trusted = watch.fault[rows] == Fault.NONE
    possible = trusted & (fill > faults.LOWEST) & (fill < faults.HIGHEST)
    absurd = trusted & ~possible & ~np.isnan(fill)
    if absurd.any():
        faults.wild(work, rows[absurd])
        faults.evident(work, rows[absurd], at[absurd], fill[absurd])
    if possible.any():
        _weigh(work, rows[possible], at[possible], fill[possible])


def _remember(work: Work, rows: Ints, at: Floats, mm: Floats, tilt: Floats) -> None:
    watch = work.watch
    gap, usual = at - watch.seen[rows], watch.every[rows]
    faulty = watch.fault[rows] != Fault.NONE
    lost = np.where(~faulty, np.clip(np.rint(gap / usual) - 1, 0, 42), 0)
    none = np.isnan(mm)
    work.count(lost=int(lost.sum()), no_value=int(none.sum()))
    watch.every[rows] = usual + 0.15 * (np.clip(gap, 0, 2 * usual) - usual)
    watch.seen[rows] = at
    watch.silent[rows] = np.where(none, watch.silent[rows] + 1, 0)
    again = mm == watch.value[rows]
    watch.same[rows] = np.where(none, watch.same[rows], np.where(again, watch.same[rows] + 1, 1))
    watch.repeats[rows] += np.where(none | faulty, 0.0, (again - watch.repeats[rows]) / faults.REPEATS)
    watch.value[rows] = np.where(none, watch.value[rows], mm)
    usual_tilt = np.where(np.isnan(watch.tilt[rows]), np.minimum(np.nan_to_num(tilt), 10.0), watch.tilt[rows])
    askew = tilt > usual_tilt + faults.ASKEW
    watch.tilted[rows] = np.where(askew, watch.tilted[rows] + 1, 0)
    watch.tilt[rows] = np.where(askew | np.isnan(tilt), usual_tilt, 0.9 * usual_tilt + 0.1 * tilt)
    watch.shown[rows] = np.where(askew & ~faulty, tilt, watch.shown[rows])


def _weigh(work: Work, rows: Ints, at: Floats, fill: Floats) -> None:
    watch, belief = work.watch, work.belief
    _suppose(work, rows, at)
    _visited(work, rows, at, fill)
    faulty = faults.evident(work, rows, at, fill)
    rows, at, fill = rows[~faulty], at[~faulty], fill[~faulty]
    surprise = fill - expected(belief, rows)
    gate = GATE * np.sqrt(spread(belief, rows) + work.levels.parameters.noise**2) + GATE_LEAST
    beyond = (fill > FULL) & (surprise < 0)
    fits = (np.abs(surprise) < gate) | beyond
    doubted = ~np.isnan(watch.doubted[rows])
    came = own_rate(work.levels, belief, rows) * np.maximum(
        work.levels.rates.load(work.levels.fleet.flow[rows], np.nan_to_num(watch.doubted_at[rows], nan=0.0), at), 0
    )
    step = fill - watch.doubted[rows]
    more = np.where(surprise > 0, RISES, np.where(doubted, came, 0.0))
    agrees = doubted & ~fits & (step > -AGREES) & (step < AGREES + more)
    was_wild = doubted & ~agrees
    faults.wild(work, rows[was_wild])
    calm = fits & ~doubted
    faults.tame(work, rows[calm])
    _happened(work, rows[agrees], at[agrees], fill[agrees])
    new = ~fits & ~agrees
    watch.doubted[rows[new]], watch.doubted_at[rows[new]] = fill[new], at[new]
    faulty = faults.evident(work, rows, at, fill)
    _believed(work, rows, at, fill, (fits | agrees) & ~faulty, beyond)


def _suppose(work: Work, rows: Ints, at: Floats) -> None:
    """Where no truck ever told of a stop and readings are rare, one may have been at any time since the last."""
    since = work.watch.good_at[rows]
    rare = (at - since > RARE) & np.isnan(work.visits.stopped[rows]) & ~(work.visits.emptied[rows] > since)
    rows, at, since = rows[rare], at[rare], since[rare]
    work.visits.stood[rows] = (since + at) / 2
    work.visits.odds[rows] = 1 - np.exp(-UNTOLD_A_DAY * (at - since) / 86400)


def _believed(work: Work, rows: Ints, at: Floats, fill: Floats, which: Mask, beyond: Mask) -> None:
    watch = work.watch
    seen = which & ~beyond
    observe(work.belief, rows[seen], fill[seen], np.full(int(seen.sum()), work.levels.parameters.noise**2))
    rows, at, fill = rows[which], at[which], fill[which]
    watch.doubted[rows] = watch.doubted_at[rows] = np.nan
    since = watch.good_at[rows]
    whole = ~np.isnan(watch.good[rows]) & ~(work.visits.emptied[rows] >= since) & (fill < FULL)
    kept = rows[whole]
    work.intervals.append(
        (kept, since[whole], at[whole], fill[whole] - watch.good[kept], own_rate(work.levels, work.belief, kept))
    )
    watch.good[rows], watch.good_at[rows] = fill, at


def _visited(work: Work, rows: Ints, at: Floats, fill: Floats) -> None:
    """A truck stood there and it is not known what for: does the reading tell that it emptied?"""
    some = work.visits.stood[rows] <= at
    rows, at, fill = rows[some], at[some], fill[some]
    if not len(rows):
        return
    p, belief = work.levels.parameters, work.belief
    stood, odds = work.visits.stood[rows], np.clip(work.visits.odds[rows], 0.001, 0.999)
    came = own_rate(work.levels, belief, rows) * work.levels.rates.load(work.levels.fleet.flow[rows], stood, at)
    if_not, if_so = expected(belief, rows), p.left + came
    spread_not = np.sqrt(spread(belief, rows) + p.noise**2 + 0.02**2)
    spread_so = np.sqrt(0.05**2 + (0.5 * came) ** 2)
    away_not, away_so = (fill - if_not) / spread_not, (fill - if_so) / spread_so
    logit = np.log(odds / (1 - odds)) - 0.5 * away_so**2 - np.log(spread_so) + 0.5 * away_not**2 + np.log(spread_not)
    strange = (np.abs(away_not) > GATE) & (np.abs(away_so) > GATE) & (fill > if_so)
    yes, no = ~strange & (logit > 0), ~strange & (logit <= 0)
    clear = if_not - if_so > 0.2
    emptied(work, rows[yes], stood[yes] + AFTER, "sensor")
    sure = yes & clear & ~strange
    work.watch.ignored[rows[sure]] = 0.0
    scatter = np.sqrt(p.noise**2 + came * work.levels.volume[rows] * (1 + p.deposit_spread**2) + (p.busy * came) ** 2)
    faults.off(work, rows[sure], at[sure], fill[sure], if_so[sure], scatter[sure])
    work.visits.stood[rows[no]] = np.nan
    stays = no & clear & (odds > 0.9)
    work.watch.ignored[rows[stays]] += faults.NOT_LOWER + faults.STILL_FULL * (fill[stays] > SEEN_FULL)
    work.visits.doubtful[rows[stays]] = stood[stays] + AFTER


def emptied(work: Work, rows: Ints, when: Floats, told: str) -> None:
    """These were; the belief is told."""
    if not len(rows):
        return
    work.emptied.append((rows, when, work.belief.mean[rows, LEVEL].copy(), told))
    reset(work.levels, work.belief, rows, when)
    work.visits.emptied[rows] = when
    work.visits.stood[rows] = np.nan


def _happened(work: Work, rows: Ints, at: Floats, fill: Floats) -> None:
    """Two readings agree that the level is not as expected."""
    if not len(rows):
        return
    watch, belief = work.watch, work.belief
    surprise = fill - expected(belief, rows)
    down = (surprise < -DROP) & ((fill < LOW) | (fill < 0.4 * (fill - surprise)))
    low_at = np.where(np.isnan(watch.doubted_at[rows]), at, watch.doubted_at[rows])
    since = np.where(np.isnan(watch.good_at[rows]), low_at - watch.every[rows], watch.good_at[rows])
    known = work.visits.emptied[rows] > since
    told = down & ~known
    emptied(work, rows[told], ((since + low_at) / 2)[told], "sensor")
    watch.ignored[rows[down]] = 0.0
    up = surprise > 0
    undone = up & known & (surprise > 0.2)
    evidence = np.where(up & (fill > 0.9), np.clip((surprise - 0.15) * 12, 0, faults.IGNORES), 0.0)
    evidence += undone * (faults.NOT_LOWER + faults.STILL_FULL * (fill > SEEN_FULL))
    watch.ignored[rows] += evidence
    accepted = ~told & (watch.ignored[rows] < faults.IGNORES)
    widened(belief, rows[accepted], np.abs(surprise[accepted]))
