"""What is known of a ship's arrival at a moment: announcements, her last position, the way to go, the tide.

Nothing later than the moment is looked at, except what was predicted before it (tide) and what a ship is. Each sample
has ``base``, the best single statement there is; the forecast learns how wrong that is. Hours count from the moment.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from havre_mobility.eta.network import Network, ship_class

EVERY = "5m"
HEARD_WITHIN = "45m"
"""A position older than this tells nothing of where the ship is now."""
UNDER_WAY = 3.0
"""Knots above which a ship is on her way, and not drifting or at anchor."""
USUAL_KNOTS = 10.0
"""Of a ship that was never heard under way."""
KM_PER_NAUTICAL_MILE = 1.852
HOUR = pl.duration(hours=1)


@dataclass(frozen=True)
class Known:
    """All that the service was told; ``samples`` looks only at what was there at each moment.

    ``steps``: see ``steps``. ``announcements``: said_at, movement, mmsi, kind, point, berth, classifier, value_at.
    ``particulars``: mmsi, ship_type, to_bow, to_stern, draught. ``tide``: time, level_m.
    """

    steps: pl.DataFrame
    announcements: pl.DataFrame
    particulars: pl.DataFrame
    tide: pl.DataFrame


def steps(positions: pl.DataFrame) -> pl.DataFrame:
    """Cleaned positions, one a ship and five minutes: mmsi, time (of the last report), longitude, latitude, speed
    (mean), cruise (the last mean speed under way), moved_at (when that was)."""
    each = positions.filter(pl.col("track") == 0).sort("mmsi", "time")
    by_time = each.group_by("mmsi", pl.col("time").dt.truncate(EVERY).alias("step"), maintain_order=True).agg(
        pl.col("time", "longitude", "latitude").last(), pl.col("speed").mean()
    )
    moving = pl.col("speed") >= UNDER_WAY
    return by_time.with_columns(
        cruise=pl.when(moving).then("speed").forward_fill().over("mmsi"),
        moved_at=pl.when(moving).then("time").forward_fill().over("mmsi"),
    ).drop("step")


def outcomes(announcements: pl.DataFrame) -> pl.DataFrame:
    """When arrivals took place, as was told afterwards (ACT): movement, mmsi, point, berth, came_at."""
    actual = announcements.filter((pl.col("classifier") == "ACT") & (pl.col("kind") == "arrival"))
    last = actual.sort("said_at").group_by("movement", "mmsi", "point", maintain_order=True).last()
    return last.select("movement", "mmsi", "point", "berth", came_at="value_at")


ASKED = (
    # column, and which announcements it is of
    ("agent", "pilot", "EST"),
    ("plan", "pilot", "PLN"),
    ("passed", "pilot", "ACT"),
    ("request", "berth", "REQ"),
    ("berth_plan", "berth", "PLN"),
)
FEATURES = (
    "is_berth", "base", "agent", "plan", "request", "berth_plan", "passed", "straight_h", "route_h", "agent_later",
    "plan_later", "route_later", "speed", "cruise", "rests", "inner_km", "length", "draught", "ship_type", "tide",
    "rising", "hour",
)  # fmt: skip
"""How old an announcement is, is not among them: in the scenario announcements are timed by what will happen."""


def samples(moments: pl.DataFrame, known: Known, network: Network) -> pl.DataFrame:
    """``moments`` (movement, mmsi, point: pilot or berth, at) with all that was known then."""
    found = moments.sort("at")
    for name, point, classifier in ASKED:
        found = _said(found, known.announcements, name, point, classifier)
    found = _where(found, known)
    found = _to_go(found, network)
    return _tide(_base(found), known.tide)


def _said(found: pl.DataFrame, announcements: pl.DataFrame, name: str, point: str, classifier: str) -> pl.DataFrame:
    """The hours until what the last announcement of that kind before each moment says; and the berth that it names."""
    chosen = announcements.filter((pl.col("point") == point) & (pl.col("classifier") == classifier))
    chosen = chosen.select("movement", "said_at", "value_at", "berth").sort("said_at")
    joined = found.join_asof(
        chosen, left_on="at", right_on="said_at", by="movement", strategy="backward", check_sortedness=False,
        suffix="_said",
    )  # fmt: skip
    hours = (pl.col("value_at") - pl.col("at")) / HOUR
    berth = pl.coalesce("berth_said", "berth") if "berth" in found.columns else pl.col("berth")
    named = joined.with_columns(hours.alias(name), berth.alias("berth"))
    return named.drop("said_at", "value_at", "berth_said", strict=False)


def _where(found: pl.DataFrame, known: Known) -> pl.DataFrame:
    placed = found.join_asof(
        known.steps.sort("time"), left_on="at", right_on="time", by="mmsi", strategy="backward",
        tolerance=HEARD_WITHIN, check_sortedness=False,
    )  # fmt: skip
    hulls = known.particulars.select(
        "mmsi", "ship_type", "draught", length=pl.col("to_bow").fill_null(0) + pl.col("to_stern").fill_null(0)
    )
    rests = (pl.col("at") - pl.col("moved_at")) / HOUR
    return placed.join(hulls, on="mmsi", how="left", maintain_order="left").with_columns(
        ship_class().alias("class"),
        pl.when(pl.col("longitude").is_not_null()).then(rests).alias("rests"),
        pl.col("cruise").fill_null(USUAL_KNOTS),
    )


def _to_go(found: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Kilometres and hours on the straight line and on the usual way, to the pilot and from there to the berth."""
    here = found.select("class", "longitude", "latitude", "berth", "passed")
    to_pilot = network.to_go(here.with_columns(target=pl.lit("pilot")))
    to_berth = network.to_go(here.with_columns(target=pl.col("berth")))
    pilot = network.targets.filter(pl.col("target") == "pilot").row(0, named=True)
    at_pilot = here.with_columns(
        target=pl.col("berth"), longitude=pl.lit(pilot["longitude"]), latitude=pl.lit(pilot["latitude"])
    )
    inner = network.to_go(at_pilot)["route"] / 1000
    passed, berth = pl.col("passed").is_not_null(), pl.col("point") == "berth"
    inside = pl.when(passed).then(to_berth["route"] / 1000).otherwise(to_pilot["route"] / 1000 + inner)
    straight = pl.when(berth).then(to_berth["straight"]).otherwise(to_pilot["straight"]) / 1000
    route = pl.when(berth).then(inside).otherwise(to_pilot["route"] / 1000)
    going = pl.when(pl.col("speed") >= UNDER_WAY).then(pl.col("speed")).otherwise(pl.col("cruise"))
    return found.with_columns(
        inner.alias("inner_km"),
        (straight / KM_PER_NAUTICAL_MILE / going).alias("straight_h"),
        (route / KM_PER_NAUTICAL_MILE / pl.col("cruise")).alias("route_h"),
    )


