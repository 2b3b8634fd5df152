"""Openings that others tell: those of the Netherlands on a real day, and our own told back to us."""

import datetime
import gzip
import io
from pathlib import Path

import polars as pl
import pytest

from havre.sources import formats
from havre_mobility.bridges import messages
from havre_mobility.bridges.model import MESSAGES, TIME
from havre_mobility.datex import reading
from havre_mobility.datex.publication import container
from tests.mobility.datex.test_publication import AT, BRIDGE, PUBLISHER, WORDS, published

FEED = Path(__file__).parents[4] / "shared/data/bridge_openings_ndw/brugopeningen_2023-11-20.xml.gz"


def rows(document: bytes) -> pl.DataFrame:
    """As a dataset of the exchange gives them."""
    read = [pl.DataFrame(one.rows) for one in formats.pieces("datex2", io.BytesIO(document), {}, AT)]
    table = pl.concat(read, how="diagonal")
    return table.with_columns(pl.col("said_at", "starts_at", "ends_at").str.to_datetime(time_zone="UTC", strict=True))


@pytest.fixture(scope="module")
def dutch() -> pl.DataFrame:
    if not FEED.exists():
        pytest.skip(f"there is no {FEED}: this promise is NOT tested here")
    return rows(gzip.decompress(FEED.read_bytes()))


def test_all_openings_of_a_dutch_day_are_messages(dutch: pl.DataFrame) -> None:
    found = reading.messages(dutch)
    assert found.schema == MESSAGES and found.height == 992
    status = found["status"].to_list()
    assert {one: status.count(one) for one in set(status)} == {
        "planned": 982, "in_operation": 7, "starting": 2, "ended": 1,
    }  # fmt: skip


def test_each_dutch_bridge_is_known_by_its_isrs_code_and_has_its_place(dutch: pl.DataFrame) -> None:
    found = reading.bridges(dutch)
    assert len(found) == dutch["situation"].str.extract(r"_(NL.{18})_").n_unique()
    assert {len(one.id) for one in found} == {20} and {one.id[:2] for one in found} == {"NL"}
    assert all(3.3 < one.longitude < 7.3 and 50.7 < one.latitude < 53.6 for one in found)
    assert {one.id for one in found} == set(reading.messages(dutch)["bridge"])


def test_what_is_planned_and_under_way_of_the_dutch_day_is_known_at_a_time(dutch: pl.DataFrame) -> None:
    found = reading.messages(dutch)
    time = datetime.datetime(2023, 11, 20, 8, 13, 40, tzinfo=datetime.UTC)
    assert messages.plans(found, pl.Series([time], dtype=TIME)).height > 900
    # of the nine that were closed to the road then, some had begun days before and been forgotten
    running = messages.under_way(found, pl.Series([time], dtype=TIME))
    assert 1 <= running.height <= 9 and running["starts_at"].max() <= time  # type: ignore[operator]


@pytest.mark.parametrize("status", WORDS)
def test_what_we_publish_can_be_read_back(status: str) -> None:
    document = container([published(status)], PUBLISHER, AT, protocol="snapshotPull")
    ours = pl.DataFrame(
        [(AT, "bridge-5", "bridge-5_o1", status, published().starts_at, published().ends_at, None)],
        MESSAGES,
        orient="row",
    )
    found = reading.messages(rows(document))
    assert found.equals(ours) if status != "cancelled" else found["status"].to_list() == ["cancelled"]
    (bridge,) = reading.bridges(rows(document))
    assert (bridge.id, bridge.longitude, bridge.latitude) == (BRIDGE.id, BRIDGE.longitude, BRIDGE.latitude)


def test_other_situations_are_no_openings(dutch: pl.DataFrame) -> None:
    assert reading.messages(dutch.with_columns(kind=pl.lit("trafficHeld"))).height == 0
