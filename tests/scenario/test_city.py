"""Bins, places, and the promises about the whole period: the same seed gives the same bytes."""

import base64
import datetime
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from havre_scenario import City, bins, city
from havre_scenario.__main__ import main

Table = Callable[[str], list[dict[str, str]]]
FEEDS = {"ais.nmea", "movements.csv", "bridge_messages.csv", "reserved_slots.csv", "closures.csv", "tide.csv",
         "appointments.csv", "gates.csv", "gtfs.zip", "gtfs_rt", "places.geojson", "bins.ndjson", "truth"}  # fmt: skip
TRUTH = {"movements", "openings", "trucks", "queues", "trips", "gate_counts", "bin_levels", "faults"}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def uplinks(folder: Path, written: dict[str, int]) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "bins.ndjson").read_text("utf-8").splitlines()]


def test_all_feeds_are_there_and_the_truth_stands_aside(folder: Path, written: dict[str, int]) -> None:
    assert {path.name for path in folder.iterdir()} == FEEDS
    assert {path.stem for path in (folder / "truth").iterdir()} == TRUTH


def test_the_same_arguments_give_the_same_bytes_and_another_seed_other_ones(
    folder: Path, written: dict[str, int], tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    city(seed=1, days=2).write(again)
    city(seed=2, density=0).write(other)
    assert files(folder) == files(again)
    of_chance = FEEDS - {"reserved_slots.csv", "tide.csv", "gtfs.zip", "gtfs_rt", "truth"}
    for name in of_chance:
        assert (other / name).read_bytes() != (folder / name).read_bytes(), name


def test_the_command_writes_the_period_and_tells_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "4", "--start", "2026-06-07", "--days", "1", "--density", "0", "--out", str(tmp_path)])
    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert int(told["ais.nmea"]) == (tmp_path / "ais.nmea").read_bytes().count(b"\r\n")
    passes = (tmp_path / "gates.csv").read_text().splitlines()[1:]
    assert int(told["gates.csv"]) == len(passes)
    assert passes[0].startswith("2026-06-07T")


def test_gate_counts_are_those_of_the_file(table: Table) -> None:
    counted = Counter(
        (f"{row['time'][:13]}:00:00Z", row["gate"], row["direction"], row["kind"]) for row in table("gates.csv")
    )
    told = {
        (row["hour"], row["gate"], row["direction"], row["kind"]): int(row["count"])
        for row in table("truth/gate_counts.csv")
    }
    assert told == counted


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
    city: City, table: Table, uplinks: list[dict[str, object]]
) -> None:
    depth = {one.name: one.depth_mm for one in city.containers}
    state = {row["container"]: row["sensor"] for row in table("truth/bin_levels.csv")}
    true = {(row["container"], row["time"]): float(row["fill"]) for row in table("truth/bin_levels.csv")}
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


def test_a_container_is_emptied_when_it_is_collected(city: City) -> None:
    collected = [one for one in city.containers if one.collected]
    assert len(collected) >= 10
    for one in collected:
        for at in one.collected:
            minute = at // 60
            assert one.fill[minute - 1] > bins.COLLECT_ABOVE - 0.05 and one.fill[minute] < 0.05


def test_every_place_has_its_kind_and_name_and_says_that_it_is_schematic(folder: Path, written: dict[str, int]) -> None:
    features = json.loads((folder / "places.geojson").read_text("utf-8"))["features"]
    assert all(feature["properties"]["schematic"] is True and feature["properties"]["name"] for feature in features)
    ids = [feature["properties"]["id"] for feature in features]
    assert len(set(ids)) == len(ids)
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    assert (kinds["lock"], kinds["bridge"], kinds["gate"], kinds["container"]) == (4, 5, 3, 120)
    assert (kinds["berth"], kinds["quay"], kinds["anchorage"], kinds["approach"], kinds["tram"]) == (48, 8, 1, 1, 2)
    assert kinds["road"] == 8 and kinds["coast"] == 1 and kinds["stop"] == 18
    areas = [one for one in features if one["properties"]["kind"] in ("approach", "anchorage", "lock", "berth")]
    for one in areas:
        ring = one["geometry"]["coordinates"][0]
        assert one["geometry"]["type"] == "Polygon" and ring[0] == ring[-1]


def test_every_bridge_has_a_road_that_crosses_it(folder: Path, written: dict[str, int]) -> None:
    features = json.loads((folder / "places.geojson").read_text("utf-8"))["features"]
    roads = {one["id"]: one["geometry"]["coordinates"] for one in features if one["properties"]["kind"] == "road"}
    for one in features:
        if one["properties"]["kind"] == "bridge":
            assert one["geometry"]["coordinates"] in roads[one["properties"]["road"]]


def test_confessed_bin_faults_point_at_their_lines(table: Table, uplinks: list[dict[str, object]]) -> None:
    faults = [row for row in table("truth/faults.csv") if row["file"] == "bins.ndjson"]
    assert {row["fault"] for row in faults} >= {"stuck", "dead", "lost"}
    for row in faults:
        if row["line"]:
            assert uplinks[int(row["line"]) - 1]["end_device_ids"]["device_id"] == row["source"]
