"""HTTP: the protocol's catalogue, and our own API of datasets, offers and catalogues."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.catalog import store, usecases, wire
from havre.context import Context
from havre.errors import Invalid
from havre.lake import store as lake
from havre.lake import usecases as datasets
from havre.lake.model import Dataset
from havre.lake.wire import DatasetForm, dataset_json
from havre.messages.receiving import Door, Received
from havre.messages.wire import load, parse
from havre.participants import guard
from havre.participants.did import understood
from havre.participants.identity import Identity
from havre.participants.model import Scope
from havre.participants.resolver import Resolver
from havre.web import body, json_response, resource


def routes(context: Context, identity: Identity, resolver: Resolver) -> list[Route]:
    return [
        *_protocol(context, identity),
        *_datasets(context),
        *_offers(context),
        _catalog(context, identity, resolver),
    ]


def _protocol(context: Context, identity: Identity) -> list[Route]:
    door = Door(context, identity, wire.ERROR)
    size = context.settings.catalog_page_size

    def catalog(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        parse(wire.CatalogRequest, received.body, wire.REQUEST)
        after, slug = parameters.get("after", ""), received.participant.slug
        listed = usecases.visible(conn, slug, received.counterparty, after=after, limit=size)
        return wire.catalog(received.participant, listed)

    def dataset(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        slug, id = received.participant.slug, parameters["id"]
        return wire.dataset(received.participant, usecases.visible_dataset(conn, slug, id, received.counterparty))

    return [
        _paged(door.post("/catalog/request", catalog, waits=False), size),
        door.get("/catalog/datasets/{id}", dataset),
    ]


def _paged(route: Route, size: int) -> Route:
    """The same route, with a Link to the next page when this one is full (HTTPS binding, section 6.2)."""
    inner: Any = route.endpoint

    async def endpoint(request: Request) -> Response:
        response: Response = await inner(request)
        page = load(bytes(response.body)) if response.status_code == 200 else {}
        listed = page.get("dataset", [])
        if len(listed) == size:
            base, after = page["service"][0]["endpointURL"], quote(listed[-1]["@id"], safe="")
            response.headers["link"] = f'<{base}/catalog/request?after={after}>; rel="next"'
        return response

    return Route(route.path, endpoint, methods=["POST"])


def _datasets(context: Context) -> list[Route]:
    database = context.database

    def shown(conn: Connection, dataset: Dataset) -> dict[str, Any]:
        key = (dataset.participant, dataset.id)
        return dataset_json(dataset, lake.statistics(conn, *key), lake.count_quarantined(conn, *key))

    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with database.read() as conn:
            return json_response([shown(conn, one) for one in lake.datasets_of(conn, who.participant.slug)])

    def declare(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        form, now = body(raw, DatasetForm), context.clock()
        dataset = Dataset(
            participant=who.participant.slug,
            id=form.id,
            schema=form.declared.read(),
            created=now,
            **form.description_of(),
        )
        declared = database.write(lambda conn: datasets.declare(conn, dataset, now=now))
        with database.read() as conn:
            return json_response(shown(conn, declared), 201)

    def one(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with database.read() as conn:
            found = datasets.dataset(conn, who.participant.slug, request.path_params["id"])
            return json_response(shown(conn, found))

    def withdraw(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        slug, id, now = who.participant.slug, request.path_params["id"], context.clock()
        database.write(lambda conn: usecases.withdraw_dataset(conn, slug, id, now=now))
        return Response(status_code=204)

    return [
        resource("/api/datasets", GET=listed, POST=declare),
        resource("/api/datasets/{id}", GET=one, DELETE=withdraw),
    ]


def _offers(context: Context) -> list[Route]:
    database = context.database

    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with database.read() as conn:
            return json_response([wire.own_offer_json(one) for one in store.offers_of(conn, who.participant.slug)])

    def publish(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        form, now, slug = body(raw, wire.OfferForm), context.clock(), who.participant.slug
        offer = database.write(lambda conn: usecases.publish(conn, slug, form, now=now, new_id=context.new_id))
        return json_response(wire.own_offer_json(offer), 201)

    def remove(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        slug, id, now = who.participant.slug, request.path_params["id"], context.clock()
        database.write(lambda conn: usecases.remove(conn, slug, id, now=now))
        return Response(status_code=204)

    return [resource("/api/offers", GET=listed, POST=publish), resource("/api/offers/{id}", DELETE=remove)]


def _catalog(context: Context, identity: Identity, resolver: Resolver) -> Route:
    def catalog(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        provider = understood(request.query_params.get("provider", who.participant.did))
        found: Mapping[str, Any]
        if provider == who.participant.did:
            with context.database.read() as conn:
                found = wire.catalog(who.participant, usecases.visible(conn, who.participant.slug, None, limit=10_000))
        else:
            found = usecases.catalog_of(context, identity, resolver, who.participant, provider)
        wanted = request.query_params.get("q")
        return json_response(found if wanted is None else _matching(found, wanted))

    return resource("/api/catalog", GET=catalog)


def _matching(catalog: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The catalogue with those datasets alone whose texts hold all words of ``text``."""
    words = text.lower().split()
    if not words:
        raise Invalid("is empty", field="q", expected="one or more words")
    kept = [one for one in catalog.get("dataset", []) if all(word in _texts(one) for word in words)]
    return {**catalog, "dataset": kept}


def _texts(dataset: Mapping[str, Any]) -> str:
    names = ("@id", "dct:title", "dct:description", "dcat:keyword", "dcat:theme")
    return " ".join(str(dataset.get(name, "")) for name in names).lower()
