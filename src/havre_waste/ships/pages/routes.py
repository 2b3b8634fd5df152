"""The addresses: the form, what was notified and what follows from it, and the same for programmes.

Nobody logs in: an id that cannot be guessed is what lets somebody see a notification again. Nothing is kept by caches.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from havre_ui.languages import Language
from havre_ui.shell import NEVER_OLD, Shell
from havre_waste.ships import reading, rules, statistics, wire
from havre_waste.ships.desk import Desk
from havre_waste.ships.kinds import KINDS, Annex
from havre_waste.ships.model import Delivering, Notification, ShipType
from havre_waste.ships.pages import form
from havre_waste.ships.pickups import Pickup
from havre_waste.ships.wrong import Wrong

HERE = Path(__file__).parent
LONGEST_BODY = 1_000_000
PROBLEM = "application/problem+json"
ANYBODY = {"access-control-allow-origin": "*"}


@dataclass(frozen=True)
class Pages:
    """``new_id()`` gives an id that nobody can guess."""

    shell: Shell
    desk: Desk
    new_id: Callable[[], str]
    now: Callable[[], datetime]

    def blank(self, request: Request) -> Response:
        return self._form(request, {}, {})

    async def send(self, request: Request) -> Response:
        try:
            written = form.fields(await _body(request))
        except ValueError:
            raise HTTPException(400) from None
        given, kinds = form.members(written)
        found, wrong = reading.notification(given, self.new_id(), self.now(), self.desk.zone)
        if found is None:
            response = self._form(request, written, form.placed(wrong, kinds))
            response.status_code = 400
            return response
        self.desk.take(found)
        address = f"{request.scope.get('root_path', '')}/{request.path_params['language']}/notifications/{found.id}"
        return RedirectResponse(address, 303, headers=NEVER_OLD)

    def told(self, request: Request) -> Response:
        of = self._found(request)
        values = {
            "of": of, "due": rules.due(of), "cautions": rules.cautions(of), "kept": self.desk.sufficiency(of),
            "stay": self.desk.stay(of), "pickups": self.desk.pickups(of), "receipt": self.desk.receipt(of),
        }  # fmt: skip
        return self._page(request, "told.html", **values)

    def told_json(self, request: Request) -> Response:
        return JSONResponse(self._answer(self._found(request)), headers=NEVER_OLD)

    async def send_json(self, request: Request) -> Response:
        try:
            given = json.loads(await _body(request))
        except (ValueError, RecursionError):
            return _problem(400, "No JSON", [Wrong("", "not_object", {"got": "something that is no JSON"})])
        found, wrong = reading.notification(given, self.new_id(), self.now())
        if found is None:
            return _problem(422, "The notification is not right", wrong)
        self.desk.take(found)
        headers = {**NEVER_OLD, "location": f"{request.scope.get('root_path', '')}/notifications/{found.id}.json"}
        return JSONResponse(self._answer(found), 201, headers=headers)

    async def send_csv(self, request: Request) -> Response:
        """All notifications of the file, or none of them; the answer has our id of each."""
        try:
            text = (await _body(request)).decode()
        except UnicodeDecodeError:
            return _problem(400, "No UTF-8", [Wrong("", "not_csv", {"got": "not UTF-8"})])
        right, wrong = wire.read_csv(text, self.now())
        if wrong:
            return _problem(422, "The file is not right", [one for each in wrong.values() for one in each])
        ids = {one.id: self.new_id() for one in right}
        for one in right:
            self.desk.take(replace(one, id=ids[one.id]))
        return JSONResponse({"notifications": ids}, 201, headers=NEVER_OLD)

    def statistics_json(self, request: Request) -> Response:
        return JSONResponse(self.desk.statistics(), headers=ANYBODY | NEVER_OLD)

    def statistics_csv(self, request: Request) -> Response:
        out = io.StringIO()
        table = csv.DictWriter(out, statistics.COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(self.desk.statistics())
        return PlainTextResponse(out.getvalue(), headers=ANYBODY | NEVER_OLD, media_type="text/csv")

    def _found(self, request: Request) -> Notification:
        found = self.desk.find(request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        return found

    def _answer(self, of: Notification) -> dict[str, Any]:
        due, kept, receipt = rules.due(of), self.desk.sufficiency(of), self.desk.receipt(of)
        return {
            "id": of.id,
            "notified_at": of.notified_at.isoformat(),
            **wire.document(of),
            "due": {"at": due.at.isoformat(), "rule": due.rule, "late_s": int(due.late.total_seconds())},
            "cautions": rules.cautions(of),
            "may_keep": {
                "answer": kept.may_keep,
                "why": kept.why,
                "must_deliver": [one.kind.id for one in kept.must_deliver],
            },
            "pickups": [_pickup(one) for one in self.desk.pickups(of)],
            "receipt": wire.receipt_document(receipt) if receipt else None,
        }

    def _form(self, request: Request, written: dict[str, str], wrong: dict[str, Wrong]) -> Response:
        values = {
            "written": written, "wrong": wrong, "ship_types": [*ShipType], "delivering": [*Delivering],
            "annexes": {annex: [one for one in KINDS.values() if one.annex is annex] for annex in Annex},
            "amounts": form.AMOUNTS, "labels": lambda name: self._label(request, name),
        }  # fmt: skip
        return self._page(request, "notify.html", **values)

    def _label(self, request: Request, name: str) -> str:
        """What the page calls a field."""
        say = self.shell.texts[request.path_params["language"]]
        part, _, rest = name.partition(".")
        if part != "waste" or not rest:
            return say(name if rest else f"form.{part}") if (name if rest else f"form.{part}") in say else name
        kind, _, field = rest.partition(".")
        return f"{self._kinds(request)[kind]}, {say(f'waste.{field}')}"

    @staticmethod
    def _kinds(request: Request) -> dict[str, str]:
        french = request.path_params["language"] is Language.FRENCH
        return {one.id: one.french if french else one.english for one in KINDS.values()}

    def _page(self, request: Request, template: str, **values: Any) -> Response:
        language: Language = request.path_params["language"]
        return self.shell.respond(request, template, language, live=False, label=self._kinds(request), **values)


def _pickup(one: Pickup) -> dict[str, Any]:
    windows = [{"opens_at": each.opens_at.isoformat(), "closes_at": each.closes_at.isoformat()} for each in one.windows]
    return {
        "id": one.id,
        "berth": one.berth,
        "family": str(one.family),
        "carrier": str(one.carrier),
        "m3": round(one.m3, 3),
        "kg": one.kg,
        "work_s": int(one.work.total_seconds()),
        "why_not": one.why_not,
        "windows": windows,
    }


async def _body(request: Request) -> bytes:
    """The whole of it. ``HTTPException`` 413: it is too long."""
    if int(request.headers.get("content-length") or 0) > LONGEST_BODY:
        raise HTTPException(413)
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LONGEST_BODY:
            raise HTTPException(413)
    return bytes(read)


def _problem(status: int, title: str, wrong: Sequence[Wrong]) -> Response:
    """RFC 9457."""
    errors = [{"field": one.path, "code": one.key, "message": one.message} for one in wrong]
    body = {"title": title, "status": status, "detail": "; ".join(map(str, wrong))[:2000], "errors": errors}
    return JSONResponse(body, status, headers=NEVER_OLD, media_type=PROBLEM)


def application(desk: Desk, new_id: Callable[[], str], tiles: str | None = None, *, example: bool = False) -> Starlette:
    """To be mounted where the service wants it; pages of an ``example`` say that they are one.

    NotBuilt when the assets of the pages are not there.
    """
    shell = Shell("ships", HERE, desk.zone, tiles, example=example)
    pages = Pages(shell, desk, new_id, desk.now)
    local = "/{language:language}"
    return shell.application(
        [
            Route(f"{local}/", pages.blank, methods=["GET"]),
            Route(f"{local}/", pages.send, methods=["POST"]),
            Route(f"{local}/notifications/{{id}}", pages.told),
            Route("/notifications.json", pages.send_json, methods=["POST"]),
            Route("/notifications.csv", pages.send_csv, methods=["POST"]),
            Route("/notifications/{id}.json", pages.told_json),
            Route("/statistics.json", pages.statistics_json),
            Route("/statistics.csv", pages.statistics_csv),
            Route("/schemas/notification.json", lambda _: JSONResponse(wire.json_schema(), headers=ANYBODY)),
            Route("/schemas/notifications.csv.json", lambda _: JSONResponse(wire.table_schema(), headers=ANYBODY)),
        ]
    )
