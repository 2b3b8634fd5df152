"""The tide of the picture: the level now, whether it rises, the next high and low water."""

from datetime import datetime, timedelta

import polars as pl

from havre_mobility.picture.model import How, Level, Said, Tide

AHEAD = timedelta(hours=14)
SHOWN = timedelta(hours=12)
EVERY = 3
"""Of the rows, for the curve."""


def tide(levels: pl.DataFrame, now: datetime) -> Tide | None:
    """From levels (time, level_m) around ``now``; None where there are none on both sides of it."""
    around = levels.filter(pl.col("time").is_between(now - timedelta(hours=1), now + AHEAD)).drop_nulls().sort("time")
    rows = [Level(time, metres) for time, metres in around.select("time", "level_m").iter_rows()]
    before, after = [one for one in rows if one.at <= now], [one for one in rows if one.at > now]
    if not before or not after:
        return None
    left, right = before[-1], after[0]
    level = left.metres + (right.metres - left.metres) * ((now - left.at) / (right.at - left.at))
    said = Said("tide", How.FORECAST, now)
    curve = tuple(one for one in after[::EVERY] if one.at <= now + SHOWN)
    ahead = [left, *after]
    return Tide(said, level, right.metres > left.metres, _turn(ahead, 1), _turn(ahead, -1), curve)


def _turn(levels: list[Level], sign: int) -> Level | None:
    """The next level that is higher (``sign`` 1) or lower (-1) than all within an hour of it."""
    for number in range(1, len(levels) - 1):
        one = levels[number]
        near = [other for other in levels if abs(other.at - one.at) <= timedelta(hours=1)]
        if max(sign * other.metres for other in near) <= sign * one.metres and near[-1].at > one.at:
            return one
    return None
