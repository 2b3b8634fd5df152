"""The residents' pages: collections in a street, as a calendar, what changes, and the report of a container.

Nothing is asked of a person. A street is searched among those known here, and a report has the container, the time and
what was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.shell import NEVER_OLD
from havre_waste.field import atom, ical, standing, streets, wire
from havre_waste.field.bodies import body
from havre_waste.field.desk import Report, Seen
from havre_waste.field.limits import Limit
from havre_waste.field.model import Street, View
from havre_waste.field.pages import Pages, found
from havre_waste.field.passages import Turn, plan_day

OF_CALLER, OF_CONTAINER, OF_ALL, WITHIN = 5, 10, 600, timedelta(hours=1)
"""Reports in that time. A node does not tell who asks: then the two others hold."""
LARGEST_FORM = 4_000
LATER = 8
OF_PLAN = frozenset({Turn.PLANNED, Turn.PASSED, Turn.DONE, Turn.FAILED})


@dataclass(frozen=True)
class Residents:
    pages: Pages
    limit: Limit

    def streets(self, request: Request) -> Response:
        view = self.pages.view()
        asked = request.query_params.get("q", "")[: streets.LONGEST].strip()
        those = streets.search(asked, view.streets)
        if len(those) == 1:
            root = request.scope.get("root_path", "")
            to = f"{root}/{request.path_params['language']}/streets/{quote(those[0].id, safe='')}"
            return RedirectResponse(to, HTTPStatus.SEE_OTHER, headers=NEVER_OLD)
        now, say = self.pages.now(), self.pages.say(request)
        return self.pages.page(
            request, "streets.html", asked=asked, found=those, changes=standing.changes(view, now, say.zone)
        )

    def street(self, request: Request) -> Response:
        street = _street(self.pages.view(), request)
        return self._street(request, street, "thanks" if "reported" in request.query_params else "")

    def _street(self, request: Request, street: Street, told: str = "", wait: timedelta | None = None) -> Response:
        view, now, say = self.pages.view(), self.pages.now(), self.pages.say(request)
        near = [one for one in view.levels if one.site in street.sites]
        planned = plan_day(view, now, say.zone) if near else None
        coming = standing.after(standing.coming(view, street, now), planned, say.zone)
        first = standing.next_of_each(coming)
        passages = self.pages.passages(view, self.pages.progress(view))
        in_plan = [one for one in near if passages[one.container].turn in OF_PLAN]
        return self.pages.page(
            request, "street.html", street=street, first=first, told=told, wait=wait,
            later=[one for one in coming if one not in first.values()][:LATER],
            near=near, changes=standing.changes(view, now, say.zone, street), seen=list(Seen), wire=wire,
            passages=passages, planned=planned, in_plan=in_plan,
        )  # fmt: skip

    def calendar(self, request: Request) -> Response:
        view, now = self.pages.view(), self.pages.now()
        street = _street(view, request)
        content = ical.calendar(street, standing.coming(view, street, now), now, self.pages.say(request))
        return Response(content, media_type="text/calendar; charset=utf-8", headers=NEVER_OLD)

    def feed(self, request: Request) -> Response:
        view, now, say = self.pages.view(), self.pages.now(), self.pages.say(request)
        street = _street(view, request) if "street" in request.path_params else None
        title = say("change.feed") if street is None else f"{say('change.feed')} – {street.name}"
        address = str(request.url.replace(query=""))
        content = atom.feed(standing.changes(view, now, say.zone, street), address, title, now, say)
        return Response(content, media_type="application/atom+xml; charset=utf-8", headers=NEVER_OLD)

    async def report(self, request: Request) -> Response:
        form = parse_qs((await body(request, LARGEST_FORM)).decode("utf-8", "replace"))
        return await run_in_threadpool(self._report, request, {name: values[-1] for name, values in form.items()})

    def _report(self, request: Request, form: dict[str, str]) -> Response:
        view, now = self.pages.view(), self.pages.now()
        street = _street(view, request)
        near = {one.container for one in view.levels if one.site in street.sites}
        if form.get("container") not in near or form.get("seen") not in list(Seen):
            answer = self._street(request, street, "wrong")
            answer.status_code = HTTPStatus.BAD_REQUEST
            return answer
        caller, container = self.pages.caller(request), form["container"]
        limits = {f"container {container}": OF_CONTAINER, "all": OF_ALL}
        if caller:
            limits[f"caller {caller}"] = OF_CALLER
        wait = self.limit.take(limits, now)
        if wait is not None:
            answer = self._street(request, street, "too_many", wait)
            answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
            answer.headers["retry-after"] = str(int(wait.total_seconds()) + 1)
            return answer
        self.pages.desk.report(Report(now, container, Seen(form["seen"])))
        return RedirectResponse(f"{request.url.replace(query='')}?reported", HTTPStatus.SEE_OTHER, headers=NEVER_OLD)


def _street(view: View, request: Request) -> Street:
    id = request.path_params["street"]
    return found(next((one for one in view.streets if one.id == id), None))


def routes(pages: Pages, key: bytes) -> Sequence[BaseRoute]:
    residents = Residents(pages, Limit(key, WITHIN))
    local = "/{language:language}"
    return [
        Route(f"{local}/streets", residents.streets),
        Route(f"{local}/changes.atom", residents.feed),
        Route(f"{local}/streets/{{street}}", residents.street),
        Route(f"{local}/streets/{{street}}", residents.report, methods=["POST"]),
        Route(f"{local}/streets/{{street}}/collections.ics", residents.calendar),
        Route(f"{local}/streets/{{street}}/changes.atom", residents.feed),
    ]
