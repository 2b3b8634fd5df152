"""HTTP: the protocol's catalogue, and our own API of datasets, offers and catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.catalog import filter, store, usecases, wire
from havre.catalog.asking import catalog_of
from havre.catalog.gzipped import gzipped
from havre.context import Context
from havre.errors import Invalid
from havre.lake import store as lake
from havre.lake import usecases as datasets
from havre.lake.model import Dataset, Statistics
from havre.lake.wire import DatasetForm, DatasetForms, dataset_json
from havre.messages.receiving import Door, Received
from havre.messages.wire import parse
from havre.participants import guard
from havre.participants.did import understood
from havre.participants.identity import Identity
from havre.participants.model import Scope
from havre.participants.resolver import Resolver
from havre.web import body, json_response, resource

LARGEST_PAGE = 1000
MOST_OWN = 100_000
LISTS = ("dataset", "keyword", "theme", "format", "holder")


def routes(context: Context, identity: Identity, resolver: Resolver) -> list[Route]:
    return [
        *_protocol(context, identity),
        *_datasets(context),
        *_offers(context),
        _catalog(context, identity, resolver),
    ]


def _protocol(context: Context, identity: Identity) -> list[Route]:
    door = Door(context, identity, wire.ERROR)

    def catalog(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Page:
        asked, limit, after = received.participant, size(parameters), parameters.get("after", "")
        filters = _filters(received)
        listed = usecases.page(conn, asked.slug, received.counterparty, after=after, limit=limit, filters=filters)
        last = listed[-1][0].id if len(listed) == limit else None
        return Page(wire.catalog(asked, listed), f"{asked.protocol_url}{wire.OWN}", last)

    def hosted(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Page:
        asked, limit, filters = received.participant, size(parameters), _filters(received)
        slug, _, id = parameters.get("after", "").partition("/")
        found = usecases.hosted_page(conn, received.counterparty, after=(slug, id), limit=limit, filters=filters)
        full = sum(len(listed) for _, listed in found) == limit
        last = f"{found[-1][0].slug}/{found[-1][1][-1][0].id}" if full else None
        return Page(wire.hosted_catalog(asked, found), f"{asked.protocol_url}{wire.HOSTED}", last)

    def size(parameters: Mapping[str, str]) -> int:
        return page_size(parameters.get("limit"), context.settings.catalog_page_size)

    def dataset(conn: Connection, received: Received, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        slug, id = received.participant.slug, parameters["id"]
        return wire.dataset(received.participant, usecases.visible_dataset(conn, slug, id, received.counterparty))

    return [
        door.ask("POST", wire.OWN, catalog, _page),
        door.ask("POST", wire.HOSTED, hosted, _page),
        door.ask("GET", "/catalog/datasets/{id}", dataset, lambda asked, found: gzipped(asked, json_response(found))),
    ]


@dataclass(frozen=True)
class Page:
    """A page of a catalogue, the address that it is had at, and after what the next begins, if there may be one."""

    catalog: Mapping[str, Any]
    url: str
    after: str | None


def _filters(received: Received) -> tuple[filter.Filter, ...]:
    return filter.read(parse(wire.CatalogRequest, received.body, wire.REQUEST).filter)


def page_size(text: str | None, default: int) -> int:
    """How many datasets a page has. ``Invalid`` when ``limit`` is no number from 1 to ``LARGEST_PAGE``."""
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text[:9]) <= LARGEST_PAGE:
        raise Invalid(f"got {text[:100]!r}", field="limit", expected=f"1 to {LARGEST_PAGE}")
    return int(text)


def _page(request: Request, page: Page) -> Response:
    """A page with a Link to the next one (HTTPS binding, section 6.2). The message that is sent there is the same."""
    response = json_response(page.catalog)
    if page.after is not None:
        parameters = {**request.query_params, "after": page.after}
        response.headers["link"] = f'<{page.url}?{urlencode(parameters)}>; rel="next"'
    return gzipped(request, response)


def _datasets(context: Context) -> list[Route]:
    database = context.database

    def shown(conn: Connection, dataset: Dataset) -> dict[str, Any]:
        key = (dataset.participant, dataset.id)
        return dataset_json(dataset, lake.statistics(conn, *key), lake.count_quarantined(conn, *key))

    def listed(request: Request, raw: bytes) -> Response:
        slug = guard.caller(request, context, Scope.READ).participant.slug
        with database.read() as conn:
            found = lake.datasets_of(conn, slug)
            statistics, counts = lake.statistics_of(conn, slug), lake.counts_of_quarantined(conn, slug)
        return json_response(
            [dataset_json(one, statistics.get(one.id, Statistics()), counts.get(one.id, 0)) for one in found]
        )

    def declare(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        slug, now = who.participant.slug, context.clock()
        if raw.lstrip().startswith(b"["):
            several = body(raw, DatasetForms).read(slug, now)
            done = database.write(lambda conn: datasets.declare_all(conn, several, now=now))
            return json_response([told(one, of) for one, of in zip(done, several, strict=True)], 201)
        dataset = body(raw, DatasetForm).read(slug, now)
        return json_response(told(database.write(lambda conn: datasets.declare(conn, dataset, now=now)), dataset), 201)

    def told(declared: Dataset, given: Dataset) -> dict[str, Any]:
        if declared is given:  # it is new, and has nothing that would have to be counted
            return dataset_json(declared, Statistics(), 0)
        with database.read() as conn:
            return shown(conn, declared)

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
        wanted, hosted = _wanted(request.query_params), request.query_params.get("hosted") == "true"
        found: Mapping[str, Any]
        if provider == who.participant.did and not hosted:
            with context.database.read() as conn:
                filters = (filter.members(wanted),) if wanted else ()
                listed = usecases.page(conn, who.participant.slug, None, limit=MOST_OWN, filters=filters)
            found = wire.catalog(who.participant, listed)
        else:
            found = catalog_of(context, identity, resolver, who.participant, provider, wanted, hosted=hosted)
        return gzipped(request, json_response(found))

    return resource("/api/catalog", GET=catalog)


def _wanted(given: QueryParams) -> dict[str, Any]:
    """The filter in the parameters of an address: those that name several values may be there several times."""
    wanted: dict[str, Any] = {name: given.getlist(name) for name in LISTS if name in given}
    if "holder" in wanted:
        wanted["holder"] = [understood(one) for one in wanted["holder"]]
    if "bbox" in given:
        wanted["bbox"] = [_number(part) for part in given["bbox"].split(",")]
    period = {name: given[name].replace(" ", "+") for name in ("from", "to") if name in given}
    return wanted | ({"period": period} if period else {}) | ({"q": given["q"]} if "q" in given else {})


def _number(text: str) -> float | str:
    """A number, or what stands in its place, for the filter to complain of."""
    try:
        return float(text)
    except ValueError:
        return text
