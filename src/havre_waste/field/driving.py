"""The driver's page, for who has the secret link of a round: its plan, and what the crew says, once, whenever it comes.

A link that is wrong and a round that is not of today look the same: nothing is there. The page works without a network
after it was opened once; the phone keeps what was said until it is told that it is kept here.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.shell import NEVER_OLD
from havre_ui.texts import Texts
from havre_waste.field import events, links, photos, wire
from havre_waste.field.bodies import body
from havre_waste.field.model import Do, Round
from havre_waste.field.pages import Pages, found

LARGEST_BODY = 100_000
ASSETS = (
    "ui/ui.css", "ui/theme.js", "ui/map.js", "ui/mark.svg", "ui/vendor/maplibre-gl.mjs",
    "ui/vendor/maplibre-gl-worker.mjs", "ui/vendor/maplibre-gl.css", "field/drive.css", "field/drive.js",
    "field/queue.js", "field/photo.js", "field/drive-map.js",
)  # fmt: skip
"""What the page loads: the phone keeps it."""


SAID = (
    "online", "offline", "waiting", "stale", "seen", "gone", "no_store", "photo_failed", "broken_told", "broken_failed",
)  # fmt: skip


@dataclass(frozen=True)
class Driving:
    """``key`` makes the links; ``breaks_down`` is told the truck that does nothing more today."""

    pages: Pages
    key: bytes
    breaks_down: Callable[[str], None] | None

    def page(self, request: Request) -> Response:
        one = self._round(request)
        return self.pages.page(
            request,
            "drive.html",
            round=one,
            token=request.path_params["token"],
            notes=events.NOTES,
            largest=photos.LARGEST,
            breaks_down=self.breaks_down is not None,
            texts=_texts(self.pages.say(request)),
        )

    def plan(self, request: Request) -> Response:
        return self._plan(request, self._round(request))

    async def events(self, request: Request) -> Response:
        one = self._round(request)
        raw = await body(request, LARGEST_BODY)
        return await run_in_threadpool(self._accept, request, one, raw)

    async def photo(self, request: Request) -> Response:
        self._round(request)
        jpeg = await body(request, photos.LARGEST + 1)
        try:
            photos.check(jpeg, request.path_params["hash"])
        except photos.BadPhoto as error:
            return _problem(str(error))
        await run_in_threadpool(self.pages.desk.keep_photo, request.path_params["hash"], jpeg, self.pages.now())
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=NEVER_OLD)

    def broken(self, request: Request) -> Response:
        """The crew says that its truck does nothing more today."""
        one = self._round(request)
        found(self.breaks_down)(one.truck)
        return Response(status_code=HTTPStatus.ACCEPTED, headers=NEVER_OLD)

    def worker(self, request: Request) -> Response:
        """The service worker (W3C Service Workers), with the files of this version in it."""
        root = request.scope.get("root_path", "")
        assets = self.pages.shell.assets
        files = [*(root + assets.path(name) for name in ASSETS), f"{root}/places.geojson"]
        script = assets.files["field/worker.js"].content.decode()
        known = f"const VERSION = {json.dumps(assets.hash)}\nconst FILES = {json.dumps(files)}\n"
        headers = {"cache-control": "no-cache", "content-type": "text/javascript; charset=utf-8"}
        return Response(known + script, headers=headers)

    def _round(self, request: Request) -> Round:
        id, given = request.path_params["round"], request.path_params["token"]
        if not links.matches(self.key, id, given):
            raise HTTPException(404)
        return found(next((one for one in self.pages.view().rounds if one.id == id), None))

    def _plan(self, request: Request, round: Round, **more: object) -> Response:
        view, now = self.pages.view(), self.pages.now()
        plan = wire.driver(view, round, self.pages.progress(view), now, self.pages.say(request))
        return JSONResponse({**more, **plan}, headers=NEVER_OLD)

    def _accept(self, request: Request, round: Round, raw: bytes) -> Response:
        """Good events are kept though others of the message are bad: each is answered by its id."""
        try:
            given = json.loads(raw)
        except (ValueError, RecursionError):
            return _problem("body: expected JSON")
        if not isinstance(given, list) or len(given) > events.MOST:
            return _problem(f"body: expected a list of at most {events.MOST} events")
        now = self.pages.now()
        good, refused = [], {}
        for number, one in enumerate(given):
            try:
                good.append(events.read(one, round.id, now))
            except events.BadEvent as error:
                id = one.get("id") if isinstance(one, dict) else None
                refused[str(id) if id else f"#{number}"] = str(error)
        refused |= self.pages.desk.accept(good)
        accepted = [one.id for one in good if one.id not in refused]
        return self._plan(request, round, accepted=accepted, refused=refused)


def _texts(say: Texts) -> dict[str, str]:
    """What the page says by itself, as it has to without a network. ``{at}`` and ``{why}`` are filled in there."""
    notes = {note for those in events.NOTES.values() for note in those}
    return {
        **{name: say(f"drive.{name}") for name in SAID},
        "planned": say("drive.planned", at="{at}"), "as_of": say("drive.as_of", at="{at}"),
        "refused": say("drive.refused", why="{why}"), "colon": say("shell.colon"), "reversing": say("step.reversing"),
        **{do: say(f"do.{do}") for do in Do}, **{f"state_{kind}": say(f"state.{kind}") for kind in events.Kind},
        **{f"note_{note}": say(f"note.{note}") for note in sorted(notes)},
    }  # fmt: skip


def _problem(detail: str) -> Response:
    content = {"title": "Bad Request", "status": 400, "detail": detail}
    return JSONResponse(content, 400, headers=NEVER_OLD, media_type="application/problem+json")


def routes(pages: Pages, key: bytes, breaks_down: Callable[[str], None] | None) -> Sequence[BaseRoute]:
    """``ValueError`` for a key that could be guessed."""
    links.token(key, "")
    driving = Driving(pages, key, breaks_down)
    here = "/{language:language}/drive/{round}/{token}"
    return [
        Route(f"{here}/", driving.page),
        Route(f"{here}/plan.json", driving.plan),
        Route(f"{here}/events", driving.events, methods=["POST"]),
        Route(f"{here}/broken", driving.broken, methods=["POST"]),
        Route(f"{here}/photos/{{hash}}", driving.photo, methods=["POST"]),
        Route("/driver-worker.js", driving.worker),
    ]
