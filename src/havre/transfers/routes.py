"""HTTP: the protocol's transfer endpoints of both sides, the renewal of tokens, and our own API of transfers."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.contracts import wire as contracts
from havre.contracts.negotiation import Role
from havre.contracts.routes import Reason
from havre.errors import Invalid, NotFound
from havre.messages.receiving import Door, Received
from havre.messages.waiting import Waiting, seconds
from havre.participants import guard
from havre.participants.identity import Identity, bearer
from havre.participants.keys import node_key
from havre.participants.model import Scope
from havre.transfers import receiving, renewal, store, usecases, wire
from havre.transfers.destination import Destination, given
from havre.transfers.model import PULL, Transfer
from havre.transfers.process import State
from havre.transfers.steps import Keys
from havre.web import Handler, body, json_response, resource

TOKEN_PREFIX = "hva_"


class DataAddress(BaseModel):
    """Where a consumer wants the rows of a push."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str | None = None
    authorization: str | None = None
    properties: dict[str, str] = Field(default_factory=dict)

    def read(self) -> Destination:
        return given(self.endpoint, self.authorization, self.properties.items(), "data_address")


class NewTransfer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    agreement: str = Field(min_length=1)
    format: str = PULL
    data_address: DataAddress | None = None


def keys(context: Context) -> Keys:
    settings = context.settings
    life = timedelta(minutes=settings.access_token_minutes)
    return Keys(context.settings.url, lambda: TOKEN_PREFIX + secrets.token_urlsafe(32), node_key(settings), life)


def routes(context: Context, identity: Identity, waiting: Waiting) -> list[Route]:
    ours = keys(context)
    return [
        *_protocol(context, identity, ours),
        *_transfers(context, waiting, ours),
        *_steps(context, ours),
        _access(context, ours),
        _renewal(context, ours),
        _end(context),
    ]


def _protocol(context: Context, identity: Identity, keys: Keys) -> list[Route]:
    door = Door(context, identity, "TransferError")

    def later(step: Callable[..., Transfer], *more: object) -> Any:
        def handle(conn: Connection, received: Received, parameters: Mapping[str, str]) -> None:
            step(conn, received, parameters["pid"], *more)

        return handle

    def request(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        return wire.state(receiving.request(conn, received, context.new_id, keys))

    def shown(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        return wire.state(receiving.state(conn, received, parameters["pid"]))

    return [
        door.post("/transfers/request", request, 201, waits=False),
        door.get("/transfers/{pid}", shown),
        door.post("/transfers/{pid}/start", later(receiving.start, keys)),
        door.post("/transfers/{pid}/suspension", later(receiving.suspension, keys)),
        door.post("/transfers/{pid}/completion", later(receiving.completion)),
        door.post("/transfers/{pid}/termination", later(receiving.termination)),
    ]


def _transfers(context: Context, waiting: Waiting, ours: Keys) -> list[Route]:
    database = context.database

    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        wanted = {name: request.query_params.get(name) for name in ("agreement", "state", "role")}
        for name, kind in (("state", State), ("role", Role)):
            if wanted[name] is not None and wanted[name] not in list(kind):
                raise Invalid(f"got {wanted[name]!r}", field=name, expected=" or ".join(kind))
        with database.read() as conn:
            slug = who.participant.slug
            found = store.listed(conn, slug, agreement=wanted["agreement"], state=wanted["state"], role=wanted["role"])
        return json_response([wire.transfer_json(one) for one in found])

    def begin(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.NEGOTIATE)
        form, now = body(raw, NewTransfer), context.clock()
        destination = None if form.data_address is None else form.data_address.read()
        begun = database.write(
            lambda conn: usecases.begin(
                conn,
                who.participant,
                agreement=form.agreement,
                format=form.format,
                now=now,
                new_id=context.new_id,
                destination=destination,
                node_key=ours.node_key,
            )
        )
        return json_response(wire.transfer_json(begun), 201)

    async def one(request: Request) -> Response:
        who = await guard.called(request, context, Scope.READ)

        def load() -> Transfer:
            with database.look() as conn:
                return store.load(conn, who.participant.slug, request.path_params["pid"])

        found = await waiting.until(
            request.path_params["pid"], load, lambda transfer: transfer.state is not State.REQUESTED, seconds(request)
        )
        return json_response(wire.transfer_json(found))

    return [
        resource("/api/transfers", GET=listed, POST=begin),
        Route("/api/transfers/{pid}", one, methods=["GET"]),
    ]


def _steps(context: Context, keys: Keys) -> list[Route]:
    def step(function: Callable[..., Transfer], *, reason: bool = False, gives: bool = False) -> Handler:
        def handle(request: Request, raw: bytes) -> Response:
            who, pid = guard.caller(request, context, Scope.NEGOTIATE), request.path_params["pid"]
            more: list[Any] = [body(raw, Reason).reason] if reason else []
            more += [keys] if gives else []
            done = context.database.write(lambda conn: function(conn, who.participant, pid, *more, now=context.clock()))
            return json_response(wire.transfer_json(done))

        return handle

    return [
        resource("/api/transfers/{pid}/suspend", POST=step(usecases.suspend, reason=True)),
        resource("/api/transfers/{pid}/start", POST=step(usecases.start, gives=True)),
        resource("/api/transfers/{pid}/resume", POST=step(usecases.resume, gives=True)),
        resource("/api/transfers/{pid}/complete", POST=step(usecases.complete)),
        resource("/api/transfers/{pid}/terminate", POST=step(usecases.terminate, reason=True)),
    ]


def _access(context: Context, keys: Keys) -> Route:
    def access(request: Request, raw: bytes) -> Response:
        who, pid = guard.caller(request, context, Scope.READ), request.path_params["pid"]
        fresh = request.query_params.get("fresh") == "true"
        found = renewal.current_access(context, who.participant, pid, keys.node_key, fresh=fresh)
        return json_response(wire.access_json(found), headers={"cache-control": "no-store"})

    return resource("/api/transfers/{pid}/access", GET=access)


def _renewal(context: Context, keys: Keys) -> Route:
    """At the provider: a refresh token for a new access token."""

    def renew(request: Request, raw: bytes) -> Response:
        secret, slug = bearer(request.headers.get("authorization")), request.path_params["slug"]

        def once(conn: Connection) -> dict[str, Any]:
            transfer, token, expires = usecases.renew(conn, secret, keys, now=context.clock())
            if transfer.participant != slug:
                raise NotFound("no such token")
            request.state.caller = transfer.counterparty
            return {"token": token, "expires": expires}

        return json_response(context.database.write(once), headers={"cache-control": "no-store"})

    return resource("/participants/{slug}/data/token", POST=renew)


def _end(context: Context) -> Route:
    """The end of an agreement takes its transfers with it, so its route is here."""

    def end(request: Request, raw: bytes) -> Response:
        who, id = guard.caller(request, context, Scope.NEGOTIATE), request.path_params["id"]
        reason, now = body(raw, Reason).reason, context.clock()
        ended = context.database.write(lambda conn: usecases.end_agreement(conn, who.participant, id, reason, now=now))
        return json_response(contracts.agreement_json(ended))

    return resource("/api/agreements/{id}/end", POST=end)
