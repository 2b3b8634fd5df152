"""What the service publishes."""

from collections.abc import Mapping
from typing import Any

from havre.client import Field, Schema
from havre.client.service import Product
from havre_waste.live import counts, traced
from havre_waste.live.intake import HISTORY, schema
from havre_waste.ships import wire

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
