"""The addresses: the form, what was notified and what follows from it, and the same for programmes.

Nobody logs in: an id that cannot be guessed is what lets somebody see a notification again. Nothing is kept by caches.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
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
from havre_waste.ships.pages.answers import body, no_json, problem, written
from havre_waste.ships.pages.collectors import Collectors, of_pickup
from havre_waste.ships.pages.collectors import routes as of_collectors
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.receipts import compared
from havre_waste.ships.wrong import Wrong

HERE = Path(__file__).parent
ANYBODY = {"access-control-allow-origin": "*"}


@dataclass(frozen=True)
class Pages:
    """``new_id()`` gives an id that nobody can guess. ``below``: where this is mounted, below the pages of the city."""

    shell: Shell
    desk: Desk
    new_id: Callable[[], str]
    now: Callable[[], datetime]
    below: str = ""

    def blank(self, request: Request) -> Response:
        return self._form(request, {}, {})

    async def send(self, request: Request) -> Response:
        fields = await written(request)
        given, kinds = form.members(fields)
        found, wrong = reading.notification(given, self.new_id(), self.now(), self.desk.zone)
        if found is None:
            response = self._form(request, fields, form.placed(wrong, kinds))
            response.status_code = 400
            return response
        self.desk.take(found)
        address = f"{request.scope.get('root_path', '')}/{request.path_params['language']}/notifications/{found.id}"
        return RedirectResponse(address, 303, headers=NEVER_OLD)

    def told(self, request: Request) -> Response:
        of = self._found(request)
        values = {
            "of": of, "due": rules.due(of), "cautions": rules.cautions(of), "kept": self.desk.sufficiency(of),
            "stay": self.desk.stay(of), "pickups": self.desk.pickups(of), "receipts": self.desk.receipts(of),
            "planned": self.desk.planned(), "confirmed": self.desk.confirmed,
        }  # fmt: skip
        return self.show(request, "told.html", **values)

    def told_json(self, request: Request) -> Response:
        return JSONResponse(self._answer(self._found(request)), headers=NEVER_OLD)

    def receipt(self, request: Request) -> Response:
        """What was taken, for the master: all receipts of the notification."""
        of = self._found(request)
        given = self.desk.receipts(of)
        if not given:
            raise HTTPException(404)
        open_ = any(one.notification == of.id for one in self.desk.to_come())
        return self.show(request, "receipt.html", of=of, receipts=given, compared=compared(of, *given), open=open_)

    def receipt_json(self, request: Request) -> Response:
        """An empty list while nothing was taken."""
        of = self._found(request)
        told = [wire.receipt_document(one) for one in self.desk.receipts(of)]
        return JSONResponse({"notification": of.id, "receipts": told}, headers=NEVER_OLD)

    async def send_json(self, request: Request) -> Response:
        try:
            given = json.loads(await body(request))
        except (ValueError, RecursionError):
            return no_json()
        found, wrong = reading.notification(given, self.new_id(), self.now())
        if found is None:
            return problem(422, "The notification is not right", wrong)
        self.desk.take(found)
        headers = {**NEVER_OLD, "location": f"{request.scope.get('root_path', '')}/notifications/{found.id}.json"}
        return JSONResponse(self._answer(found), 201, headers=headers)

    async def send_csv(self, request: Request) -> Response:
        """All notifications of the file, or none of them; the answer has our id of each."""
        try:
            text = (await body(request)).decode()
        except UnicodeDecodeError:
            return problem(400, "No UTF-8", [Wrong("", "not_csv", {"got": "not UTF-8"})])
        right, wrong = wire.read_csv(text, self.now())
        if wrong:
            return problem(422, "The file is not right", [one for each in wrong.values() for one in each])
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
        due, kept, planned = rules.due(of), self.desk.sufficiency(of), self.desk.planned()
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
            "pickups": [of_pickup(one, planned.get(one.id), self.desk.confirmed(one)) for one in self.desk.pickups(of)],
            "receipts": [wire.receipt_document(one) for one in self.desk.receipts(of)],
        }

    def _form(self, request: Request, written: dict[str, str], wrong: dict[str, Wrong]) -> Response:
        values = {
            "written": written, "wrong": wrong, "ship_types": [*ShipType], "delivering": [*Delivering],
            "annexes": {annex: [one for one in KINDS.values() if one.annex is annex] for annex in Annex},
            "amounts": form.AMOUNTS, "labels": lambda name: self._label(request, name),
        }  # fmt: skip
        return self.show(request, "notify.html", **values)

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

    def show(self, request: Request, template: str, **values: Any) -> Response:
        language: Language = request.path_params["language"]
        root = request.scope.get("root_path", "")
        city = f"{root.removesuffix(self.below)}/{language}/" if self.below and root.endswith(self.below) else ""
        return self.shell.respond(
            request, template, language, live=False, label=self._kinds(request), city=city, **values
        )


def application(
    desk: Desk,
    new_id: Callable[[], str],
    tiles: str | None = None,
    *,
    key: bytes | None = None,
    collectors: Mapping[Carrier, str] | None = None,
    below: str = "",
    example: bool = False,
) -> Starlette:
    """To be mounted where the service wants it; pages of an ``example`` say that they are one.

    ``key`` makes the links of who collects; without it there are none. ``collectors``: their names. ``below`` is where
    it is mounted, when the pages of the city are above it.
    NotBuilt when the assets of the pages are not there.
    """
    shell = Shell("ships", HERE, desk.zone, tiles, example=example)
    pages = Pages(shell, desk, new_id, desk.now, below)
    asked = Collectors(desk, new_id, key, collectors or {}, pages.show) if key is not None else None
    local = "/{language:language}"
    return shell.application(
        [
            Route(f"{local}/", pages.blank, methods=["GET"]),
            Route(f"{local}/", pages.send, methods=["POST"]),
            Route(f"{local}/notifications/{{id}}", pages.told),
            Route(f"{local}/notifications/{{id}}/receipt", pages.receipt),
            Route("/notifications.json", pages.send_json, methods=["POST"]),
            Route("/notifications.csv", pages.send_csv, methods=["POST"]),
            Route("/notifications/{id}.json", pages.told_json),
            Route("/notifications/{id}/receipt.json", pages.receipt_json),
            *(of_collectors(asked) if asked is not None else ()),
            Route("/statistics.json", pages.statistics_json),
            Route("/statistics.csv", pages.statistics_csv),
            Route("/schemas/notification.json", lambda _: JSONResponse(wire.json_schema(), headers=ANYBODY)),
            Route("/schemas/notifications.csv.json", lambda _: JSONResponse(wire.table_schema(), headers=ANYBODY)),
        ]
    )
