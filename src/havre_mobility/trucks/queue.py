"""The queue at a gate: how many wait now, and how long one will wait (pure).

A fluid model (Newell: Applications of Queueing Theory, 1982, chapter 2): trucks flow in at the rate of the arrivals
and out at the rate that the lanes can serve; what is too much waits. To its wait comes what chance alone makes one wait
when the gate is not full: Sakasegawa's approximation for a queue with several servers (Ann. Inst. Stat. Math. 29,
1977), at most as much as it gives at a load of ``FULLEST``. The wait does not contain the handling at the gate itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
STEP = timedelta(minutes=5)
BACK = timedelta(hours=3)
"""How far back the passes are looked at to tell how many wait now."""
IDLE = 0.5
"""A gate that lets in less than this share of what it could, over a quarter of an hour, has nobody waiting."""
FULLEST = 0.9
VARIATION = (1.0 + 0.35**2) / 2
"""Mean of the squared coefficients of variation of arrivals (Poisson) and of the handling time (about 0.35)."""


@dataclass(frozen=True)
class Gate:
    """``handling``: seconds that a lane needs for a truck."""

    name: str
    lanes: int
    handling: float

    @property
    def capacity(self) -> float:
        """Trucks a second."""
        return self.lanes / self.handling


def handling(passes: pl.DataFrame, gate: str, lanes: int) -> float:
    """Seconds that a lane needs for a truck, from passes of the past: the mean time between two passes of a lane in
    the busiest quarter-hours (one in fifty) of the gate. Where a gate was never busy it is an upper bound.

    ``ValueError``: too few passes."""
    inside = passes.filter((pl.col("gate") == gate) & (pl.col("direction") == "in") & (pl.col("kind") == "truck"))
    quarter = pl.col("time").dt.truncate("15m").alias("quarter")
    gaps = inside.sort("time").with_columns(
        quarter,
        pl.col("time").diff().dt.total_seconds().over("lane").alias("gap"),
        pl.len().over(quarter).alias("passes"),
    )
    busiest = gaps.filter((pl.col("passes") >= pl.col("passes").quantile(0.98)) & pl.col("gap").is_between(1, 900))
    if busiest.height < 2 * lanes:
        raise ValueError(f"gate {gate}: {inside.height} passes; expected enough to tell how long the handling takes")
    return float(busiest["gap"].to_numpy().mean())


def waiting_now(passes: pl.DataFrame, gate: Gate, arrivals: Sequence[float], now: datetime) -> float:
    """Trucks that wait at ``now``: what should have come, less what was let in, over the last ``BACK``.

    ``arrivals``: expected arrivals of each of the steps of ``STEP`` in that time. It is 0 whenever lanes are idle.
    """
    steps = BACK // STEP
    if len(arrivals) != steps:
        raise ValueError(f"arrivals: got {len(arrivals)} steps; expected {steps}, of {STEP} each")
    inside = (pl.col("gate") == gate.name) & (pl.col("direction") == "in") & (pl.col("kind") == "truck")
    recent = passes.filter(inside & (pl.col("time") >= now - BACK) & (pl.col("time") < now))
    offset = (recent["time"] - (now - BACK)).dt.total_seconds().to_numpy()
    through = np.bincount((offset // STEP.total_seconds()).astype(int), minlength=steps)
    could = gate.capacity * STEP.total_seconds()
    queue = 0.0
    for step in range(steps):
        queue = max(queue + arrivals[step] - float(through[step]), 0.0)
        if through[max(step - 2, 0) : step + 1].mean() < IDLE * could:
            queue = 0.0
    return queue


def waits(gate: Gate, arrivals: pl.DataFrame, waiting: float, now: datetime) -> pl.DataFrame:
    """Minutes that one waits who comes at each ``STEP`` from ``now`` on: columns time, gate, queue, wait, low, high.

    ``arrivals``: of this gate, as ``arrivals.forecast`` gives them; the band is the wait with its low and its high. The
    rate is the same within an hour.
    """
    of_gate = arrivals.filter(pl.col("gate") == gate.name).sort("hour")
    if of_gate.is_empty():
        raise ValueError(f"gate {gate.name}: no arrivals; expected a forecast of them")
    begins = [hour.timestamp() for hour in of_gate["hour"]]
    times = np.arange(now.timestamp(), begins[-1] + 3600, STEP.total_seconds())
    hour = np.clip(np.searchsorted(begins, times, side="right") - 1, 0, len(begins) - 1)
    frame: dict[str, object] = {
        "time": [datetime.fromtimestamp(one, now.tzinfo) for one in times.tolist()],
        "gate": [gate.name] * len(times),
    }
    for column, name in (("expected", "wait"), ("low", "low"), ("high", "high")):
        rates = of_gate[column].to_numpy()[hour] / 3600
        queue = _queue(rates, gate.capacity, waiting)
        frame[name] = (queue / gate.capacity + _by_chance(rates, gate)) / 60
        if name == "wait":
            frame["queue"] = queue
    return pl.DataFrame(frame, schema_overrides={"time": pl.Datetime("us", "UTC")}).select(
        "time", "gate", "queue", "wait", "low", "high"
    )


def best_times(found: pl.DataFrame, earliest: datetime, latest: datetime, count: int = 3) -> pl.DataFrame:
    """The full hours between which one waits least, those first, as rows of hour, gate, wait (mean), high (most)."""
    inside = found.filter((pl.col("time") >= earliest) & (pl.col("time") < latest))
    hours = inside.group_by(pl.col("time").dt.truncate("1h").alias("hour"), "gate").agg(
        pl.col("wait").mean(), pl.col("high").max()
    )
    return hours.sort(pl.col("wait").round(1), "hour").head(count)


def _queue(rates: Floats, capacity: float, waiting: float) -> Floats:
    """Trucks that wait at the beginning of each step."""
    change = np.concatenate(([0.0], np.cumsum(rates[:-1] - capacity))) * STEP.total_seconds()
    free = waiting + change
    return np.asarray(free + np.maximum(-np.minimum.accumulate(free), 0))


def _by_chance(rates: Floats, gate: Gate) -> Floats:
    """Seconds."""
    load = np.minimum(rates / gate.capacity, FULLEST)
    return np.asarray(
        VARIATION * load ** (np.sqrt(2 * (gate.lanes + 1)) - 1) / (gate.lanes * (1 - load)) * gate.handling
    )
