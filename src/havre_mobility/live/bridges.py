"""The bridges of the picture: what they say of themselves, what ships in them say, what is to be expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.bridges import coming, counts, messages, openings, passages, slots, timings
from havre_mobility.bridges import model as known
from havre_mobility.bridges.feeds import Feeds, feeds
from havre_mobility.bridges.forecast import climatology, forecast
from havre_mobility.bridges.learning import Model
from havre_mobility.picture.model import Bridge, Expected, How, Opening, Respect, Road, Said, Slot

WEEK, RECENT, HOUR = timedelta(days=7), timedelta(hours=2), timedelta(hours=1)
MESSAGES, AIS = "bridge_messages", "ais"


@dataclass(frozen=True)
class Now:
    """What is known of the bridges at ``at``; ``likelihood`` by bridge, ``coming`` in their order."""

    at: datetime
    bridges: Sequence[known.Bridge]
    coming: Sequence[coming.Coming]
    likelihood: Mapping[str, tuple[float, ...]]
    seen: pl.DataFrame
    """``OPENINGS`` that AIS saw of late."""
    said: Mapping[str, datetime]
    """When each bridge spoke last."""
    reserved: Sequence[slots.Slot] = ()
    respect: Mapping[str, Respect] = field(default_factory=dict)


def gathered(
    told: Mapping[str, pl.DataFrame], reserved: Sequence[slots.Slot], now: datetime, *, back: timedelta = RECENT
) -> Feeds:
    """The feeds as the forecast wants them. ``told``: frames by feed; positions from ``back`` ago on are enough."""
    days = [now.astimezone(slots.LOCAL).date() + timedelta(number) for number in (-8 - back.days, 2)]
    free = slots.public_holidays(days[0].year) | slots.public_holidays(days[1].year)
    return feeds(
        messages=told["bridge_messages"],
        movements=told["movements"],
        positions=told["ais"].filter(pl.col("time") >= now - back),
        closures=told["closures"],
        reserved=slots.spans(reserved, days[0], days[1], free),
    )


def at(
    now: datetime, bridges: Sequence[known.Bridge], model: Model | None, heard: Feeds, reserved: Sequence[slots.Slot]
) -> Now:
    """All that can be said of them at ``now``; without a model there is no more than plans, messages and slots."""
    times = pl.Series("at", [now], known.TIME)
    found = climatology(_never(bridges), heard, times) if model is None else forecast(model, heard, times)
    learned = pl.DataFrame(schema=timings.TIMINGS) if model is None else model.timings
    by_bridge = found.sort("bridge", "lead").group_by("bridge", maintain_order=True).agg("probability")
    passed = passages.passages(heard.positions, bridges)
    seen = passages.as_openings(passed, passages.Margins() if model is None else model.learned.margins)
    last = heard.messages.filter(pl.col("said_at") <= now).group_by("bridge").agg(pl.col("said_at").max())
    expected = coming.coming(found, heard, learned)
    return Now(
        now,
        bridges,
        expected if model is not None else [_planned(one, heard) for one in expected],
        {name: tuple(values) for name, values in by_bridge.iter_rows()} if model is not None else {},
        seen,
        dict(last.iter_rows()),
        reserved,
        _respect(heard, seen, now),
    )


def _never(bridges: Sequence[known.Bridge]) -> pl.DataFrame:
    rows = [(bridge.id, hour, 0.0) for bridge in bridges for hour in range(24)]
    return pl.DataFrame(rows, {"bridge": pl.String(), "hour": pl.Int32(), "usual": pl.Float64()}, orient="row")


def _planned(one: coming.Coming, heard: Feeds) -> coming.Coming:
    """With the next plan at its word: so long as nothing was learned there is nothing better."""
    plans = messages.plans(heard.messages, pl.Series("at", [one.at], known.TIME))
    ahead = plans.filter((pl.col("bridge") == one.bridge) & (pl.col("starts_at") >= one.at)).sort("starts_at")
    if one.state != coming.OPEN or not ahead.height or ahead["starts_at"][0] - one.at > HOUR:
        return one
    starts = (ahead["starts_at"][0] - one.at) / timedelta(minutes=1)
    ends = ahead["ends_at"][0]
    lasts = None if ends is None else (ends - ahead["starts_at"][0]) / timedelta(minutes=1)
    return replace(
        one, source="plan", starts_p50=starts, starts_p90=starts, lasts_p50=lasts, lasts_p90=lasts, probability=1.0
    )


def _respect(heard: Feeds, seen: pl.DataFrame, now: datetime) -> dict[str, Respect]:
    """Of the slots of the last seven days that are over."""
    spans = heard.reserved.filter(pl.col("ends_at").is_between(now - WEEK, now))
    took_place = openings.together([messages.took_place(heard.messages), seen])
    found = slots.respect(took_place.with_columns(pl.col("closed_at").fill_null(now)), spans)
    sums = found.group_by("bridge").agg(pl.col("kept").sum(), pl.col("slots").sum())
    return {bridge: Respect(int(kept), int(count)) for bridge, kept, count in sums.iter_rows()}


def picture(known_now: Now, detours: Mapping[str, tuple[str, ...]]) -> tuple[Bridge, ...]:
    """In the order of ``coming``. ``detours``: names of what to take instead, by bridge."""
    places = {bridge.id: bridge for bridge in known_now.bridges}
    return tuple(_one(places[one.bridge], one, known_now, detours) for one in known_now.coming if one.bridge in places)


def _one(place: known.Bridge, one: coming.Coming, all_: Now, detours: Mapping[str, tuple[str, ...]]) -> Bridge:
    spoke = all_.said.get(place.id)
    said = Said(MESSAGES, How.MESSAGE, spoke or all_.at)
    road, since, opening = _state(one, said)
    passing = all_.seen.filter(
        (pl.col("bridge") == place.id) & (pl.col("opened_at") <= all_.at) & (pl.col("closed_at") > all_.at)
    )
    if road is not Road.SHUT and road is not Road.CLOSED and passing.height:
        row = passing.row(0, named=True)
        said = Said(AIS, How.OBSERVED, all_.at)
        road, since = Road.CLOSED, row["opened_at"]
        opening = Opening(Expected.known(since), Expected.known(row["closed_at"]), said)
    likely = all_.likelihood.get(place.id, ())
    return Bridge(
        id=place.id,
        name=place.name,
        longitude=place.longitude,
        latitude=place.latitude,
        road=road,
        said=said,
        since=since,
        opening=opening,
        likelihood=likely,
        likelihood_said=Said(MESSAGES, How.FORECAST, all_.at) if likely else None,
        reserved=_today(place.id, all_),
        respect=all_.respect.get(place.id),
        reason=one.reason,
        detour=detours.get(place.id, ()) if road is Road.SHUT else (),
    )


def _state(one: coming.Coming, said: Said) -> tuple[Road, datetime | None, Opening | None]:
    if one.state == coming.CLOSED_FOR_LONG:
        return Road.SHUT, None, None
    if one.state == coming.CLOSED:
        since = one.at + timedelta(minutes=one.starts_p50 or 0.0)
        ends = None if one.lasts_p50 is None else _expected(one.at, one.lasts_p50, one.lasts_p90)
        opening = None if ends is None else Opening(Expected.known(since), ends, said)
        return Road.CLOSED, since, opening
    if one.starts_p50 is None:
        return Road.OPEN, None, None
    starts = _expected(one.at, one.starts_p50, one.starts_p90)
    lasts = one.lasts_p50 if one.lasts_p50 is not None else 0.0
    ends = _expected(one.at, one.starts_p50 + lasts, (one.starts_p90 or one.starts_p50) + (one.lasts_p90 or lasts))
    told = said if one.source == "plan" else Said(MESSAGES, How.FORECAST, one.at)
    return (Road.ANNOUNCED if one.source == "plan" else Road.OPEN), None, Opening(starts, ends, told)


def _expected(at_: datetime, p50: float, p90: float | None) -> Expected:
    """As far early as it may be late: the forecast gives the late side."""
    late = max((p90 if p90 is not None else p50) - p50, 0.0)
    first, middle, last = (at_ + timedelta(minutes=one) for one in (max(p50 - late, 0.0), p50, p50 + late))
    return Expected(first, middle, last)


def _today(bridge: str, all_: Now) -> tuple[Slot, ...]:
    day: date = all_.at.astimezone(slots.LOCAL).date()
    if day in slots.public_holidays(day.year):
        return ()
    found = (one for one in all_.reserved if one.bridge == bridge and one.weekday == day.weekday())
    return tuple(sorted((Slot(one.starts, one.ends) for one in found), key=lambda slot: slot.starts))


def counted(crossings: pl.DataFrame, usual: pl.DataFrame | None, now: datetime) -> pl.DataFrame:
    """``OPENINGS`` that counts of vehicles mean, of late; none before it is known how many are ``usual``."""
    if usual is None:
        return pl.DataFrame(schema=known.OPENINGS)
    return counts.openings(crossings.filter(pl.col("time").is_between(now - RECENT, now)), usual)


def took_place(heard: Feeds, seen: pl.DataFrame, counted: pl.DataFrame, since: datetime) -> list[dict[str, Any]]:
    """The openings that are over and of which that was said after ``since``: rows of the product.

    ``seen`` by AIS, ``counted`` on the road: each says what nothing better says.
    """
    over = openings.together([messages.took_place(heard.messages), seen, counted]).drop_nulls("closed_at")
    ended = (
        heard.messages.filter(pl.col("status") == known.ENDED)
        .group_by("bridge", "opening")
        .agg(said_at=pl.col("said_at").max())
    )
    told = over.join(ended, on=["bridge", "opening"], how="left").with_columns(
        said_at=pl.coalesce("said_at", "closed_at")
    )
    rows = told.filter(pl.col("said_at") > since).sort("said_at", "bridge")
    return rows.select("said_at", "bridge", "opened_at", "closed_at", "source").to_dicts()
