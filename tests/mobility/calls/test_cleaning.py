"""What is dropped of the positions is counted, by reason; what is kept can be one ship's way."""

from dataclasses import asdict

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.calls.cleaning import Counters, clean, particulars
from tests.mobility.calls.port import BOUNDS, EAST, at, degrees, ship

WAY = ship([(0, -14000, 0), (60, 0, 0)])


def cleaned(*frames: pl.DataFrame, checksum: int = 0) -> tuple[pl.DataFrame, Counters]:
    return clean(pl.concat(frames), BOUNDS, checksum=checksum)


def dropped(counters: Counters) -> dict[str, int]:
    """The counts that are not nought."""
    kept = ("received", "kept", "gaps", "interleaved")
    return {name: count for name, count in asdict(counters).items() if count and name not in kept}


def changed(rows: slice, **columns: object) -> pl.DataFrame:
    """Some reports of the way, said otherwise."""
    return WAY[rows].with_columns(
        *(pl.lit(value).cast(WAY.schema[name]).alias(name) for name, value in columns.items())
    )


def test_a_ship_that_sails_loses_nothing() -> None:
    found, counters = cleaned(WAY)
    assert found.height == WAY.height == counters.kept == counters.received
    assert dropped(counters) == {}
    assert found["track"].unique().to_list() == [0]


def test_each_reason_has_its_count() -> None:
    longitude, latitude = degrees(60_000, 0)
    found, counters = cleaned(
        WAY,
        changed(slice(0, 1), mmsi=2_275_100),  # a coast station
        changed(slice(0, 2), mmsi=992_271_001),  # an aid to navigation
        changed(slice(0, 4), latitude=None),
        changed(slice(0, 1), latitude=0.0, longitude=0.0),
        changed(slice(0, 6), longitude=longitude + 1, latitude=latitude),
        changed(slice(0, 7), speed=88.0),
        WAY[8:16],
        checksum=9,
    )
    assert dropped(counters) == {
        "checksum": 9,
        "not_ship": 3,
        "no_place": 5,
        "out_of_area": 6,
        "impossible_speed": 7,
        "duplicate": 8,
    }
    assert found.height == WAY.height


def test_the_counts_add_up() -> None:
    _, counters = cleaned(WAY, WAY[::2], changed(slice(0, 3), speed=99.0), checksum=4)
    counts = asdict(counters)
    assert counts["received"] == sum(
        count for name, count in counts.items() if name not in ("received", "gaps", "interleaved")
    )


def test_a_jump_is_dropped_and_the_way_goes_on() -> None:
    away = changed(slice(100, 102), longitude=WAY["longitude"][100] + 20_000 / EAST)
    found, counters = cleaned(WAY[:100], away, WAY[102:])
    assert (counters.jump, counters.interleaved) == (2, 0)
    assert found.height == WAY.height - 2


def test_two_ships_on_one_number_are_two_tracks() -> None:
    other = ship([(0, 20_000, 9000), (30, 20_000, 12_000)], every=17)
    found, counters = cleaned(WAY, other)
    assert (counters.jump, counters.interleaved) == (0, 1)
    by_track = found.group_by("track").agg(pl.len(), pl.col("longitude").min())
    assert sorted(by_track["len"].to_list()) == sorted([WAY.height, other.height])
    for track in (0, 1):
        one = found.filter(pl.col("track") == track)
        assert one["time"].is_sorted()
        assert one["longitude"].diff().abs().max() * EAST < 500  # type: ignore[operator]


def test_a_silence_is_a_gap() -> None:
    _, counters = cleaned(WAY[:100], WAY[200:])
    assert counters.gaps == 1


def test_what_a_ship_at_rest_repeats_is_not_a_duplicate() -> None:
    moored = ship([(0, 0, 0), (60, 0, 0)], every=180)
    assert cleaned(moored)[1].duplicate == 0


def test_a_speed_that_is_not_told_is_that_of_the_way() -> None:
    found, _ = cleaned(WAY.with_columns(pl.lit(None, pl.Float64).alias("speed")))
    assert np.allclose(found["speed"][1:].to_numpy(), WAY["speed"][1:].to_numpy(), atol=0.05)


def test_of_nothing_nothing_is_made() -> None:
    found, counters = cleaned(WAY[:0])
    assert found.height == counters.received == counters.kept == 0


@given(st.permutations(range(12)))
def test_the_order_of_arrival_changes_nothing(order: list[int]) -> None:
    some = WAY[::30][:12]
    assert clean(some[order], BOUNDS)[0].equals(clean(some, BOUNDS)[0])


def test_a_ship_is_what_she_says_most_often_and_draws_what_she_says_last() -> None:
    """Another ship used her number for a while, and was the last that was heard under it."""
    told = pl.DataFrame(
        {
            "time": [at(0), at(1), at(2), at(3)],
            "mmsi": [1, 1, 1, 1],
            "name": ["OWN", None, "OWN", "OTHER"],
            "to_bow": [100, 100, 100, 250],
            "draught": [8.0, 8.0, 9.5, None],
        }
    )
    wanted = {"mmsi": 1, "name": "OWN", "to_bow": 100, "draught": 9.5}
    assert particulars(told).drop("time").row(0, named=True) == wanted
