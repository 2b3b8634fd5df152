"""The picture is made of what was heard: it says what is, what comes, who says so, and when nobody does."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from havre_mobility import service
from havre_mobility.live.work import Live
from havre_mobility.picture.model import Bridge, Health, How, Picture, Place, Road
from havre_mobility.picture.standing import standing
from havre_scenario import geojson, places

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Le Havre
MINUTE = timedelta(minutes=1)
PONT_ROUGE = (0.151, 49.487)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ground") / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    return file


@pytest.fixture
def live(ground: Path) -> Live:
    return service.make({"places": str(ground), "detours": {"bridge-5": ["Pont VI"]}})


def position(mmsi: int, before: float, longitude: float, latitude: float, speed: float = 6.0) -> dict[str, Any]:
    return {
        "time": NOW - before * MINUTE, "mmsi": mmsi, "type": 1, "longitude": longitude, "latitude": latitude,
        "speed": speed, "course": 90.0, "heading": None, "status": 0,
    }  # fmt: skip


def sailing(mmsi: int, minutes: Iterable[float], through: tuple[float, float] = (0.10, 49.48)) -> list[dict[str, Any]]:
    """Due east at about 5 knots, at ``through`` now."""
    return [position(mmsi, one, through[0] - one * 0.0021, through[1], 5.0) for one in minutes]


def message(
    status: str, before: float, starts: float, ends: float | None = None, opening: str = "o1"
) -> dict[str, Any]:
    return {
        "said_at": NOW - before * MINUTE, "bridge": "bridge-rouge", "opening": opening, "status": status,
        "starts_at": NOW + starts * MINUTE, "ends_at": None if ends is None else NOW + ends * MINUTE, "movement": None,
    }  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def seen(live: Live, now: datetime = NOW) -> Picture:
    live.results(now)
    assert live.picture is not None
    return standing(live.picture, now)


def bridge(picture: Picture, id: str = "bridge-rouge") -> Bridge:
    return next(one for one in picture.bridges if one.id == id)


def test_a_ship_is_where_she_was_heard_last_and_under_her_name(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (3, 2, 1))))
    live.take("particulars", frame([{"time": NOW, "mmsi": 200000001, "name": "HV ONE", "ship_type": 71}]))
    (ship,) = seen(live).ships
    assert (ship.name, ship.kind, ship.seen_at) == ("HV ONE", "cargo", NOW - MINUTE)
    assert ship.longitude == pytest.approx(0.0979)


def test_a_ship_makes_for_what_was_announced_last(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    said = {"movement": "m", "mmsi": 200000001, "kind": "arrival", "point": "berth", "issuer": "pilot"}
    told = [(60, "P2000-01", 90), (10, "P2000-02", 40)]
    rows = [
        {**said, "said_at": NOW - before * MINUTE, "berth": berth, "classifier": "PLN", "value_at": NOW + at * MINUTE}
        for before, berth, at in told
    ]
    live.take("movements", frame(rows))
    coming = seen(live).ships[0].next
    assert coming is not None
    assert (coming.place, coming.name, coming.at.p50) == (Place.BERTH, "P2000-02", NOW + 40 * MINUTE)


def test_a_bridge_that_says_so_is_closed_until_it_says_that_it_is_not(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    live.take("bridge_messages", frame([message("planned", 40, -2, 10), message("in_operation", 2, -2, 10)]))
    closed = bridge(seen(live))
    assert (closed.road, closed.since) == (Road.CLOSED, NOW - 2 * MINUTE)
    assert closed.said is not None and closed.said.how is How.MESSAGE
    live.take("bridge_messages", frame([message("ended", 0, -2, 0)]))
    assert bridge(seen(live, NOW + MINUTE)).road is Road.OPEN


def test_a_plan_is_announced_before_anything_was_learned(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    live.take("bridge_messages", frame([message("planned", 5, 20, 32)]))
    announced = bridge(seen(live))
    assert announced.road is Road.ANNOUNCED
    assert announced.opening is not None and announced.opening.begins.p50 == NOW + 20 * MINUTE
    assert announced.opening.ends.p50 == NOW + 32 * MINUTE


def test_a_ship_in_a_silent_bridge_says_that_it_is_closed(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, range(9, -1, -1), PONT_ROUGE)))
    live.take("bridge_messages", frame([message("ended", 300, -310, -300)]))
    closed = bridge(seen(live))
    assert closed.road is Road.CLOSED
    assert closed.said is not None and (closed.said.feed, closed.said.how) == ("ais", How.OBSERVED)


def test_a_bridge_that_is_lost_is_shut_with_its_reason_and_what_to_take_instead(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    lost = {"closure": "c", "place": "bridge-5", "starts_at": NOW - 600 * MINUTE, "ends_at": "", "reason": "works"}
    live.take("closures", frame([{**lost, "said_at": NOW - 600 * MINUTE}]))
    shut = bridge(seen(live), "bridge-5")
    assert (shut.road, shut.reason, shut.detour) == (Road.SHUT, "works", ("Pont VI",))


def test_silence_is_said_and_no_state_is_kept(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (2,))))
    live.take("bridge_messages", frame([message("in_operation", 2, -2, 10)]))
    live.linked = lambda need: need != "bridge_messages"
    picture = seen(live, NOW)
    assert {one.id: one.health for one in picture.feeds}["bridge_messages"] is Health.DEAD
    assert bridge(picture).road is Road.UNKNOWN
    later = {one.id: one.health for one in seen(live, NOW + 6 * MINUTE).feeds}
    assert (later["ais"], later["gates"]) == (Health.STALE, Health.DEAD)


def test_two_ships_under_one_number_are_doubted(live: Live) -> None:
    here = sailing(200000001, range(20, 0, -1))
    elsewhere = sailing(200000001, [one + 0.5 for one in range(20, 0, -1)], (0.40, 49.60))
    others = [row for number in range(2, 9) for row in sailing(200000000 + number, range(20, 0, -1), (0.1, 49.4))]
    live.take("ais", frame(sorted([*here, *elsewhere, *others], key=lambda row: row["time"])))
    picture = seen(live)
    assert [ship.mmsi for ship in picture.ships if ship.doubted] == [200000001]
    assert {one.id: one.health for one in picture.feeds}["ais"] is Health.OK


def test_slots_of_today_stand_by_the_bridge(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    slots = [{"bridge": "bridge-rouge", "weekday": day, "starts": "12:00", "ends": "13:00"} for day in range(5)]
    live.take("reserved_slots", frame(slots))
    assert [(one.starts.hour, one.ends.hour) for one in bridge(seen(live)).reserved] == [(12, 13)]
    sunday = NOW + timedelta(days=4)
    live.take("ais", frame([{**position(200000001, 0, 0.1, 49.48), "time": sunday}]))
    assert bridge(seen(live, sunday)).reserved == ()


def test_an_opening_is_published_once_when_it_is_over(live: Live) -> None:
    live.take("ais", frame(sailing(200000001, (1,))))
    live.take("bridge_messages", frame([message("in_operation", 12, -12, 0), message("ended", 1, -12, -1)]))
    (row,) = live.results(NOW)["bridge-openings"]
    assert (row["bridge"], row["opened_at"], row["closed_at"], row["source"]) == (
        "bridge-rouge", NOW - 12 * MINUTE, NOW - MINUTE, "messages",
    )  # fmt: skip
    assert live.results(NOW + MINUTE)["bridge-openings"] == []


def test_a_silence_on_the_road_is_an_opening_where_nothing_better_says_so(live: Live) -> None:
    """A vehicle every ten seconds for a week, but for the last quarter of an hour of the last hour but one."""
    silent = range(30, 45)
    crossed = [
        {"time": NOW - second * timedelta(seconds=1), "bridge": "bridge-rouge"}
        for second in range(7 * 86400, 0, -10)
        if second > 3600 or second // 60 not in silent
    ]
    live.take("ais", frame([{**one, "time": NOW - timedelta(days=6)} for one in sailing(200000001, (1,))]))
    live.take("crossings", frame(crossed))
    live.results(NOW)
    assert live._learning is not None
    live._learning.join()
    live._openings_said = NOW - timedelta(hours=1)
    (row,) = live.results(NOW + MINUTE)["bridge-openings"]
    assert (row["bridge"], row["source"]) == ("bridge-rouge", "counts")
    assert row["closed_at"] - row["opened_at"] == pytest.approx(15 * MINUTE, abs=20 * timedelta(seconds=1))


def test_a_column_that_is_missing_is_named(live: Live) -> None:
    with pytest.raises(LookupError, match="tide: there is no column level_m"):
        live.take("tide", frame([{"time": NOW, "metres": 1.0}]))


def test_times_that_came_as_texts_are_times(live: Live) -> None:
    rows = [{"time": f"2026-03-04T{hour:02}:00:00Z", "level_m": float(abs(hour - 12))} for hour in range(9, 16)]
    live.take("ais", frame(sailing(200000001, (1,))))
    live.take("tide", frame(rows))
    tide = seen(live).tide
    assert tide is not None and tide.level == pytest.approx(2.0)
    assert not tide.rising and tide.next_low is not None and tide.next_low.metres == 0.0


@pytest.mark.parametrize("settings", [{}, {"places": "x", "colour": "red"}])
def test_settings_that_are_wrong_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"settings\.(places is missing|colour is not known)"):
        service.make(settings)
