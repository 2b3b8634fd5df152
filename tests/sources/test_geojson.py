"""GeoJSON: features are rows, a point is a place, every other geometry is text."""

import json
from typing import Any

import pytest

from havre.errors import Invalid
from tests.sources.reading import alone, conformed, pieces, placed, real, reasons, rows, types, whole


def feature(geometry: Any, properties: Any = None, **members: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"n": 1} if properties is None else properties,
        **members,
    }


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def test_a_point_is_a_place() -> None:
    document = collection(feature(geometry("Point", [0.1, 49, 12]), {"name": "é", "size": {"m": 3}}, id="b1"))
    expected = {"feature_id": "b1", "name": "é", "size_m": 3, "longitude": 0.1, "latitude": 49.0}
    assert rows("geojson", document) == [expected]


def test_one_feature_is_a_document() -> None:
    assert rows("geojson", json.dumps(feature(geometry("Point", [1, 2])))) == [
        {"n": 1, "longitude": 1.0, "latitude": 2.0}
    ]


SQUARE = [[0, 0], [1, 0], [1, 1.5], [0, 0]]
TEXTS = [
    (geometry("LineString", [[0, 0, 5], [1, 2, 5]]), "LINESTRING (0 0, 1 2)"),
    (geometry("MultiPoint", [[0, 0], [1, 2]]), "MULTIPOINT ((0 0), (1 2))"),
    (geometry("Polygon", [SQUARE]), "POLYGON ((0 0, 1 0, 1 1.5, 0 0))"),
    (geometry("MultiLineString", [[[0, 0], [1, 2]]]), "MULTILINESTRING ((0 0, 1 2))"),
    (geometry("MultiPolygon", [[SQUARE]]), "MULTIPOLYGON (((0 0, 1 0, 1 1.5, 0 0)))"),
    (geometry("Polygon", []), "POLYGON EMPTY"),
    (geometry("Point", []), "POINT EMPTY"),
    (
        {"type": "GeometryCollection", "geometries": [geometry("Point", [0.1234567, 1]), geometry("LineString", [])]},
        "GEOMETRYCOLLECTION (POINT (0.1234567 1), LINESTRING EMPTY)",
    ),
    ({"type": "GeometryCollection", "geometries": []}, "GEOMETRYCOLLECTION EMPTY"),
]


@pytest.mark.parametrize(
    ("given", "text"), TEXTS, ids=[text.split()[0] + str(index) for index, (_, text) in enumerate(TEXTS)]
)
def test_another_geometry_is_text(given: dict[str, Any], text: str) -> None:
    assert rows("geojson", collection(feature(given))) == [{"n": 1, "geometry": text}]


def test_a_feature_without_geometry_is_a_row_without_place() -> None:
    document = collection(feature(None), feature(geometry("Point", [1, 2]), {"n": 2}))
    assert [(row["n"], row["longitude"]) for row in rows("geojson", document)] == [(1, None), (2, 1.0)]


def test_the_geometry_comes_before_a_property_of_its_name() -> None:
    document = collection(feature(geometry("Point", [1, 2]), {"Longitude": "1,00 E", "latitude": 9, "n": 1}))
    assert rows("geojson", document) == [{"n": 1, "longitude": 1.0, "latitude": 2.0}]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (5, "is no GeoJSON object, not a Feature"),
        ([], "is an array, not a Feature"),
        (geometry("Point", [1, 2]), "is a Point, not a Feature"),
        (feature(geometry("Point", [1])), "geometry: a position is no array of two numbers or more"),
        (feature(geometry("Point", [1, "2"])), "geometry: got '2' in a position, not a number"),
        (feature(geometry("Point", [1, True])), "geometry: got 'True' in a position, not a number"),
        (feature(geometry("Point", [10**400, 1])), "geometry: got '1000000000000000000000000000000000000000' in a"),
        (feature(geometry("Point", [489_000.5, 6_930_000])), "geometry: 489000.5, 6930000.0 are no degrees"),
        (feature(geometry("Polygon", [[1, 2]])), "geometry: a position is no array"),
        (feature(geometry("Polygon", 5)), "geometry: coordinates are not nested as its type wants"),
        (feature(geometry("Circle", [1, 2])), "geometry: got the type 'Circle'"),
        (feature(geometry(["Point"], [1, 2])), "geometry: got the type"),
        (feature("here"), "geometry: is not an object"),
        (feature(None, [1]), "properties: are not an object"),
    ],
)
def test_what_is_no_feature_is_rejected_at_its_place(bad: Any, reason: str) -> None:
    good = feature(geometry("Point", [1, 2]))
    found = whole("geojson", collection(good, bad, good))
    assert [position for position, _ in placed([found])] == [0, 2]
    ((position, why),) = reasons(found)
    assert position == 1 and why.startswith(reason)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ('{"type": "Topology"}', "type"),
        ('{"type": "FeatureCollection"}', "type"),
        ("[]", "type"),
        (collection(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}), "crs"),
    ],
)
def test_a_document_that_is_no_geojson_is_invalid(document: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        pieces("geojson", document.encode())
    assert caught.value.field == field


def test_wgs_84_by_its_old_name_is_fine() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(rows("geojson", collection(feature(geometry("Point", [1, 2])), crs=crs))) == 1


def test_a_feature_read_alone_is_the_same_row() -> None:
    document = collection(feature(geometry("Point", [1, 2])), feature(geometry("Polygon", [SQUARE]), {"n": 2}))
    found = whole("geojson", document)
    for index, (_, row) in enumerate(placed([found])):
        assert alone(found.raw(index), found.raw_format) == ([row], [])


def test_real_communes_are_rows_with_their_areas() -> None:
    document = real("geo_communes_seine_maritime/communes-76-seine-maritime.geojson")
    table, rejected, schema = conformed(pieces("geojson", document))
    assert (table.num_rows, rejected) == (len(json.loads(document)["features"]), [])
    assert types(schema)["nom"] == types(schema)["geometry"] == "string"
    assert all(text.startswith(("POLYGON ((", "MULTIPOLYGON (((")) for text in table["geometry"].to_pylist())


def test_real_ports_have_their_places() -> None:
    table, rejected, schema = conformed(pieces("geojson", real("ports_world/searoute_ports.geojson")))
    assert (table.num_rows, rejected) == (3962, [])
    assert (schema.longitude, schema.latitude) == ("longitude", "latitude")
