"""Publish and remove offers; show the catalogue to another participant.

Reading the catalogue of another stands in ``havre.catalog.asking``.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog import store, wire
from havre.catalog.filter import Filter
from havre.catalog.model import BY_DECISION, Offer, audiences_of
from havre.catalog.terms import standard_form
from havre.context import NewId
from havre.errors import Conflict, NotFound
from havre.lake import store as lake
from havre.lake import usecases as datasets
from havre.lake.model import Statistics
from havre.messages.reactions import checked
from havre.participants import usecases as hosting
from havre.participants.model import Counterparty, Participant


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
    store.remove(conn, offer, now)
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


def page(
    conn: Connection,
    participant: str,
    counterparty: Counterparty | None,
    *,
    after: str = "",
    limit: int,
    filters: tuple[Filter, ...] = (),
) -> list[wire.Listed]:
    """What a counterparty may see after a dataset, by identifier; None is the participant itself, which sees all."""
    names = None if counterparty is None else audiences_of(counterparty)
    keys = store.visible(conn, participant, names, after=after, limit=limit, filters=filters)
    return _told(conn, participant, [id for _, id in keys], names)


def hosted_page(
    conn: Connection, counterparty: Counterparty, *, after: store.Key, limit: int, filters: tuple[Filter, ...] = ()
) -> list[tuple[Participant, list[wire.Listed]]]:
    """What a counterparty may see of all that this node hosts, after a key, by participant and identifier."""
    names, ids = audiences_of(counterparty), dict[str, list[str]]()
    for slug, id in store.visible(conn, None, names, after=after, limit=limit, filters=filters):
        ids.setdefault(slug, []).append(id)
    return [(hosting.participant(conn, slug), _told(conn, slug, listed, names)) for slug, listed in ids.items()]


def _told(conn: Connection, participant: str, ids: Sequence[str], names: frozenset[str] | None) -> list[wire.Listed]:
    """All that a catalogue tells of some datasets, in their order."""
    found = {one.id: one for one in lake.datasets_at(conn, participant, ids)}
    offers = store.offers_at(conn, participant, ids, names)
    statistics = lake.statistics_of(conn, participant, ids)
    # what was withdrawn between two statements is in the one and not in the other
    return [(found[id], statistics.get(id, Statistics()), offers[id]) for id in ids if id in found and id in offers]


def visible_dataset(conn: Connection, participant: str, id: str, counterparty: Counterparty) -> wire.Listed:
    """A dataset with the offers that a counterparty may see; ``NotFound`` when there are none."""
    for listed in _told(conn, participant, [id], audiences_of(counterparty)):
        return listed
    raise NotFound(f"no dataset {id}")
