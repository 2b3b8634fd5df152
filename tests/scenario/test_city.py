"""Gates, bins, places, and the promises about the whole day: the same seed gives the same bytes."""

import base64
import csv
import datetime
import json
from collections import Counter
from pathlib import Path

import pytest

from havre_scenario import Day, Written, bins, day
from havre_scenario.__main__ import main

FILES = ("ais.nmea", "gates.csv", "bins.ndjson", "places.geojson", "truth/port_calls.csv", "truth/gate_counts.csv",
         "truth/bin_levels.csv", "truth/faults.csv")  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def uplinks(folder: Path, written: Written) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "bins.ndjson").read_text("utf-8").splitlines()]


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones(
    folder: Path, written: Written, tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    day(seed=1).write(again)
    day(seed=2, density=0).write(other)
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name
        assert (other / name).read_bytes() != (folder / name).read_bytes(), name


def test_the_command_writes_the_day_and_tells_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "4", "--date", "2026-06-07", "--density", "0", "--out", str(tmp_path)])
    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert all((tmp_path / name).exists() for name in FILES)
    assert int(told["ais_sentences"]) == (tmp_path / "ais.nmea").read_bytes().count(b"\r\n")
    assert int(told["gate_passes"]) == len(rows(tmp_path / "gates.csv"))
    assert rows(tmp_path / "gates.csv")[0]["time"].startswith("2026-06-07T")


def test_gate_counts_are_those_of_the_file(folder: Path, written: Written) -> None:
    counted = Counter(
        (f"{row['time'][:13]}:00:00Z", row["gate"], row["direction"], row["kind"]) for row in rows(folder / "gates.csv")
    )
    told = {
        (row["hour"], row["gate"], row["direction"], row["kind"]): int(row["count"])
        for row in rows(folder / "truth" / "gate_counts.csv")
    }
    assert told == counted


def test_about_two_and_a_half_thousand_trucks_come_with_peaks_by_day(folder: Path, written: Written) -> None:
    passes = rows(folder / "gates.csv")
    coming = [row["time"] for row in passes if row["kind"] == "truck" and row["direction"] == "in"]
    assert 2300 <= len(coming) <= 2700
    hourly = Counter(int(time[11:13]) for time in coming)
    assert max(hourly.values()) > 140 and hourly[1] < 20
    assert [row["time"] for row in passes] == sorted(row["time"] for row in passes)
    assert list(passes[0]) == ["time", "gate", "direction", "kind", "lane"], "a plate would be personal data"


def test_few_trucks_come_on_a_sunday() -> None:
    sunday = day(seed=1, date=datetime.date(2026, 3, 1), density=0)
    assert len([one for one in sunday.gate_passes if one.kind == "truck"]) < 600


def test_an_uplink_has_the_shape_of_the_network_and_its_payload_says_the_same(
    uplinks: list[dict[str, object]],
) -> None:
    for message in uplinks:
        up = message["uplink_message"]
        data = base64.b64decode(up["frm_payload"])
        assert up["decoded_payload"] == {
            "distance_mm": int.from_bytes(data[0:2]),
            "battery_mv": int.from_bytes(data[2:4]),
            "temperature_c": int.from_bytes(data[4:6], signed=True) / 10,
        }
        assert message["end_device_ids"]["application_ids"]["application_id"]
        assert datetime.datetime.fromisoformat(message["received_at"]).tzinfo is datetime.UTC
        for metadata in up["rx_metadata"]:
            assert metadata["gateway_ids"]["gateway_id"] and metadata["rssi"] < 0 and -21 < metadata["snr"] < 11
        assert up["settings"]["data_rate"]["lora"]["spreading_factor"] in range(7, 13)


def test_a_sound_sensor_tells_the_true_fill_and_a_dead_one_nothing(
    city: Day, folder: Path, uplinks: list[dict[str, object]]
) -> None:
    depth = {one.name: one.depth_mm for one in city.containers}
    state = {row["container"]: row["sensor"] for row in rows(folder / "truth" / "bin_levels.csv")}
    true = {(row["container"], row["time"]): float(row["fill"]) for row in rows(folder / "truth" / "bin_levels.csv")}
    assert len(state) == bins.CONTAINERS and {"ok", "stuck", "dead"} <= set(state.values())
    values: dict[str, set[int]] = {}
    for message in uplinks:
        name, up = message["end_device_ids"]["device_id"], message["uplink_message"]
        distance, time = up["decoded_payload"]["distance_mm"], up["settings"]["time"][:19] + "Z"
        values.setdefault(name, set()).add(distance)
        assert state[name] != "dead"
        if state[name] == "ok":
            span = depth[name] - bins.DEAD_ZONE_MM
            assert 1 - (distance - bins.DEAD_ZONE_MM) / span == pytest.approx(true[name, time], abs=0.08)
    assert all(len(values[name]) == 1 for name, how in state.items() if how == "stuck")
    assert len(values) == bins.CONTAINERS - list(state.values()).count("dead")


def test_a_container_is_emptied_once_it_is_collected(city: Day) -> None:
    collected = [one for one in city.containers if one.collected is not None]
    assert 5 <= len(collected) <= bins.CONTAINERS / 2
    for one in collected:
        minute = one.collected // 60
        assert one.fill[minute - 1] > bins.COLLECT_ABOVE - 0.05 and one.fill[minute] < 0.05


def test_every_place_says_that_it_is_schematic(folder: Path, written: Written) -> None:
    features = json.loads((folder / "places.geojson").read_text("utf-8"))["features"]
    assert all(feature["properties"]["schematic"] is True for feature in features)
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    assert (kinds["lock"], kinds["bridge"], kinds["gate"], kinds["container"]) == (4, 5, 3, 120)
    assert kinds["berth"] == 41 and kinds["quay"] == 6
    assert {"anchorage", "pilot boarding place"} <= set(kinds)


def test_confessed_bin_faults_point_at_their_lines(folder: Path, uplinks: list[dict[str, object]]) -> None:
    faults = [row for row in rows(folder / "truth" / "faults.csv") if row["file"] == "bins.ndjson"]
    assert {row["fault"] for row in faults} >= {"stuck", "dead", "lost"}
    for row in faults:
        if row["line"]:
            assert uplinks[int(row["line"]) - 1]["end_device_ids"]["device_id"] == row["source"]
