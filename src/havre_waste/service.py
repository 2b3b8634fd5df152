"""The service of urban waste, for ``havre service run waste``.

Settings: ``places``, a GeoJSON file of the map's ground (coast, quays, roads, bridges); ``book``, the file in which
what crews and residents tell is kept; ``key``, a file with 16 bytes or more, of which the secret links of rounds are
made; ``tiles``, the address of map tiles, ``zone`` (Europe/Paris), ``plan_seconds`` for each flow's plan, ``example``
when all of it is invented, and ``terms.FLOW`` of the choice (the members of ``choice.model.Terms``) where they are
wanted. ``crisis`` while only a part of the rounds runs: ``why``, ``since``, ``running``, and where they are wanted
``temperature_c`` and ``weights`` (``choice.crisis.Weights``). ``publisher`` is whose report it is.
``collectors`` are the names of who collects ships' waste with a ``truck``, a ``tank truck`` or a ``barge``; by truck it
is the publisher where nothing is said.
``trackdechets``, where forms of hazardous waste are followed: ``url`` of its API, ``token``, a file that has it, and
``siret`` of the establishment. ``deposit_counts`` where counts of deposits may leave (``privacy.by_container``).
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from havre.client.service import Running, Service, State
from havre_waste.choice.model import USUAL, Terms
from havre_waste.field.routes import application
from havre_waste.field.store import Book
from havre_waste.figures.inputs import Provenance
from havre_waste.live import changes, crisis, files, open_data, report
from havre_waste.live.products import PRODUCTS
from havre_waste.live.traced import traced
from havre_waste.live.work import Live, Settings
from havre_waste.ships.pages.routes import application as ships
from havre_waste.ships.pickups import Carrier
from havre_waste.sites.model import Flow

NEEDS = {
    "sites": "where containers stand",
    "containers": "what stands there",
    "depots": "where trucks begin and end",
    "plants": "where trucks are emptied",
    "trucks": "trucks and their shifts",
    "fixed_rounds": "rounds as they are driven every week",
    "street_nodes": "crossings of streets",
    "streets": "streets between them",
    "readings": "what level sensors measure",
    "deposits": "deposits by card",
    "crew_notes": "what crews saw",
    "truck_passes": "where trucks stood",
    "weather": "temperature and rain of the days",
    "holidays": "public holidays",
    "bridge_messages": "what bridges say of their openings",
    "bridge_forecasts": "what mobility expects of bridges in the next hour",
    "reserved_slots": "when bridges belong to the road",
    "ship_notifications": "waste that ships notified elsewhere",
    "port_call_timestamps": "when ships berth and leave, as mobility tells it",
    "ship_etas": "when ships arrive, as mobility expects it",
    changes.NEED: "collections that are moved or do not come",
    **report.NEEDS,
}
SETTINGS = (
    "places",
    "book",
    "key",
    "tiles",
    "zone",
    "plan_seconds",
    "example",
    "terms",
    "crisis",
    "publisher",
    "collectors",
    "trackdechets",
    "deposit_counts",
)
TERMS = ("overflow_eur", "saved", "ripe", "must", "threshold", "weekdays")


class Waste(Live):
    """With what its pages need."""

    def __init__(
        self, settings: Settings, book: Book, places: Mapping[str, Any], key: bytes, tiles: str | None, publisher: str
    ) -> None:
        super().__init__(settings, book, places)
        self.key, self.tiles, self.publisher = key, tiles, publisher


def make(settings: Mapping[str, Any]) -> Waste:
    """``ValueError`` names what is wrong with the settings."""
    for name in settings.keys() - set(SETTINGS):
        raise ValueError(f"settings.{name} is not known; {', '.join(SETTINGS)} are")
    for name in ("places", "book", "key"):
        if name not in settings:
            raise ValueError(f"settings.{name} is missing: a file")
    terms = {_flow(flow): _terms(flow, given) for flow, given in settings.get("terms", {}).items()}
    try:
        zone = ZoneInfo(settings.get("zone", "Europe/Paris"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"settings.zone: got {settings['zone']!r}; expected a name such as Europe/Paris") from error
    asked = crisis.Settings.of(settings["crisis"]) if "crisis" in settings else None
    seconds, example = float(settings.get("plan_seconds", 10.0)), bool(settings.get("example"))
    collectors = {_carrier(name): str(firm) for name, firm in settings.get("collectors", {}).items()}
    collectors.setdefault(Carrier.TRUCK, settings.get("publisher", ""))
    known = Settings(zone, terms, seconds, example, asked, collectors, bool(settings.get("deposit_counts")))
    places = json.loads(Path(settings["places"]).read_text(encoding="utf-8"))
    followed = traced(settings["trackdechets"]) if "trackdechets" in settings else None
    made = Waste(
        known,
        Book(settings["book"]),
        places,
        Path(settings["key"]).read_bytes(),
        settings.get("tiles"),
        settings.get("publisher", ""),
    )
    made.traced = followed
    return made


def _flow(name: str) -> Flow:
    try:
        return Flow(name)
    except ValueError:
        raise ValueError(f"settings.terms.{name} is no flow; {', '.join(Flow)} are") from None


def _carrier(name: str) -> Carrier:
    try:
        return Carrier(name)
    except ValueError:
        raise ValueError(f"settings.collectors.{name} is not known; {', '.join(Carrier)} are") from None


def _terms(flow: str, given: Mapping[str, Any]) -> Terms:
    for name in given.keys() - set(TERMS):
        raise ValueError(f"settings.terms.{flow}.{name} is not known; {', '.join(TERMS)} are")
    usual = USUAL.get(flow, Terms())
    return Terms(**{**vars(usual), **given, "weekdays": frozenset(given.get("weekdays", usual.weekdays))})


def pages(running: Running) -> Starlette:
    """The pages, and ``/health`` for who runs the service."""
    live = running.work
    assert isinstance(live, Waste)

    def now() -> datetime:
        return datetime.now(UTC)

    def loading(need: str) -> bool:
        return any(one.name == need and one.state in (State.ASKING, State.READING) for one in running.health().needs)

    def health(request: Request) -> JSONResponse:
        said = running.health()
        well = said.well and not live.problems
        told = {**asdict(said), "well": well, "problem": "; ".join(live.problems) or None, **live.figures(now())}
        return JSONResponse(json.loads(json.dumps(told, default=_plain)), 200 if well else 503)

    live.loading = loading
    live.said = lambda product: running.published(product).to_dicts()
    live.published = running.published
    if live.traced is not None:
        live.traced.published = running.published
    shown = application(
        lambda: live.view(now()), live.book, live.places, now, live.settings.zone, live.key, live.tiles,
        lambda round, form: files.export(live, round, form), breaks_down=live.breaks_down,
        ships="/ships", example=live.settings.example,
    )  # fmt: skip

    def source(need: str) -> Provenance:
        for one in running.health().needs:
            if one.name == need:
                return Provenance(one.dataset, one.provider, one.agreement or "", read_at=one.input)
        return Provenance(need)

    told = ships(
        live.ships, lambda: secrets.token_urlsafe(16), live.tiles, key=live.key, collectors=live.settings.collectors,
        below="/ships", example=live.settings.example,
    )  # fmt: skip
    return Starlette(
        routes=[
            Route("/health", health),
            Mount("/ships", told),
            *open_data.routes(live, source, live.publisher, now),
            Mount("/", shown),
        ]
    )


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case _:
            return str(value)


SERVICE = Service(
    "waste", NEEDS, PRODUCTS, make, pages, optional=frozenset(NEEDS) - {"sites", "containers"},
    every=timedelta(seconds=2),
)  # fmt: skip
