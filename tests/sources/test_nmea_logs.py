"""Real logs: what other decoders made of them, and that cutting them anywhere changes nothing."""

import csv
import json
from collections import defaultdict
from typing import Any

import pyais
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from havre.lake.parsed import Parsed
from havre.sources.formats.nmea import reader
from tests.sources import nmea
from tests.sources.nmea import AT, CHANNEL, DANISH, listed, log, whole

STATION = ("to_bow", "to_stern", "to_port", "to_starboard")
Outcome = tuple[list[dict[str, Any]], list[int], list[tuple[int, str, bytes]]]


def _table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(log(f"ais_nmea_english_channel/derived/{name}.csv").decode().splitlines()))


def test_every_sentence_of_the_channel_log_is_read() -> None:
    # 18,123 lines begin with !AIVDM, one more has a blank before it; 361 messages are of two sentences
    assert log(CHANNEL).count(b"!AIVDM") == 18_124
    found = whole(log(CHANNEL), messages="all")
    assert found.rows.num_rows == 18_124 - 361
    # five lines of the instruments aboard have lost their beginning; no AIS sentence is broken
    assert {one.reason for one in found.rejected} == {"this is no NMEA sentence (expected one that begins with ! or $)"}
    assert len(found.rejected) == 5


def test_the_positions_of_the_channel_log_are_those_decoded_elsewhere() -> None:
    rows = listed(whole(log(CHANNEL)).rows)
    placed = [row for row in rows if row["latitude"] is not None and row["longitude"] is not None]
    assert (len(rows), len(placed), len({row["mmsi"] for row in placed})) == (14_892, 14_887, 119)
    # the other table leaves out the five without a position, and has the codes where a row here has null
    for row, known in zip(placed, _table("positions"), strict=True):
        speed, course, heading = float(known["sog_kn"]), float(known["cog_deg"]), int(known["heading"])
        assert (f"{row['time']:%Y-%m-%dT%H:%M:%SZ}", str(row["mmsi"]), str(row["type"])) == (
            known["t_utc"],
            known["mmsi"],
            known["msg_type"],
        )
        assert (row["latitude"], row["longitude"]) == (float(known["lat"]), float(known["lon"]))
        assert row["speed"] == (None if speed == 102.3 else speed)
        assert row["course"] == (None if course == 360 else course)
        assert row["heading"] == (None if heading == 511 else heading)
        assert row["status"] == (int(known["nav_status"]) if known["nav_status"] else None)


def test_the_ships_of_the_channel_log_are_those_decoded_elsewhere() -> None:
    last = {row["mmsi"]: row for row in listed(whole(log(CHANNEL), messages="static").rows) if row["type"] == 5}
    known = _table("static")
    assert {str(mmsi) for mmsi in last} == {ship["mmsi"] for ship in known}
    for ship in known:
        row = last[int(ship["mmsi"])]
        assert (row["name"], row["callsign"]) == (ship["name"] or None, ship["callsign"] or None)
        assert (row["imo"], row["ship_type"]) == (int(ship["imo"]) or None, int(ship["ship_type"]) or None)
        assert (row["destination"], row["draught"]) == (ship["destination"] or None, float(ship["draught_m"]) or None)
        bow, stern, port, starboard = (row[side] or 0 for side in STATION)
        assert (bow + stern, port + starboard) == (int(ship["length_m"]), int(ship["width_m"]))


@pytest.mark.parametrize("name", [CHANNEL, DANISH])
def test_every_message_of_a_log_has_the_values_of_pyais(name: str) -> None:
    found = whole(log(name), messages="all")
    for index, row in enumerate(listed(found.rows)):
        lines = [line[line.index(b"!") :] for line in found.raw(index).split(b"\n")]
        known: Any = pyais.decode(*lines)
        assert (row["mmsi"], row["type"]) == (known.mmsi, known.msg_type)
        if row["latitude"] is not None and row["longitude"] is not None:
            assert (row["latitude"], row["longitude"]) == (known.lat, known.lon)
        for column in ("speed", "course", "heading", "status", "turn", "accuracy", *STATION):
            assert row[column] in (None, getattr(known, column, None))


def test_the_danish_stream_is_read_whole_with_its_clock() -> None:
    found = whole(log(DANISH), messages="all")
    rows = listed(found.rows)
    assert (len(rows), len({row["mmsi"] for row in rows}), found.rejected) == (4_051, 1_933, ())
    assert rows[0]["time"].isoformat() == "2010-06-11T11:46:11.390000+00:00"
    assert {f"{row['time']:%Y-%m-%d %H:%M}" for row in rows} == {"2010-06-11 11:46"}


