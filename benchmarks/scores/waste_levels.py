"""Levels, emptyings and faulty sensors, against the truth of the scenario.

Protocol: 56 days in which the fixed rounds are driven, rows taken every six hours; the first 21 days teach and are not
judged. Judged is at 03:00 UTC of each day after: the level then and 12, 24, 48 and 72 hours later if nothing is emptied
meanwhile (the truth is computed the same way), of all containers, whatever their level rests on.

``level_coverage_pct``: truths from P10 to P90; also by what the level rests on. ``pinball_gain_pct``: by how much the
pinball loss (mean of P10, P50, P90) of the forecasts 24, 48 and 72 hours ahead is less than that of a constant rate,
where the level rests on a sensor. The constant rate is the container's own mean since its last emptying or, within a
day of it, over the cycle before, from the last reading that was believed; ``pinball_gain_mean_pct``: its own mean over
all cycles so far, which is harder. Their quantiles are those of their own errors for that flow and time ahead before
day 21, known from the truth, which favours them. ``median_gain_pct``: the first with P50 alone and no such help.

``emptying_f1``: emptyings told within six hours of a true one, one to one, of containers with a sensor, lying ones too;
``emptying_unsensed_f1``: of the others, which stops and notes tell.

``fault_found_h``: P80 of the hours from when a sensor lies (its first reading that is ten points off, or missing) until
that is told; of faults that begin after day 7 and five days before the end; one that is never found counts until its
repair or the end. ``fault_found_p90_h``: P90, in which the slow drifts are that show at emptyings only;
``fault_found_begin_p80_h``: from the beginning of the fault, when a drift is not to be seen yet.
``fault_back_72_h_pct``: faults found whose sensor is believed again within 72 hours of its repair.
``false_alarms_per_100_week``: good sensors
accused, after day 7. ``overflow_ratio``: overflows expected 24 hours ahead by those that are true.
``_16`` in a name: 16 % of the sensors lie at any moment, instead of 5 %.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.scores import waste_frames
from benchmarks.scores.results import Score, over_seeds, table
from havre_scenario.waste.city import SETTLES, Waste, city
from havre_scenario.waste.faults import Fault
from havre_waste.levels import Levels, projected, started, take
from havre_waste.levels.projection import Z90, basis

Floats = npt.NDArray[np.float64]
DAYS, LEARNED, EVERY_H = 56, 21, 6
AHEAD_H, FORECASTS_H = (0, 12, 24, 48, 72), (24, 48, 72)
QUANTILES = ((0.1, -Z90), (0.5, 0.0), (0.9, Z90))
HOUR, DAY = 3600.0, 86400.0
NEAR, GRACE = 6 * HOUR, 12 * HOUR
LIES = 0.10
OF_16 = ("level_coverage_pct", "emptying_f1", "pinball_gain_pct", "fault_found_h", "false_alarms_per_100_week")
SCORES = {
    "level_coverage_pct": ("%", "75-85"),
    "level_coverage_sensor_pct": ("%", ""),
    "level_coverage_counts_pct": ("%", ""),
    "level_coverage_model_pct": ("%", ""),
    "overflow_ratio": ("", ""),
    "pinball_gain_pct": ("%", ">= 15"),
    "pinball_gain_mean_pct": ("%", "> 0"),
    "median_gain_pct": ("%", "> 0"),
    "emptying_f1": ("", ">= 0.97"),
    "emptying_unsensed_f1": ("", ""),
    "fault_found_h": ("h", "<= 48"),
    "fault_found_p90_h": ("h", ""),
    "fault_found_48_h_pct": ("%", ""),
    "fault_found_pct": ("%", ""),
    "fault_found_begin_p80_h": ("h", ""),
    "fault_back_72_h_pct": ("%", ""),
    "false_alarms_per_100_week": ("", "<= 1"),
}
SCORES |= {f"{name}_16": SCORES[name] for name in OF_16}


@dataclass(frozen=True)
class Looked:
    """One morning's levels so many hours ahead: what they rest on, truth, P10, P50, P90 and two constant rates."""

    day: int
    hours: int
    basis: npt.NDArray[np.str_]
    truth: Floats
    made: tuple[Floats, ...]
    rates: tuple[Floats, Floats]
    over: Floats
    """Probability to overflow."""


