"""The service of port mobility, for ``havre service run mobility``.

Settings: ``places``, the file of the places as GeoJSON (the reference of the scenario has its kinds); ``timetable``, a
GTFS file, ``tiles``, the address of map tiles, and ``detours``, for a bridge the names of what to take instead, where
they are wanted.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from havre.client import Field, Schema
from havre.client.service import Product, Running, Service, State
from havre_mobility.live.products import MOVEMENTS
from havre_mobility.live.work import Ground, Live
from havre_mobility.pages.routes import FOR_ANYBODY, application
from havre_mobility.picture.model import Picture

ZONE = ZoneInfo("Europe/Paris")
USE = {"permission": [{"action": "use"}]}
SETTINGS = frozenset({"places", "timetable", "tiles", "detours"})
NEEDS = {
    "ais": "positions of ships",
    "particulars": "names and types of ships",
    "movements": "announced movements of ships",
    "bridge_messages": "what bridges say of their openings",
    "reserved_slots": "when bridges belong to the road",
    "closures": "bridges that the road has lost",
    "tide": "levels of the sea",
    "appointments": "appointments of trucks",
    "gates": "vehicles that pass a gate",
}
PRODUCTS = (
    Product(
        "bridge-openings",
        "Openings of movable bridges",
        Schema(
            (
                Field("said_at", "timestamp", nullable=False, description="when it was known that it was over"),
                Field("bridge", "string", nullable=False),
                Field("opened_at", "timestamp", nullable=False, description="the road was closed from then"),
                Field("closed_at", "timestamp", nullable=False, description="until then"),
                Field("source", "string", nullable=False, description="messages or ais"),
            ),
            time="said_at",
        ),
        USE,
        of=("bridge_messages", "ais", "reserved_slots", "closures"),
        time="said_at",
        description="When the road was closed for ships: by the bridges' own messages, by AIS where they are silent.",
        keywords=("bridge", "opening"),
    ),
    Product(
        "bridge-forecasts",
        "Forecast of closed bridges, by five minutes of the next hour",
        Schema(
            (
                Field("made_at", "timestamp", nullable=False),
                Field("bridge", "string", nullable=False),
                Field("minutes", "integer", unit="min", nullable=False, description="from made_at to the five minutes"),
                Field("probability", "number", nullable=False, description="that the road is closed in them"),
            ),
            time="made_at",
        ),
        USE,
        of=("ais", "movements", "bridge_messages", "reserved_slots", "closures"),
        time="made_at",
        keywords=("bridge", "forecast"),
    ),
    *MOVEMENTS,
)


def make(settings: Mapping[str, Any]) -> Live:
    """``ValueError`` names what is wrong with the settings."""
    for name in settings.keys() - SETTINGS:
        raise ValueError(f"settings.{name} is not known; {', '.join(sorted(SETTINGS))} are")
    if "places" not in settings:
        raise ValueError("settings.places is missing: the file of the places")
    places = json.loads(Path(settings["places"]).read_text(encoding="utf-8"))
    timetable = Path(settings["timetable"]).read_bytes() if "timetable" in settings else None
    detours = {bridge: tuple(names) for bridge, names in settings.get("detours", {}).items()}
    live = Live(Ground.of(places, timetable), detours, settings.get("tiles"))
    live.movements.loading = lambda need: True  # until ``pages`` can tell
    return live


def pages(running: Running) -> Starlette:
    """The public pages, and ``/health`` for who runs the service."""
    live = running.work
    assert isinstance(live, Live)

    def linked(need: str) -> bool:
        states = {one.name: one.state for one in running.health().needs}
        return states.get(need) in (State.READING, State.LIVE)

    def picture() -> Picture:
        return live.picture or Picture(datetime.now(UTC))

    def health(request: Request) -> JSONResponse:
        said = running.health()
        return JSONResponse(_plain({**asdict(said), "well": said.well}), 200 if said.well else 503)

    def loading(need: str) -> bool:
        return any(one.name == need and one.state in (State.ASKING, State.READING) for one in running.health().needs)

    def cleaning(request: Request) -> JSONResponse:
        return JSONResponse(_plain(live.cleaning or {}), headers=FOR_ANYBODY)

    live.linked = linked
    live.movements.loading = loading
    public = application(picture, live.ground.places, lambda: datetime.now(UTC), ZONE, live.tiles)
    return Starlette(routes=[Route("/health", health), Route("/cleaning.json", cleaning), Mount("/", public)])


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case _:
            return value


SERVICE = Service(
    "mobility", NEEDS, PRODUCTS, make, pages, optional=frozenset(NEEDS) - {"ais"}, every=timedelta(seconds=1)
)
