"""The columns of one DATEX II situation record: the same for version 2 and version 3.

1. ``type`` is the class of the record (``Accident``, ``GeneralNetworkManagement``), ``kind`` what that class says of
   itself (``bridgeSwingInOperation``, ``laneClosures``), ``status`` its ``operatorActionStatus``.
2. Times stay as they are written; a dataset makes timestamps of them.
3. ``longitude`` and ``latitude`` (degrees, WGS 84) are those for display, else the first point of the location. A line
   is ``geometry`` in WKT, too. A location in words or by reference (roads, names, ALERT-C) is ``location``.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from havre.errors import Invalid

_LOCATIONS = ("locationReference", "groupOfLocations")
_FOR_DISPLAY = ("coordinatesForDisplay", "locationForDisplay")
_NAMES = ("roadNumber", "roadName", "descriptor")
_CODES = ("alertCLocationCountryCode", "alertCLocationTableNumber", "alertCLocationTableVersion")
_KINDS_OF_OTHERS = ("commentType", "sourceType", "causeType")


class Found(NamedTuple):
    """A record, the situation around it, and what the publication says of itself."""

    record: ET.Element
    situation: ET.Element
    published: str | None
    creator: str


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def columns(found: Found) -> Mapping[str, Any]:
    """What ``records.record`` reads. ``Invalid`` says why it is no row."""
    record, situation = found.record, found.situation
    location = next((one for one in record if local(one.tag) in _LOCATIONS), None)
    read = {
        "situation": situation.get("id"),
        "id": record.get("id"),
        "version": record.get("version"),
        "type": _type(record),
        "kind": _kind(record),
        **{name: _text(record, *path) for name, path in _PATHS.items()},
        "life_cycle": _life_cycle(record),
        "severity": _text(record, "severity") or _text(situation, "overallSeverity"),
        "information_status": _text(situation, "headerInformation", "informationStatus"),
        "comment": _comment(record),
        **_place(location),
        "location": _location(location),
        "source": _text(record, "source", "sourceIdentification") or _text(record, "source", "sourceName"),
        "creator": found.creator or None,
        "published_at": found.published,
    }
    if not read["id"]:
        raise Invalid("the record has no id")
    return {name: value for name, value in read.items() if value is not None}


def raw(found: Found) -> bytes:
    """The record as a publication of its own."""
    lone = ET.Element("payload", {"{http://www.w3.org/2001/XMLSchema-instance}type": "SituationPublication"})
    if found.published:
        ET.SubElement(lone, "publicationTime").text = found.published
    if found.creator:
        ET.SubElement(lone, "nationalIdentifier").text = found.creator
    around = ET.SubElement(lone, found.situation.tag, found.situation.attrib)
    around.extend(one for one in found.situation if one is found.record or local(one.tag) != "situationRecord")
    written: bytes = ET.tostring(lone, "utf-8")
    return written


_PATHS = {
    "status": ("operatorActionStatus",),
    "validity": ("validity", "validityStatus"),
    "probability": ("probabilityOfOccurrence",),
    "starts_at": ("validity", "validityTimeSpecification", "overallStartTime"),
    "ends_at": ("validity", "validityTimeSpecification", "overallEndTime"),
    "created_at": ("situationRecordCreationTime",),
    "said_at": ("situationRecordVersionTime",),
}


def _type(record: ET.Element) -> str | None:
    stated = next((value for name, value in record.attrib.items() if local(name) == "type"), "")
    return stated.rpartition(":")[2] or None


def _kind(record: ET.Element) -> str | None:
    """Each class has an element for it whose name ends in Type; where there are several, the first one counts."""
    said = (one for one in record if local(one.tag).endswith("Type") and local(one.tag) not in _KINDS_OF_OTHERS)
    return next((one.text.strip() for one in said if one.text and one.text.strip()), None)


def _life_cycle(record: ET.Element) -> str | None:
    """``cancel`` or ``end`` where the last version of a record of DATEX II 2 says that it is."""
    said = (name for name in ("cancel", "end") if _text(record, "management", "lifeCycleManagement", name) == "true")
    return next(said, None)


def _text(element: ET.Element, *path: str) -> str | None:
    """All text under the first element of that path, None when there is none."""
    for name in path:
        below = next((one for one in element if local(one.tag) == name), None)
        if below is None:
            return None
        element = below
    return _all_text(element)


def _all_text(element: ET.Element) -> str | None:
    return " ".join("".join(element.itertext()).split()) or None


def _comment(record: ET.Element) -> str | None:
    """The public comments: what is meant to be read."""
    said = [_text(one, "comment") for one in record if local(one.tag) == "generalPublicComment"]
    return " | ".join(one for one in said if one) or None


def _named(location: ET.Element, wanted: Callable[[str], bool]) -> Iterator[ET.Element]:
    return (one for one in location.iter() if wanted(local(one.tag)))


def _place(location: ET.Element | None) -> dict[str, Any]:
    if location is None:
        return {}
    line = next((_all_text(one) for one in _named(location, lambda name: name == "posList")), None)
    points = _line(line) if line else []
    shown = next(_named(location, _FOR_DISPLAY.__contains__), None)
    pair = _pair(shown) if shown is not None else None
    pair = pair or next((one for one in map(_pair, location.iter()) if one), None) or (points[0] if points else None)
    read: dict[str, Any] = {}
    if pair:
        read = {"longitude": pair[0], "latitude": pair[1]}
    if len(points) > 1:
        read["geometry"] = f"LINESTRING ({', '.join(f'{longitude} {latitude}' for longitude, latitude in points)})"
    return read


def _line(text: str) -> list[tuple[float, float]]:
    """Longitude and latitude of each point; GML of WGS 84 has the latitude first."""
    numbers = text.split()
    if len(numbers) % 2:
        raise Invalid("posList: an odd number of coordinates")
    return [_degrees(longitude, latitude) for latitude, longitude in zip(numbers[::2], numbers[1::2], strict=True)]


def _pair(element: ET.Element) -> tuple[float, float] | None:
    longitude, latitude = _text(element, "longitude"), _text(element, "latitude")
    return None if longitude is None or latitude is None else _degrees(longitude, latitude)


def _degrees(longitude: str, latitude: str) -> tuple[float, float]:
    try:
        east, north = float(longitude), float(latitude)
    except ValueError:
        east = north = float("nan")
    if not (-180 <= east <= 180 and -90 <= north <= 90):
        raise Invalid(f"{longitude[:20]}, {latitude[:20]} are no degrees of longitude and latitude (WGS 84)")
    return east, north


def _location(location: ET.Element | None) -> str | None:
    """Roads, names and ALERT-C codes, each said once."""
    if location is None:
        return None
    said = [_all_text(one) for one in _named(location, _NAMES.__contains__)]
    said += [_alert_c(one) for one in _named(location, lambda name: name in ("alertCPoint", "alertCLinear"))]
    return ", ".join(dict.fromkeys(one for one in said if one)) or None


def _alert_c(location: ET.Element) -> str | None:
    """Country, table and version; then the location codes, each with its offset in metres where it has one."""
    table = " ".join(_text(location, code) or "?" for code in _CODES)
    points = [
        (_text(one, "alertCLocation", "specificLocation"), _text(one, "offsetDistance", "offsetDistance"))
        for one in location
        if local(one.tag).endswith("PointLocation")
    ]
    codes = [f"{code}+{metres}" if metres else code for code, metres in points if code]
    return f"ALERT-C {table}: {' to '.join(codes)}" if codes else None