@dataclass
class Course:
    """What was told on the way; times are seconds of the period, containers rows."""

    waste: Waste
    emptied: list[tuple[int, float]] = field(default_factory=list)
    judged: list[tuple[int, float, str | None]] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)


@dataclass
class Cycles:
    """What a constant rate needs of the emptyings told so far."""

    last: Floats
    before: Floats
    """Mean rate of the last cycle."""
    came: Floats
    days: Floats

    def emptied(self, row: int, at: float, fill: float) -> None:
        days = (at - self.last[row]) / DAY
        if days > 0.4:
            self.before[row] = fill / days
            self.came[row] += fill
            self.days[row] += days
        self.last[row] = at

    def rates(self, good: Floats, good_at: Floats) -> tuple[Floats, Floats]:
        since = (good_at - self.last) / DAY
        now = np.where(since > 1, good / np.maximum(since, 0.1), self.before)
        return now, np.where(self.days > 0, self.came / np.maximum(self.days, 0.1), self.before)


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [_scenario(seed) for seed in seeds])


def _scenario(seed: int) -> dict[str, float]:
    worse = _scored(_played(city(seed, days=DAYS, faulty=0.16)))
    return _scored(_played(city(seed, days=DAYS))) | {f"{name}_16": worse[name] for name in OF_16}


def _scored(course: Course) -> dict[str, float]:
    return {**_coverage(course), **_gains(course), **_emptyings(course), **_faults(course)}


