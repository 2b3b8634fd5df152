"""The receiver's log is what a receiver would write, and every fault in it is confessed in the truth."""

import csv
import datetime
from collections import Counter
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from operator import xor
from pathlib import Path

import numpy as np
import pyais
import pytest

from havre_scenario import City, transponder
from havre_scenario.plane import at, degrees, distance
from havre_scenario.ships import FIRST_MMSI

Faults = list[dict[str, str]]
MIDNIGHT = 1_772_409_600
EVERY = 10
"""Only each tenth sentence is decoded with the oracle, which takes its time."""


@pytest.fixture(scope="module")
def lines(folder: Path, written: dict[str, int]) -> list[bytes]:
    return (folder / "ais.nmea").read_bytes().split(b"\r\n")[:-1]


@pytest.fixture(scope="module")
def faults(folder: Path, written: dict[str, int]) -> Faults:
    with (folder / "truth" / "faults.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["file"] == "ais.nmea"]


def is_sound(part: bytes) -> bool:
    """Whether the two hexadecimal digits after the asterisk are the XOR of what stands before it."""
    body, _, checksum = part.partition(b"*")
    return reduce(xor, body) == int(checksum, 16)


def in_lines(faults: Faults, kind: str) -> set[int]:
    return {int(row["line"]) for row in faults if row["fault"] == kind}


def test_a_day_has_as_many_sentences_as_a_port_hears(lines: list[bytes], written: dict[str, int]) -> None:
    assert len(lines) == written["ais.nmea"]
    assert 2 * 90_000 <= len(lines) <= 2 * 250_000


def test_exactly_the_confessed_sentences_have_a_wrong_checksum(lines: list[bytes], faults: Faults) -> None:
    wrong = {number for number, line in enumerate(lines, start=1) if not is_sound(line.split(b"!")[1])}
    assert wrong == in_lines(faults, "checksum")
    assert len(wrong) == pytest.approx(len(lines) * 0.001, abs=2)
    assert all(is_sound(line.split(b"\\")[1]) for line in lines)


def test_the_confessed_duplicates_stand_shortly_before(lines: list[bytes], faults: Faults) -> None:
    spoilt = in_lines(faults, "checksum")
    duplicates = in_lines(faults, "duplicate")
    assert duplicates
    for number in duplicates:
        before = range(max(1, number - 40), number)
        assert lines[number - 1] in [lines[one - 1] for one in before] or spoilt & {number, *before}


def test_times_go_on(lines: list[bytes]) -> None:
    times = np.array([int(line[3:13]) for line in lines])
    assert times.min() >= MIDNIGHT and times.max() < MIDNIGHT + 2 * 86400
    assert np.diff(times).min() >= -30, "a late copy may go back some seconds, nothing else"


def spans(faults: Faults, *kinds: str) -> list[tuple[int, str, str]]:
    """Whose, from when, until when."""
    return [(int(row["source"]), row["time"], row["until"]) for row in faults if row["fault"] in kinds]


def test_decoded_positions_are_the_true_ones_but_for_what_is_confessed(
    city: City, lines: list[bytes], faults: Faults
) -> None:
    tracks = {vessel.ship.mmsi: vessel.track for vessel in city.vessels}
    spoilt, checked = in_lines(faults, "checksum") | in_lines(faults, "jump"), Counter[int]()
    false = {mmsi for mmsi, *_ in spans(faults, "shared identity", "spoofed track")}
    for number, line in list(enumerate(lines, start=1))[::EVERY]:
        if b"!AIVDM,1,1," not in line or number in spoilt:
            continue
        read = pyais.decode(line).asdict()
        if read["msg_type"] == 24 or read["mmsi"] in false:
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


def test_a_jump_is_far_from_the_ship(city: City, lines: list[bytes], faults: Faults) -> None:
    tracks = {vessel.ship.mmsi: vessel.track for vessel in city.vessels}
    jumps = [row for row in faults if row["fault"] == "jump"]
    sound = {int(row["line"]) for row in jumps} - in_lines(faults, "checksum")
    false = {mmsi for mmsi, *_ in spans(faults, "shared identity", "spoofed track")}
    assert len(jumps) > 10
    for number in sound:
        read, second = pyais.decode(lines[number - 1]).asdict(), int(lines[number - 1][3:13]) - MIDNIGHT
        if read["mmsi"] not in false:
            true = tracks[read["mmsi"]].place(float(second))
            assert distance(true, at(read["lat"], read["lon"])) > 3_900


def test_two_days_have_a_spoofed_track_and_a_shared_identity(lines: list[bytes], faults: Faults) -> None:
    """Under one number two places kilometres apart are told within a minute, and the truth says when."""
    for kind in ("spoofed track", "shared identity"):
        [(mmsi, begins, ends)] = spans(faults, kind)
        said = []
        for line in lines:
            time = datetime.datetime.fromtimestamp(int(line[3:13]), datetime.UTC)
            if (
                b"!AIVDM,1,1," in line
                and begins <= f"{time:%Y-%m-%dT%H:%M:%SZ}" <= ends
                and is_sound(line.split(b"!")[1])
            ):
                read = pyais.decode(line)
                if read.mmsi == mmsi:
                    said.append((read.lat, read.lon))
            if len(said) > 400:
                break
        metres = [distance(at(*one), at(*other)) for one, other in pairwise(said)]
        assert sum(far > 2_000 for far in metres) >= 3, kind


def test_static_data_are_true_but_of_the_confessed_ships(city: City, folder: Path, faults: Faults) -> None:
    ships = {vessel.ship.mmsi: vessel.ship for vessel in city.vessels}
    wrong, heard = set(), set()
    with pyais.FileReaderStream(str(folder / "ais.nmea")) as stream:
        static = [message.decode().asdict() for message in stream if message.is_valid and message.ais_id == 5]
    for read in static:
        ship = ships[read["mmsi"]]
        heard.add(ship.mmsi)
        if (read["shipname"], read["to_bow"] + read["to_stern"]) != (ship.name, ship.length):
            wrong.add(read["mmsi"])
    confessed = {mmsi for mmsi, *_ in spans(faults, "wrong static data")} & heard
    assert wrong == confessed | {mmsi for mmsi, *_ in spans(faults, "shared identity")}
    assert confessed


def test_some_ships_forget_their_status(city: City, faults: Faults) -> None:
    stuck = {mmsi for mmsi, *_ in spans(faults, "wrong status")}
    assert 1 <= len(stuck) <= 0.2 * len(city.calls)


def test_nothing_is_heard_in_a_gap(city: City) -> None:
    log = city.ais(0)
    gaps = [fault for fault in log.faults if fault.kind == "gap"]
    shared = {fault.mmsi for fault in log.faults if fault.kind in ("shared identity", "spoofed track")}
    assert gaps
    for gap in gaps:
        times = log.times[log.mmsi == gap.mmsi]
        assert gap.until is not None
        inside = (times > gap.time + 1) & (times < gap.until - 1)
        assert gap.mmsi in shared or not inside.any()


def test_nobody_has_the_number_of_a_real_ship(city: City) -> None:
    """A real ship's number begins with the three digits of a State; 200 is none of them, pyais's table agrees."""
    numbers = [vessel.ship.mmsi for vessel in city.vessels]
    assert len(set(numbers)) == len(numbers)
    assert all(FIRST_MMSI < number < FIRST_MMSI + 100_000 for number in numbers)
    assert pyais.util.get_country(FIRST_MMSI)[0] == "NA"


def test_a_moored_ship_reports_every_three_minutes_and_a_moving_one_at_least_every_ten_seconds(city: City) -> None:
    chance = np.random.default_rng(0)
    call = city.calls[10]
    berthed, left = call.movements[0].passage.ended_at, call.movements[1].passage.left_at
    moored = replace(call.vessel, track=call.vessel.track.between(berthed + 60, left - 60))
    assert np.diff(transponder.fixes(moored, chance, berthed, left).times) == pytest.approx(180)
    fast = next(vessel for vessel in city.vessels if vessel.ship.name.startswith("HV TRANSIT"))
    intervals = np.diff(transponder.fixes(fast, chance, 0, 86400).times)
    assert intervals.min() >= 1.9 and intervals.max() <= 10.1
