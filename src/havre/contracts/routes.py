"""HTTP: the protocol's negotiation endpoints of both sides, and our own API of negotiations and agreements."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.catalog.asking import catalog_of
from havre.context import Context, NewId
from havre.contracts import receiving, store, usecases, wire
from havre.contracts.model import Negotiation
from havre.contracts.negotiation import Role, State
from havre.errors import Invalid, NotFound
from havre.messages.receiving import Door, Received
from havre.messages.waiting import Waiting, seconds
from havre.participants import guard
from havre.participants.identity import Identity
from havre.participants.model import Caller, Scope
from havre.participants.resolver import Resolver
from havre.web import Handler, body, json_response, resource

_Begin = Callable[[Connection], Negotiation]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewNegotiation(Form):
    """As the consumer, with a ``provider``; as the provider, with a ``consumer`` to whom we make an offer.

    ``offer`` as it stands in the provider's catalogue, or its identifier, or nothing when the dataset has a single one.
    Without ``reuse`` a new agreement is wanted also where the same terms are agreed on already.
    """

    provider: str | None = Field(None, min_length=1)
    consumer: str | None = Field(None, min_length=1)
    dataset: str = Field(min_length=1)
    offer: dict[str, Any] | str | None = None
    reuse: bool = True
    reactions: dict[str, Any] | None = None


class Counter(Form):
    policy: dict[str, Any]


class Reason(Form):
    reason: str = Field(min_length=1, max_length=2000)


def routes(context: Context, identity: Identity, resolver: Resolver, waiting: Waiting) -> list[Route]:
    return [*_protocol(context, identity), *_negotiations(context, identity, resolver, waiting), *_agreements(context)]


def _protocol(context: Context, identity: Identity) -> list[Route]:
    door, new_id = Door(context, identity, "ContractNegotiationError"), context.new_id
    Step = Callable[[Connection, Received, str, NewId], Negotiation]

    def first(step: Callable[..., Negotiation]) -> Any:
        return lambda conn, received, parameters: wire.state(step(conn, received, new_id))

    def later(step: Step) -> Any:
        def handle(conn: Connection, received: Received, parameters: Mapping[str, str]) -> None:
            step(conn, received, parameters["pid"], new_id)

        return handle

    def shown(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        return wire.state(receiving.state(conn, received, parameters["pid"]))

    return [
        door.post("/negotiations/request", first(receiving.request), 201, waits=False),
        door.post("/negotiations/offers", first(receiving.first_offer), 201, waits=False),
        door.get("/negotiations/{pid}", shown),
        door.post("/negotiations/{pid}/request", later(receiving.counter_request)),
        door.post("/negotiations/{pid}/offers", later(receiving.offer)),
        door.post("/negotiations/{pid}/agreement", later(receiving.agreement)),
        door.post("/negotiations/{pid}/agreement/verification", later(receiving.verification)),
        door.post("/negotiations/{pid}/events", later(receiving.event)),
        door.post("/negotiations/{pid}/termination", later(receiving.termination)),
    ]


def _negotiations(context: Context, identity: Identity, resolver: Resolver, waiting: Waiting) -> list[Route]:
    database = context.database

    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        state, role = _choice(request, "state", State), _choice(request, "role", Role)
        with database.read() as conn:
            found = store.listed(conn, who.participant.slug, state=state, role=role)
        return json_response([wire.negotiation_json(one) for one in found])

    async def begin(request: Request, raw: bytes) -> Response:
        who, wait = await guard.called(request, context, Scope.NEGOTIATE), seconds(request)
        form, pid = body(raw, NewNegotiation), context.new_id()
        if (form.provider is None) == (form.consumer is None):
            raise Invalid("one of the two is wanted", field="provider", expected="a provider, or a consumer")

        async def first() -> Negotiation:
            begin_as = _as_consumer if form.consumer is None else _as_provider
            write = await begin_as(context, identity, resolver, who, form, pid)
            return await asyncio.wrap_future(database.submit(write))

        found = await waiting.until(
            pid, _loading(context, who, pid), lambda negotiation: negotiation.rests, wait, first
        )
        # another than the one that was to begin was there before: an agreement on these terms
        return json_response(wire.negotiation_json(found), 201 if found.pid == pid else 200)

    async def one(request: Request) -> Response:
        who, pid = await guard.called(request, context, Scope.READ), request.path_params["pid"]
        load = _loading(context, who, pid)
        found = await waiting.until(pid, load, lambda negotiation: negotiation.rests, seconds(request))
        return json_response(wire.negotiation_json(found))

    def step(
        function: Callable[..., Negotiation], read: Callable[[bytes], object] | None = None, *, ids: bool = False
    ) -> Handler:
        def handle(request: Request, raw: bytes) -> Response:
            who = guard.caller(request, context, Scope.NEGOTIATE)
            pid, more = request.path_params["pid"], [] if read is None else [read(raw)]
            last = {"new_id": context.new_id} if ids else {}
            done = database.write(lambda conn: function(conn, who.participant, pid, *more, now=context.clock(), **last))
            return json_response(wire.negotiation_json(done))

        return handle

    return [
        resource("/api/negotiations", GET=listed, POST=begin),
        Route("/api/negotiations/{pid}", one, methods=["GET"]),
        resource("/api/negotiations/{pid}/agree", POST=step(usecases.agree, ids=True)),
        resource("/api/negotiations/{pid}/accept", POST=step(usecases.accept)),
        resource("/api/negotiations/{pid}/verify", POST=step(usecases.verify)),
        resource("/api/negotiations/{pid}/finalize", POST=step(usecases.finalize)),
        resource("/api/negotiations/{pid}/counter", POST=step(usecases.counter, _terms, ids=True)),
        resource("/api/negotiations/{pid}/refuse", POST=step(usecases.refuse, _reason)),
        resource("/api/negotiations/{pid}/terminate", POST=step(usecases.terminate, _reason)),
    ]


def _loading(context: Context, who: Caller, pid: str) -> Callable[[], Negotiation]:
    def load() -> Negotiation:
        with context.database.look() as conn:
            return store.load(conn, who.participant.slug, pid)

    return load


def _reason(raw: bytes) -> str:
    return body(raw, Reason).reason


def _terms(raw: bytes) -> Mapping[str, Any]:
    return body(raw, Counter).policy


async def _as_consumer(
    context: Context, identity: Identity, resolver: Resolver, who: Caller, form: NewNegotiation, pid: str
) -> _Begin:
    provider, now = form.provider or "", context.clock()
    if isinstance(form.offer, dict):
        offer: Mapping[str, Any] = form.offer
    else:
        offer = await run_in_threadpool(_found, context, identity, resolver, who, form, provider)
    url = await _protocol_url(resolver, provider)
    return lambda conn: usecases.begin(
        conn,
        who.participant,
        provider=provider,
        provider_url=url,
        dataset=form.dataset,
        offer=offer,
        now=now,
        new_id=lambda: pid,
        reactions=form.reactions,
        reuse=form.reuse,
    )


async def _as_provider(
    context: Context, identity: Identity, resolver: Resolver, who: Caller, form: NewNegotiation, pid: str
) -> _Begin:
    consumer, now = form.consumer or "", context.clock()
    if not isinstance(form.offer, str):
        raise Invalid("is wanted from a provider", field="offer", expected="the identifier of one of our offers")
    offer, url = form.offer, await _protocol_url(resolver, consumer)
    return lambda conn: usecases.propose(
        conn,
        who.participant,
        consumer=consumer,
        consumer_url=url,
        dataset=form.dataset,
        offer=offer,
        now=now,
        new_id=lambda: pid,
        reactions=form.reactions,
    )


async def _protocol_url(resolver: Resolver, did: str) -> str:
    """At once where the DID document is at hand, else in a thread."""
    known = resolver.kept(did)
    return known.protocol_url if known and known.protocol_url else await run_in_threadpool(resolver.protocol_url, did)


def _found(
    context: Context, identity: Identity, resolver: Resolver, who: Caller, form: NewNegotiation, provider: str
) -> Mapping[str, Any]:
    """The offer that is meant, from the provider's catalogue."""
    wanted = {"dataset": [form.dataset]}
    catalog = catalog_of(context, identity, resolver, who.participant, provider, wanted)
    datasets = [one for one in catalog.get("dataset", []) if one.get("@id") == form.dataset]
    offers = [offer for one in datasets for offer in one.get("hasPolicy", [])]
    if form.offer is not None:
        offers = [offer for offer in offers if offer.get("@id") == form.offer]
    if not offers:
        raise NotFound(f"the catalogue of {provider} shows no such offer of {form.dataset}")
    if len(offers) > 1:
        ids = ", ".join(str(offer.get("@id")) for offer in offers)
        raise Invalid("there are several offers", field="offer", expected=f"one of {ids}")
    found: Mapping[str, Any] = offers[0]
    return found


def _agreements(context: Context) -> list[Route]:
    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with context.database.read() as conn:
            return json_response([wire.agreement_json(one) for one in store.agreements_of(conn, who.participant.slug)])

    def one(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with context.database.read() as conn:
            found = store.agreement(conn, who.participant.slug, request.path_params["id"])
        return json_response(wire.agreement_json(found))

    return [resource("/api/agreements", GET=listed), resource("/api/agreements/{id}", GET=one)]


def _choice(request: Request, name: str, kind: type[State] | type[Role]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in list(kind):
        raise Invalid(f"got {value!r}", field=name, expected=" or ".join(kind))
    return value
