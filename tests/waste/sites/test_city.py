"""A city is taken when all its names are somebody's; the scenario's and real cities are."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from havre_scenario import waste
from havre_waste.sites.city import City, city, container_rows, geojson, site_rows
from havre_waste.sites.datasets import DATASETS, SEEN, STILL
from havre_waste.sites.layout import from_json
from havre_waste.sites.model import Flow, Side
from havre_waste.sites.rows import NotAccepted, Row, read_csv, read_geojson

DATA = Path(__file__).parents[4] / "shared/data"
EDINBURGH = DATA / "waste_edinburgh_recycling_points/Recycling points.csv"
MONTEVIDEO = DATA / "vrp_waste_montevideo/tests"
WYNDHAM = DATA / "waste_wyndham_fill_levels/snapshot_2021-08-21.json"


def needs(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"{path} is not here")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("city")
    waste.city(seed=1, days=1).write(place)
    return place / "waste"


@pytest.fixture
def rows(folder: Path) -> dict[str, list[Row]]:
    names = [one.name for one in STILL]
    return {name: read_csv((folder / f"{name}.csv").read_text("utf-8"), name) for name in names}


def test_each_file_of_the_scenario_is_as_its_dataset_says(folder: Path) -> None:
    files = {path.stem for path in folder.iterdir()}
    assert files == {one.name for one in (*STILL, *SEEN)}
    for name in sorted(files - {"deposits"}):
        text = (folder / f"{name}.csv").read_text("utf-8")
        assert next(csv.reader([text.splitlines()[0]])) == DATASETS[name].names, name
        assert len(read_csv(text, name)) == len(list(csv.reader(text.splitlines()))) - 1


def test_the_city_of_the_scenario_is_taken(rows: dict[str, list[Row]]) -> None:
    found = city(rows)
    network = waste.network(1)
    assert len(found.containers) == 1000 and len(found.sites) == len(network.sites)
    assert [one.id for one in found.trucks.values()] == [one.id for one in network.trucks]
    assert len(found.rounds) == len(network.rounds)
    narrow = next(one for one in network.sites if one.hours)
    assert [
        (one.opens, one.closes, tuple(sorted(one.weekdays))) for one in found.sites[narrow.id].access.hours
    ] == list(narrow.hours)
    first = found.trucks["T01"]
    assert (first.shift.opens, first.shift.closes, first.lunch, first.kg_a_day) == (300, 780, (660, 720), None)
    assert first.flows == {Flow.RESIDUAL}


@pytest.mark.parametrize(
    ("name", "field", "value", "told"),
    [
        ("containers", "site", "nowhere", "containers, row 1, site: expected a value of id in sites, found 'nowhere'"),
        ("trucks", "depot", "x", "trucks, row 1, depot: expected a value of id in depots, found 'x'"),
        (
            "fixed_rounds",
            "container",
            "x",
            "fixed_rounds, row 1, container: expected a value of id in containers, found 'x'",
        ),
        ("fixed_rounds", "truck", "x", "fixed_rounds, row 1, truck"),
        ("containers", "sensor", "s-0009", "sensor: expected a sensor of its own, found 's-0009'"),
        ("containers", "dead_zone_mm", 9000, "containers, row 1, dead_zone_mm: expected less than depth_mm 2100"),
    ],
)
def test_a_name_that_is_nobody_s_is_refused(
    rows: dict[str, list[Row]], name: str, field: str, value: object, told: str
) -> None:
    rows[name][0][field] = value
    with pytest.raises(NotAccepted) as refused:
        city(rows)
    assert told in str(refused.value)


def test_a_flow_that_nobody_takes_is_refused(rows: dict[str, list[Row]]) -> None:
    rows["trucks"] = [row for row in rows["trucks"] if row["flows"] != "glass"]
    del rows["fixed_rounds"]
    with pytest.raises(NotAccepted, match="trucks, flows: expected one that takes glass, found none"):
        city(rows)


def test_what_a_city_is_can_be_written_and_read_again(rows: dict[str, list[Row]]) -> None:
    found = city(rows)
    sites, containers = found.sites.values(), found.containers.values()
    assert city({**rows, "sites": site_rows(sites), "containers": container_rows(containers)}) == found
    assert city({**rows, "sites": read_geojson(geojson(sites), "sites")}) == found


EDINBURGH_SITES = {
    "fields": {
        "id": "{Latitude},{Longitude}", "name": "{Site_Name}, {RecyclingS}", "longitude": "{Longitude}",
        "latitude": "{Latitude}", "street": "{RecyclingS}", "commune": {"default": "Edinburgh"},
    },
    "distinct": True,
}  # fmt: skip
EDINBURGH_CONTAINERS = {
    "fields": {
        "id": "edinburgh-{#}", "site": "{Latitude},{Longitude}", "litres": {"default": "1280"},
        "depth_mm": {"default": "1300"},
        "flow": {"text": "{BankTypeNa}", "values": {
            "Packaging": "packaging", "Paper Bank": "packaging", "Can Banks": "packaging", "Plastic Bank": "packaging",
            "Bottle Bank - Mixed": "glass", "Bottle Bank - Green": "glass", "Bottle Bank - Clear": "glass",
            "Bottle Bank - Brown": "glass", "Compost Bins": "food",
        }},
    },
    "skip": {"BankTypeNa": ["Textile Bank", "Book Bank"]},
}  # fmt: skip


@needs(EDINBURGH)
def test_the_recycling_points_of_edinburgh_are_taken_with_a_layout() -> None:
    text = EDINBURGH.read_text("utf-8-sig")
    with pytest.raises(NotAccepted) as refused:
        read_csv(text, "sites", from_json(EDINBURGH_SITES))
    assert {one.field for one in refused.value.problems} == {"name", "street"}, "five places have two names"
    by_place = {
        **EDINBURGH_SITES,
        "fields": {**EDINBURGH_SITES["fields"], "name": "{Latitude},{Longitude}", "street": {}},
    }
    found = city({
        "sites": read_csv(text, "sites", from_json(by_place)),
        "containers": read_csv(text, "containers", from_json(EDINBURGH_CONTAINERS)),
    })  # fmt: skip
    assert len(found.sites) == 1552
    assert len(found.containers) == 4757 - 129 - 12
    flows = Counter(one.flow for one in found.containers.values())
    assert flows == {Flow.PACKAGING: 2081 + 1573 + 24 + 3, Flow.GLASS: 648 + 116 + 90 + 79, Flow.FOOD: 2}
    assert max(Counter(one.site for one in found.containers.values()).values()) > 5


@needs(MONTEVIDEO)
def test_the_containers_of_montevideo_are_taken_with_their_hours() -> None:
    """id, longitude, latitude, opens, closes (minutes), kg, minutes of service, street; separated by spaces."""
    lines = (MONTEVIDEO / "ch_du_rm_cl_05.containers.txt").read_text().splitlines()
    table = [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]
    text = "\n".join(["container lon lat open close kg service street", *table])
    sites = {"fields": {"id": "{container}", "name": "{container}", "longitude": "{lon}", "latitude": "{lat}"}}
    containers = {"fields": {"id": "{container}", "site": "{container}", "flow": {"default": "residual"},
                             "litres": {"default": "2400"}, "depth_mm": {"default": "1400"}}}  # fmt: skip
    found = city({
        "sites": read_csv(text, "sites", from_json({**sites, "delimiter": " "})),
        "containers": read_csv(text, "containers", from_json({**containers, "delimiter": " "})),
    })  # fmt: skip
    assert len(found.containers) == len(found.sites) == len(table) == 109
    assert -56.3 < found.sites["1546"].longitude < -56.0
    assert found.sites["1546"].access.side is Side.BOTH


@needs(WYNDHAM)
def test_the_bins_of_wyndham_are_taken_from_geojson() -> None:
    [collection, *_] = json.loads(WYNDHAM.read_text())
    how = {
        "fields": {"id": "{serial_num}", "name": "{bin_detail}", "longitude": "{@longitude}", "latitude": "{@latitude}"}
    }
    found = read_geojson(json.dumps(collection), "sites", from_json(how))
    assert len(found) == len({row["id"] for row in found}) > 10
    assert all(144 < row["longitude"] < 145 and -39 < row["latitude"] < -37 for row in found)


def test_a_city_may_be_sites_and_containers_alone() -> None:
    sites = read_csv("id,name,longitude,latitude\na,A,0,0\n", "sites")
    containers = read_csv("id,site,flow,litres,depth_mm\nc,a,glass,3000,1500\n", "containers")
    found: City = city({"sites": sites, "containers": containers})
    assert [one.id for one in found.at("a")] == ["c"]
    assert (found.trucks, found.rounds) == ({}, ())
