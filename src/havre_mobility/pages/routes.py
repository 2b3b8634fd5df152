"""The addresses of the public pages. ``picture()`` gives the newest picture, ``now()`` the time; neither blocks.

Every answer is made from what still stands at the time of asking. Nobody may keep an answer: no-store. What pages ask
for every few seconds is made, and compressed, once a second for all who look.

The map does not ask again and again whether there is something new: positions ``after`` the picture that it has are
answered when there is another one. Who takes them slowly finds the newest when he asks again; nothing is queued.
"""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from havre_mobility.pages import timeline, wire
from havre_mobility.pages.elsewhere import Elsewhere, collection
from havre_mobility.pages.waiting import Waiting
from havre_mobility.picture import words
from havre_mobility.picture.model import Bridge, Picture, Ship
from havre_mobility.picture.standing import is_last_seen, standing
from havre_ui.headers import EMBEDDABLE
from havre_ui.shell import NEVER_OLD, Shell

HERE = Path(__file__).parent
FOR_ANYBODY = {"access-control-allow-origin": "*", **NEVER_OLD}
MOST_SHIPS, MOST_KEPT = 12, 200
LONGEST_SECONDS = 2.0
"""After which who waits for a new picture is answered with the one that there is: the page sees who still answers."""
SMALL_BYTES, ENCODING = 1000, "Accept-Encoding"


@dataclass(frozen=True)
class Pages:
    """The routes of the public pages; ``places`` is the GeoJSON of the map's ground."""

    shell: Shell
    picture: Callable[[], Picture]
    places: Mapping[str, Any]
    now: Callable[[], datetime]
    elsewhere: Callable[[], Elsewhere | None] | None = None
    waiting: Waiting = field(default_factory=Waiting)
    kept: dict[tuple[str, bool], tuple[Picture, int, Response]] = field(default_factory=dict, repr=False)

    def port(self, request: Request) -> Response:
        return self._page(request, "port.html", live=True)

    def port_now(self, request: Request) -> Response:
        return self._kept(request, lambda: self._page(request, "port_now.html"))

    def bridge(self, request: Request) -> Response:
        return self._page(request, "bridge.html", live=True)

    def bridge_now(self, request: Request) -> Response:
        return self._kept(request, lambda: self._page(request, "bridge_now.html"))

    def card(self, request: Request) -> Response:
        response = self._page(request, "card.html", live=True)
        response.headers[EMBEDDABLE] = "yes"
        return response

    def card_now(self, request: Request) -> Response:
        return self._kept(request, lambda: self._page(request, "card_now.html"))

    async def positions(self, request: Request) -> Response:
        """At once; with ``after``, when the newest picture is not that one any more, or after two seconds."""
        after = request.query_params.get("after")
        if after:
            await self.waiting.until(lambda: wire.instant(self.picture().at) != after, LONGEST_SECONDS)
        return self._kept(request, lambda: self._positions(request))

    def _positions(self, request: Request) -> Response:
        picture, now = self._standing()
        say = self.shell.texts[request.path_params["language"]]
        return JSONResponse(wire.positions(picture, now, say), headers=FOR_ANYBODY)

    def openings_elsewhere(self, request: Request) -> Response:
        return self._kept(request, lambda: self._elsewhere(request))

    def _elsewhere(self, request: Request) -> Response:
        if self.elsewhere is None:
            raise HTTPException(404)
        say = self.shell.texts[request.path_params["language"]]
        return JSONResponse(collection(self.elsewhere(), self.now(), say), headers=FOR_ANYBODY)

    def picture_json(self, request: Request) -> Response:
        picture, now = self._standing()
        return JSONResponse(wire.whole(picture, now, self.shell.texts), headers=FOR_ANYBODY)

    def bridge_json(self, request: Request) -> Response:
        picture, now = self._standing()
        one = find(picture, request.path_params["bridge"])
        return JSONResponse(wire.bridge(one, picture, now, self.shell.texts), headers=FOR_ANYBODY)

    def ground(self, request: Request) -> Response:
        headers = {"cache-control": "public, max-age=3600"}
        return JSONResponse(self.places, headers=headers, media_type="application/geo+json")

    def _kept(self, request: Request, make: Callable[[], Response]) -> Response:
        """The answer that was made for this address in this second, of the same picture; else a new one.

        Only for what does not depend on the name by which the asker calls us.
        """
        compressed = "gzip" in request.headers.get("accept-encoding", "")
        asked, picture, second = (request.url.path, compressed), self.picture(), int(self.now().timestamp())
        before = self.kept.get(asked)
        if before is None or before[0] is not picture or before[1] != second:
            if len(self.kept) > MOST_KEPT:  # an address has in it what a proxy says of itself
                self.kept.clear()
            before = self.kept[asked] = picture, second, _packed(make()) if compressed else make()
        # a new one: whoever hands an answer on, writes into its headers
        return Response(before[2].body, headers=dict(before[2].headers))

    def _standing(self) -> tuple[Picture, datetime]:
        now = self.now()
        return standing(self.picture(), now), now

    def _page(self, request: Request, template: str, *, live: bool = False) -> Response:
        picture, now = self._standing()
        language = request.path_params["language"]
        given = request.path_params.get("bridge")
        one = find(picture, given) if given else None
        values = {"picture": picture, "now": now, "words": words, "timeline": timeline, "bridge": one, "live": live}
        values |= {"elsewhere": self.elsewhere is not None}
        values |= {"moving": moving(picture, now), "age": (now - picture.at).total_seconds()}
        return self.shell.respond(request, template, language, **values)


