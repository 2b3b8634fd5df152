"""SIRI 2.0 Vehicle Monitoring (CEN/TS 15531-3): what vehicles say of themselves, from SOAP, SIRI Lite in XML or JSON.

Elements are found by their local name: producers place namespaces as they like. A document with a DOCTYPE is refused
before anything in it is expanded; there are no entities in SIRI.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from xml.etree import ElementTree

from havre_mobility.people.realtime import StopUpdate, TripUpdate
from havre_mobility.people.timetable import FeedError

LARGEST = 64 * 1024**2
DEEPEST = 64


class When(Enum):
    PREVIOUS = "PreviousCall"
    MONITORED = "MonitoredCall"
    ONWARD = "OnwardCall"


@dataclass(frozen=True)
class Call:
    stop: str
    name: str
    order: int | None
    when: When
    aimed_arrival: datetime | None
    expected_arrival: datetime | None
    aimed_departure: datetime | None
    expected_departure: datetime | None
    cancelled: bool


@dataclass(frozen=True)
class Activity:
    """One vehicle. Identifiers as they are said; see ``identifier``."""

    recorded_at: datetime
    valid_until: datetime | None
    vehicle: str
    line: str
    line_name: str
    direction: str
    mode: str
    journey: str
    day: date | None
    """The service day, where DataFrameRef is a date."""
    destination: str
    monitored: bool
    latitude: float | None
    longitude: float | None
    bearing: float | None
    calls: tuple[Call, ...] = field(repr=False)

    def of(self, when: When) -> tuple[Call, ...]:
        return tuple(one for one in self.calls if one.when is when)


@dataclass(frozen=True)
class Delivery:
    at: datetime
    activities: tuple[Activity, ...] = field(repr=False)


def read(document: bytes) -> Delivery:
    """``FeedError``: no Vehicle Monitoring delivery, larger than ``LARGEST``, or a field that cannot be read."""
    if len(document) > LARGEST:
        raise FeedError(f"SIRI: {len(document)} bytes; expected at most {LARGEST}")
    root = _json(document) if document.lstrip()[:1] == b"{" else _xml(document)
    deliveries = [one for one in root.iter() if _name(one) == "VehicleMonitoringDelivery"]
    if not deliveries:
        said = next(
            (one.text for one in root.iter() if _name(one) in ("faultstring", "ErrorText", "Description")), None
        )
        raise FeedError(
            f"SIRI: no VehicleMonitoringDelivery; {'it says ' + repr(said) if said else 'nothing else either'}"
        )
    times = [one for one in root.iter() if _name(one) == "ResponseTimestamp"]
    if not times:
        raise FeedError("SIRI: no ResponseTimestamp; expected a time")
    activities = [one for delivery in deliveries for one in delivery if _name(one) == "VehicleActivity"]
    return Delivery(_time(times[0]), tuple(map(_activity, activities)))


def identifier(reference: str) -> str:
    """``NET:Line::T1:LOC`` and ``NET-VehicleJourney--132-LOC`` name T1 and 132: the reference without its frame."""
    for mark in (":", "-"):
        parts = reference.split(mark)
        if len(parts) >= 5 and parts[-1] == "LOC":
            return mark.join(part for part in parts[3:-1] if part)
    return reference


def updates(activities: Iterable[Activity]) -> tuple[TripUpdate, ...]:
    """What vehicles say, as updates that ``realtime.match`` takes to a timetable with the same identifiers."""
    return tuple(
        TripUpdate(
            trip_id=identifier(one.journey),
            route_id=identifier(one.line),
            start_date=one.day,
            stops=tuple(_stop_update(call) for call in one.calls if call.when is not When.PREVIOUS),
        )
        for one in activities
        if one.monitored and one.journey
    )


def _stop_update(call: Call) -> StopUpdate:
    arrival, departure = (
        (call.expected_arrival or call.aimed_arrival),
        (call.expected_departure or call.aimed_departure),
    )
    return StopUpdate(
        sequence=call.order,
        stop_id=identifier(call.stop).removeprefix("BP:"),
        arrival=None if arrival is None else int(arrival.timestamp()),
        departure=None if departure is None else int(departure.timestamp()),
        skipped=call.cancelled,
    )


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise FeedError(f"SIRI: a DOCTYPE {name!r}; expected none")


def _xml(document: bytes) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(document)
        root = parser.close()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        if isinstance(error, FeedError):
            raise
        raise FeedError(f"SIRI: {error}; expected XML or JSON") from None
    assert isinstance(root, ElementTree.Element)
    return root


def _json(document: bytes) -> ElementTree.Element:
    try:
        return _element("Siri", json.loads(document), DEEPEST)
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, FeedError) else FeedError(f"SIRI Lite: {error}; expected JSON") from None


def _element(name: str, value: Any, deepest: int) -> ElementTree.Element:
    """SIRI Lite in JSON as the elements that it stands for: an array is an element several times, text may be inside
    ``value``."""
    if deepest == 0:
        raise FeedError(f"SIRI Lite: {name}: deeper than {DEEPEST}")
    element = ElementTree.Element(name)
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        value = value["value"]
    if isinstance(value, dict):
        for key, inner in value.items():
            several = inner if isinstance(inner, list) else [inner]
            element.extend(_element(key, one, deepest - 1) for one in several)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)
    return element


Fields = Mapping[str, ElementTree.Element]
"""Children by their local name; of several the first."""


def _fields(element: ElementTree.Element | None) -> Fields:
    return {} if element is None else {_name(one): one for one in reversed(element)}


def _activity(element: ElementTree.Element) -> Activity:
    said = _fields(element)
    journey = _fields(said.get("MonitoredVehicleJourney"))
    if not journey:
        raise FeedError("SIRI: VehicleActivity: no MonitoredVehicleJourney")
    framed, location = _fields(journey.get("FramedVehicleJourneyRef")), _fields(journey.get("VehicleLocation"))
    recorded = _instant(said, "RecordedAtTime")
    if recorded is None:
        raise FeedError("SIRI: VehicleActivity: no RecordedAtTime; expected a time")
    return Activity(
        recorded_at=recorded,
        valid_until=_instant(said, "ValidUntilTime"),
        vehicle=_text(journey, "VehicleRef") or _text(said, "VehicleMonitoringRef"),
        line=_text(journey, "LineRef"),
        line_name=_text(journey, "PublishedLineName"),
        direction=_text(journey, "DirectionRef") or _text(journey, "DirectionName"),
        mode=_text(journey, "VehicleMode"),
        journey=_text(framed, "DatedVehicleJourneyRef"),
        day=_day(_text(framed, "DataFrameRef")),
        destination=_text(journey, "DestinationName"),
        monitored=_text(journey, "Monitored") != "false",
        latitude=_number(location, "Latitude", 90),
        longitude=_number(location, "Longitude", 180),
        bearing=_number(journey, "Bearing", 360),
        calls=tuple(_calls(said["MonitoredVehicleJourney"])),
    )


def _calls(journey: ElementTree.Element) -> Iterator[Call]:
    kinds = {when.value: when for when in When}
    for one in journey.iter():
        when = kinds.get(_name(one))
        if when is not None:
            yield _call(_fields(one), when)


def _call(said: Fields, when: When) -> Call:
    order = _text(said, "Order") or _text(said, "VisitNumber")
    return Call(
        stop=_text(said, "StopPointRef"),
        name=_text(said, "StopPointName"),
        order=int(order) if order.isdecimal() else None,
        when=when,
        aimed_arrival=_instant(said, "AimedArrivalTime"),
        expected_arrival=_instant(said, "ExpectedArrivalTime"),
        aimed_departure=_instant(said, "AimedDepartureTime"),
        expected_departure=_instant(said, "ExpectedDepartureTime"),
        cancelled="cancelled" in (_text(said, "ArrivalStatus"), _text(said, "DepartureStatus")),
    )


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(said: Fields, name: str) -> str:
    """Empty where there is none."""
    return (said[name].text or "").strip() if name in said else ""


def _instant(said: Fields, name: str) -> datetime | None:
    return _time(said[name]) if _text(said, name) else None


def _time(element: ElementTree.Element) -> datetime:
    text = (element.text or "").strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FeedError(f"SIRI: {_name(element)}: got {text!r}; expected a time of ISO 8601") from None
    if found.tzinfo is None:
        raise FeedError(f"SIRI: {_name(element)}: got {text!r}; expected a time with its offset from UTC")
    return found.astimezone(UTC)


def _number(said: Fields, name: str, most: float) -> float | None:
    text = _text(said, name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise FeedError(f"SIRI: {name}: got {text!r}; expected a number") from None
    return value if abs(value) <= most else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