def _played(waste: Waste) -> Course:
    course, rows, begin = Course(waste), waste_frames.seen(waste), waste_frames.begin(waste)
    fleet = waste_frames.fleet(waste.network)
    state = started(fleet, waste_frames.calendar(waste, 0), begin.timestamp())
    size = len(fleet.ids)
    cycles = Cycles(np.full(size, np.nan), np.full(size, 0.15), np.zeros(size), np.zeros(size))
    before = begin
    for hour in range(3, DAYS * 24, EVERY_H):
        now, morning = begin + datetime.timedelta(hours=hour), hour % 24 == 3
        known = waste_frames.calendar(waste, hour // 24) if morning else None
        taken = take(state, waste_frames.until(rows, before, now), now, known)
        state, before = taken.levels, now
        for time, name, fill, _ in taken.emptyings.iter_rows():
            at = (time - begin).total_seconds()
            cycles.emptied(fleet.row[name], at, fill)
            course.emptied.append((fleet.row[name], at))
        for time, name, fault, _ in taken.faults.iter_rows():
            course.judged.append((fleet.row[name], (time - begin).total_seconds(), fault))
        if morning and 7 <= hour // 24 < DAYS - 3:
            _look(course, state, cycles, hour, begin.timestamp())
    return course


def _look(course: Course, state: Levels, cycles: Cycles, hour: int, begin: float) -> None:
    waste, rests = course.waste, np.array([str(one) for one in basis(state)])
    rows, now = np.arange(len(rests)), np.full(len(rests), hour * HOUR)
    settles = np.array([SETTLES[one.flow] for one in waste.network.containers])
    loose = np.expm1(settles * waste.fill(rows, now)) / settles
    good, good_at = state.watch.good, state.watch.good_at - begin
    rates = cycles.rates(good, good_at)
    for ahead in AHEAD_H:
        then = now + ahead * HOUR
        more = (waste.litres_until(rows, then) - waste.litres_until(rows, now)) / waste.network.litres
        made = projected(state, then + begin)
        course.looked.append(Looked(
            hour // 24, ahead, rests, waste.compacted(rows, loose + more),
            tuple(made.quantile(z) for _, z in QUANTILES),
            (good + rates[0] * (then - good_at) / DAY, good + rates[1] * (then - good_at) / DAY),
            made.over(),
        ))  # fmt: skip


def _coverage(course: Course) -> dict[str, float]:
    judged = [one for one in course.looked if one.day >= LEARNED]
    inside = np.concatenate([(one.truth >= one.made[0]) & (one.truth <= one.made[2]) for one in judged])
    rests = np.concatenate([one.basis for one in judged])
    by_basis = {name: inside[rests == name].mean() for name in ("sensor", "counts", "model")}
    day = [one for one in judged if one.hours == 24]
    overflows = sum(int((one.truth > 1).sum()) for one in day)
    return {
        "overflow_ratio": sum(float(one.over.sum()) for one in day) / overflows,
        "level_coverage_pct": 100 * float(inside.mean()),
        **{f"level_coverage_{name}_pct": 100 * float(share) for name, share in by_basis.items()},
    }


def _gains(course: Course) -> dict[str, float]:
    flow = np.array([one.flow for one in course.waste.network.containers])
    ours: list[Floats] = []
    theirs: tuple[list[Floats], list[Floats]] = [], []
    medians: tuple[list[Floats], list[Floats]] = [], []
    for hours in FORECASTS_H:
        every = [one for one in course.looked if one.hours == hours]
        for kind in sorted(set(flow)):
            learned = [(one, _fit(one, flow == kind)) for one in every if one.day < LEARNED]
            judged = [(one, _fit(one, flow == kind)) for one in every if one.day >= LEARNED]
            truth = np.concatenate([one.truth[fit] for one, fit in judged])
            made = [np.concatenate([one.made[number][fit] for one, fit in judged]) for number in range(3)]
            ours.append(np.mean([_pinball(q, truth, p) for q, (p, _) in zip(made, QUANTILES, strict=True)], axis=0))
            medians[0].append(np.abs(truth - made[1]))
            for number in range(2):
                past = np.concatenate([(one.truth - one.rates[number])[fit] for one, fit in learned])
                other = np.concatenate([one.rates[number][fit] for one, fit in judged])
                wide = [_pinball(other + np.quantile(past, p), truth, p) for p, _ in QUANTILES]
                theirs[number].append(np.mean(wide, axis=0))
                if number == 0:
                    medians[1].append(np.abs(truth - other))
    return {
        "pinball_gain_pct": _less(ours, theirs[0]),
        "pinball_gain_mean_pct": _less(ours, theirs[1]),
        "median_gain_pct": _less(*medians),
    }


def _fit(one: Looked, which: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.asarray(which & (one.basis == "sensor") & ~np.isnan(one.rates[0]))


def _pinball(quantile: Floats, truth: Floats, p: float) -> Floats:
    return np.maximum(p * (truth - quantile), (p - 1) * (truth - quantile))


def _less(ours: Sequence[Floats], theirs: Sequence[Floats]) -> float:
    return 100 * (1 - float(np.concatenate(ours).mean() / np.concatenate(theirs).mean()))


def _emptyings(course: Course) -> dict[str, float]:
    done = course.waste.driven.emptied
    truth = [(int(row), float(at)) for row, at in zip(done.container[done.done], done.at[done.done], strict=True)]
    sensed = [one.sensor is not None for one in course.waste.network.containers]
    return {
        name: _f1(
            [one for one in truth if sensed[one[0]] == has], [one for one in course.emptied if sensed[one[0]] == has]
        )
        for name, has in (("emptying_f1", True), ("emptying_unsensed_f1", False))
    }


def _f1(truth: Sequence[tuple[int, float]], told: Sequence[tuple[int, float]]) -> float:
    """Of those from day 21 on, but for the last day, after which some could not be told yet."""
    begin, end = LEARNED * DAY, (DAYS - 1) * DAY
    free: dict[int, list[float]] = {}
    for row, at in sorted(truth):
        free.setdefault(row, []).append(at)
    hits = wrong = 0
    for row, at in sorted(told):
        near = [one for one in free.get(row, []) if abs(one - at) <= NEAR]
        if near:
            free[row].remove(min(near, key=lambda one: abs(one - at)))
        if begin <= at < end:
            hits, wrong = hits + bool(near), wrong + (not near)
    missed = sum(begin <= at < end for those in free.values() for at in those)
    return 2 * hits / (2 * hits + wrong + missed)


def _faults(course: Course) -> dict[str, float]:
    waste = course.waste
    from_begin, from_lie, found, back = [], [], [], []
    for one in waste.faults:
        if not 7 * DAY <= one.from_at < (DAYS - 5) * DAY:
            continue
        ends, mine = min(one.to_at, DAYS * DAY), [told for told in course.judged if told[0] == one.container]
        before = [fault for _, at, fault in mine if at < one.from_at]
        told = [at for _, at, fault in mine if fault and one.from_at <= at < one.to_at + GRACE]
        at = one.from_at if before and before[-1] else min(told, default=np.inf)
        found.append(at < np.inf)
        if at < one.to_at < (DAYS - 4) * DAY:
            back.append(_believed(mine, one.to_at + 72 * HOUR))
        from_begin.append((min(at, ends) - one.from_at) / HOUR)
        from_lie.append(max(min(at, ends) - _lies(waste, one), 0.0) / HOUR)
    return {
        "fault_found_h": float(np.quantile(from_lie, 0.8)),
        "fault_found_p90_h": float(np.quantile(from_lie, 0.9)),
        "fault_found_48_h_pct": 100 * float(np.mean(found & (np.array(from_lie) <= 48))),
        "fault_found_pct": 100 * float(np.mean(found)),
        "fault_found_begin_p80_h": float(np.quantile(from_begin, 0.8)),
        "fault_back_72_h_pct": 100 * float(np.mean(back)),
        "false_alarms_per_100_week": _false_alarms(course),
    }


def _believed(judged: Sequence[tuple[int, float, str | None]], at: float) -> bool:
    """Whether the sensor is, after what has been told until then."""
    return [fault for _, when, fault in judged if when <= at][-1] is None


def _lies(waste: Waste, fault: Fault) -> float:
    """When its first reading is off by ten points: its beginning if it says nothing, its end if it never is."""
    if fault.kind == "dead":
        return fault.from_at
    read, container = waste.readings, waste.network.containers[fault.container]
    mine = (read.container == fault.container) & (read.at >= fault.from_at) & (read.at < fault.to_at)
    room = container.depth_mm - container.dead_zone_mm
    shown, truth = (container.depth_mm - read.distance_mm[mine]) / room, waste.fill(read.container[mine], read.at[mine])
    off = np.abs(shown - np.minimum(truth, 1.06)) > LIES
    return float(read.at[mine][off][0]) if off.any() else fault.to_at


def _false_alarms(course: Course) -> float:
    """Of 100 good sensors in a week."""
    waste, first = course.waste, 7 * DAY
    lying: dict[int, list[Fault]] = {}
    for one in waste.faults:
        lying.setdefault(one.container, []).append(one)
    alarms = sum(
        fault is not None and at > first
        and not any(one.from_at <= at < one.to_at + GRACE for one in lying.get(row, []))
        for row, at, fault in course.judged
    )  # fmt: skip
    sensors = sum(one.sensor is not None for one in waste.network.containers)
    bad = sum(max(min(one.to_at, DAYS * DAY) - max(one.from_at, first), 0.0) for one in waste.faults)
    return 100 * alarms / ((sensors * (DAYS * DAY - first) - bad) / (7 * DAY))


if __name__ == "__main__":
    print(table(measure(range(1, 11))))
