"""A bay for tests: ships come from the west along a bend to the pilot, and on to a berth; agents say that they come
two hours before they do."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from havre_mobility.eta.network import Network, learn, metres, ways
from havre_mobility.eta.samples import Known, steps, voyages

START = datetime(2026, 3, 2, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
PILOT, BERTH = (-0.2, 49.5), (0.1, 49.5)
BEND = ((-1.2, 49.8), (-0.7, 49.8), PILOT, BERTH)
"""Ships round a headland: the way is longer than the straight line."""
TARGETS = pl.DataFrame(
    [("pilot", *PILOT), ("berth-1", *BERTH)], schema=["target", "longitude", "latitude"], orient="row"
)
KNOTS = 12.0
AGENT_EARLY_H = 2.0


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def leg_hours() -> np.ndarray:
    """Hours after the start of the way at which its corners are reached."""
    corners = np.array(BEND)
    legs = metres(corners[:-1, 0], corners[:-1, 1], corners[1:, 0], corners[1:, 1])
    return np.concatenate([[0.0], np.cumsum(legs / 1852 / KNOTS)])


def voyage(number: int, begins: float, *, ship_type: int = 70, late: float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The reports of a ship that begins the way at so many hours, and what is announced of her."""
    hours = leg_hours()
    seconds = np.arange(0, hours[-1] * 3600, 60)
    corners = np.array(BEND)
    mmsi = 227_000_000 + number
    reports = pl.DataFrame(
        {
            "time": pl.Series([at(begins) + timedelta(seconds=float(one)) for one in seconds], dtype=TIME),
            "mmsi": mmsi,
            "track": 0,
            "longitude": np.interp(seconds / 3600, hours, corners[:, 0]),
            "latitude": np.interp(seconds / 3600, hours, corners[:, 1]),
            "speed": KNOTS,
        }
    ).cast({"mmsi": pl.Int64})
    pilot, berth = begins + hours[2], begins + hours[3]
    said = [
        (begins - 10, "pilot", "EST", pilot - AGENT_EARLY_H + late),
        (begins, "pilot", "EST", pilot - AGENT_EARLY_H + late),
        (pilot, "pilot", "ACT", pilot),
        (berth, "berth", "ACT", berth),
    ]
    rows = [
        (at(told), f"m-{number}", mmsi, "arrival", point, "berth-1", classifier, at(value), "agent")
        for told, point, classifier, value in said
    ]
    names = ("said_at", "movement", "mmsi", "kind", "point", "berth", "classifier", "value_at", "issuer")
    announced = pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("said_at", "value_at").cast(TIME))
    return reports, announced


def known(count: int, seed: int = 1) -> Known:
    """So many voyages, one every few hours, whose agents are wrong by half an hour more or less."""
    chance = np.random.default_rng(seed)
    each = [voyage(number, 12 + 5.0 * number, late=float(chance.normal(0, 0.5))) for number in range(count)]
    particulars = pl.DataFrame(
        {
            "mmsi": [227_000_000 + number for number in range(count)],
            "ship_type": 70, "to_bow": 150, "to_stern": 30, "draught": 8.0,
        }
    )  # fmt: skip
    hours = np.arange(0, 24 * 30, 1 / 6)
    tide = pl.DataFrame(
        {
            "time": pl.Series([at(float(hour)) for hour in hours], dtype=TIME),
            "level_m": 4 + 3 * np.sin(hours / 12.4 * 2 * np.pi),
        }
    )
    reports = pl.concat([one for one, _ in each])
    return Known(steps(reports), pl.concat([said for _, said in each]), particulars, tide)


def network(of: Known) -> Network:
    return learn(ways(of.steps, voyages(of), TARGETS), TARGETS)