def _packed(response: Response) -> Response:
    """Compressed, where that is worth it."""
    body, headers = bytes(response.body), dict(response.headers)
    if len(body) < SMALL_BYTES:
        return response
    del headers["content-length"]
    return Response(gzip.compress(body, 5, mtime=0), headers={**headers, "content-encoding": "gzip", "vary": ENCODING})


def find(picture: Picture, name: str) -> Bridge:
    """The bridge of this id; 404 where there is none."""
    for bridge in picture.bridges:
        if bridge.id == name:
            return bridge
    raise HTTPException(404)


def moving(picture: Picture, now: datetime) -> list[Ship]:
    """The ships that something will happen to within the hour, the next first."""
    soon = [(ship.next.at.p50, ship) for ship in picture.ships if ship.next and not is_last_seen(ship, now)]
    soon = [(at, ship) for at, ship in soon if at - now <= words.AHEAD]
    return [ship for _, ship in sorted(soon, key=lambda one: one[0])][:MOST_SHIPS]


def application(
    picture: Callable[[], Picture],
    places: Mapping[str, Any],
    now: Callable[[], datetime],
    zone: ZoneInfo,
    tiles: str | None = None,
    elsewhere: Callable[[], Elsewhere | None] | None = None,
    more: Callable[[Shell], Sequence[BaseRoute]] = lambda shell: (),
    waiting: Waiting | None = None,
    example: bool = False,
) -> Starlette:
    """The public pages as an application: ``/`` in both languages, ``/bridges/{id}``, its card, and JSON.

    ``places`` is a GeoJSON FeatureCollection (kinds coast, quay, road, tram, …); ``tiles`` an address of raster tiles.
    ``elsewhere()`` gives openings of others, which a layer of the map shows; ``more``, further routes in the shell.
    Those who are ``waiting`` are to be told of each new picture; otherwise they see it two seconds later.
    Pages of an ``example`` say that they are one. NotBuilt when the assets of the pages are not there.
    """
    shell = Shell("mobility", HERE, zone, tiles, example=example)
    pages = Pages(shell, picture, places, now, elsewhere, waiting or Waiting())
    local = "/{language:language}"
    return shell.application(
        [
            Route(f"{local}/", pages.port),
            Route(f"{local}/now", pages.port_now),
            Route(f"{local}/positions", pages.positions),
            Route(f"{local}/openings-elsewhere", pages.openings_elsewhere),
            Route(f"{local}/bridges/{{bridge}}", pages.bridge),
            Route(f"{local}/bridges/{{bridge}}/now", pages.bridge_now),
            Route(f"{local}/bridges/{{bridge}}/card", pages.card),
            Route(f"{local}/bridges/{{bridge}}/card/now", pages.card_now),
            Route("/picture.json", pages.picture_json),
            Route("/bridges/{bridge}.json", pages.bridge_json),
            Route("/places.geojson", pages.ground),
            *more(shell),
        ]
    )
