"""``geojson``: a FeatureCollection or one Feature (RFC 7946), each feature a row.

1. The properties are columns (``havre.sources.formats.records``), the identifier of a feature is ``feature_id``.
2. A Point gives ``longitude`` and ``latitude`` in degrees of WGS 84 (section 4). Any other geometry gives ``geometry``,
   its text in WKT, and no coordinates: which point stands for an area is not ours to say.
3. What the geometry gives comes before a property of the same name. A feature without geometry is a row without place.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from havre.errors import Invalid
from havre.lake.parsed import Parsed
from havre.sources.formats import Options, records, wkt
from havre.sources.formats.naming import identifier

OPTIONS: Mapping[str, str] = {}
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``. Positions count the features."""
    yield from records.pieces(_features(records.document(document)), _columns, "geojson")


def _features(read: Any) -> list[Any]:
    kind = read.get("type") if isinstance(read, dict) else None
    if kind == "Feature":
        return [read]
    if kind != "FeatureCollection" or not isinstance(read.get("features"), list):
        wanted = "a FeatureCollection with its features, or a Feature (RFC 7946)"
        raise Invalid(f"the document is {_shown(read, kind)}", field="type", expected=wanted)
    _check_reference(read.get("crs"))
    features: list[Any] = read["features"]
    return features


def _check_reference(crs: Any) -> None:
    """GeoJSON of 2008 may be in another reference system; in RFC 7946 there is only one."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if name and not name.endswith(_WGS84):
        raise Invalid(f"the coordinates are in {name[:100]}", field="crs", expected="WGS 84 (RFC 7946, section 4)")


def _columns(feature: Any) -> dict[str, Any]:
    """What ``records.record`` reads. ``Invalid`` says why it is no feature."""
    kind = feature.get("type") if isinstance(feature, dict) else None
    if kind != "Feature":
        raise Invalid(f"is {_shown(feature, kind)}, not a Feature")
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise Invalid("properties: are not an object")
    own = {} if feature.get("id") is None else {"feature_id": feature["id"]}
    placed = _place(feature.get("geometry"))
    taken = own.keys() | placed.keys()
    kept = {key: one for key, one in (properties or {}).items() if identifier(key).lower() not in taken}
    return own | kept | placed


def _place(geometry: Any) -> dict[str, Any]:
    if geometry is None:
        return {}
    if not isinstance(geometry, dict):
        raise Invalid("geometry: is not an object")
    if geometry.get("type") == "Point" and geometry.get("coordinates") != []:
        longitude, latitude = wkt.position(geometry.get("coordinates"))
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise Invalid(f"geometry: {longitude}, {latitude} are no degrees of longitude and latitude (WGS 84)")
        return {"longitude": longitude, "latitude": latitude}
    return {"geometry": wkt.text(geometry)}


def _shown(read: Any, kind: Any) -> str:
    return f"a {kind}" if isinstance(kind, str) else "an array" if isinstance(read, list) else "no GeoJSON object"
