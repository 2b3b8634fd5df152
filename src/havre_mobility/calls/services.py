"""Port call services and their codes (DCSA Port Call 2.0, JIT API 2.0.0, schemas PortCallService and Timestamp).

Three rules of the standard stand here as tables: which events a service has, for which services times are negotiated
(estimated, requested, planned; the others have only an actual), and who may send which classifier.
"""

from enum import StrEnum


class Classifier(StrEnum):
    ESTIMATED = "EST"
    REQUESTED = "REQ"
    PLANNED = "PLN"
    ACTUAL = "ACT"


class Event(StrEnum):
    STARTED = "STRT"
    COMPLETED = "CMPL"
    ARRIVED = "ARRI"
    DEPARTED = "DEPA"


class Phase(StrEnum):
    INBOUND = "INBD"
    ALONGSIDE = "ALGS"
    SHIFTING = "SHIF"
    OUTBOUND = "OUTB"


class Facility(StrEnum):
    PILOT_BOARDING_PLACE = "PBPL"
    BERTH = "BRTH"
    ANCHORAGE = "ANCH"


_SPANS = frozenset({Event.STARTED, Event.COMPLETED})
_ARRIVAL = frozenset({Event.ARRIVED})
EVENTS: dict[str, frozenset[Event]] = {
    "CARGO_OPERATIONS": _SPANS,
    "PILOTAGE": _SPANS,
    "TOWAGE": _SPANS,
    "MOORING": _SPANS,
    "BUNKERING": _SPANS,
    "ANCHORAGE": _SPANS,
    "SLUDGE": _SPANS,
    "SEA_PASSAGE": _SPANS,
    "DISCHARGE_CARGO_OPERATIONS": _SPANS,
    "LOADING_CARGO_OPERATIONS": _SPANS,
    "LASHING": _SPANS,
    "ANCHORAGE_OPERATIONS": _SPANS,
    "SHORE_POWER": _SPANS,
    "BERTH": frozenset({Event.ARRIVED, Event.DEPARTED}),
    "PILOT_BOARDING_PLACE": _ARRIVAL,
    "ALL_FAST": _ARRIVAL,
    "GANGWAY_DOWN_AND_SECURE": _ARRIVAL,
    "VESSEL_READY_FOR_CARGO_OPERATIONS": _ARRIVAL,
    "VESSEL_READY_TO_SAIL": _ARRIVAL,
    "MOVES": _ARRIVAL,
    "SAFETY": frozenset({Event.DEPARTED}),
}
"""Service → the events that it may have (PortCallService, portCallServiceEventTypeCode, conditions)."""

NEGOTIATED = frozenset(
    {
        "BERTH", "CARGO_OPERATIONS", "PILOTAGE", "TOWAGE", "MOORING", "BUNKERING", "PILOT_BOARDING_PLACE", "ANCHORAGE",
        "SLUDGE",
    }
)  # fmt: skip
"""Services with estimated, requested and planned times (Timestamp, classifierCode, conditions)."""


def refused(service: str, classifier: Classifier, *, by_provider: bool) -> str | None:
    """Why a timestamp of this service may not be sent by the service's provider, or by its consumer; else None."""
    if classifier is Classifier.ACTUAL and service == "MOVES":
        return "MOVES have no actual time"
    if classifier is not Classifier.ACTUAL and service not in NEGOTIATED:
        return f"{service} has only actual times"
    if (classifier is Classifier.REQUESTED) == by_provider:
        return f"{classifier.value} is sent by the service's {'consumer' if by_provider else 'provider'}"
    return None
