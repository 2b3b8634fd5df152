"""The pages of the collection as one application, for the service to mount.

``view()`` gives the newest view, ``now()`` the time; neither blocks. What is changed goes through the desk.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request

from havre_ui.shell import Shell
from havre_waste.field import city, driving, residents
from havre_waste.field.desk import Desk
from havre_waste.field.model import View
from havre_waste.field.pages import Export, Pages

HERE = Path(__file__).parent
LOOPBACK = frozenset({"127.0.0.1", "::1"})


def address(request: Request) -> str:
    """From where a request comes; empty when only something that stands before us, as a node, knows it."""
    host = request.client.host if request.client else ""
    return request.headers.get("x-forwarded-for", "").split(",")[-1].strip() if host in LOOPBACK else host


def application(
    view: Callable[[], View],
    desk: Desk,
    ground: Mapping[str, Any],
    now: Callable[[], datetime],
    zone: ZoneInfo,
    key: bytes,
    tiles: str | None = None,
    export: Export | None = None,
    caller: Callable[[Request], str] = address,
    breaks_down: Callable[[str], None] | None = None,
    *,
    ships: str = "",
    example: bool = False,
) -> Starlette:
    """``/`` (the city), ``/streets``, ``/first``, ``/rounds/{id}``, and the drivers' links, in both languages.

    ``ground`` is a GeoJSON FeatureCollection (kinds coast, quay, road, bridge, …). ``key`` makes the secret links of
    ``links.token``: who knows it can drive every round. ``breaks_down`` is told a truck whose crew says so. ``ships``
    is where the pages of ships' waste are, below these. Pages of an ``example`` say that they are one. Lines of trams
    are left out of the ground: they look like rounds.
    ``ValueError`` when the key is short, NotBuilt when the assets of the pages are not there.
    """
    shell = Shell("field", HERE, zone, tiles, example=example)
    streets = [one for one in ground["features"] if one["properties"].get("kind") != "tram"]
    pages = Pages(shell, view, desk, now, {**ground, "features": streets}, caller, export, ships)
    return shell.application(
        [
            *driving.routes(pages, key, breaks_down),
            *residents.routes(pages, secrets.token_bytes(32)),
            *city.routes(pages),
        ]
    )
