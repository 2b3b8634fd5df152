"""The receiver's log is what a receiver would write, and every fault in it is confessed in the truth."""

import csv
from collections import Counter
from functools import reduce
from operator import xor
from pathlib import Path

import numpy as np
import pyais
import pytest

from havre_scenario import Day, Written, transponder
from havre_scenario.plane import degrees
from havre_scenario.ships import FIRST_MMSI, Vessel

MIDNIGHT = 1_772_409_600
EVERY = 10
"""Only each tenth sentence is decoded with the oracle, which takes its time."""


@pytest.fixture(scope="module")
def lines(folder: Path, written: Written) -> list[bytes]:
    return (folder / "ais.nmea").read_bytes().split(b"\r\n")[:-1]


@pytest.fixture(scope="module")
def faults(folder: Path, written: Written) -> list[dict[str, str]]:
    with (folder / "truth" / "faults.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["file"] == "ais.nmea"]


def is_sound(part: bytes) -> bool:
    """Whether the two hexadecimal digits after the asterisk are the XOR of what stands before it."""
    body, _, checksum = part.partition(b"*")
    return reduce(xor, body) == int(checksum, 16)


def in_lines(faults: list[dict[str, str]], kind: str) -> set[int]:
    return {int(row["line"]) for row in faults if row["fault"] == kind}


def test_a_day_has_as_many_sentences_as_a_port_hears(lines: list[bytes], written: Written) -> None:
    assert len(lines) == written.ais_sentences
    assert 130_000 <= len(lines) <= 250_000


def test_exactly_the_confessed_sentences_have_a_wrong_checksum(
    lines: list[bytes], faults: list[dict[str, str]]
) -> None:
    wrong = {number for number, line in enumerate(lines, start=1) if not is_sound(line.split(b"!")[1])}
    assert wrong == in_lines(faults, "checksum")
    assert len(wrong) == pytest.approx(len(lines) * 0.001, abs=1)
    assert all(is_sound(line.split(b"\\")[1]) for line in lines)


def test_the_confessed_duplicates_stand_shortly_before(lines: list[bytes], faults: list[dict[str, str]]) -> None:
    spoilt = in_lines(faults, "checksum")
    duplicates = in_lines(faults, "duplicate")
    assert duplicates
    for number in duplicates:
        before = range(max(1, number - 40), number)
        assert lines[number - 1] in [lines[one - 1] for one in before] or spoilt & {number, *before}


def test_times_go_on(lines: list[bytes]) -> None:
    times = np.array([int(line[3:13]) for line in lines])
    assert times.min() >= MIDNIGHT and times.max() < MIDNIGHT + 86400
    assert np.diff(times).min() >= -30, "a late copy may go back some seconds, nothing else"


def test_decoded_positions_are_the_true_ones(city: Day, lines: list[bytes], faults: list[dict[str, str]]) -> None:
    tracks = {vessel.ship.mmsi: vessel.track for vessel in city.vessels}
    spoilt, checked = in_lines(faults, "checksum"), Counter[int]()
    for number, line in list(enumerate(lines, start=1))[::EVERY]:
        if b"!AIVDM,1,1," not in line or number in spoilt:
            continue
        read = pyais.decode(line).asdict()
        if read["msg_type"] == 24:
            continue
        second = int(line[3:13]) - MIDNIGHT
        assert second % 60 == read["second"]
        true = tracks[read["mmsi"]].at(np.array([float(second)]))
        lat, lon = degrees(true.x, true.y)
        assert read["lat"] == pytest.approx(float(lat[0]), abs=1e-4)
        assert read["lon"] == pytest.approx(float(lon[0]), abs=1e-4)
        assert read["speed"] == pytest.approx(float(true.knots[0]), abs=0.4)
        checked[read["msg_type"]] += 1
    assert set(checked) == {1, 3, 18} and checked.total() > 9000


def test_static_data_are_true_but_of_one_ship(city: Day, folder: Path, faults: list[dict[str, str]]) -> None:
    ships = {vessel.ship.mmsi: vessel.ship for vessel in city.vessels}
    wrong = set()
    with pyais.FileReaderStream(str(folder / "ais.nmea")) as stream:
        static = [message.decode().asdict() for message in stream if message.is_valid and message.ais_id == 5]
    for read in static:
        ship = ships[read["mmsi"]]
        if (read["shipname"], read["to_bow"] + read["to_stern"]) != (ship.name, ship.length):
            wrong.add(read["mmsi"])
    assert wrong == {int(row["source"]) for row in faults if row["fault"] == "wrong static data"}
    assert len(wrong) == 1


def test_nothing_is_heard_in_a_gap(city: Day) -> None:
    gaps = [fault for fault in city.ais.faults if fault.kind == "gap"]
    assert gaps
    for gap in gaps:
        seconds = float(gap.detail.split()[-2])
        times = city.ais.times[city.ais.mmsi == gap.mmsi]
        inside = (times > gap.time + 1) & (times < gap.time + seconds - 1)
        assert not inside.any()


def test_nobody_has_the_number_of_a_real_ship(city: Day) -> None:
    """A real ship's number begins with the three digits of a State; 200 is none of them, pyais's table agrees."""
    numbers = [vessel.ship.mmsi for vessel in city.vessels]
    assert len(set(numbers)) == len(numbers)
    assert all(FIRST_MMSI < number < FIRST_MMSI + 100_000 for number in numbers)
    assert pyais.util.get_country(FIRST_MMSI)[0] == "NA"


def named(city: Day, name: str) -> Vessel:
    return next(vessel for vessel in city.vessels if vessel.ship.name.startswith(name))


def test_a_moored_ship_reports_every_three_minutes_and_a_moving_one_at_least_every_ten_seconds(city: Day) -> None:
    chance = np.random.default_rng(0)
    moored = next(vessel for vessel in city.vessels if set(vessel.track.status) == {5})
    assert np.diff(transponder.fixes(moored, chance, 86400).times) == pytest.approx(180)
    fast = transponder.fixes(named(city, "HV TRANSIT"), chance, 86400)
    intervals = np.diff(fast.times)
    assert intervals.min() >= 1.9 and intervals.max() <= 10.1
