"""Geometries of GeoJSON (RFC 7946, section 3.1) as well-known text (OGC 06-103r4, section 7), without heights.

``Invalid`` says what is wrong in a geometry.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from havre.errors import Invalid

_DEEPEST = 8


def text(geometry: Any, depth: int = 0) -> str:
    """The geometry as text."""
    if not isinstance(geometry, Mapping):
        raise Invalid("geometry: is not an object")
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        return _collection(geometry.get("geometries"), depth)
    if not isinstance(kind, str) or kind not in _FORMS:
        raise Invalid(
            f"geometry: got the type {str(kind)[:40]!r}", expected=" or ".join([*_FORMS, "GeometryCollection"])
        )
    coordinates = geometry.get("coordinates")
    if coordinates == []:
        return f"{kind.upper()} EMPTY"
    return f"{kind.upper()} {_FORMS[kind](coordinates)}"


def _collection(geometries: Any, depth: int) -> str:
    if not isinstance(geometries, list) or depth >= _DEEPEST:
        raise Invalid("geometry: geometries are no array, or nested too deeply")
    if not geometries:
        return "GEOMETRYCOLLECTION EMPTY"
    return f"GEOMETRYCOLLECTION ({', '.join(text(one, depth + 1) for one in geometries)})"


def position(coordinates: Any) -> tuple[float, float]:
    """Longitude and latitude. What comes after these in a position is left."""
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise Invalid("geometry: a position is no array of two numbers or more")
    return _number(coordinates[0]), _number(coordinates[1])


def _number(read: Any) -> float:
    try:
        number = float(read) if type(read) in (int, float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Invalid(f"geometry: got {str(read)[:40]!r} in a position, not a number")
    return number


def _numbers(coordinates: Any) -> str:
    return " ".join(f"{number:.15g}" for number in position(coordinates))


def _point(coordinates: Any) -> str:
    return f"({_numbers(coordinates)})"


def _list_of(one: Callable[[Any], str]) -> Callable[[Any], str]:
    def written(coordinates: Any) -> str:
        if not isinstance(coordinates, list):
            raise Invalid("geometry: coordinates are not nested as its type wants")
        return f"({', '.join(map(one, coordinates))})" if coordinates else "EMPTY"

    return written


_LINE = _list_of(_numbers)
_AREA = _list_of(_LINE)
_FORMS: dict[str, Callable[[Any], str]] = {
    "Point": _point,
    "MultiPoint": _list_of(_point),
    "LineString": _LINE,
    "MultiLineString": _AREA,
    "Polygon": _AREA,
    "MultiPolygon": _list_of(_AREA),
}
