"""Offers in the control database, and who may see them.

A page of a catalogue is found in two steps: the keys of its datasets, then what is told of them. However many datasets
and offers there are, the statements are the same few. Rules that hold here:

1. A page begins after the key of the one before (keyset paging): the last page costs what the first one does.
2. For each audience that the asking counterparty is in, its datasets are read in order and no further than the page is
   long; what is found in several of them counts once. Many audiences are read in ``MOST_BRANCHES`` groups.
3. A filter is held against a dataset where it is met, so that a full page ends the search.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.catalog.filter import Box, Filter
from havre.catalog.model import FORMATS, Offer
from havre.database import Utc, metadata
from havre.lake.store import statistics_table, texts
from havre.participants.store import participants

offers = sa.Table(
    "offers",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("policy", sa.JSON, nullable=False),
    sa.Column("reactions", sa.JSON, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("visible_to", sa.JSON, nullable=False),
    sa.Column("removed", Utc),
    sa.Index("offers_of", "participant", "dataset"),
)

audiences = sa.Table(
    "offer_audiences",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("offer", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Who may see the offers that stand: a row for each of an offer's audiences."""

MOST_BRANCHES = 16
Key = tuple[str, str]
"""A participant's short name and the identifier of a dataset there."""
Condition = sa.ColumnElement[bool]
Column = sa.ColumnElement[str]

_OFFER = sa.select(offers).where(offers.c.participant == sa.bindparam("participant"), offers.c.id == sa.bindparam("id"))

_ADD, _ADD_AUDIENCES = offers.insert(), audiences.insert()


def insert(conn: Connection, offer: Offer) -> None:
    conn.execute(_ADD, {**vars(offer), "visible_to": sorted(offer.visible_to)})
    key = {"participant": offer.participant, "dataset": offer.dataset, "offer": offer.id}
    conn.execute(_ADD_AUDIENCES, [{"name": name, **key} for name in offer.audiences])


def offer(conn: Connection, participant: str, id: str) -> Offer | None:
    """Also one that was removed."""
    row = conn.execute(_OFFER, {"participant": participant, "id": id}).mappings().one_or_none()
    return None if row is None else _offer(row)


def offers_of(conn: Connection, participant: str, dataset: str | None = None) -> list[Offer]:
    """The offers that stand, by dataset and identifier."""
    query = sa.select(offers).where(offers.c.participant == participant, offers.c.removed.is_(None))
    if dataset is not None:
        query = query.where(offers.c.dataset == dataset)
    query = query.order_by(offers.c.dataset, offers.c.created, offers.c.id)
    return [_offer(row) for row in conn.execute(query).mappings()]


def remove(conn: Connection, offer: Offer, now: datetime) -> None:
    which = sa.and_(offers.c.participant == offer.participant, offers.c.id == offer.id)
    conn.execute(offers.update().where(which).values(removed=now))
    seen = sa.and_(
        audiences.c.name.in_(offer.audiences),
        audiences.c.participant == offer.participant,
        audiences.c.dataset == offer.dataset,
        audiences.c.offer == offer.id,
    )
    conn.execute(audiences.delete().where(seen))


def _offer(row: Mapping[Any, Any]) -> Offer:
    values = {**row, "visible_to": frozenset(row["visible_to"])}
    return Offer(**values)


# Pages of a catalogue

_PARTICIPANT: sa.BindParameter[str] = sa.bindparam("participant")
_IDS: sa.BindParameter[list[str]] = sa.bindparam("ids", expanding=True)
_AT = (
    sa.select(offers)
    .where(offers.c.participant == _PARTICIPANT, offers.c.dataset.in_(_IDS), offers.c.removed.is_(None))
    .order_by(offers.c.created, offers.c.id)
)
_VISIBLE_AT = _AT.where(
    offers.c.id.in_(
        sa.select(audiences.c.offer).where(
            audiences.c.participant == _PARTICIPANT,
            audiences.c.dataset.in_(_IDS),
            audiences.c.name.in_(sa.bindparam("names", expanding=True)),
        )
    )
)


def offers_at(
    conn: Connection, participant: str, ids: Collection[str], names: Collection[str] | None
) -> dict[str, list[Offer]]:
    """The offers of the datasets with these ``ids`` that audiences of these ``names`` may see, by dataset.

    ``names`` None sees all offers that stand.
    """
    query, asked = (_AT, {}) if names is None else (_VISIBLE_AT, {"names": list(names)})
    rows = conn.execute(query, {"participant": participant, "ids": list(ids), **asked})
    names_of = offers.c.keys()
    found: dict[str, list[Offer]] = {}
    for row in rows:
        found.setdefault(row.dataset, []).append(_offer(dict(zip(names_of, row, strict=True))))
    return found