def _base(found: pl.DataFrame) -> pl.DataFrame:
    """The plan where there is one, else the agent, else the way to go; a berth lies behind the pilot."""
    pilot = pl.coalesce("plan", "agent", "route_h")
    inner = pl.col("inner_km") / KM_PER_NAUTICAL_MILE / USUAL_KNOTS
    behind = pl.coalesce("berth_plan", pl.coalesce("plan", "agent") + inner, "route_h")
    berth = pl.col("point") == "berth"
    base = pl.when(berth).then(behind).otherwise(pilot).clip(lower_bound=0)
    return found.with_columns(base.alias("base"), berth.cast(pl.Int8).alias("is_berth")).with_columns(
        (pl.col("agent") - pl.col("base")).alias("agent_later"),
        (pl.col("plan") - pl.col("base")).alias("plan_later"),
        (pl.col("route_h") - pl.col("base")).alias("route_later"),
        pl.col("at").dt.hour().alias("hour"),
    )


def _tide(found: pl.DataFrame, tide: pl.DataFrame) -> pl.DataFrame:
    """The predicted level when the ship is said to come, and how much it rises in the hour from then."""
    levels = tide.select("time", tide="level_m", rising=pl.col("level_m").shift(-6) - pl.col("level_m")).sort("time")
    due = found.with_columns(due=pl.col("at") + pl.duration(seconds=pl.col("base") * 3600)).sort("due")
    joined = due.join_asof(levels, left_on="due", right_on="time", strategy="nearest", tolerance="1h")
    return joined.drop("due", "time", strict=False).sort("at", "movement", "point")


def voyages(known: Known) -> pl.DataFrame:
    """The arrivals that took place, as ``network.ways`` wants them: to the pilot, and from there to the berth."""
    took_place = outcomes(known.announcements)
    pilot = took_place.filter(pl.col("point") == "pilot").with_columns(
        target=pl.lit("pilot"), left_at=pl.lit(None, pl.Datetime("us", "UTC"))
    )
    berth = took_place.filter(pl.col("point") == "berth").join(
        pilot.select("movement", left_at="came_at"), on="movement", maintain_order="left"
    )
    both = pl.concat([pilot, berth.with_columns(target="berth")], how="diagonal")
    classes = known.particulars.select("mmsi", ship_class().alias("class"))
    return both.join(classes, on="mmsi", maintain_order="left").select(
        "target", "class", "mmsi", "left_at", "came_at", voyage="movement"
    )


def expected(announcements: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The moments to forecast now: of each arrival that was announced by ``at``, the points where it has not been."""
    said = announcements.filter((pl.col("kind") == "arrival") & (pl.col("said_at") <= at))
    arrivals = said.select("movement", "mmsi").unique(maintain_order=True)
    both = arrivals.join(pl.DataFrame({"point": ["pilot", "berth"]}), how="cross")
    been = said.filter(pl.col("classifier") == "ACT").select("movement", "point")
    berthed = been.filter(pl.col("point") == "berth").select("movement")
    left = both.join(been, on=["movement", "point"], how="anti").join(berthed, on="movement", how="anti")
    return left.with_columns(at=pl.lit(at, pl.Datetime("us", "UTC"))).sort("movement", "point")


def moments(took_place: pl.DataFrame, every: str = "30m", within: float = 48.0) -> pl.DataFrame:
    """Moments to learn from: each half hour of the ``within`` hours before what took place (``outcomes``), with
    ``came``, the hours until it did, and ``week``, that in which it did."""
    begin = (pl.col("came_at") - pl.duration(hours=within)).dt.truncate(every)
    each = took_place.with_columns(at=pl.datetime_ranges(begin, "came_at", every)).explode("at")
    hours = (pl.col("came_at") - pl.col("at")) / HOUR
    week = pl.col("came_at").dt.to_string("%G-W%V")
    return each.filter(pl.col("at") < pl.col("came_at")).select(
        "movement", "mmsi", "point", "at", came=hours, week=week
    )
