"""What is wrong with a sensor: found from how it behaves, shown with a value, and taken back when it is well.

Evidence is a sum of logarithms of odds, as in Wald's sequential test and Page's cumulative sum (Biometrika 41, 1954).
"""

import numpy as np

from havre_waste.levels.filtering import reset, widened
from havre_waste.levels.state import LEVEL, Fault, Floats, Ints, Mask
from havre_waste.levels.work import Work

WORDS = {
    Fault.SPIKES: "share of wild readings lately",
    Fault.TILT: "degrees that it hangs askew",
    Fault.STUCK: "millimetres that it repeats",
    Fault.DEAD: "hours without a value",
    Fault.DRIFT: "share by which it is off when the container is empty",
    Fault.BAG: "share filled that it goes on to show",
}
"""What the value that is shown with a fault is."""
LOWEST, HIGHEST = -0.5, 1.25
"""Shares filled beyond which a reading is of nothing in the container."""
SAME_BY_CHANCE, SAME_S, REPEATS = 1e-4, 12 * 3600.0, 100
"""One value in a row is too often one when chance would do it more rarely than that, and for so long at least; how many
readings tell how often a sensor repeats itself."""
SILENT, TILTED = 4, 2
"""Readings in a row with no value, askew."""
ASKEW = 15.0
"""Degrees beyond what is usual for it."""
BROKEN, HISTORY, TOO_WILD = 0.36, 150, 7.0
"""Share of wild readings of a sensor that is broken, how many readings tell what is usual for one, and when the
evidence is enough."""
NOT_LOWER, STILL_FULL, IGNORES = 4.0, 2.3, 6.0
"""Evidence of a visit after which the level stays, more if it shows full; and when it is enough."""
FADES_DAYS = 6.0
OFF, DRIFTS = 0.03, 1.9
"""Share by which an empty container may be missed, and evidence (an emptying gives up to 1) that is enough."""
BELOW_MM, BELOW = 25.0, 0.04
"""Two readings that agree and are more than both below the bottom are of a sensor that is off."""
SILENCE, SILENT_INTERVALS = 24 * 3600.0, 6.0
ALL_QUIET = 0.5
"""If more than this share of the sensors is silent together, the network is, and no sensor is accused."""
FINE = {Fault.SPIKES: 9, Fault.TILT: 3, Fault.STUCK: 3, Fault.DEAD: 2, Fault.DRIFT: 1, Fault.BAG: 3}
"""Readings in a row that must be as those of a good sensor are."""
NEAR = 0.09


def accuse(work: Work, rows: Ints, kind: Fault, at: Floats, shown: Floats) -> None:
    """These sensors are not believed from now on; those that are not already."""
    new = work.watch.fault[rows] == Fault.NONE
    rows, at, shown = rows[new], at[new], shown[new]
    if not len(rows):
        return
    watch = work.watch
    watch.fault[rows], watch.since[rows], watch.shown[rows], watch.fine[rows] = kind, at, shown, 0
    watch.doubted[rows] = watch.doubted_at[rows] = np.nan
    work.judged.append((rows, np.full(len(rows), int(kind)), at, shown))
    widened(work.belief, rows, np.full(len(rows), 0.06))
    if kind in (Fault.BAG, Fault.STUCK):
        _emptied_after_all(work, rows, at)


def _emptied_after_all(work: Work, rows: Ints, at: Floats) -> None:
    """A stop after which a sensor stayed where it was is an emptying if the sensor is what is wrong."""
    stop = work.visits.doubtful[rows]
    recent = (at - stop < 6 * 86400) & ~(stop <= work.visits.emptied[rows])
    rows, stop = rows[recent], stop[recent]
    if not len(rows):
        return
    work.emptied.append((rows, stop, work.belief.mean[rows, LEVEL].copy(), "pass"))
    reset(work.levels, work.belief, rows, stop)
    work.visits.emptied[rows] = stop


def look(work: Work, rows: Ints, at: Floats, mm: Floats, fill: Floats, before: Floats) -> None:
    """Faults that a reading shows with those just before it; ``before`` is the fill of the last one."""
    watch = work.watch
    again = watch.same[rows] - 1
    rare = again * np.log(np.clip(watch.repeats[rows], 0.01, 0.95)) < np.log(SAME_BY_CHANCE)
    stuck = (
        (again > 0)
        & rare
        & (again * watch.every[rows] > 0.98 * SAME_S)
        & ~np.isnan(mm)
        & (fill > LOWEST)
        & (fill < HIGHEST)
    )
    accuse(work, rows[stuck], Fault.STUCK, at[stuck], mm[stuck])
    silent = watch.silent[rows] >= SILENT
    accuse(work, rows[silent], Fault.DEAD, at[silent], watch.silent[rows[silent]] * watch.every[rows[silent]] / 3600)
    least = -BELOW - BELOW_MM / (work.levels.fleet.depth_mm[rows] - work.levels.fleet.dead_mm[rows])
    below = (fill < least) & (fill > LOWEST) & (before < least) & (np.abs(fill - before) < NEAR / 2)
    accuse(work, rows[below], Fault.DRIFT, at[below], fill[below])
    tilted = watch.tilted[rows] >= TILTED
    accuse(work, rows[tilted], Fault.TILT, at[tilted], watch.shown[rows[tilted]])


