"""Bits and sentences are those of the standard: pyais, which others wrote, reads from them what went in."""

import numpy as np
import pyais
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_scenario import ais, nmea

NOW = 1_772_409_600
COLUMNS = {
    "kind": st.sampled_from([1, 3]),
    "mmsi": st.integers(0, 999_999_999),
    "status": st.integers(0, 15),
    "turned": st.integers(-126, 126),
    "speed": st.integers(0, 1023),
    "lon": st.integers(-180 * 600_000, 180 * 600_000),
    "lat": st.integers(-90 * 600_000, 90 * 600_000),
    "course": st.integers(0, 3600),
    "heading": st.integers(0, 511),
    "second": st.integers(0, 63),
    "radio": st.integers(0, (1 << 19) - 1),
}


def column(value: int) -> ais.Ints:
    return np.array([value])


def sentence(bits: ais.Bits, *, channel_b: int = 0) -> bytes:
    return bytes(nmea.single(bits, column(NOW), column(channel_b))[0])


def decoded(line: bytes) -> dict[str, object]:
    return pyais.decode(line.strip()).asdict()


@given(st.fixed_dictionaries(COLUMNS), st.integers(0, 1))
def test_a_position_report_reads_back_as_it_was_told(told: dict[str, int], channel_b: int) -> None:
    line = sentence(ais.position_a(**{name: column(value) for name, value in told.items()}), channel_b=channel_b)
    read = decoded(line)
    same = ("mmsi", "status", "heading", "second", "radio")
    assert {name: read[name] for name in same} == {name: told[name] for name in same}
    assert read["msg_type"] == told["kind"]
    assert read["speed"] == pytest.approx(told["speed"] / 10)
    assert read["course"] == pytest.approx(told["course"] / 10)
    assert read["lat"] == pytest.approx(told["lat"] / 600_000, abs=1e-6)
    assert read["lon"] == pytest.approx(told["lon"] / 600_000, abs=1e-6)
    assert line.split(b"!")[1].split(b",")[4] == (b"B" if channel_b else b"A")


@given(st.fixed_dictionaries({name: COLUMNS[name] for name in ("mmsi", "speed", "lon", "lat", "course", "heading")}))
def test_a_class_b_report_reads_back_as_it_was_told(told: dict[str, int]) -> None:
    read = decoded(sentence(ais.position_b(**{name: column(value) for name, value in told.items()}, second=column(7))))
    assert (read["msg_type"], read["mmsi"], read["heading"]) == (18, told["mmsi"], told["heading"])
    assert (read["cs"], read["display"], read["dsc"], read["band"], read["msg22"]) == (1, 0, 0, 1, 1)
    assert (read["assigned"], read["raim"], read["second"]) == (False, False, 7)
    assert read["lat"] == pytest.approx(told["lat"] / 600_000, abs=1e-6)
    assert read["lon"] == pytest.approx(told["lon"] / 600_000, abs=1e-6)


def test_static_data_take_two_sentences_and_read_back() -> None:
    name, call_sign, bound = (
        ais.text([value], width) for value, width in (("HV TEST 7", 20), ("QHV7", 7), ("FRLEH", 20))
    )
    sides, eta = np.array([[300, 60, 20, 31]]), np.array([[3, 2, 17, 45]])
    bits = ais.static_a(column(200_100_001), call_sign, name, column(71), sides, eta, column(145), bound)
    first, second = nmea.double(bits, column(NOW), column(1), column(4))
    parts = [bytes(part[0]).split(b"\\")[-1].strip() for part in (first, second)]
    read = pyais.decode(*parts).asdict()
    assert (read["msg_type"], read["mmsi"], read["shipname"], read["callsign"]) == (5, 200_100_001, "HV TEST 7", "QHV7")
    assert (read["to_bow"], read["to_stern"], read["to_port"], read["to_starboard"]) == (300, 60, 20, 31)
    assert (read["month"], read["day"], read["hour"], read["minute"]) == (3, 2, 17, 45)
    assert (read["draught"], read["destination"], read["imo"], read["ship_type"]) == (14.5, "FRLEH", 0, 71)
    assert all(len(part) <= 80 for part in parts)


def test_class_b_static_data_read_back() -> None:
    name, call_sign = ais.text(["HV YACHT 03"], 20), ais.text(["QHV088"], 7)
    sides = np.array([[8, 4, 2, 3]])
    first = decoded(sentence(ais.static_b_name(column(200_100_002), name)))
    second = decoded(sentence(ais.static_b_ship(column(200_100_002), call_sign, column(36), sides)))
    assert (first["partno"], first["shipname"]) == (0, "HV YACHT 03")
    assert (second["partno"], second["callsign"], second["ship_type"]) == (1, "QHV088", 36)
    assert (second["to_bow"], second["to_stern"], second["to_port"], second["to_starboard"]) == (8, 4, 2, 3)


@pytest.mark.parametrize(
    ("per_minute", "told"),
    # worked by hand from 4.733 * sqrt(degrees a minute)
    [(0.0, 0), (1.0, 5), (-1.0, -5), (10.0, 15), (-20.0, -21), (708.0, 126), (5000.0, 126)],
)
def test_the_rate_of_turn_is_told_as_a_root(per_minute: float, told: int) -> None:
    assert ais.turn(np.array([per_minute])).tolist() == [told]


def test_every_six_bits_have_their_character() -> None:
    """The 64 characters of IEC 61162-1, written out; readers are lenient about others, the standard is not."""
    bits = ais.pack([(np.arange(64), 6)], 64)
    payload, fill = nmea.armour(bits)
    expected = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
    assert (bytes(payload.ravel()).decode(), fill) == (expected, 0)


def test_the_tag_block_tells_the_second_of_reception() -> None:
    line = sentence(ais.static_b_name(column(200_100_002), ais.text(["X"], 20)))
    assert line.startswith(b"\\c:1772409600*51\\!AIVDM,1,1,,A,") and line.endswith(b"\r\n")
