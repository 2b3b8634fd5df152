"""Port calls as timestamps: what is an event, who said it, and how the standard writes it."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from havre_mobility.calls import services, timestamps, wire
from havre_mobility.calls.sequence import Call, Stay
from havre_mobility.calls.services import EVENTS, Classifier
from havre_mobility.calls.timestamps import key, of_announcements, of_call
from tests.mobility.calls import openapi
from tests.mobility.calls.port import START, at

ZERO = START - START
CALL = Call(
    227_000_001,
    0,
    (
        Stay("anchorage", "roads", at(0), at(60), True, True, ZERO),
        Stay("lock", "lock", at(90), at(110), True, True, ZERO),
        Stay("berth", "west", at(120), at(300), True, True, ZERO),
        Stay("berth", "east", at(330), at(600), True, True, ZERO),
    ),
    at(0),
    at(700),
    4,
)
ANNOUNCED: dict[str, Any] = {
    "said_at": at(0), "movement": "m-1", "mmsi": 227_000_001, "kind": "arrival", "point": "pilot", "berth": "west",
    "classifier": "EST", "value_at": at(90), "issuer": "agent",
}  # fmt: skip
VESSEL = wire.Vessel(MMSINumber="227000001")
PORT = wire.Port("FRLEH", "Public calls", "PUBLIC", {})


def told(call: Call) -> list[tuple[str, str, str | None, str]]:
    return [(one.service, one.event.value, one.phase, one.place) for one in of_call(call, "port_authority")]


def test_a_call_is_told_step_by_step() -> None:
    assert told(CALL) == [
        ("SEA_PASSAGE", "CMPL", "INBD", ""),
        ("ANCHORAGE", "STRT", None, "roads"),
        ("ANCHORAGE", "CMPL", None, "roads"),
        ("BERTH", "ARRI", "INBD", "west"),
        ("BERTH", "DEPA", "SHIF", "west"),
        ("BERTH", "ARRI", "SHIF", "east"),
        ("BERTH", "DEPA", "OUTB", "east"),
        ("SEA_PASSAGE", "STRT", "OUTB", ""),
    ]


def test_the_edge_of_a_log_is_no_event() -> None:
    stays = (replace(CALL.stays[2], entered=False), replace(CALL.stays[3], left=False))
    assert told(replace(CALL, stays=stays, entered_at=None, left_at=None)) == [
        ("BERTH", "DEPA", "SHIF", "west"),
        ("BERTH", "ARRI", "SHIF", "east"),
    ]


def test_what_was_seen_is_actual_and_says_so() -> None:
    assert {(one.classifier, one.issuer, one.source) for one in of_call(CALL, "port_authority")} == {
        (Classifier.ACTUAL, "port_authority", "ais")
    }


@pytest.mark.parametrize("classifier", ["EST", "REQ", "PLN", "ACT"])
def test_an_announcement_keeps_who_said_it_and_when(classifier: str) -> None:
    (one,) = of_announcements([ANNOUNCED | {"classifier": classifier}])
    assert (one.classifier, one.issuer, one.source, one.said_at, one.at) == (
        classifier, "agent", "announcement", at(0), at(90),
    )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"point": "buoy"}, {"classifier": "MAYBE"}])
def test_an_announcement_of_what_there_is_not_is_an_error(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        list(of_announcements([ANNOUNCED | wrong]))


def test_a_call_that_is_found_again_is_the_same_in_messages() -> None:
    """First she lay at one berth and left, then it turned out that she went to the next."""
    before = replace(CALL, left_at=None, stays=CALL.stays[:3])
    assert key(before) == key(CALL)
    assert identifiers(before) < identifiers(CALL)


def identifiers(call: Call) -> set[str]:
    return {value for one in messages(call) for name, value in one.body().items() if name.endswith("ID")}


def test_an_announcement_is_linked_to_the_call_that_it_is_about() -> None:
    (early, late, other) = of_announcements(
        [ANNOUNCED, ANNOUNCED | {"value_at": at(60 * 40)}, ANNOUNCED | {"mmsi": 227_000_002}]
    )
    assert [one.call for one in timestamps.linked([early, late, other], [CALL])] == [key(CALL), "m-1", "m-1"]


def messages(call: Call) -> list[wire.Message]:
    return wire.messages(of_call(call, "port_authority"), PORT, VESSEL)


def test_every_message_is_valid_by_the_standard() -> None:
    announced = [ANNOUNCED, ANNOUNCED | {"point": "berth", "classifier": "PLN"}, ANNOUNCED | {"point": "departure"}]
    sent = [*messages(CALL), *wire.messages(of_announcements(announced), PORT, VESSEL)]
    for message in sent:
        openapi.validate(type(message).__name__, message.body())
    assert {type(message).__name__ for message in sent} == {"PortCall", "TerminalCall", "PortCallService", "Timestamp"}


def test_what_a_message_hangs_on_is_sent_before_it() -> None:
    known: set[UUID] = set()
    for message in messages(CALL):
        match message:
            case wire.PortCall():
                known.add(message.portCallID)
            case wire.TerminalCall():
                assert message.portCallID in known
                known.add(message.terminalCallID)
            case wire.PortCallService():
                assert message.terminalCallID in known
                known.add(message.portCallServiceID)
            case wire.Timestamp():
                assert message.portCallServiceID in known


@pytest.mark.parametrize(
    "model", [wire.PortCall, wire.TerminalCall, wire.PortCallService, wire.Timestamp, wire.VesselStatus]
)
def test_the_standards_own_examples_are_read_and_written_back(model: type[wire.Message]) -> None:
    found = openapi.examples(model.__name__)
    assert found
    for example in found:
        openapi.validate(model.__name__, model.model_validate(example).body())


def test_the_events_of_services_are_those_of_the_standard() -> None:
    """Each code that the standard's text lists is in our table, and no other."""
    properties = openapi.description()["components"]["schemas"]["PortCallService"]["properties"]
    text: str = properties["portCallServiceTypeCode"]["description"]
    assert set(re.findall(r"- `([A-Z_]+)`", text)) == set(EVENTS)


