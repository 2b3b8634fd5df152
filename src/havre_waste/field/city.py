"""The public pages: the city with its containers and rounds, one round, and where to go first in a crisis."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.shell import NEVER_OLD
from havre_waste.field import standing, wire, words
from havre_waste.field.pages import Pages, found, round_of

FOR_ANYBODY = {"access-control-allow-origin": "*", **NEVER_OLD}
MOST_WATCHED = 12
MOST_FIRST = 30
FORMS = frozenset({"gpx", "ics"})


@dataclass(frozen=True)
class City:
    pages: Pages

    def city(self, request: Request) -> Response:
        return self._city(request, "city.html", live=True)

    def city_now(self, request: Request) -> Response:
        return self.pages.once(request, lambda: self._city(request, "city_now.html"))

    def _city(self, request: Request, template: str, *, live: bool = False) -> Response:
        view, now, say = self.pages.view(), self.pages.now(), self.pages.say(request)
        said = self.pages.progress(view)
        watched = [one for one in standing.worst_first(view.levels, now) if one.overflow_p >= words.SURE]
        doubted = sorted((one for one in view.levels if one.fault), key=lambda one: one.name)
        done = sum(one.done for one in said.rounds.values())
        total = sum(one.total for one in said.rounds.values())
        levels = any(not standing.is_past(one, now) for one in view.levels)
        return self.pages.page(
            request, template, live=live, said=said, watched=watched[:MOST_WATCHED], doubted=doubted,
            headline=words.headline(view, levels, len(watched), len(doubted), (done, total), now, say),
            changes=standing.changes(view, now, say.zone), wire=wire, levels=levels,
            passages=self.pages.passages(view, said),
        )  # fmt: skip

    def map(self, request: Request) -> Response:
        def make() -> Response:
            view = self.pages.view()
            return JSONResponse(wire.city(view, self.pages.progress(view), self.pages.now()), headers=FOR_ANYBODY)

        return self.pages.once(request, make)

    def container(self, request: Request) -> Response:
        id = request.path_params["container"]
        view, now, say = self.pages.view(), self.pages.now(), self.pages.say(request)
        level = found(next((one for one in view.levels if one.container == id), None))
        passage = self.pages.passages(view, self.pages.progress(view))[id]
        return JSONResponse(wire.container(level, passage, now, say), headers=FOR_ANYBODY)

    def round(self, request: Request) -> Response:
        return self._round(request, "round.html", live=True)

    def round_now(self, request: Request) -> Response:
        return self.pages.once(request, lambda: self._round(request, "round_now.html"))

    def _round(self, request: Request, template: str, *, live: bool = False) -> Response:
        view = self.pages.view()
        one = round_of(view, request.path_params["round"])
        said = self.pages.progress(view)
        crossings = {step.id: [cross for cross in one.crossings if cross.before == step.id] for step in one.steps}
        return self.pages.page(
            request, template, live=live, round=one, said=said, steps=wire.numbered(one), crossings=crossings
        )

    def round_file(self, request: Request) -> Response:
        """The round as GPX or iCalendar."""
        id, form = request.path_params["round"], request.path_params["form"]
        if self.pages.export is None or form not in FORMS:
            raise HTTPException(404)
        content, media_type = found(self.pages.export(round_of(self.pages.view(), id).id, form))
        headers = {"content-disposition": f'attachment; filename="round.{form}"', **NEVER_OLD}
        return Response(content, media_type=media_type, headers=headers)

    def first(self, request: Request) -> Response:
        return self._first(request, "first.html", live=True)

    def first_now(self, request: Request) -> Response:
        return self.pages.once(request, lambda: self._first(request, "first_now.html"))

    def _first(self, request: Request, template: str, *, live: bool = False) -> Response:
        crisis = self.pages.view().crisis
        ranking = sorted(crisis.ranking, key=lambda one: -one.score)[:MOST_FIRST] if crisis else []
        return self.pages.page(request, template, live=live, crisis=crisis, ranking=ranking)

    def json(self, request: Request) -> Response:
        def make() -> Response:
            view = self.pages.view()
            return JSONResponse(wire.whole(view, self.pages.progress(view), self.pages.now()), headers=FOR_ANYBODY)

        return self.pages.once(request, make)

    def ground(self, request: Request) -> Response:
        headers = {"cache-control": "public, max-age=3600"}
        return JSONResponse(self.pages.ground, headers=headers, media_type="application/geo+json")


def routes(pages: Pages) -> Sequence[BaseRoute]:
    city = City(pages)
    local = "/{language:language}"
    return [
        Route(f"{local}/", city.city),
        Route(f"{local}/now", city.city_now),
        Route(f"{local}/containers/{{container}}", city.container),
        Route(f"{local}/rounds/{{round}}", city.round),
        Route(f"{local}/rounds/{{round}}/now", city.round_now),
        Route(f"{local}/first", city.first),
        Route(f"{local}/first/now", city.first_now),
        Route("/map.json", city.map),
        Route("/city.json", city.json),
        Route("/rounds/{round}.{form}", city.round_file),
        Route("/places.geojson", city.ground),
    ]
