"""A port call is told when it can be known, and once; an arrival has a band where enough arrivals have been seen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from havre.client import Exchange
from havre.client.frames import Intake
from havre.client.service import Need, Running
from havre_mobility import service
from havre_mobility.calls import areas, detection
from havre_mobility.eta import forecast, spread
from havre_mobility.live import arrivals
from havre_mobility.live.calls import LATE, Once
from havre_mobility.live.intake import KINDS
from havre_mobility.live.movements import Movements
from havre_mobility.live.products import MOVEMENTS
from havre_mobility.live.work import Live
from havre_mobility.picture.model import Expected, How, Next, Place, Said
from havre_scenario import geojson, places
from tests.asgi import ask

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHIP, BERTH = 227000001, "P2000-01"
PLACES = geojson.collection(places.build(), [])
GRID = areas.grid(areas.of_geojson(PLACES), detection.rims())
SEA, CHANNEL, BEFORE = (-0.35, 49.56), (-0.10, 49.515), (0.07, 49.482)
Told = dict[str, list[Mapping[str, Any]]]


def middle(berth: str) -> tuple[float, float]:
    ring = next(one.ring for one in areas.of_geojson(PLACES) if one.id == berth)
    longitude, latitude = np.mean(ring[:-1], axis=0)
    return float(longitude), float(latitude)


def sails(legs: Sequence[tuple[float, tuple[float, float]]], mmsi: int = SHIP, every: float = 1.0) -> pl.DataFrame:
    """Reports every so many minutes; ``legs``: at which minute she is where, straight on between."""
    minutes = np.arange(legs[0][0], legs[-1][0] + every, every)
    at, where = np.array([one for one, _ in legs]), np.array([place for _, place in legs])
    longitude, latitude = (np.interp(minutes, at, where[:, one]) for one in (0, 1))
    knots = np.hypot(np.gradient(longitude, minutes) * np.cos(np.radians(49.5)), np.gradient(latitude, minutes)) * 3600
    times = [START + float(one) * MINUTE for one in minutes]
    return pl.DataFrame(
        {
            "time": pl.Series(times, dtype=pl.Datetime("us", "UTC")), "mmsi": mmsi, "type": 1, "latitude": latitude,
            "longitude": longitude, "speed": knots, "course": 90.0, "heading": None, "status": 0,
        },
        schema_overrides={"mmsi": pl.Int64},
    )  # fmt: skip


def call(stays: float = 300.0, berth: str = BERTH, mmsi: int = SHIP, every: float = 1.0) -> pl.DataFrame:
    """In from the sea, alongside from minute 150 for so long, and out again until 240 minutes after that."""
    there, out = middle(berth), 150 + stays
    return sails(
        [
            (0, SEA), (60, CHANNEL), (110, BEFORE), (150, there), (out, there), (out + 40, BEFORE),
            (out + 90, CHANNEL), (out + 150, SEA), (out + 240, (-0.6, 49.7)),
        ],
        mmsi, every,
    )  # fmt: skip


class Play:
    """Movements as the work and the frame run them: rows come as time goes on, and of what is found only what is later
    than what was published before leaves."""

    def __init__(self, feeds: Mapping[str, pl.DataFrame], published: Told | None = None) -> None:
        self.movements = Movements(GRID)
        self.feeds = feeds
        self.told: Told = {} if published is None else published
        self._intake = Intake(KINDS)
        self.until = datetime.min.replace(tzinfo=UTC)

    def to(self, now: datetime) -> None:
        for name, rows in self.feeds.items():
            new = rows.filter(pl.col(KINDS[name].time).is_between(self.until, now, closed="right"))
            if new.height:
                self._intake.add(name, new)
        self.until = now
        found = self.movements.results({name: self._intake.frame(name) for name in KINDS}, None, now)
        self.movements.wait()
        for product in MOVEMENTS:
            before = self.told.setdefault(product.id, [])
            last = before[-1][product.time] if before else START - timedelta(days=30)
            rows = [row for row in found.get(product.id, ()) if row[product.time] > last]
            before += sorted(rows, key=lambda row: row[product.time])

    def through(self, minutes: float, step: float = 10.0) -> "Play":
        first = 0.0 if self.until < START else (self.until - START) / MINUTE + step
        for minute in np.arange(first, minutes, step):
            self.to(START + float(minute) * MINUTE)
        return self

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(row["state"], row["berth"]) for row in self.told["port-calls"]]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(PLACES), encoding="utf-8")
    live = service.make({"places": str(file)})
    live.movements.loading = lambda need: False
    return live


ONCE = [("arrived", BERTH), ("left", BERTH), ("gone", BERTH)]


def test_a_call_is_told_when_it_begins_when_it_is_over_and_no_more() -> None:
    play = Play({"ais": call()}).through(800)
    arrived, left, gone = play.told["port-calls"]
    assert play.calls == ONCE
    assert [row["confidence"] for row in (arrived, left, gone)] == [3, 3, 4]
    assert arrived["left_at"] is None and left["gone_at"] is None
    assert abs(arrived["arrived_at"] - (START + 150 * MINUTE)) <= 3 * MINUTE
    assert abs(gone["left_at"] - (START + 450 * MINUTE)) <= 3 * MINUTE
    assert gone["entered_at"] < gone["arrived_at"] < gone["left_at"] < gone["gone_at"] < gone["said_at"]
    assert len({row["call"] for row in play.told["port-calls"]}) == 1


def test_a_shift_to_another_berth_is_the_same_call() -> None:
    first, second = middle(BERTH), middle("P2000-08")
    legs = [(0, SEA), (60, CHANNEL), (110, BEFORE), (150, first), (300, first), (330, second), (500, second)]
    play = Play({"ais": sails(legs)}).through(520)
    assert play.calls == [("arrived", BERTH), ("left", BERTH), ("arrived", "P2000-08")]
    assert len({row["call"] for row in play.told["port-calls"]}) == 1


def test_who_only_passes_has_not_called() -> None:
    play = Play({"ais": sails([(0, SEA), (60, CHANNEL), (120, SEA)])}).through(240)
    assert play.calls == [] and play.told["port-call-timestamps"] == []


@pytest.mark.parametrize("stopped_at", [150, 160, 300, 470, 640])
def test_a_new_start_tells_nothing_twice_and_leaves_nothing_out(stopped_at: float) -> None:
    feeds = {
        "ais": pl.concat([call(), call(280, "P2000-05", SHIP + 1)]).sort("time"),
        "movements": announced(
            [("EST", 0, 140, "agent"), ("PLN", 90, 145, "port_authority"), ("ACT", 155, 151, "pilot")]
        ),
    }
    whole = Play(feeds).through(800).told
    before = Play(feeds).through(stopped_at).told
    after = Play(feeds, before)
    after.to(START + (stopped_at + 20) * MINUTE)
    after.through(800)
    for product in ("port-calls", "port-call-timestamps"):
        assert sorted(told(after.told[product])) == sorted(told(whole[product]))
        times = [row[time_of(product)] for row in after.told[product]]
        assert times == sorted(times)


def time_of(product: str) -> str:
    return next(one.time for one in MOVEMENTS if one.id == product)


def told(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is told, whenever."""
    return [str({name: value for name, value in row.items() if name not in ("said_at", "told_at")}) for row in rows]


