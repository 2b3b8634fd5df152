"""The addresses of who collects: what is asked, the time at which somebody comes, and what was taken.

Who has the secret link of a carrier (``ships.links``) sees what is asked of it, and answers for it. A link that is
wrong looks like one that was never there. The id of a notification is in that of its loads: who collects may see it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.shell import NEVER_OLD
from havre_waste.ships import collecting, links, wire
from havre_waste.ships.desk import Desk
from havre_waste.ships.pages.answers import body, no_json, problem, written
from havre_waste.ships.pickups import Carrier, Pickup
from havre_waste.ships.receipts import as_told, receipt
from havre_waste.ships.requests import Planned
from havre_waste.ships.requests import Request as Asked
from havre_waste.ships.wrong import Wrong

Show = Callable[..., Response]
CONFIRM, RECEIVED = "confirm", "received"


@dataclass(frozen=True)
class Collectors:
    """``key`` makes the links; ``firms`` are the names of who collects, where they are known; ``show`` draws a page."""

    desk: Desk
    new_id: Callable[[], str]
    key: bytes
    firms: Mapping[Carrier, str]
    show: Show = field(repr=False)

    # Pages

    def page(self, request: Request) -> Response:
        return self._page(request, self._carrier(request))

    async def send(self, request: Request) -> Response:
        carrier = self._carrier(request)
        return await run_in_threadpool(self._take, request, carrier, await written(request))

    def _take(self, request: Request, carrier: Carrier, given: dict[str, str]) -> Response:
        what, id = given.pop("do", ""), given.get("load", "")
        load = self._load(carrier, id)
        if load is None or what not in (CONFIRM, RECEIVED):
            raise HTTPException(400)
        if what == RECEIVED:
            amounts = [given.pop(f"received.{at}", "") for at in range(len(load.waste))]
            told: dict[str, Any] = {**given, "received": _lines(load, amounts)}
        else:
            told = dict(given)
        wrong = self._answered(carrier, load, what, told, local=True)
        if wrong:
            answer = self._page(request, carrier, {id: wrong})
            answer.status_code = 400
            return answer
        return RedirectResponse(str(request.url.path), 303, headers=NEVER_OLD)

    def _page(self, request: Request, carrier: Carrier, wrong: Mapping[str, Sequence[Wrong]] | None = None) -> Response:
        return self.show(
            request, "requests.html", carrier=carrier, asked=self.desk.requests(carrier), wrong=wrong or {},
            firm=self.firms.get(carrier, ""), told=as_told, now=self.desk.now(), zone=self.desk.zone,
            json=f"/requests/{links.name(carrier)}/{request.path_params['secret']}.json",
        )  # fmt: skip

    # For programs

    def json(self, request: Request) -> Response:
        carrier = self._carrier(request)
        asked = [of_request(one) for one in self.desk.requests(carrier)]
        return JSONResponse({"carrier": str(carrier), "requests": asked}, headers=NEVER_OLD)

    async def confirm_json(self, request: Request) -> Response:
        return await self._json(request, CONFIRM)

    async def received_json(self, request: Request) -> Response:
        return await self._json(request, RECEIVED)

    async def _json(self, request: Request, what: str) -> Response:
        carrier = self._carrier(request)
        try:
            given = json.loads(await body(request))
        except (ValueError, RecursionError):
            return no_json()
        if not isinstance(given, dict):
            return problem(422, "No object", [Wrong("", "not_object", {"got": type(given).__name__})])
        return await run_in_threadpool(self._take_json, carrier, what, given)

    def _take_json(self, carrier: Carrier, what: str, given: dict[str, Any]) -> Response:
        load = self._load(carrier, given.get("load"))
        if load is None:
            return problem(422, "The answer is not right", [_unknown(given.get("load"))])
        if wrong := self._answered(carrier, load, what, given):
            return problem(422, "The answer is not right", wrong)
        of = self.desk.find(load.notification)
        assert of is not None
        mine = [one for one in self.desk.receipts(of) if one.load == load.id]
        at = self.desk.confirmed(load)
        told = {
            "load": load.id, "confirmed_at": at and at.isoformat(),
            "receipt": wire.receipt_document(mine[0]) if mine else None,
        }  # fmt: skip
        return JSONResponse(told, 201, headers=NEVER_OLD)

    # Both

    def _answered(
        self, carrier: Carrier, load: Pickup, what: str, given: Mapping[str, Any], *, local: bool = False
    ) -> list[Wrong]:
        """What is wrong with the answer; nothing, and it is taken."""
        zone = self.desk.zone if local else None
        if what == CONFIRM:
            at, wrong = collecting.confirmation(given, load, zone)
            if at is not None:
                self.desk.confirm(load, at)
            return wrong
        taken, wrong = collecting.delivery(given, load, self.firms.get(carrier, ""), self.desk.now(), zone)
        of = self.desk.find(load.notification)
        if taken is not None and of is not None:
            self.desk.give(
                receipt(
                    of, self.new_id(), taken.received, reception_facility=taken.reception_facility,
                    delivered_from=taken.delivered_from, delivered_to=taken.delivered_to,
                    treatment_facility=taken.treatment_facility, load=load.id,
                )
            )  # fmt: skip
        return wrong

    def _carrier(self, request: Request) -> Carrier:
        found = links.carrier_of(self.key, request.path_params["carrier"], request.path_params["secret"])
        if found is None:
            raise HTTPException(404)
        return found

    def _load(self, carrier: Carrier, id: object) -> Pickup | None:
        """One that goes with this carrier, and was not forgotten; what was receipted may be put right."""
        load = self.desk.load(id) if isinstance(id, str) else None
        return load if load is not None and load.carrier is carrier else None


def _lines(load: Pickup, amounts: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"type": one.kind.id, "specified": one.specified, "received_m3": amount}
        for one, amount in zip(load.waste, amounts, strict=True)
    ]


def _unknown(given: object) -> Wrong:
    return Wrong("load", "unknown_load", {"got": repr(given)[:60]})


def of_request(one: Asked) -> dict[str, Any]:
    return {
        "ship": one.load.ship,
        **of_pickup(one.load, one.planned, one.confirmed_at),
        "waste": [
            {"type": each.kind, "specified": each.specified, "notified_m3": each.received_m3}
            for each in as_told(one.load)
        ],
        "ship_has_left": one.over,
    }


def of_pickup(one: Pickup, planned: Planned | None, confirmed_at: datetime | None) -> dict[str, Any]:
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
        "round": planned.round if planned else None,
        "planned_at": planned.at.isoformat() if planned else None,
        "confirmed_at": confirmed_at.isoformat() if confirmed_at else None,
    }


def routes(collectors: Collectors) -> Sequence[BaseRoute]:
    here = "/requests/{carrier}/{secret}"
    return [
        Route(f"/{{language:language}}{here}/", collectors.page, methods=["GET"]),
        Route(f"/{{language:language}}{here}/", collectors.send, methods=["POST"]),
        Route(f"{here}.json", collectors.json),
        Route(f"{here}/{CONFIRM}.json", collectors.confirm_json, methods=["POST"]),
        Route(f"{here}/{RECEIVED}.json", collectors.received_json, methods=["POST"]),
    ]
