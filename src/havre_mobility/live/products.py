"""The products of movements of ships: port calls, their timestamps, arrivals to come."""

from havre.client import Field, Schema
from havre.client.service import Product

USE = {"permission": [{"action": "use"}]}


def _time(name: str, description: str = "", *, nullable: bool = True) -> Field:
    return Field(name, "timestamp", nullable=nullable, description=description)


CALLS = Product(
    "port-calls",
    "Port calls, as seen by AIS",
    Schema(
        (
            _time("said_at", "when it could be known", nullable=False),
            Field("call", "string", nullable=False, description="the same for all rows of a call"),
            Field("mmsi", "integer", nullable=False),
            Field("name", "string"),
            Field("state", "string", nullable=False, description="arrived, left, or gone: at sea again"),
            Field("berth", "string", nullable=False),
            _time("entered_at", "she came into the approaches; empty where that was not seen"),
            _time("arrived_at", "at the berth; empty where that was not seen"),
            _time("left_at", "the berth; empty while she is there"),
            _time("gone_at", "she was out of the approaches; empty before"),
            Field("confidence", "integer", nullable=False, description="2 to 4, as Global Fishing Watch has it"),
        ),
        time="said_at",
    ),
    USE,
    of=("ais", "particulars"),
    time="said_at",
    description="A row when a stay at a berth has begun, one when it is over, one when the ship is at sea again.",
    keywords=("ship", "port call", "AIS"),
)
TIMESTAMPS = Product(
    "port-call-timestamps",
    "Timestamps of port calls",
    Schema(
        (
            _time("told_at", "when it could be known here", nullable=False),
            Field("call", "string", nullable=False, description="the port call, or the movement where none was seen"),
            Field("movement", "string", description="the number of what was announced"),
            Field("mmsi", "integer", nullable=False),
            Field("service", "string", nullable=False, description="portCallServiceTypeCode"),
            Field("event", "string", nullable=False, description="portCallServiceEventTypeCode"),
            Field("phase", "string", description="portCallPhaseTypeCode"),
            Field("facility", "string", description="facilityTypeCode"),
            Field("place", "string", nullable=False, description="berth or anchorage; empty at sea"),
            Field("classifier", "string", nullable=False, description="EST, REQ, PLN or ACT"),
            _time("at", "the time that is stated", nullable=False),
            _time("said_at", "when it was stated", nullable=False),
            Field("issuer", "string", nullable=False),
            Field("source", "string", nullable=False, description="ais, announcement or message"),
        ),
        time="told_at",
    ),
    USE,
    of=("ais", "particulars", "movements"),
    time="told_at",
    description="What was seen and what parties say of port calls, in the codes of DCSA Port Call 2.0.",
    keywords=("ship", "port call", "DCSA"),
)
ETAS = Product(
    "ship-etas",
    "Forecast of arrivals",
    Schema(
        (
            _time("made_at", nullable=False),
            Field("movement", "string", nullable=False),
            Field("mmsi", "integer", nullable=False),
            Field("point", "string", nullable=False, description="pilot or berth"),
            Field("berth", "string"),
            _time("p10", "one of ten ships comes earlier", nullable=False),
            _time("p50", "as likely later as earlier", nullable=False),
            _time("p90", "one of ten ships comes later", nullable=False),
        ),
        time="made_at",
    ),
    USE,
    of=("ais", "particulars", "movements", "tide"),
    time="made_at",
    description="Of announced arrivals, each minute; none so long as too few have been seen to learn from.",
    keywords=("ship", "arrival", "forecast"),
)
MOVEMENTS = (CALLS, TIMESTAMPS, ETAS)
