"""The service of port mobility, for ``havre service run mobility``.

Settings: ``places``, the file of the places as GeoJSON (the reference of the scenario has its kinds); ``timetable``, a
GTFS file, ``tiles``, the address of map tiles, and ``detours``, for a bridge the names of what to take instead, where
they are wanted; ``real_time``, the address or file of real time of that timetable, and ``real_time_format``, gtfs-rt
(as without it) or siri; ``signing_key``, a file with an Ed25519 private key (PEM or JWK), without which nothing is
certified, ``issuer``, whose word a certificate is, and ``ways``, for a gate the bridges over which trucks come to it;
``served``, for a gate how the names of the berths behind it begin; ``parties``, who may send something
(``live.parties``); ``example``, when all of it is invented. ``weights``, ``traffic``, ``publisher``, ``roads`` and
``datex_clients`` are of ``live.sharing``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from havre.client import Field, Schema
from havre.client.service import Product, Running, Service, State
from havre_mobility.live import appointments, relayed, sharing, sharing_products, truck_products
from havre_mobility.live.elsewhere import NEED as FOREIGN
from havre_mobility.live.evidence import Source
from havre_mobility.live.parties import APPOINTMENTS, PORT_CALLS, parties
from havre_mobility.live.people import AHEAD
from havre_mobility.live.products import MOVEMENTS
from havre_mobility.live.realtime import GTFS_RT, RealTime
from havre_mobility.live.signing import signer
from havre_mobility.live.trucks import Desk
from havre_mobility.live.work import Ground, Live
from havre_mobility.pages import journeys, openings
from havre_mobility.pages.elsewhere import Elsewhere
from havre_mobility.pages.journeys import Trams
from havre_mobility.pages.routes import FOR_ANYBODY, application
from havre_mobility.pages.waiting import Waiting
from havre_mobility.picture.model import Picture
from havre_ui.shell import Shell

ZONE = ZoneInfo("Europe/Paris")
USE = {"permission": [{"action": "use"}]}
OURS = (
    "places",
    "timetable",
    "tiles",
    "detours",
    "real_time",
    "real_time_format",
    "signing_key",
    "issuer",
    "ways",
    "parties",
    "served",
    "example",
)
SETTINGS = frozenset(OURS) | sharing.SETTINGS
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
    "crossings": "vehicles that cross a bridge",
    "certificate_requests": "bookings of which somebody wants to know why the truck was late",
    **sharing.NEEDS,
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
                Field("source", "string", nullable=False, description="messages, ais or counts"),
            ),
            time="said_at",
        ),
        USE,
        of=("bridge_messages", "ais", "crossings", "reserved_slots", "closures"),
        time="said_at",
        description="When the road was closed for ships: by the bridges' own messages, by AIS where they are silent, "
        "by counts of vehicles where both are.",
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
    *truck_products.PRODUCTS,
    appointments.PRODUCT,
    *sharing_products.PRODUCTS,
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
    shared = sharing.Settings.of(settings, places)
    ground = Ground.of(places, timetable)
    real_time = None
    if "real_time" in settings:
        if ground.lines is None:
            raise ValueError("settings.timetable is missing: real time is told of its trips")
        form = settings.get("real_time_format", GTFS_RT)
        real_time = RealTime(settings["real_time"], ground.lines.timetable, form=form)
    desk = None
    if "signing_key" in settings:
        key = signer(Path(settings["signing_key"]), settings.get("issuer"))
        desk = Desk(key, places, ground.bridges, settings.get("ways"))
    admitted = parties(settings.get("parties", {}))
    live = Live(ground, detours, settings.get("tiles"), shared, real_time, desk, settings.get("served"), admitted)
    live.example = bool(settings.get("example"))
    live.movements.loading = lambda need: True  # until ``pages`` can tell
    return live


def pages(running: Running) -> Starlette:
    """The public pages, and ``/health`` for who runs the service."""
    live = running.work
    assert isinstance(live, Live)

    def linked(need: str) -> bool:
        states = {one.name: one.state for one in running.health().needs}
        return states.get(need) in (State.READING, State.LIVE)

    def health(request: Request) -> JSONResponse:
        said, pushes = running.health(), live.sharing.told.pushing.health()
        well = said.well and all(one["error"] is None for one in pushes)
        return JSONResponse(_plain({**asdict(said), "pushes": pushes, "well": well}), 200 if well else 503)

    def source(need: str) -> Source | None:
        for one in running.health().needs:
            if one.name == need:
                return Source(one.dataset, one.provider, one.agreement, one.state is State.LIVE)
        return None

    def loading(need: str) -> bool:
        return any(one.name == need and one.state in (State.ASKING, State.READING) for one in running.health().needs)

    def cleaning(request: Request) -> JSONResponse:
        return JSONResponse(_plain(live.cleaning or {}), headers=FOR_ANYBODY)

    live.linked, live.source = linked, source
    live.movements.loading = loading
    needs = {one.name for one in running.health().needs}
    told = live.sharing.told
    told.hears = lambda: linked("bridge_messages")
    told.pushing.start()
    shown = public(
        live, utc_now, (lambda: live.sharing.foreign.elsewhere) if FOREIGN in needs else None, sharing.REQUESTS in needs
    )
    own = [Route("/health", health), Route("/cleaning.json", cleaning), told.route()]
    return Starlette(routes=[*own, *received(live), Mount("/", shown)])


def received(live: Live) -> Sequence[BaseRoute]:
    """Where parties send something, as far as any may."""
    found: list[BaseRoute] = []
    if live.parties.may(PORT_CALLS):
        found.append(relayed.mounted(live.movements.relayed, live.parties, utc_now))
    if live.parties.may(APPOINTMENTS):
        found += appointments.routes(live.appointments, live.parties, lambda: live.booked, utc_now)
    return found


def utc_now() -> datetime:
    return datetime.now(UTC)


def public(
    live: Live,
    now: Callable[[], datetime],
    elsewhere: Callable[[], Elsewhere | None] | None = None,
    discusses: bool = False,
) -> Starlette:
    """What anybody may see; where openings are asked for (``discusses``), what came of that."""

    def picture() -> Picture:
        return live.picture or Picture(now())

    def more(shell: Shell) -> Sequence[BaseRoute]:
        found: list[BaseRoute] = [Route("/certificates/key.json", lambda _: _key(live.desk))]
        if discusses:
            found += openings.routes(shell, lambda: live.sharing.discussed, sharing.names(live.ground.places))
        if live.ground.lines is not None:
            trams = Trams(live.ground.lines.timetable, live.ground.places, lambda: live.people, AHEAD)
            found += journeys.routes(shell, trams, picture, now)
        return found

    waiting = Waiting()
    live.has_shown = waiting.tell
    return application(picture, live.ground.places, now, ZONE, live.tiles, elsewhere, more, waiting, live.example)


def _key(desk: Desk | None) -> JSONResponse:
    """What certificates are checked with."""
    if desk is None:
        raise HTTPException(404)
    return JSONResponse(desk.signer.public, headers={"access-control-allow-origin": "*"})


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
    "mobility",
    NEEDS,
    PRODUCTS,
    make,
    pages,
    optional=frozenset(NEEDS) - {"ais"},
    every=timedelta(seconds=1),
    soonest=timedelta(seconds=0.25),
)
