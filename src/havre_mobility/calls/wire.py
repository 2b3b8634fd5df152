"""The messages of DCSA Port Call 2.0 (JIT API 2.0.0), and our timestamps as such.

Fields have the standard's names. What the standard does not know passes and is kept; what it knows is held to its form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from havre_mobility.calls import timestamps
from havre_mobility.calls.services import EVENTS, Classifier, Event, Facility, Phase
from havre_mobility.calls.timestamps import identifier

Text = Annotated[str, Field(pattern=r"^\S(?:.*\S)?$")]
Locode = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
Unit = Literal["MTR", "FOT"]


class Message(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    def body(self) -> dict[str, Any]:
        """As JSON values, without what was not said."""
        return self.model_dump(mode="json", exclude_none=True)


class Vessel(Message):
    vesselIMONumber: Annotated[str, Field(pattern=r"^\d{7,8}$")] | None = None
    MMSINumber: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    name: Annotated[Text, Field(max_length=50)] | None = None
    lengthOverall: float | None = None
    width: float | None = None
    dimensionUnit: Unit | None = None
    callSign: Annotated[Text, Field(max_length=10)] | None = None
    typeCode: Literal["GCGO", "CONT", "RORO", "CARC", "PASS", "FERY", "BULK", "TANK", "LGTK", "ASSI", "PILO"] | None = (
        None
    )

    @model_validator(mode="after")
    def _known(self) -> "Vessel":
        if self.vesselIMONumber is None and self.MMSINumber is None:
            raise ValueError("one of vesselIMONumber and MMSINumber is needed")
        if self.dimensionUnit is None and (self.lengthOverall is not None or self.width is not None):
            raise ValueError("dimensionUnit is needed with lengthOverall or width")
        return self


class PortCall(Message):
    portCallID: UUID
    portVisitReference: Annotated[str, Field(max_length=50)] | None = None
    UNLocationCode: Locode
    vessel: Vessel
    isFYI: bool = False


class TerminalCall(Message):
    terminalCallID: UUID
    portCallID: UUID
    terminalCallReference: Annotated[str, Field(max_length=100)] | None = None
    terminalCallSequenceNumber: int | None = None
    carrierServiceName: Annotated[Text, Field(max_length=50)]
    carrierServiceCode: Annotated[Text, Field(max_length=11)]
    universalServiceReference: Annotated[str, Field(pattern=r"^SR\d{5}[A-Z]$")] | None = None
    isFYI: bool = False


class GeoCoordinate(Message):
    latitude: Annotated[str, Field(max_length=10)]
    longitude: Annotated[str, Field(max_length=11)]


class FacilityCode(Message):
    facilityCode: Annotated[Text, Field(max_length=6)]
    facilityCodeListProvider: Literal["BIC", "SMDG"]
    subFacility: Annotated[Text, Field(max_length=100)] | None = None


class Location(Message):
    locationName: Annotated[Text, Field(max_length=100)] | None = None
    UNLocationCode: Locode
    facility: FacilityCode | None = None
    geoCoordinate: GeoCoordinate | None = None


class PortCallService(Message):
    terminalCallID: UUID
    portCallServiceID: UUID
    portCallServiceTypeCode: Annotated[Text, Field(max_length=50)]
    portCallServiceEventTypeCode: Event
    portCallPhaseTypeCode: Phase | None = None
    facilityTypeCode: Facility | None = None
    portCallServiceLocation: Location
    moves: list[dict[str, Any]] | None = None
    isFYI: bool = False

    @model_validator(mode="after")
    def _has_event(self) -> "PortCallService":
        known = EVENTS.get(self.portCallServiceTypeCode)
        if known is not None and self.portCallServiceEventTypeCode not in known:
            wanted = " or ".join(sorted(known))
            raise ValueError(f"portCallServiceEventTypeCode of {self.portCallServiceTypeCode} is {wanted}")
        return self


class Timestamp(Message):
    timestampID: UUID
    replyToTimestampID: UUID | None = None
    portCallServiceID: UUID
    classifierCode: Classifier
    dateTime: AwareDatetime
    portCallServiceLocation: Location | None = None
    delayReasonCode: Annotated[str, Field(max_length=3)] | None = None
    remark: Annotated[str, Field(max_length=500)] | None = None
    isFYI: bool = False

    @field_validator("portCallServiceLocation")
    @classmethod
    def _only_requested(cls, location: Location | None, info: Any) -> Location | None:
        if location is not None and info.data.get("classifierCode") is not Classifier.REQUESTED:
            raise ValueError("a timestamp has a location only with classifierCode REQ")
        return location


class VesselStatus(Message):
    portCallServiceID: UUID
    draft: float | None = None
    airDraft: float | None = None
    aftDraft: float | None = None
    forwardDraft: float | None = None
    dimensionUnit: Unit | None = None
    vesselPosition: dict[str, Any] | None = None
    milesToDestinationPort: float | None = None
    isFYI: bool = False


class Reason(Message):
    """The body of omit, cancel and decline."""

    reason: Annotated[str, Field(max_length=500)] | None = None
    isFYI: bool = False


@dataclass(frozen=True)
class Port:
    """What the messages of one port have in common; ``berths`` names those that have a code of SMDG."""

    locode: str
    service_name: str
    service_code: str
    berths: Mapping[str, FacilityCode]


def messages(of: Iterable[timestamps.Timestamp], port: Port, vessel: Vessel) -> list[Message]:
    """A port call's timestamps (all of one call and of ``vessel``) as messages, in the order in which they are sent:
    the call, the terminal call, and each service before its timestamps. A ship that comes back to a berth has two
    timestamps of one service."""
    found: dict[UUID, Message] = {}
    for one in of:
        call_id, terminal_id = identifier("port-call", one.call), identifier("terminal-call", one.call)
        # not the phase: what looks like a departure may turn out to be a shift
        kind = (one.service, one.event.value, one.place)
        service_id = identifier("service", one.call, *kind)
        moment = (one.classifier.value, one.issuer, one.source, _text(one.said_at), _text(one.at))
        timestamp_id = identifier("timestamp", one.call, *kind, *moment)
        for id_, message in (
            (call_id, PortCall(portCallID=call_id, UNLocationCode=port.locode, vessel=vessel)),
            (terminal_id, _terminal_call(terminal_id, call_id, port)),
            (service_id, _service(service_id, terminal_id, one, port)),
            (timestamp_id, _timestamp(timestamp_id, service_id, one)),
        ):
            found.setdefault(id_, message)
    return list(found.values())


def _terminal_call(id_: UUID, call: UUID, port: Port) -> TerminalCall:
    return TerminalCall(
        terminalCallID=id_, portCallID=call, carrierServiceName=port.service_name, carrierServiceCode=port.service_code
    )


def _service(id_: UUID, terminal_call: UUID, one: timestamps.Timestamp, port: Port) -> PortCallService:
    location = Location(UNLocationCode=port.locode, locationName=one.place or None, facility=port.berths.get(one.place))
    return PortCallService(
        portCallServiceID=id_, terminalCallID=terminal_call, portCallServiceTypeCode=one.service,
        portCallServiceEventTypeCode=one.event, portCallPhaseTypeCode=one.phase, facilityTypeCode=one.facility,
        portCallServiceLocation=location,
    )  # fmt: skip


def _timestamp(id_: UUID, service: UUID, one: timestamps.Timestamp) -> Timestamp:
    remark = f"said by {one.issuer} at {_text(one.said_at)}, source {one.source}"
    return Timestamp(
        timestampID=id_, portCallServiceID=service, classifierCode=one.classifier, dateTime=one.at, remark=remark
    )


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