def visible(
    conn: Connection,
    participant: str | None,
    names: frozenset[str] | None,
    *,
    after: str | Key,
    limit: int,
    filters: tuple[Filter, ...] = (),
) -> list[Key]:
    """The keys of the datasets that audiences of these ``names`` may see and that fit the filters.

    With a ``participant`` of its datasets alone, ``after`` an identifier; with None of all that this node hosts,
    ``after`` a key. ``names`` None sees all offers that stand.
    """
    slug, id = (participant, after) if isinstance(after, str) else after
    found = conn.execute(_page(participant is None, names, filters), {"slug": slug, "id": id, "most": limit})
    return [(row[0], row[1]) for row in found]


@lru_cache(32)
def _page(
    of_node: bool, names: frozenset[str] | None, filters: tuple[Filter, ...]
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """Who walks through a catalogue asks the same at each page: to put it together takes longer than to run it."""
    branches = [_branch(table, which, of_node, filters) for table, which in _sources(names)]
    if len(branches) == 1:
        return branches[0]
    # in a union an order and a limit of its own are had by a subquery alone
    united = sa.union(*(sa.select(one.subquery()) for one in branches))
    return united.order_by(sa.text("1, 2")).limit(_MOST)


_SLUG: sa.BindParameter[str] = sa.bindparam("slug")
_ID: sa.BindParameter[str] = sa.bindparam("id")
_MOST: sa.BindParameter[int] = sa.bindparam("most")


def _sources(names: frozenset[str] | None) -> Iterator[tuple[sa.Table, Condition]]:
    """Where keys stand: the offers that a name may see, or all."""
    if names is None:
        yield offers, offers.c.removed.is_(None)
        return
    ordered = sorted(names)
    for first in range(min(len(ordered), MOST_BRANCHES)):
        group = ordered[first::MOST_BRANCHES]
        # with one name the order is that of the index, with several all must be sorted
        yield audiences, audiences.c.name == group[0] if len(group) == 1 else audiences.c.name.in_(group)


def _branch(table: sa.Table, which: Condition, of_node: bool, filters: Sequence[Filter]) -> sa.Select[Any]:
    key = (table.c.participant, table.c.dataset)
    after = sa.tuple_(*key) > sa.tuple_(_SLUG, _ID) if of_node else sa.and_(key[0] == _SLUG, key[1] > _ID)
    conditions = [condition for one in filters for condition in _conditions(one, *key)]
    return sa.select(*key).distinct().where(which, after, *conditions).order_by(*key).limit(_MOST)


def _conditions(filter: Filter, participant: Column, dataset: Column) -> Iterator[Condition]:
    """What must hold of a dataset, by the columns of its key."""
    if filter.dataset:
        yield dataset.in_(filter.dataset)
    if filter.holder:
        yield participant.in_(sa.select(participants.c.slug).where(participants.c.did.in_(filter.holder)))
    if filter.format and not FORMATS & set(filter.format):
        yield sa.false()
    for table, known in ((texts, [*_said(filter)]), (statistics_table, [*_place_and_time(filter)])):
        if known:
            yield sa.exists().where(table.c.participant == participant, table.c.dataset == dataset, *known)


def _said(filter: Filter) -> Iterator[Condition]:
    if filter.theme:
        yield texts.c.theme.in_(filter.theme)
    if filter.keyword:
        yield sa.or_(*(texts.c.keywords.contains(f"\n{one}\n", autoescape=True) for one in filter.keyword))
    for word in filter.words:
        yield texts.c.words.contains(word, autoescape=True)


def _place_and_time(filter: Filter) -> Iterator[Condition]:
    if filter.bbox is not None:
        yield from _meets(filter.bbox)
    if filter.since is not None:
        yield statistics_table.c.last >= filter.since
    if filter.until is not None:
        yield statistics_table.c.first < filter.until


def _meets(bbox: Box) -> Iterator[Condition]:
    """That the box of a dataset meets this one."""
    west, south, east, north = (statistics_table.c.bbox[index].as_float() for index in range(4))
    yield sa.and_(south <= bbox[3], north >= bbox[1])
    within = (west <= bbox[2], east >= bbox[0])
    yield sa.and_(*within) if bbox[0] <= bbox[2] else sa.or_(*within)
