"""What the service publishes."""

from collections.abc import Mapping
from typing import Any

from havre.client import Field, Schema
from havre.client.service import Product
from havre_waste.live import counts, traced
from havre_waste.live.intake import HISTORY, schema
from havre_waste.ships import telling, wire

USE = {"permission": [{"action": "use"}]}
NOBODY: Mapping[str, Any] = {**USE, "prohibition": [{"action": "https://w3id.org/dpv#Identify"}]}
"""That nobody tries to find persons can only be agreed to."""
CITY = ("sites", "containers")


def _time(name: str, description: str) -> Field:
    return Field(name, "timestamp", nullable=False, description=description)


def notifications() -> Schema:
    """The columns of ``ships.wire.to_rows``."""
    types = {one["name"]: one["type"] for one in wire.table_schema()["fields"]}
    columns = [_time("notified_at", "when it was received")]
    columns += [
        Field(name, {"datetime": "string"}.get(types[name], types[name]), nullable=name != "notification")
        for name in wire.CSV_COLUMNS
    ]
    return Schema(tuple(columns), time="notified_at")


def receipts() -> Schema:
    """The columns of ``ships.telling.receipt_rows``."""
    ship = {one.name: one for one in notifications().fields if one.name in telling.SHIP}
    own = {
        "delivered_from": _time("delivered_from", "when the delivery began"),
        "delivered_to": _time("delivered_to", "when it was over"),
        "load": Field("load", "string", description="of ours; empty: all that the ship delivered"),
        "treatment_facility": Field("treatment_facility", "string"),
        "specified": Field("specified", "string"),
        "received_m3": Field("received_m3", "number", unit="m3", nullable=False),
        "as_notified": Field(
            "as_notified", "boolean", nullable=False, description="amounts as the ship notified them, not measured"
        ),
    }
    columns = [ship.get(name) or own.get(name) or Field(name, "string", nullable=False) for name in telling.RECEIPT]
    return Schema((_time("said_at", "when it was given"), *columns), time="said_at")


