"""Publish and remove offers; show the catalogue to another participant; read the catalogue of another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog import store, wire
from havre.catalog.model import BY_DECISION, Offer
from havre.catalog.terms import standard_form
from havre.context import Context, NewId
from havre.errors import Conflict, NotFound, Unreachable
from havre.lake import store as lake
from havre.lake import usecases as datasets
from havre.messages.asking import request
from havre.messages.reactions import checked
from havre.messages.wire import dump
from havre.participants.identity import Identity
from havre.participants.model import Counterparty, Participant
from havre.participants.resolver import Resolver

PAGES = 100


def publish(conn: Connection, participant: str, form: wire.OfferForm, *, now: datetime, new_id: NewId) -> Offer:
    """Offer a dataset on terms. ``Invalid`` names what is wrong with the policy."""
    dataset = datasets.dataset(conn, participant, form.dataset)
    if dataset.withdrawn is not None:
        raise Conflict(f"dataset {dataset.id} was withdrawn", field="dataset")
    policy.parse(form.policy)
    given = {name: value for name, value in form.policy.items() if name not in ("@id", "@type", "@context")}
    terms = {name: value for name, value in standard_form(given).items() if name != "target"}
    offer = Offer(
        participant=participant,
        id=form.id or new_id(),
        dataset=dataset.id,
        policy=terms,
        reactions={**BY_DECISION[form.decision], **checked(form.reactions, "provider")},
        created=now,
        visible_to=form.visible_to,
    )
    known = store.offer(conn, participant, offer.id)
    if known is not None:
        if _same(known, offer):
            return known
        raise Conflict(f"there is an offer {offer.id} already, with other terms", field="id")
    store.insert(conn, offer)
    data = {"dataset": offer.dataset, "decision": offer.decision, "policy": terms}
    append(conn, event="offer:published", participant=participant, subject=offer.id, data=data, now=now)
    return offer


def _same(known: Offer, offer: Offer) -> bool:
    return known == Offer(**{**vars(offer), "created": known.created})


def remove(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    """Take an offer out of the catalogue; agreements on it stay."""
    offer = store.offer(conn, participant, id)
    if offer is None or offer.removed is not None:
        raise NotFound(f"no offer {id}")
    store.remove(conn, participant, id, now)
    append(conn, event="offer:removed", participant=participant, subject=id, data={"dataset": offer.dataset}, now=now)


def withdraw_dataset(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    """Take a dataset and its offers out of the catalogue."""
    datasets.withdraw(conn, participant, id, now=now)
    for offer in store.offers_of(conn, participant, id):
        remove(conn, participant, offer.id, now=now)


def offer_for(conn: Connection, participant: str, dataset: str, id: str, counterparty: Counterparty) -> Offer:
    """The offer that a counterparty asks for; ``NotFound`` when it may not see it."""
    offer = store.offer(conn, participant, id)
    if offer is None or offer.dataset != dataset or not offer.visible(counterparty):
        raise NotFound(f"no offer {id} of dataset {dataset}")
    return offer


def visible(
    conn: Connection, participant: str, counterparty: Counterparty | None, *, after: str = "", limit: int
) -> list[wire.Listed]:
    """A page of what a counterparty may see, by dataset; None is the participant itself, which sees all."""
    offers: dict[str, list[Offer]] = {}
    for offer in store.offers_of(conn, participant):
        if counterparty is None or offer.visible(counterparty):
            offers.setdefault(offer.dataset, []).append(offer)
    found = [one for one in lake.datasets_of(conn, participant) if one.id in offers and one.id > after][:limit]
    return [(one, lake.statistics(conn, participant, one.id), offers[one.id]) for one in found]


def visible_dataset(conn: Connection, participant: str, id: str, counterparty: Counterparty) -> wire.Listed:
    dataset = datasets.dataset(conn, participant, id)
    offers = [offer for offer in store.offers_of(conn, participant, id) if offer.visible(counterparty)]
    if not offers or dataset.withdrawn is not None:
        raise NotFound(f"no dataset {id}")
    return dataset, lake.statistics(conn, participant, id), offers


def catalog_of(
    context: Context, identity: Identity, resolver: Resolver, asking: Participant, provider: str
) -> Mapping[str, Any]:
    """The whole catalogue of another participant, as it was received. Asks the network.

    ``Unreachable`` says what went wrong; ``NotFound`` when the other side does not know us.
    """
    base = resolver.protocol_url(provider)
    first: dict[str, Any] | None = None
    url: str | None = f"{base}/catalog/request"
    for _ in range(PAGES):
        if url is None:
            break
        page, following = _page(context, identity, asking, provider, url)
        if first is None:
            first = dict(page)
        elif page.get("dataset"):
            first["dataset"] = [*first.get("dataset", []), *page["dataset"]]
        url = None if following is None else _within(base, urljoin(url, following))
    return first or {}


def _page(
    context: Context, identity: Identity, asking: Participant, provider: str, url: str
) -> tuple[Mapping[str, Any], str | None]:
    authorization = identity.authorization(asking, provider)
    answer = request(context, "POST", url, authorization, dump(wire.REQUEST, filter=[]))
    if answer.status == 404:
        raise NotFound(
            f"{provider} shows no catalogue to {asking.did}: it may not have {asking.slug} on its trust list"
        )
    if not answer.accepted or answer.body.get("@type") != "Catalog":
        raise Unreachable(f"{provider} gave no catalogue: {answer}")
    return answer.body, _next(answer.headers.get("link"))


def _next(link: str | None) -> str | None:
    """The target of ``rel="next"`` in a Link header (RFC 8288)."""
    for part in (link or "").split(","):
        target, _, parameters = part.strip().partition(";")
        if 'rel="next"' in parameters.replace(" ", "") and target.startswith("<"):
            return target.strip("<> ")
    return None


def _within(base: str, url: str) -> str:
    """The next page, which must be at the same place: our token goes with the request."""
    if urlsplit(url)[:2] != urlsplit(base)[:2]:
        raise Unreachable(f"the catalogue goes on somewhere else: {url}")
    return url
