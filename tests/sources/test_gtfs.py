"""GTFS: one table of a feed, typed as the reference says; a feed that is packed badly is told apart."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre.errors import Invalid
from havre.sources.formats import gtfs
from tests.sources.reading import alone, conformed, never_crashes, pieces, placed, real, reasons, rows, types, whole

STOPS = "stop_id,stop_name,stop_lat,stop_lon,location_type\n007,Gare,49.5,0.1,1\n008,Bassin,,,\n"
TIMES = "trip_id,arrival_time,stop_sequence\nT1,25:10:00,1\n"
DAYS = "service_id,date,exception_type\nS,20260302,1\n"


def feed(**tables: str) -> bytes:
    return packed({f"{name}.txt": text for name, text in tables.items()})


def packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_stops_are_the_table_without_being_asked_for() -> None:
    assert rows("gtfs", feed(stops=STOPS, stop_times=TIMES)) == [
        {"stop_id": "007", "stop_name": "Gare", "stop_lat": 49.5, "stop_lon": 0.1, "location_type": 1},
        {"stop_id": "008", "stop_name": "Bassin", "stop_lat": None, "stop_lon": None, "location_type": None},
    ]


@pytest.mark.parametrize(
    ("table", "text", "row"),
    [
        ("stop_times", TIMES, {"trip_id": "T1", "arrival_time": "25:10:00", "stop_sequence": 1}),
        ("calendar_dates", DAYS, {"service_id": "S", "date": "2026-03-02", "exception_type": 1}),
        ("calendar_dates.txt", "\ufeff" + DAYS, {"service_id": "S", "date": "2026-03-02", "exception_type": 1}),
        ("shapes", "shape_id,shape_pt_lat\n1,49\n", {"shape_id": "1", "shape_pt_lat": 49.0}),
    ],
)
def test_fields_have_the_types_of_the_reference(table: str, text: str, row: dict[str, Any]) -> None:
    assert rows("gtfs", feed(**{table.removesuffix(".txt"): text}), table=table) == [row]


def test_a_table_that_is_missing_is_told_with_those_that_are_there() -> None:
    with pytest.raises(Invalid) as caught:
        pieces("gtfs", feed(stops=STOPS, agency="a\n1\n"), {"table": "trips"})
    assert (caught.value.field, caught.value.expected) == ("options.table", "agency or stops")


def test_a_folder_around_the_tables_is_fine_and_the_outermost_table_counts() -> None:
    within = packed(
        {"feed/old/stops.txt": "stop_id\nold\n", "feed/stops.txt": "stop_id\nnew\n", "__MACOSX/stops.txt": "x"}
    )
    assert rows("gtfs", within) == [{"stop_id": "new"}]


def test_records_are_counted_and_a_bad_one_costs_itself() -> None:
    found = whole("gtfs", feed(stops="stop_id,stop_lat\na,1\nb\nc,x\nd,4\n"))
    assert [(position, row["stop_id"]) for position, row in placed([found])] == [(0, "a"), (2, "c"), (3, "d")]
    assert reasons(found) == [(1, "1 field where the header has 2")]


def test_a_row_read_alone_is_the_same() -> None:
    found = whole("gtfs", feed(calendar_dates=DAYS), table="calendar_dates")
    assert alone(found.raw(0), found.raw_format) == (found.rows.to_pylist(), [])


def test_a_table_of_more_bytes_than_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gtfs, "LARGEST_TABLE", 1_000_000)
    bomb = feed(stops="stop_id\n" + "x" * 2_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(Invalid, match="2000008 bytes"):
        pieces("gtfs", bomb)


def test_what_a_zip_declares_binds() -> None:
    good = feed(stops="stop_id\n" + "x\n" * 5000)
    size = (8 + 2 * 5000).to_bytes(4, "little")
    assert good.count(size) == 2
    with pytest.raises(Invalid, match="CRC"):
        pieces("gtfs", good.replace(size, (100).to_bytes(4, "little")))


@pytest.mark.parametrize("document", [b"", b"PK", b"stop_id\n1\n"])
def test_what_is_no_feed_is_invalid(document: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        pieces("gtfs", document)
    assert "GTFS" in (caught.value.expected or "")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_feed_with_broken_bytes_never_crashes(data: st.DataObject) -> None:
    document = bytearray(feed(stops=STOPS, stop_times=TIMES))
    for _ in range(data.draw(st.integers(1, 4))):
        document[data.draw(st.integers(0, len(document) - 1))] = data.draw(st.integers(0, 255))
    never_crashes("gtfs", bytes(document))


@pytest.mark.parametrize(
    ("table", "count", "wanted"),
    [
        ("stops", 1_058, {"stop_id": "string", "stop_lat": "number", "stop_lon": "number", "location_type": "integer"}),
        ("stop_times", 133_464, {"arrival_time": "string", "stop_id": "string", "stop_sequence": "integer"}),
        ("calendar_dates", 164, {"service_id": "string", "date": "date", "exception_type": "integer"}),
    ],
)
def test_a_real_feed_becomes_rows_in_the_schema_that_it_suggests(
    table: str, count: int, wanted: dict[str, str]
) -> None:
    found = pieces("gtfs", real("gtfs_brest_bibus/gtfs.zip"), {"table": table})
    rows, rejected, schema = conformed(found)
    assert (rows.num_rows, rejected) == (count, [])
    assert {name: types(schema)[name] for name in wanted} == wanted
    assert [position for piece in found for position in piece.positions.to_pylist()] == list(range(count))
    if table == "stops":
        assert (schema.longitude, schema.latitude) == ("stop_lon", "stop_lat")