PRODUCTS = (
    Product(
        "container-levels",
        "Levels of containers, with how sure they are",
        schema("levels"),
        USE,
        of=(*CITY, *HISTORY, "weather", "holidays"),
        time="time",
        description="Each hour, of each container: P10, P50 and P90 of its fill, and what that rests on.",
        keywords=("waste", "container", "level"),
    ),
    Product(
        "sensor-faults",
        "Level sensors that are not believed",
        Schema(
            (
                _time("said_at", "when it is told: an hour after it was found, or later"),
                _time("time", "when it was found"),
                Field("container", "string", nullable=False),
                Field("fault", "string", description="spikes, tilt, stuck, dead, drift, bag; empty: it is well again"),
                Field("value", "number", description="what shows it"),
            ),
            time="said_at",
        ),
        USE,
        of=(*CITY, "readings", "crew_notes", "truck_passes"),
        time="said_at",
        keywords=("waste", "sensor", "fault"),
    ),
    Product(
        "container-emptyings",
        "Emptyings of containers",
        Schema(
            (
                _time("said_at", "when it is told: six hours after it, when readings have shown it, or later"),
                _time("time", "of the emptying"),
                Field("container", "string", nullable=False),
                Field("flow", "string", nullable=False),
                Field("fill_before", "number", unit="1", description="as believed"),
                Field("kg", "number", unit="kg", description="by the fill and the usual density of the flow"),
                Field("told", "string", nullable=False, description="by a sensor, a note or a pass"),
            ),
            time="said_at",
        ),
        USE,
        of=(*CITY, "readings", "crew_notes", "truck_passes"),
        time="said_at",
        keywords=("waste", "collection"),
    ),
    Product(
        "collection-rounds",
        "Rounds of the day, visit by visit",
        Schema(
            (
                _time("said_at", "when it was planned"),
                Field("day", "date", nullable=False, description="local"),
                Field("round", "string", nullable=False),
                Field("truck", "string", nullable=False),
                Field("flow", "string", nullable=False),
                Field("order", "integer", nullable=False),
                Field("kind", "string", nullable=False, description="start, stop, tip, lunch or end"),
                Field("stop", "string", description="container, ship or plant"),
                _time("begins_at", "as planned"),
                _time("ends_at", "as planned"),
                Field("metres", "integer", unit="m", nullable=False, description="from the visit before"),
                Field("kg_on_board", "integer", unit="kg", nullable=False, description="when it ends"),
                Field("fill", "number", unit="1", description="as expected"),
                Field("wait_s", "integer", unit="s", nullable=False, description="expected at bridges on the way"),
            ),
            time="said_at",
        ),
        USE,
        of=(*CITY, *HISTORY, "trucks", "plants", "depots", "streets", "bridge_messages", "bridge_forecasts"),
        time="said_at",
        keywords=("waste", "round"),
    ),
    Product(
        "crew-notes",
        "What crews tell from the street",
        Schema((_time("said_at", "when it was told"), *schema("crew_notes").fields), time="said_at"),
        USE,
        of=("sites", "containers", "trucks"),
        time="said_at",
        description="Of containers and trucks: no person is named.",
        keywords=("waste", "crew"),
    ),
    Product(
        "resident-reports",
        "Containers that residents report",
        Schema(
            (
                _time("said_at", "when it was told"),
                _time("time", "of the report"),
                Field("container", "string", nullable=False),
                Field("seen", "string", nullable=False, description="full, overflow or damaged"),
            ),
            time="said_at",
        ),
        USE,
        of=("sites", "containers"),
        time="said_at",
        description="Of whoever stood there nothing is known.",
        keywords=("waste", "container", "report"),
    ),
    Product(
        "ship-waste-notifications",
        "Waste that ships notify before they arrive",
        notifications(),
        USE,
        of=(),
        time="notified_at",
        description="Directive (EU) 2019/883, annex 2: a row for each notification and type of waste.",
        keywords=("ship", "waste", "notification"),
    ),
    Product(
        "ship-waste-receipts",
        "Receipts of the waste that ships delivered",
        receipts(),
        USE,
        of=(),
        time="said_at",
        description="Directive (EU) 2019/883, annex 3: a row for each receipt and type. Of a load the last counts.",
        keywords=("ship", "waste", "receipt"),
    ),
    Product(
        "ship-waste-pickups",
        "Times at which collectors come to ships",
        Schema(
            (
                _time("said_at", "when it was confirmed"),
                Field("load", "string", nullable=False),
                Field("ship", "string", nullable=False),
                Field("berth", "string"),
                Field("carrier", "string", nullable=False, description="truck, tank truck or barge"),
                Field("family", "string", nullable=False, description="what travels in one tank or body"),
                Field("m3", "number", unit="m3", nullable=False),
                Field("kg", "integer", unit="kg", nullable=False),
                _time("confirmed_at", "when the work begins; of a load the last counts"),
            ),
            time="said_at",
        ),
        USE,
        of=("port_call_timestamps", "ship_etas"),
        time="said_at",
        keywords=("ship", "waste", "collection"),
    ),
    Product(
        "ship-waste-statistics",
        "What ships delivered, by month and type of waste",
        Schema(
            (
                _time("said_at", "when it changed; of a month and type the last counts"),
                Field("month", "string", nullable=False, description="such as 2026-03"),
                Field("type", "string", nullable=False),
                Field("annex", "string", nullable=False, description="of MARPOL"),
                Field("deliveries", "integer", nullable=False),
                Field("received_m3", "number", unit="m3", nullable=False),
                Field("notified_m3", "number", unit="m3", description="what those ships had notified"),
            ),
            time="said_at",
        ),
        USE,
        of=(),
        time="said_at",
        description="No ship is named.",
        keywords=("ship", "waste", "statistics"),
    ),
    Product(
        traced.PRODUCT,
        "Forms of hazardous waste, as Trackdéchets has them",
        Schema(schema("hazardous_waste_forms").fields, time="said_at"),
        USE,
        of=(),
        time="said_at",
        description="BSDD of one establishment: a row when a form is new, and each time that its status changed.",
        keywords=("waste", "hazardous", "form"),
        decision="human",
    ),
    Product(
        counts.PRODUCT,
        "How often containers were used, by six hours",
        Schema(schema("deposit_counts").fields, time="said_at"),
        NOBODY,
        of=(counts.NEED,),
        time="said_at",
        description="Of a whole month, two days after its end. Without badges; empty where it were fewer than five.",
        keywords=("waste", "container", "deposits"),
        decision="human",
    ),
)
