"""Sites and containers are Smart Data Models, out and in: valid by their schemas, and the same when they come back."""

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from havre_waste.sites import hours, smart
from havre_waste.sites.model import Access, Container, Flow, Site
from havre_waste.sites.smart import NotUnderstood

MODELS = Path(__file__).parents[4] / "shared/data/smart_data_models/WasteManagement"
TYPES = ("WasteContainer", "WasteContainerIsle", "WasteContainerModel")
EXAMPLES = sorted(path for kind in TYPES for path in (MODELS / kind / "examples").glob("*.json*"))
here = pytest.mark.skipif(not MODELS.exists(), reason=f"{MODELS} is not here")

IDENTIFIER = {"type": "string", "minLength": 1, "maxLength": 256, "pattern": r"^\S+$"}
NUMBERS = {"type": "array", "minItems": 2, "items": {"type": "number"}}
GEOMETRY = {
    "type": "object", "required": ["type", "coordinates"],
    "oneOf": [
        {"properties": {"type": {"const": "Point"}, "coordinates": NUMBERS}},
        {"properties": {"type": {"const": "Polygon"}, "coordinates": {"type": "array", "items": {
            "type": "array", "minItems": 4, "items": NUMBERS}}}},
    ],
}  # fmt: skip
ADDRESS = {"type": "object", "additionalProperties": {"type": "string"}}
COMMON = {
    # what the schemas refer to, in short: the file itself is not among the data
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "definitions": {
        "EntityIdentifierType": IDENTIFIER,
        "GSMA-Commons": {"properties": {"id": IDENTIFIER, "name": {"type": "string"}}},
        "Location-Commons": {"properties": {"location": GEOMETRY, "address": ADDRESS}},
        "PhysicalObject-Commons": {"properties": {"color": {"type": "string"}}},
    },
}
REGISTRY: Registry[Any] = Registry().with_resource(
    "https://smart-data-models.github.io/data-models/common-schema.json", DRAFT202012.create_resource(COMMON)
)

SITE = Site(
    "quai-12", "Quai 12", 0.1234, 49.4912, "Le Havre", "rue des Mâts", Access(hours=hours.parse("Mo 06:00-11:00"))
)
GLASS = Container("c-1", "quai-12", Flow.GLASS, 3000, 1750, sensor="s-1", kg_per_litre=0.3, model="bank")