def test_a_stay_that_is_longer_than_what_is_looked_at_has_its_beginning() -> None:
    days = 4 * 24 * 60
    play = Play({"ais": call(days, every=3)}).through(days + 400, step=30)
    arrived, left, gone = play.told["port-calls"]
    assert play.calls == ONCE
    assert left["arrived_at"] == gone["arrived_at"] == arrived["arrived_at"]
    assert arrived["call"] == left["call"] == gone["call"]


def test_nothing_is_told_before_all_that_is_there_has_come() -> None:
    play = Play({"ais": call()})
    play.movements.loading = lambda need: need == "ais"
    assert play.through(300).calls == []
    play.movements.loading = lambda need: False
    assert play.through(330).calls == ONCE[:1]


def announced(said: Sequence[tuple[str, float, float, str]], point: str = "berth") -> pl.DataFrame:
    """Classifier, at which minute it was said, for which, and who says so."""
    rows = [
        {
            "said_at": START + at * MINUTE, "movement": "m-1", "mmsi": SHIP, "kind": "arrival", "point": point,
            "berth": BERTH, "classifier": classifier, "value_at": START + value * MINUTE, "issuer": issuer,
        }
        for classifier, at, value, issuer in said
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_what_was_seen_and_what_parties_say_stand_side_by_side() -> None:
    said = announced([("PLN", 100, 145, "port_authority"), ("ACT", 155, 151, "pilot")])
    play = Play({"ais": call(), "movements": said}).through(800)
    rows = play.told["port-call-timestamps"]
    berthed = [
        (row["classifier"], row["issuer"], row["source"])
        for row in rows
        if (row["service"], row["event"], row["phase"]) == ("BERTH", "ARRI", "INBD")
    ]
    assert berthed == [
        ("PLN", "port_authority", "announcement"), ("ACT", "pilot", "announcement"), ("ACT", "mobility", "ais"),
    ]  # fmt: skip
    steps = [(row["service"], row["event"]) for row in rows if row["source"] == "ais"]
    assert sorted(steps) == [("BERTH", "ARRI"), ("BERTH", "DEPA"), ("SEA_PASSAGE", "CMPL"), ("SEA_PASSAGE", "STRT")]
    assert {row["movement"] for row in rows if row["source"] == "announcement"} == {"m-1"}
    later = {row["call"] for row in rows if row["told_at"] > START + 200 * MINUTE}
    assert len(later) == 1 and later == {row["call"] for row in play.told["port-calls"]}


def test_what_turns_out_late_is_told_behind_what_was_told() -> None:
    once = Once("said_at")

    def new(source: str, known: Sequence[float], until: float) -> list[float]:
        found = [(minute, START + minute * MINUTE, {"what": minute}) for minute in known]
        rows = once.new(source, found, START + until * MINUTE)
        return [round((row["said_at"] - START) / MINUTE, 3) for row in rows]

    assert new("ais", [10, 30, 50], 40) == [10, 30]
    assert new("ais", [10, 20, 50, 60], 55) == [30, 50]
    assert new("announcements", [15, 58], 70) == [15, 58], "what was said before the start may have been told then"
    assert new("announcements", [16], 80) == [58]
    late = LATE / MINUTE
    assert new("ais", [70], 90 + late) == [70]
    assert new("ais", [80], 91 + late) == [], "too late"


def test_what_was_dropped_of_the_last_hour_is_counted(live: Live) -> None:
    sound = sails([(0, SEA), (60, CHANNEL)])
    wrong = sound.head(3).with_columns(mmsi=pl.lit(2273456, pl.Int64))
    fast = sound.tail(2).with_columns(speed=pl.lit(102.2), time=pl.col("time") - timedelta(seconds=30))
    live.take("ais", pl.concat([sound, wrong, fast]).sort("time"))
    assert live.cleaning is None
    live.results(START + 60 * MINUTE)
    assert live.cleaning is not None
    names = ("received", "not_ship", "impossible_speed", "kept")
    assert [live.cleaning[name] for name in names] == [66, 3, 2, 61]
    live.results(START + 300 * MINUTE)
    assert live.cleaning["received"] == 0


def test_anybody_may_see_what_was_dropped_and_nothing_is_told_while_rows_still_come(live: Live) -> None:
    needs = {"ais": Need("did:web:port.example:harbour", "ships")}
    running = Running(service.SERVICE, live, Exchange("http://localhost:1", "a-token"), needs)
    app = service.pages(running)
    assert ask(app, "GET", "/cleaning.json").json == {}
    live.take("ais", call())
    live.results(START + 60 * MINUTE)
    said = ask(app, "GET", "/cleaning.json")
    assert said.headers["access-control-allow-origin"] == "*"
    assert (said.json["from"], said.json["received"]) == ("2026-03-02T00:00:00Z", 61)
    assert live.movements.loading("ais"), "it was asked for, and has not come"
    assert not live.movements.loading("movements"), "nobody asks for it"


def test_the_service_tells_its_calls(live: Live) -> None:
    live.take("ais", call())
    assert "port-calls" not in live.results(START + 800 * MINUTE)
    live.movements.wait()
    found = live.results(START + 801 * MINUTE)
    assert [(row["state"], row["berth"]) for row in found["port-calls"]] == ONCE
    assert len(found["port-call-timestamps"]) == 4
    assert {*found} <= {product.id for product in service.PRODUCTS}
    assert all({*row} == {field.name for field in product.schema.fields}
               for product in MOVEMENTS for row in found[product.id])  # fmt: skip


# Arrivals to come


def history(voyages: int, apart: timedelta) -> dict[str, pl.DataFrame]:
    """Arrivals of as many ships: the agent says that each comes two hours before she does."""
    reports, said = [], []
    for number in range(voyages):
        late = apart * number
        mmsi = SHIP + number
        came = {"pilot": START + 75 * MINUTE + late, "berth": START + 150 * MINUTE + late}
        reports.append(call(120, mmsi=mmsi, every=5).with_columns(pl.col("time") + late))
        row = {"movement": f"m-{number}", "mmsi": mmsi, "kind": "arrival", "berth": BERTH, "issuer": "agent"}
        for before in (300, 200, 100):
            at = came["pilot"] - before * MINUTE
            value = came["pilot"] - (120 + number % 5) * MINUTE
            said.append({**row, "said_at": at, "point": "pilot", "classifier": "EST", "value_at": value})
        for point, value in came.items():
            said.append({**row, "said_at": value, "point": point, "classifier": "ACT", "value_at": value})
    time = pl.Datetime("us", "UTC")
    particulars = {"time": time, "mmsi": pl.Int64, "name": pl.String, "ship_type": pl.Int64, "draught": pl.Float64}
    hull = dict.fromkeys(("to_bow", "to_stern", "to_port", "to_starboard"), pl.Int64)
    ships = [{"time": START, "mmsi": SHIP + number, "ship_type": 70, "to_bow": 100} for number in range(voyages)]
    return {
        "ais": pl.concat(reports),
        "movements": pl.DataFrame(said),
        "particulars": pl.DataFrame(ships, schema={**particulars, **hull}),
        "tide": pl.DataFrame(schema={"time": time, "level_m": pl.Float64}),
    }


def test_a_ship_comes_when_she_was_announced_for_where_nothing_was_learned(live: Live) -> None:
    live.take("ais", call().filter(pl.col("time") <= START + 20 * MINUTE))
    live.take("movements", announced([("EST", 10, 100, "agent")], "pilot"))
    live.results(START + 20 * MINUTE)
    live.movements.wait()
    assert live.results(START + 21 * MINUTE)["ship-etas"] == ()
    assert live.picture is not None
    (ship,) = live.picture.ships
    assert ship.next is not None and ship.next.said.how is How.MESSAGE
    assert ship.next.at == Expected.known(START + 100 * MINUTE)


def test_nothing_is_learned_of_too_few_arrivals_nor_without_a_place_for_the_pilot() -> None:
    few, enough = history(arrivals.FEWEST - 1, timedelta(hours=6)), history(arrivals.FEWEST, timedelta(hours=6))
    assert arrivals.learn(few, arrivals.targets(PLACES)) is None
    without = [one for one in PLACES["features"] if one["properties"]["kind"] != arrivals.PILOT]
    assert arrivals.learn(enough, arrivals.targets({"features": without})) is None


@pytest.mark.parametrize(("apart", "kind"), [(6, spread.Spread), (36, forecast.Forecaster)])
def test_a_ship_whose_agent_is_always_early_comes_later_than_he_says(apart: int, kind: type) -> None:
    """Of some days only what statements were wrong by is learned, of weeks more than that."""
    told = history(20, timedelta(hours=apart))
    learned = arrivals.learn(told, arrivals.targets(PLACES))
    assert learned is not None and isinstance(learned.forecaster, kind)
    now = START + timedelta(days=40)
    said = announced([("EST", 0, 180, "agent")], "pilot").with_columns(
        (pl.col("said_at", "value_at") + (now - START)), movement=pl.lit("m-new")
    )
    found = arrivals.forecasts(
        learned, pl.DataFrame(schema=STEPS), {**told, "movements": said}, told["particulars"], now
    )
    (pilot,) = found.filter(pl.col("point") == "pilot").iter_rows(named=True)
    assert abs(pilot["p50"] - (now + (180 + 122) * MINUTE)) < 20 * MINUTE
    assert pilot["p10"] <= pilot["p50"] <= pilot["p90"]
    (coming,) = arrivals.coming(found, now).values()
    assert (coming.next.place, coming.next.said.how) == (Place.PILOT, How.FORECAST)


STEPS = pl.Schema(
    {
        "mmsi": pl.Int64(), "time": pl.Datetime("us", "UTC"), "longitude": pl.Float64(), "latitude": pl.Float64(),
        "speed": pl.Float64(), "cruise": pl.Float64(), "moved_at": pl.Datetime("us", "UTC"),
    }
)  # fmt: skip


def foretold() -> Iterator[tuple[Next | None, bool]]:
    """What was announced of a ship of which the pilot is forecast for minute 60, and whether that stands."""
    said = Said("movements", How.MESSAGE, START)
    yield None, False
    yield Next(Place.PILOT, "", Expected.known(START + 10 * MINUTE), said), False
    yield Next(Place.BERTH, BERTH, Expected.known(START + 30 * MINUTE), said), False
    yield Next(Place.BERTH, "P2000-08", Expected.known(START + 30 * MINUTE), said), True
    yield Next(Place.SEA, "", Expected.known(START + 30 * MINUTE), said), True
    yield Next(Place.SEA, "", Expected.known(START + 90 * MINUTE), said), False


@pytest.mark.parametrize(("before", "stands"), list(foretold()))
def test_a_forecast_takes_the_place_of_what_was_announced_of_the_same(before: Next | None, stands: bool) -> None:
    at = Expected(*(START + minutes * MINUTE for minutes in (50, 60, 80)))
    pilot = Next(Place.PILOT, "", at, Said("movements", How.FORECAST, START))
    known = {} if before is None else {SHIP: before}
    assert arrivals.nexts(known, {SHIP: arrivals.Coming(pilot, BERTH)}) == {SHIP: before if stands else pilot}