@pytest.mark.parametrize("event", services.Event)
def test_each_service_has_the_events_that_the_standard_lists(event: services.Event) -> None:
    """The conditions in the standard's text: a list of services after each sentence that names the events."""
    schemas = openapi.description()["components"]["schemas"]
    text: str = schemas["PortCallService"]["properties"]["portCallServiceEventTypeCode"]["description"]
    listed = set()
    for events, names in re.findall(
        r"`portCallServiceEventTypeCode` values? ([^:.]*)[:.]((?:\s+- `[A-Z_]+`[^\n]*)*)", text
    ):
        if f"`{event}`" in events:
            listed |= set(re.findall(r"- `([A-Z_]+)`", names))
    for service, events in re.findall(
        r"`portCallServiceTypeCode='([A-Z_]+)'`[^`]*`portCallServiceEventTypeCode` values? ([^.]*)", text
    ):
        if f"`{event}`" in events:
            listed.add(service)
    assert listed == {service for service, events in EVENTS.items() if event in events}


@pytest.mark.parametrize(
    ("service", "event", "right"),
    [("BERTH", "ARRI", True), ("BERTH", "STRT", False), ("PILOTAGE", "STRT", True), ("PILOTAGE", "ARRI", False)],
)
def test_a_service_has_its_events_only(service: str, event: str, right: bool) -> None:
    body = {
        "portCallServiceID": str(UUID(int=1)), "terminalCallID": str(UUID(int=2)),
        "portCallServiceTypeCode": service, "portCallServiceEventTypeCode": event,
        "portCallServiceLocation": {"UNLocationCode": "FRLEH"},
    }  # fmt: skip
    if right:
        assert wire.PortCallService.model_validate(body).body() == body | {"isFYI": False}
    else:
        with pytest.raises(ValidationError, match="portCallServiceEventTypeCode"):
            wire.PortCallService.model_validate(body)


@pytest.mark.parametrize("body", [{}, {"name": "X"}, {"MMSINumber": "12"}, {"MMSINumber": "227000001", "width": 30}])
def test_a_vessel_without_a_number_or_a_unit_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        wire.Vessel.model_validate(body)


@pytest.mark.parametrize(
    ("service", "classifier", "provider", "right"),
    [
        ("BERTH", "EST", True, True), ("BERTH", "EST", False, False), ("BERTH", "REQ", False, True),
        ("BERTH", "REQ", True, False), ("BERTH", "PLN", True, True), ("BERTH", "ACT", True, True),
        ("BERTH", "ACT", False, False), ("SEA_PASSAGE", "ACT", True, True), ("SEA_PASSAGE", "EST", True, False),
        ("MOVES", "ACT", True, False),
    ],
)  # fmt: skip
def test_who_may_send_which_classifier(service: str, classifier: str, provider: bool, right: bool) -> None:
    why = services.refused(service, Classifier(classifier), by_provider=provider)
    assert (why is None) == right


def test_identifiers_are_of_version_4() -> None:
    one = timestamps.identifier("service", "a", "b")
    assert one.version == 4 and one == timestamps.identifier("service", "a", "b")
    assert one != timestamps.identifier("service", "ab")