@pytest.mark.parametrize(("file", "degrees", "tenth"), [("js", 1, 1), ("ju", 600_000, 10)])
def test_the_samples_of_gpsd_are_read_as_gpsd_reads_them(file: str, degrees: int, tenth: int) -> None:
    found = whole(log("ais_nmea_gpsd/sample.aivdm"), messages="all")
    assert [one.raw for one in found.rejected] == [b"AIVDM,2,2,1,B,00000000000,2*26"]  # gpsd too leaves that one
    rows, known = defaultdict(list), defaultdict(list)
    for row in listed(found.rows):
        rows[row["type"]].append(row)
    for line in log(f"ais_nmea_gpsd/sample.aivdm.{file}.chk").decode().splitlines():
        known[json.loads(line)["type"]].append(json.loads(line))
    assert set(rows) == set(known)
    for type_ in set(known) - {24}:  # gpsd joins the two halves of a static report
        assert [row["mmsi"] for row in rows[type_]] == [one["mmsi"] for one in known[type_]]
    for type_ in (1, 2, 3, 4, 9, 11, 18, 19, 21):
        for row, one in zip(rows[type_], known[type_], strict=True):
            _same_place(row, one, degrees)
            assert row["accuracy"] == one["accuracy"]
            if "course" in one:
                assert (row["speed"], row["course"]) == (
                    one["speed"] / (1 if type_ == 9 else tenth),
                    one["course"] / tenth,
                )
            if "heading" in one:
                assert row["heading"] == (None if one["heading"] == 511 else one["heading"])
    for row, one in zip(rows[5] + rows[19], known[5] + known[19], strict=True):
        assert (row["name"], row["ship_type"]) == (one["shipname"], one["shiptype"])
        assert [row[side] for side in STATION] == [one[side] for side in STATION]
    for row, one in zip(rows[5], known[5], strict=True):
        assert (row["callsign"], row["imo"] or 0) == (one["callsign"], one["imo"])
        assert (row["destination"] or "", (row["draught"] or 0) * tenth) == (one["destination"], one["draught"])
        assert row["eta"] in (None, one["eta"].rstrip("Z"))


def _same_place(row: dict[str, Any], known: dict[str, Any], degrees: int) -> None:
    latitude, longitude = round(known["lat"] / degrees, 6), round(known["lon"] / degrees, 6)
    assert row["latitude"] == (latitude if abs(latitude) <= 90 else None)
    assert row["longitude"] == (longitude if abs(longitude) <= 180 else None)


@pytest.mark.parametrize(("name", "begin"), [(CHANNEL, 900_000), (DANISH, 0)])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_log_cut_anywhere_and_resumed_gives_the_same(name: str, begin: int, data: st.DataObject) -> None:
    text = log(name)[begin : begin + 60_000]
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted))
    assert _in_pieces(text, cuts) == _outcome([whole(text, messages="all")])


def test_a_log_cut_at_every_line_gives_the_same() -> None:
    text = log(DANISH)[:20_000]
    lines = [index + 1 for index, code in enumerate(text) if code == ord("\n")]
    assert _in_pieces(text, lines) == _outcome([whole(text, messages="all")])


def _in_pieces(text: bytes, cuts: list[int]) -> Outcome:
    """As a stream that comes in such pieces, its reader made anew from its state before each."""
    parsed, taken, state = [], 0, None
    for end in [*cuts, len(text)]:
        stream = reader({"messages": "all"}, state)
        # a last piece that ends nothing: whether something follows is known only after it
        found, more = stream.read(text[taken:end], taken, at=AT, final=False)
        parsed.append(found)
        taken, state = taken + more, json.loads(json.dumps(stream.state()))
    parsed.append(reader({"messages": "all"}, state).read(text[taken:], taken, at=AT, final=True)[0])
    return _outcome(parsed)


def _outcome(pieces: list[Parsed]) -> Outcome:
    rows = [row for piece in pieces for row in listed(piece.rows)]
    places = [place for piece in pieces for place in piece.positions.to_pylist()]
    rejected = [(one.position, one.reason, one.raw) for piece in pieces for one in piece.rejected]
    return rows, places, sorted(rejected)


def test_a_row_of_a_log_can_be_read_alone() -> None:
    found = whole(log(DANISH)[:20_000], messages="all")
    for index, row in enumerate(listed(found.rows)):
        assert nmea.alone(found, index, messages="all") == [row]
