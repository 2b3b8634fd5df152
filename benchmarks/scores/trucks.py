"""Arrivals of trucks an hour, and what made trucks late, against the truth of the scenario.

Protocol of ``truck_gain_pct``: 28 days of the scenario; learned from what was said and passed in the first 21; at each
UTC midnight of the last 7 the next 24 hours are forecast, for each gate, from what had been said by then of bookings
and ships. Compared with the true arrivals (``truth/trucks.csv``) by root mean square error; the other forecast is the
true arrivals of the same hour a week before. ``truck_gain_3_weeks_pct``: against their mean of the three weeks before,
which is harder. ``truck_coverage_pct``: hours with at least one arrival or one expected
that lie from P10 to P90.

``certificate_agrees_pct``: of the trucks that are late by the truth, those of which the certificate gives the cause
that cost most by the truth (queue, opening, closure, or none of these); ``certificate_opening_pct``: of those late most
of all by an opening, those found not at fault; ``certificate_favour_pct``: of those late most of all by their driver,
those found not at fault, which is what the benefit of the doubt costs. Facts are the true openings and waits and the
closures as they were said; the minutes from bridge to gate are those of the scenario.
"""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.scores.results import Score, gain_pct, over_seeds, table
from havre_mobility.trucks import appointments, arrivals, causes
from havre_mobility.trucks.ship_work import history, ship_work
from havre_scenario import feeds, tables, truth
from havre_scenario.bookings import SERVED
from havre_scenario.city import city
from havre_scenario.trucks import APPROACHES

DAYS, LEARNED = 28, 21
HANDLING, ZONE = 180, "Europe/Paris"
SCORES = {
    "truck_gain_pct": ("%", ">= 20"),
    "truck_gain_3_weeks_pct": ("%", "> 0"),
    "truck_coverage_pct": ("%", ""),
    "certificate_agrees_pct": ("%", ""),
    "certificate_opening_pct": ("%", ""),
    "certificate_favour_pct": ("%", ""),
}


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [_scenario(seed) for seed in seeds])


def _scenario(seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="havre-score-") as home:
        folder = Path(home)
        made = city(seed, days=DAYS, density=0.0)
        stamp, start = tables.stamper(made.start), datetime.fromtimestamp(made.epoch, UTC)
        told, said = [one for call in made.calls for one in call.movements], made.chance("announcements")
        written: dict[str, tuple[Any, Any]] = {
            "appointments": (feeds.APPOINTMENTS, feeds.appointments(made.booked, made.end, stamp)),
            "gates": (feeds.GATE_PASSES, feeds.gate_passes(made.gate_passes, stamp)),
            "closures": (feeds.CLOSURES, feeds.closures(made.closures, made.end, stamp)),
            "trucks": (truth.TRUCKS, truth.trucks(made.trucks, made.booked, made.end, stamp)),
            "movements": (feeds.MOVEMENTS, feeds.movements(told, list(made.port.berths), made.end, stamp, said)),
            "openings": (truth.OPENINGS, truth.openings(made.openings, stamp)),
        }
        for name, (columns, rows) in written.items():
            tables.write(folder / f"{name}.csv", columns, rows)
        return {**_arrivals(folder, start), **_certificates(folder)}


