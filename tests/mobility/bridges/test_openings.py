"""What took place: messages, else ships that passed, else silence on the road; each says its source."""

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from havre_mobility.bridges import closures, counts, feeds, messages, openings, passages
from havre_mobility.bridges.model import MESSAGES, OPENINGS, TIME, Bridge
from havre_mobility.bridges.passages import Margins

START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
BRIDGE = Bridge("b", "Bridge", 0.15, 49.48)


def at(minute: float) -> datetime.datetime:
    return START + datetime.timedelta(minutes=minute)


def said(*rows: tuple[float, str, float, float | None], opening: str = "o1") -> pl.DataFrame:
    """When, what, start and end, in minutes."""
    return pl.DataFrame(
        [
            (at(when), "b", opening, status, at(starts), None if ends is None else at(ends), "m1")
            for when, status, starts, ends in rows
        ],
        MESSAGES,
        orient="row",
    )


def spans(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return found.select("opened_at", "closed_at", "source").rows()


WHOLE = [(-60, "planned", 5, 20), (-1, "starting", 0, 15), (0, "in_operation", 0, 15), (13, "ended", 0, 12)]


def test_an_opening_took_place_when_it_was_said_to_have_begun_and_ended() -> None:
    assert spans(messages.took_place(said(*WHOLE))) == [(at(0), at(12), "messages")]


def test_a_plan_alone_is_no_opening() -> None:
    assert messages.took_place(said(WHOLE[0], (-30, "cancelled", 5, 20))).height == 0


def test_an_opening_that_was_not_said_to_have_ended_has_no_end() -> None:
    assert spans(messages.took_place(said(*WHOLE[:3]))) == [(at(0), None, "messages")]


@pytest.mark.parametrize(
    ("when", "known"), [(-61, []), (-60, [(5, 20)]), (-21, [(5, 20)]), (-20, [(8, 22)]), (-1, []), (5, []), (40, [])]
)
def test_of_a_plan_the_last_version_that_was_said_is_known(when: float, known: list[tuple[float, float]]) -> None:
    found = messages.plans(said(*WHOLE, (-20, "planned", 8, 22)), pl.Series([at(when)], dtype=TIME))
    assert found.select("starts_at", "ends_at").rows() == [(at(a), at(b)) for a, b in known]


def test_a_plan_that_nothing_follows_is_forgotten() -> None:
    times = pl.Series([at(34), at(35), at(36)], dtype=TIME)
    assert messages.plans(said(WHOLE[0]), times)["at"].to_list() == [at(34)]


def test_a_bridge_that_has_stopped_speaking_does_not_stay_closed() -> None:
    times = pl.Series([at(0), at(44), at(45)], dtype=TIME)
    assert messages.under_way(said(*WHOLE[:3]), times)["at"].to_list() == [at(0), at(44)]


def track(metres_aside: float = 0.0, knots: float = 6.0, every: float = 1.0, mmsi: int = 1) -> pl.DataFrame:
    """A ship that is nearest to the bridge at minute 30, on a straight line to the east."""
    minutes = np.arange(0, 60, every)
    degrees = (minutes - 30) * knots * 1852 / 60 / (60 * 1852 * np.cos(np.radians(49.48)))
    return pl.DataFrame(
        {
            "time": [at(minute) for minute in minutes],
            "mmsi": [mmsi] * len(minutes),
            "longitude": 0.15 + degrees,
            "latitude": np.full(len(minutes), 49.48 + metres_aside / (60 * 1852)),
        }
    )


@pytest.mark.parametrize("every", [0.3, 1.0, 5.0])
def test_a_ship_passes_when_she_is_nearest_also_between_two_positions(every: float) -> None:
    (found,) = passages.passages(track(every=every), [BRIDGE]).rows()
    assert found[:2] == ("b", 1) and abs((found[2] - at(30)).total_seconds()) < 1


@pytest.mark.parametrize(
    "unlike",
    [track(metres_aside=90), track(knots=0.05), track(every=7.0), track().sample(fraction=1, shuffle=True).head(0)],
    ids=["passes elsewhere", "lies there", "was not heard for too long", "nothing"],
)
def test_what_does_not_pass_is_no_passage(unlike: pl.DataFrame) -> None:
    assert passages.passages(unlike, [BRIDGE]).height == 0


def test_positions_out_of_order_and_of_two_ships_are_told_apart() -> None:
    both = pl.concat([track(), track(mmsi=2)]).sample(fraction=1, shuffle=True, seed=1)
    assert passages.passages(both, [BRIDGE])["mmsi"].to_list() == [1, 2]


def passed(*minutes: float) -> pl.DataFrame:
    return pl.DataFrame([("b", number, at(one)) for number, one in enumerate(minutes)], passages.PASSAGES, orient="row")


def test_ships_close_together_are_one_opening() -> None:
    found = passages.as_openings(passed(0, 9, 60), Margins(6, 5))
    assert spans(found) == [(at(-6), at(14), "ais"), (at(54), at(65), "ais")]


def test_margins_are_learned_from_bridges_that_speak() -> None:
    told = pl.concat(
        [
            said(
                (60 * n, "in_operation", 60 * n, 60 * n + 9), (60 * n + 9, "ended", 60 * n, 60 * n + 9), opening=str(n)
            )
            for n in range(25)
        ]
    )
    found = messages.took_place(told)
    assert passages.margins(found, passed(*(60 * n + 4 for n in range(25)))) == Margins(4, 5)
    assert passages.margins(found.head(3), passed(4)) == Margins()


def opened(*rows: tuple[float, float | None, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [("b", at(a), None if b is None else at(b), source, None, None, None) for a, b, source in rows],
        OPENINGS,
        orient="row",
    )


def test_the_better_source_is_taken_and_each_says_which_it_is() -> None:
    told, seen = opened((0, 12, "messages")), opened((2, 14, "ais"), (60, 72, "ais"))
    counted = opened((1, 11, "counts"), (62, 70, "counts"), (120, 131, "counts"))
    assert spans(openings.together([told, seen, counted])) == [
        (at(0), at(12), "messages"),
        (at(60), at(72), "ais"),
        (at(120), at(131), "counts"),
    ]


def test_an_end_that_was_not_told_is_taken_from_the_next_source() -> None:
    found = openings.together([opened((0, None, "messages")), opened((2, 14, "ais"))])
    assert spans(found) == [(at(0), at(14), "messages")]


def crossings(an_hour: float, closed: tuple[float, float], seed: int = 1) -> pl.DataFrame:
    """Two days of vehicles, as a Poisson process, none of them while the bridge is closed."""
    chance = np.random.default_rng(seed)
    minutes = np.cumsum(chance.exponential(60 / an_hour, int(an_hour * 48)))
    kept = minutes[(minutes < closed[0]) | (minutes >= closed[1])]
    return pl.DataFrame({"bridge": ["b"] * len(kept), "time": [at(float(one)) for one in kept]})


def test_a_silence_that_chance_does_not_explain_is_an_opening() -> None:
    ((opened_at, closed_at, source),) = spans(counts.openings(crossings(300, (700, 712))))
    assert abs((opened_at - at(700)).total_seconds()) < 60 and abs((closed_at - at(712)).total_seconds()) < 60
    assert source == "counts"


def test_little_traffic_says_nothing() -> None:
    assert counts.openings(crossings(20, (700, 712))).height == 0


def test_a_counter_that_has_failed_is_no_opening() -> None:
    assert counts.openings(crossings(300, (700, 800))).height == 0


def test_while_a_bridge_is_closed_for_long_ships_open_nothing() -> None:
    rows = [(at(-60), "c1", "b", at(0), at(100), "works"), (at(50), "c1", "b", at(0), at(80), "works")]
    told = pl.DataFrame(rows, feeds.CLOSURES, orient="row")
    some = opened((-10, 2, "ais"), (40, 52, "ais"), (90, 102, "ais"))
    assert closures.without(some, closures.last_told(told))["opened_at"].to_list() == [at(-10), at(90)]
    known = closures.known(told, pl.Series([at(-61), at(-60), at(60)], dtype=TIME))
    assert known.select("at", "ends_at").rows() == [(at(-60), at(100)), (at(60), at(80))]