def wild(work: Work, rows: Ints) -> None:
    """These read something wild: evidence by how rare that is for them."""
    watch = work.watch
    watch.wild[rows] += np.log(BROKEN / np.clip(watch.usual_wild[rows], 0.01, 0.12))
    watch.usual_wild[rows] += (1 - watch.usual_wild[rows]) / HISTORY
    work.count(wild=len(rows))


def tame(work: Work, rows: Ints) -> None:
    """These read something that fits."""
    watch = work.watch
    watch.usual_wild[rows] -= watch.usual_wild[rows] / HISTORY
    watch.wild[rows] = np.maximum(watch.wild[rows] + np.log(1 - BROKEN), 0.0)


def evident(work: Work, rows: Ints, at: Floats, fill: Floats) -> Mask:
    """Accuse those of ``rows`` of which the evidence is enough; gives which are faulty then."""
    watch = work.watch
    broken = watch.wild[rows] >= TOO_WILD
    accuse(work, rows[broken], Fault.SPIKES, at[broken], watch.usual_wild[rows[broken]])
    ignores = watch.ignored[rows] >= IGNORES
    bag, stuck = ignores & (fill > 0.8), ignores & (fill <= 0.8)
    accuse(work, rows[bag], Fault.BAG, at[bag], fill[bag])
    accuse(work, rows[stuck], Fault.STUCK, at[stuck], watch.value[rows[stuck]])
    return np.asarray(watch.fault[rows] != Fault.NONE)


def off(work: Work, rows: Ints, at: Floats, fill: Floats, should: Floats, deviation: Floats) -> None:
    """After an emptying that they saw these show ``fill``, and ``should`` be there: evidence with its sign.

    What is left in, or comes at once, explains some that is too much; nothing explains less than empty.
    """
    watch = work.watch
    above = np.clip((fill - should - OFF - deviation) / OFF, -1, 1)
    below = np.clip((-fill - OFF) / OFF, -1, 1.5)
    side = np.where(below > 0, -1.0, 1.0)
    before = watch.residue[rows] * side
    total = np.maximum(np.maximum(before, 0.0) + np.where(side > 0, above, below), 0.0)
    watch.residue[rows] = side * total
    drifts = total >= DRIFTS
    accuse(work, rows[drifts], Fault.DRIFT, at[drifts], (fill - should)[drifts])


def quiet(work: Work, now: float) -> None:
    """Accuse those that have said nothing for too long, unless most are silent."""
    watch = work.watch
    sensed = np.flatnonzero(work.levels.fleet.sensed)
    silence = now - watch.seen[sensed]
    if not len(sensed) or (silence > 2 * watch.every[sensed]).mean() > ALL_QUIET:
        return
    dead = silence > np.maximum(SILENCE, SILENT_INTERVALS * watch.every[sensed])
    rows = sensed[dead]
    accuse(work, rows, Fault.DEAD, np.full(len(rows), now), silence[dead] / 3600)


def recovered(work: Work, rows: Ints, at: Floats, fill: Floats, before: Floats, expected: Floats) -> Ints:
    """Of faulty ``rows`` those that are well again with this reading; ``before`` is the fill that it showed last."""
    watch, kind = work.watch, work.watch.fault[rows]
    able = ~np.isnan(fill) & (fill > -0.06) & (fill < 1.1)
    steady = np.abs(fill - before) < NEAR
    gone_down = before - fill > NEAR
    fine = able & (watch.same[rows] == 1) & (watch.tilted[rows] == 0)
    fine &= (kind != Fault.SPIKES) | steady
    deviation = np.sqrt(work.belief.cov[rows, LEVEL, LEVEL])
    follows = np.abs(fill - expected) < 3 * deviation + 0.1
    fine &= (kind != Fault.STUCK) | follows
    fine &= (kind != Fault.BAG) | (follows & (fill < 0.9) & (steady | gone_down))
    just_emptied = at - work.visits.emptied[rows] < 8 * 3600
    fine &= (kind != Fault.DRIFT) | (just_emptied & (np.abs(fill - expected) < 0.035))
    watch.fine[rows] = np.where(fine, watch.fine[rows] + 1, 0)
    enough = np.array([FINE.get(Fault(one), 0) for one in range(len(Fault))])
    return np.asarray(rows[fine & (watch.fine[rows] >= enough[kind])])


def believe(work: Work, rows: Ints, at: Floats) -> None:
    """Well again: from now on they count."""
    watch = work.watch
    watch.fault[rows], watch.since[rows], watch.shown[rows] = Fault.NONE, np.nan, np.nan
    watch.usual_wild[rows] = np.minimum(watch.usual_wild[rows], work.levels.parameters.wild)
    watch.wild[rows] = watch.ignored[rows] = watch.residue[rows] = 0.0
    watch.doubted[rows] = watch.doubted_at[rows] = watch.good[rows] = np.nan
    work.visits.doubtful[rows] = np.nan
    work.judged.append((rows, np.zeros(len(rows), np.int64), at, np.full(len(rows), np.nan)))
    widened(work.belief, rows, np.full(len(rows), 0.15))
