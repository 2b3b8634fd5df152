"""SIRI Vehicle Monitoring is read from SOAP, SIRI Lite in XML and in JSON alike, and never expands an entity."""

import json
from datetime import UTC, datetime

import pytest

from havre_mobility.people import siri
from havre_mobility.people.timetable import FeedError
from tests.mobility.people.feeds import real

CAEN = "siri_vm_twisto_caen/siri_vehicle_monitoring_2025-04-07.xml"
XML = """<Siri xmlns="http://www.siri.org.uk/siri" version="2.0"><ServiceDelivery>
<ResponseTimestamp>2026-03-02T10:00:00Z</ResponseTimestamp>
<VehicleMonitoringDelivery><VehicleActivity><RecordedAtTime>2026-03-02T11:00:00+01:00</RecordedAtTime>
<MonitoredVehicleJourney><LineRef>NET:Line::T1:LOC</LineRef><FramedVehicleJourneyRef>
<DataFrameRef>2026-03-02</DataFrameRef><DatedVehicleJourneyRef>NET-VehicleJourney--77-LOC</DatedVehicleJourneyRef>
</FramedVehicleJourneyRef><VehicleLocation><Longitude>0.1</Longitude><Latitude>49.5</Latitude></VehicleLocation>
<MonitoredCall><StopPointRef>NET:StopPoint:BP:S1:LOC</StopPointRef><Order>3</Order>
<ExpectedArrivalTime>2026-03-02T10:02:00Z</ExpectedArrivalTime></MonitoredCall>
</MonitoredVehicleJourney></VehicleActivity></VehicleMonitoringDelivery></ServiceDelivery></Siri>"""
JOURNEY = {
    "LineRef": {"value": "NET:Line::T1:LOC"},
    "FramedVehicleJourneyRef": {
        "DataFrameRef": {"value": "2026-03-02"},
        "DatedVehicleJourneyRef": "NET-VehicleJourney--77-LOC",
    },
    "VehicleLocation": {"Longitude": 0.1, "Latitude": 49.5},
    "MonitoredCall": {
        "StopPointRef": {"value": "NET:StopPoint:BP:S1:LOC"},
        "Order": 3,
        "ExpectedArrivalTime": "2026-03-02T10:02:00Z",
    },
}
ACTIVITY = {"RecordedAtTime": "2026-03-02T10:00:00Z", "MonitoredVehicleJourney": JOURNEY}
DELIVERY = {
    "ResponseTimestamp": "2026-03-02T10:00:00Z",
    "VehicleMonitoringDelivery": [{"VehicleActivity": [ACTIVITY]}],
}
LITE = {"Siri": {"ServiceDelivery": DELIVERY}}


def test_xml_and_json_say_the_same() -> None:
    assert siri.read(XML.encode()) == siri.read(json.dumps(LITE).encode())


def test_an_activity_becomes_an_update_with_the_names_of_the_timetable() -> None:
    (update,) = siri.updates(siri.read(XML.encode()).activities)
    (stop,) = update.stops
    assert (update.trip_id, update.route_id, str(update.start_date)) == ("77", "T1", "2026-03-02")
    assert (stop.stop_id, stop.arrival) == ("S1", int(datetime(2026, 3, 2, 10, 2, tzinfo=UTC).timestamp()))


@pytest.mark.parametrize("kind", ['<!DOCTYPE Siri [<!ENTITY a "b">]>', '<!DOCTYPE Siri SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_any_encoding(kind: str, encoding: str) -> None:
    with pytest.raises(FeedError, match="a DOCTYPE"):
        siri.read((kind + XML).encode(encoding))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"<Siri", "expected XML or JSON"),
        (b"{", "expected JSON"),
        (b'{"a":' * 60_000, "expected JSON|deeper than"),
        (b"<Siri/>", "no VehicleMonitoringDelivery"),
        (b"<f><faultstring>no such requestor</faultstring></f>", "it says 'no such requestor'"),
        (XML.replace("2026-03-02T10:02:00Z", "at ten").encode(), "ExpectedArrivalTime: got 'at ten'"),
        (XML.replace("2026-03-02T10:02:00Z", "2026-03-02T10:02:00").encode(), "with its offset from UTC"),
        (XML.replace("49.5", "north").encode(), "Latitude: got 'north'; expected a number"),
    ],
)
def test_what_is_wrong_is_told(document: bytes, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        siri.read(document)


@pytest.mark.parametrize(
    ("reference", "name"),
    [("N:Line::T1:LOC", "T1"), ("N-VehicleJourney--13-LOC", "13"), ("T1", "T1"), ("N:StopPoint:BP:S:LOC", "BP:S")],
)
def test_an_identifier_comes_out_of_its_frame(reference: str, name: str) -> None:
    assert siri.identifier(reference) in (name, name.removeprefix("BP:"))


def test_the_vehicles_of_caen_are_read_whole() -> None:
    found = siri.read(real(CAEN))
    assert found.at == datetime(2025, 4, 7, 17, 1, 32, 34_480, UTC)
    assert len(found.activities) == 96 and len({one.line for one in found.activities}) == 24
    assert sum(len(one.of(siri.When.ONWARD)) for one in found.activities) == 1869
    assert all(one.latitude is not None and len(one.of(siri.When.MONITORED)) == 1 for one in found.activities)
    updates = siri.updates(found.activities)
    assert all(one.trip_id.isdecimal() for one in updates) and sum(len(one.stops) for one in updates) == 1869 + 96
