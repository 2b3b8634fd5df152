"""The values of a message are those that pyais gives; what the standard calls "not available" is null."""

from typing import Any

import pyais
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre.sources.ais.positions import TYPES
from tests.sources.nmea import message, reasons, rows

# where the fields lie is written down here once more, from the standard, with the values that mean "not available"
FIELDS = {
    1: {"turn": (42, 8), "speed": (50, 10), "lon": (61, 28), "lat": (89, 27), "course": (116, 12), "heading": (128, 9)},
    4: {"lon": (79, 28), "lat": (107, 27)},
    9: {"speed": (50, 10), "lon": (61, 28), "lat": (89, 27), "course": (116, 12)},
    18: {"speed": (46, 10), "lon": (57, 28), "lat": (85, 27), "course": (112, 12), "heading": (124, 9)},
}
FIELDS |= {2: FIELDS[1], 3: FIELDS[1], 11: FIELDS[4]}
EDGES = {
    "turn": [0, 1, 126, 127, 128, 129, 130, 255],
    "speed": [0, 1021, 1022, 1023],
    "lon": [0, 180 * 600_000, 180 * 600_000 + 1, 181 * 600_000, 2**27, 2**28 - 180 * 600_000, 2**28 - 1],
    "lat": [0, 90 * 600_000, 90 * 600_000 + 1, 91 * 600_000, 2**26, 2**27 - 90 * 600_000, 2**27 - 1],
    "course": [0, 3599, 3600, 4095],
    "heading": [0, 359, 360, 511],
}


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Any message of 168 bits, its fields at their edges more often than chance has it."""
    kind = draw(st.sampled_from(sorted(FIELDS)))
    bits = draw(st.integers(0, 2**162 - 1)) | kind << 162
    for name, (start, width) in FIELDS[kind].items():
        if draw(st.booleans()):
            shift = 168 - start - width
            value = draw(st.sampled_from(EDGES[name])) if draw(st.booleans()) else draw(st.integers(0, 2**width - 1))
            bits = bits & ~(((1 << width) - 1) << shift) | value << shift
    return message(bits, 168, draw(st.sampled_from(["A", "B", "1", ""])), draw(st.sampled_from(["VDM", "VDO"])))


def expected(line: bytes) -> dict[str, Any]:
    """What pyais says of a position report."""
    found: Any = pyais.decode(line)
    says = {name: getattr(found, name, None) for name in ("status", "turn", "speed", "course", "heading")}
    unknown = {"speed": 1023 if found.msg_type == 9 else 102.3, "turn": -128, "status": None}
    values = {name: None if value == unknown.get(name) else value for name, value in says.items()}
    for name in ("course", "heading"):  # 360 or 511 is "not available", what lies between "should not be used"
        values[name] = None if values[name] is None or values[name] >= 360 else values[name]
    values["latitude"] = found.lat if -90 <= found.lat <= 90 else None
    values["longitude"] = found.lon if -180 <= found.lon <= 180 else None
    return values | {"mmsi": found.mmsi, "type": found.msg_type, "accuracy": found.accuracy}


@given(st.lists(messages(), min_size=1, max_size=8))
def test_any_position_report_has_the_values_of_pyais(lines: list[bytes]) -> None:
    for row, line in zip(rows(*lines, messages="all"), lines, strict=True):
        _, _, _, _, channel, _, _ = line.decode().split(",")
        wanted = expected(line) | {"channel": channel or None, "own": b"VDO" in line}
        assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize("kind", TYPES)
def test_all_at_once_and_one_by_one_give_the_same(kind: int) -> None:
    bits = kind << 162 | 0x1234_5678_9ABC_DEF0_1234_5678_9ABC_DEF0_1234_5678 & (2**162 - 1)
    usual, longer = message(bits, 168), message(bits << 6, 174)
    (first,), (second,) = rows(usual, messages="all"), rows(longer, messages="all")
    assert first == second


@pytest.mark.parametrize("code", range(256))
def test_every_rate_of_turn_is_that_of_pyais(code: int) -> None:
    line = message(1 << 162 | 227_000_000 << 130 | code << 118, 168)
    assert rows(line)[0]["turn"] == expected(line)["turn"]


@pytest.mark.parametrize(
    ("kind", "needed"), [(1, 137), (4, 134), (9, 128), (18, 133), (19, 301), (24, 160), (27, 94), (20, 38)]
)
def test_a_message_may_lack_the_bits_after_its_last_field_and_no_more(kind: int, needed: int) -> None:
    assert len(rows(message(kind << needed - 6 | 1, needed), messages="all")) == 1
    assert reasons(message(kind << needed - 7 | 1, needed - 1), messages="all") == [
        (0, f"the payload is too short: {needed - 1} bits (expected {needed} or more for type {kind})")
    ]


VOYAGE = {
    "type": 5, "mmsi": 227_000_000, "imo": 9_134_270, "callsign": "FABC", "shipname": "LE HAVRE", "ship_type": 70,
    "to_bow": 100, "to_stern": 20, "to_port": 5, "to_starboard": 6, "month": 5, "day": 15, "hour": 14, "minute": 0,
    "draught": 7.5, "destination": "FR LEH",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        ({}, "eta", "05-15T14:00"),
        ({"month": 0}, "eta", None),
        ({"day": 0}, "eta", None),
        ({"hour": 24}, "eta", None),
        ({"minute": 60}, "eta", None),
        ({"imo": 0}, "imo", None),
        ({"callsign": ""}, "callsign", None),
        ({"callsign": "@@@@@@@"}, "callsign", None),
        ({"shipname": "  LE HAVRE@@@"}, "name", "LE HAVRE"),
        ({"shipname": "   "}, "name", None),
        ({"destination": "@@@"}, "destination", None),
        ({"ship_type": 0}, "ship_type", None),
        ({"draught": 0}, "draught", None),
        ({"to_bow": 0}, "to_bow", 0),
        ({"to_bow": 0, "to_stern": 0}, "to_bow", None),
        ({"to_bow": 0, "to_stern": 0}, "to_stern", None),
        ({"to_port": 0, "to_starboard": 0}, "to_starboard", None),
    ],
)
def test_what_is_not_available_is_null(said: dict[str, Any], column: str, value: object) -> None:
    sentences = pyais.encode_dict(VOYAGE | said, radio_channel="A", seq_id=1)
    (row,) = rows(*(line.encode() for line in sentences), messages="static")
    assert row[column] == value


def test_long_range_reports_are_in_tenths_of_minutes_and_whole_knots() -> None:
    line = message(27 << 90 | 227_000_000 << 58 | 1 << 57 | 5 << 52 | 64 << 34 | 29_700 << 17 | 63 << 11 | 511 << 2, 96)
    (row,) = rows(line)
    assert (row["latitude"], row["longitude"], row["status"], row["accuracy"]) == (49.5, 0.106667, 5, True)
    assert (row["speed"], row["course"]) == (None, None)


def test_the_two_halves_of_a_static_report_are_two_rows() -> None:
    name, ship = (
        pyais.encode_dict({"type": 24, "partno": part, "mmsi": 227_000_000, "shipname": "OUESSANT", **SIZES})[
            0
        ].encode()
        for part in (0, 1)
    )
    first, second = rows(name, ship, messages="static")
    assert (first["name"], first["to_bow"], second["name"], second["to_bow"]) == ("OUESSANT", None, None, 7)


SIZES = {"to_bow": 7, "to_stern": 5, "to_port": 2, "to_starboard": 2, "callsign": "FXYZ", "ship_type": 36}
