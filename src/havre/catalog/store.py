"""Offers in the control database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.catalog.model import Offer
from havre.database import Utc, metadata

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

_OFFER = sa.select(offers).where(offers.c.participant == sa.bindparam("participant"), offers.c.id == sa.bindparam("id"))


def insert(conn: Connection, offer: Offer) -> None:
    conn.execute(offers.insert(), {**vars(offer), "visible_to": sorted(offer.visible_to)})


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


def remove(conn: Connection, participant: str, id: str, now: datetime) -> None:
    conn.execute(offers.update().where(offers.c.participant == participant, offers.c.id == id).values(removed=now))


def _offer(row: Mapping[Any, Any]) -> Offer:
    values = {**row, "visible_to": frozenset(row["visible_to"])}
    return Offer(**values)