def _arrivals(folder: Path, start: datetime) -> dict[str, float]:
    said, faults = appointments.read_csv((folder / "appointments.csv").read_text(), APPROACHES)
    if faults:
        raise RuntimeError(f"appointments of the scenario: {faults[0]}")
    passes = _read(folder / "gates.csv", "time")
    came = _read(folder / "trucks.csv", "arrived_at")
    counts = came.group_by(pl.col("arrived_at").dt.truncate("1h").alias("hour"), "gate").agg(
        pl.len().cast(pl.Float64).alias("count")
    )
    weeks = {f"before_{week}": counts.with_columns(pl.col("hour") + timedelta(weeks=week)) for week in (1, 2, 3)}
    ships = _read(folder / "movements.csv", "said_at", "value_at")
    past = history(ships, SERVED, [(start + timedelta(days=day)).date() for day in range(LEARNED)], ZONE)
    model = arrivals.learn(said, passes, start, start + timedelta(days=LEARNED), ZONE, past)
    days = []
    for origin in (start + timedelta(days=day) for day in range(LEARNED, DAYS)):
        work = ship_work(ships, SERVED, [origin.date(), origin.date() + timedelta(days=1)], origin, ZONE)
        days.append(arrivals.forecast(model, said, passes, origin, work=work))
    both = pl.concat(days)
    for name, those in {"count": counts, **weeks}.items():
        both = both.join(those.rename({"count": name}), ["hour", "gate"], "left").fill_null(0.0)
    count, expected, *before = (both[name].to_numpy() for name in ("count", "expected", *weeks))
    inside = ((count >= both["low"].to_numpy()) & (count <= both["high"].to_numpy()))[(count > 0) | (expected >= 1)]
    return {
        "truck_gain_pct": gain_pct(count - expected, count - before[0]),
        "truck_gain_3_weeks_pct": gain_pct(count - expected, count - np.mean(before, axis=0)),
        "truck_coverage_pct": 100 * float(inside.mean()),
    }


def _certificates(folder: Path) -> dict[str, float]:
    openings, closures = (_read(folder / f"{name}.csv").to_dicts() for name in ("openings", "closures"))
    agreed, excused = [], {"opening": [0.0], "driver": [0.0]}
    for truck in _read(folder / "trucks.csv").filter(pl.col("why") != "").iter_rows(named=True):
        found = causes.judge(_way(truck), list(_facts(truck, openings, closures)), causes.Parameters())
        agreed.append(_largest(found) == {"driver": "", "traffic": ""}.get(truck["why"], truck["why"]))
        if truck["why"] in excused:
            excused[truck["why"]].append(100.0 * (found.verdict == "not at fault"))
    return {
        "certificate_agrees_pct": 100 * float(np.mean(agreed)),
        "certificate_opening_pct": float(np.mean(excused["opening"][1:])),
        "certificate_favour_pct": float(np.mean(excused["driver"][1:])),
    }


def _way(truck: dict[str, Any]) -> list[dict[str, Any]]:
    minutes = {bridge: far for _, way in APPROACHES[truck["gate"]] for bridge, far in way}
    bridges = truck["bridges"].split()
    return [{"bridge": one, "to_gate_s": round(minutes[one] * 60), "detour_s": None} for one in bridges]


def _facts(truck: dict[str, Any], openings: list[dict[str, Any]], closures: list[dict[str, Any]]) -> Iterator[Any]:
    ends = (datetime.fromisoformat(truck["slot_starts_at"]) + timedelta(hours=1)).isoformat()
    wait = max(truck["queue_s"] - HANDLING, 0)
    yield _fact("appointment", gate=truck["gate"], slot_starts_at=truck["slot_starts_at"], slot_ends_at=ends)
    yield _fact("pass", gate=truck["gate"], time=truck["gate_in_at"])
    yield _fact("queue", gate=truck["gate"], time=truck["gate_in_at"], wait_s=wait)
    bridges, day = truck["bridges"].split(), {truck["gate_in_at"][:10], truck["slot_starts_at"][:10]}
    for one in openings:
        if one["bridge"] in bridges and one["opened_at"][:10] in day:
            yield _fact("opening", bridge=one["bridge"], starts_at=one["opened_at"], ends_at=one["closed_at"])
    for one in closures:
        if one["place"] in bridges:
            yield _fact("closure", **{name: one[name] or None for name in ("said_at", "place", "starts_at", "ends_at")})


def _fact(kind: str, **values: Any) -> dict[str, Any]:
    return {"id": f"{kind} {values}", "kind": kind, "values": values}


def _largest(found: causes.Verdict) -> str:
    """What cost most: a kind of fact, or nothing where what is not explained does."""
    most = max(found.causes, key=lambda one: one.seconds, default=None)
    return most.cause if most is not None and most.seconds >= found.unexplained_s else ""


def _read(file: Path, *times: str) -> pl.DataFrame:
    found = pl.read_csv(file, infer_schema_length=None).with_columns(pl.col(pl.String).fill_null(""))
    return found.with_columns(
        pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC") for name in times
    )


if __name__ == "__main__":
    print(table(measure(range(1, 11))))