def validate(entity: dict[str, Any]) -> None:
    schema = json.loads((MODELS / entity["type"] / "schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema, registry=REGISTRY, format_checker=jsonschema.FormatChecker()).validate(
        entity
    )


@here
def test_what_goes_out_is_valid_by_the_schemas() -> None:
    found = smart.entities([SITE], [GLASS, replace(GLASS, id="c-2", sensor=None, flow=Flow.FOOD, litres=1000)])
    assert [one["type"] for one in found] == [TYPES[1], TYPES[0], TYPES[0], TYPES[2], TYPES[2]]
    for one in found:
        validate(one)
        validate(smart.key_values(smart.normalized(one)))
    full = smart.waste_container(
        GLASS, SITE, fill=1.3, temperature=7.5, emptied_at=datetime.datetime(2026, 3, 2, 6, tzinfo=datetime.UTC)
    )
    validate(full)
    assert full["fillingLevel"] == 1.0
    assert full["dateLastEmptying"] == "2026-03-02T06:00:00Z"
    assert full["actuationHours"] == "Mo 06:00-11:00"


@here
def test_the_schemas_refuse_what_is_wrong() -> None:
    """So that the promise above can fail."""
    for wrong in (
        {"storedWasteKind": "verre"},
        {"fillingLevel": 1.3},
        {"refDevice": []},
        {"location": {"type": "Point"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate({**smart.waste_container(GLASS, SITE), **wrong})


def test_every_flow_has_a_code_of_its_own_and_comes_back() -> None:
    assert len(smart.CODES) == len(Flow) == len(smart.KINDS)
    for flow in Flow:
        sent = smart.entities([SITE], [replace(GLASS, flow=flow)])
        assert smart.read(sent)[1][0].flow is flow


containers = st.builds(
    Container, st.sampled_from(["a", "b:1", "c-3"]), st.just("quai-12"), st.sampled_from(Flow),
    litres=st.integers(50, 9000), depth_mm=st.integers(300, 4000), sensor=st.none() | st.just("s-9"),
    kg_per_litre=st.sampled_from([0.035, 0.1, 0.3, 0.35]), model=st.sampled_from(["bank", "x-1"]),
)  # fmt: skip


@given(st.lists(containers, min_size=1, max_size=4, unique_by=lambda one: one.id), st.booleans())
def test_what_went_out_comes_back(sent: list[Container], as_linked_data: bool) -> None:
    told = smart.entities([SITE], sent)
    sites, found = smart.read([smart.normalized(one) for one in told] if as_linked_data else told[::-1])
    assert sites == [SITE]
    assert sorted(found, key=lambda one: one.id) == [
        replace(one, kg_per_litre=pytest.approx(one.kg_per_litre, rel=1e-4))
        for one in sorted(sent, key=lambda one: one.id)
    ]


def test_normalized_is_linked_data() -> None:
    found = smart.normalized(smart.waste_container(
        GLASS, SITE, fill=0.4, emptied_at=datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
    ))  # fmt: skip
    assert found["id"] == "urn:ngsi-ld:WasteContainer:c-1"
    assert found["location"] == {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [0.1234, 49.4912]}}
    assert found["fillingLevel"] == {"type": "Property", "value": 0.4}
    assert found["refWasteContainerIsle"] == {
        "type": "Relationship",
        "object": "urn:ngsi-ld:WasteContainerIsle:quai-12",
    }
    assert found["dateLastEmptying"]["value"] == {"@type": "DateTime", "@value": "2026-03-02T00:00:00Z"}
    assert found["@context"][1].startswith("https://uri.etsi.org/ngsi-ld/")
    assert all(set(value) == {"type", "value"} or set(value) == {"type", "object"}
               for name, value in found.items() if name not in ("id", "type", "@context"))  # fmt: skip


@here
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parents[1].name}/{path.name}")
def test_each_published_example_is_read(example: Path) -> None:
    """In all their forms: key-values and normalized, of NGSI-v2 and of NGSI-LD, and a GeoJSON feature."""
    found = smart.key_values(json.loads(example.read_text("utf-8")))
    assert found["type"] in TYPES
    assert not any(isinstance(value, dict) and {"value", "object"} & set(value) for value in found.values())
    if found["type"] != "WasteContainerModel":
        assert found["location"]["type"] in ("Point", "Polygon")


@here
def test_the_published_examples_are_one_site_with_its_container_and_model() -> None:
    feature, isle, model = (
        json.loads((MODELS / name).read_text("utf-8"))
        for name in ("WasteContainer/examples/example-geojsonfeature.json",
                     "WasteContainerIsle/examples/example-normalized.jsonld",
                     "WasteContainerModel/examples/example.jsonld")
    )  # fmt: skip
    kind = {"type": "Property", "value": "glass"}
    feature["properties"]["storedWasteKind"] = kind
    sites, found = smart.read([feature, isle, model])
    assert [one.id for one in sites] == ["wastecontainerisle:Fleming:12"]
    assert sites[0].street == "Calle Dr. Fleming, 12"
    assert sites[0].longitude == pytest.approx(-3.16444, abs=1e-4)
    assert found == [Container(
        "wastecontainer:Fleming:12a", sites[0].id, Flow.GLASS, 150, 800, sensor="device-Fleming:12a:1",
        model="Dumpster_Brute_2009_Plastic_Green",
    )]  # fmt: skip


@here
def test_a_container_without_an_isle_has_a_site_of_its_own() -> None:
    alone = json.loads((MODELS / "WasteContainer/examples/example.json").read_text("utf-8"))
    sites, [found] = smart.read([alone])
    assert [one.id for one in sites] == [found.site]
    assert (found.litres, found.kg_per_litre) == (43, pytest.approx(75 / 43))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"storedWasteKind": "oil", "storedWasteCode": ""}, "storedWasteKind: oil is none of our flows"),
        ({"refWasteContainerModel": "urn:x"}, "no model that tells cargoVolume"),
        ({"location": {"type": "Point"}}, "location: a Point"),
        ({"actuationHours": "mornings"}, "actuationHours"),
    ],
)
def test_what_is_not_understood_is_named(change: dict[str, object], told: str) -> None:
    _, container, model = smart.entities([replace(SITE, access=Access())], [GLASS])
    with pytest.raises(NotUnderstood, match=rf"WasteContainer:c-1, .*{told}"):
        smart.read([{**container, "refWasteContainerIsle": "urn:elsewhere", **change}, model])
