"""Datasets, their statistics, quarantine and writer leases in the control database."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from havre.database import Utc, metadata, touch
from havre.engine import NUMBER
from havre.lake.model import Dataset, Quarantined, Rejected, Statistics
from havre.lake.wire import schema_from, schema_json

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("schema", sa.JSON, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("keywords", sa.JSON, nullable=False),
    sa.Column("theme", sa.Text),
    sa.Column("licence", sa.Text),
    sa.Column("origin", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("withdrawn", Utc),
)

texts = sa.Table(
    "dataset_texts",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("theme", sa.Text),
    sa.Column("keywords", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What datasets are searched by, in rows short enough to go through all of them.

``keywords`` are in lower case, each between line breaks; ``words`` is all that describes a dataset, in lower case.
"""

statistics_table = sa.Table(
    "dataset_statistics",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("first", Utc),
    sa.Column("last", Utc),
    sa.Column("bbox", sa.JSON(none_as_null=True)),
    sa.Column("next", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("replayed", Utc),
    sa.UniqueConstraint("participant", "dataset", "source", "position"),
)

states = sa.Table(
    "source_states",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("offset", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),
)

leases = sa.Table(
    "writer_leases",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", Utc, nullable=False),
)

Json = Mapping[str, Any]

_DATASET = sa.select(datasets).where(
    datasets.c.participant == sa.bindparam("participant"), datasets.c.id == sa.bindparam("id")
)


_IDS: sa.BindParameter[list[str]] = sa.bindparam("ids", expanding=True)
_AT = sa.select(datasets).where(datasets.c.participant == sa.bindparam("participant"), datasets.c.id.in_(_IDS))
_STATISTICS = sa.select(statistics_table).where(statistics_table.c.participant == sa.bindparam("participant"))
_STATISTICS_AT = _STATISTICS.where(statistics_table.c.dataset.in_(_IDS))
_ADD, _ADD_TEXTS = datasets.insert(), texts.insert()


def insert_datasets(conn: Connection, new: Sequence[Dataset]) -> None:
    conn.execute(_ADD, [_columns(one) for one in new])
    conn.execute(_ADD_TEXTS, [_texts(one) for one in new])


def update_dataset(conn: Connection, dataset: Dataset) -> None:
    which = sa.and_(datasets.c.participant == dataset.participant, datasets.c.id == dataset.id)
    conn.execute(datasets.update().where(which).values(**_columns(dataset)))
    of_it = sa.and_(texts.c.participant == dataset.participant, texts.c.dataset == dataset.id)
    conn.execute(texts.update().where(of_it).values(**_texts(dataset)))


def dataset(conn: Connection, participant: str, id: str) -> Dataset | None:
    row = conn.execute(_DATASET, {"participant": participant, "id": id}).mappings().one_or_none()
    return None if row is None else _dataset(row)


def datasets_of(conn: Connection, participant: str) -> list[Dataset]:
    """Those that are not withdrawn, by identifier."""
    query = sa.select(datasets).where(datasets.c.participant == participant, datasets.c.withdrawn.is_(None))
    return [_dataset(row) for row in conn.execute(query.order_by(datasets.c.id)).mappings()]


def datasets_at(conn: Connection, participant: str, ids: Collection[str]) -> list[Dataset]:
    """Those with these identifiers, in no order."""
    rows = conn.execute(_AT, {"participant": participant, "ids": list(ids)})
    names = datasets.c.keys()
    return [_dataset(dict(zip(names, row, strict=True))) for row in rows]  # these are many: a mapping takes longer


def statistics(conn: Connection, participant: str, dataset: str) -> Statistics:
    return statistics_of(conn, participant, (dataset,)).get(dataset, Statistics())


def statistics_of(conn: Connection, participant: str, ids: Collection[str] | None = None) -> dict[str, Statistics]:
    """Those of the datasets with these identifiers (None: of all) that had rows."""
    query, asked = (_STATISTICS, {}) if ids is None else (_STATISTICS_AT, {"ids": list(ids)})
    found = conn.execute(query, {"participant": participant, **asked}).mappings()
    return {row["dataset"]: _statistics(row) for row in found}


def rows_key(participant: str, dataset: str) -> str:
    """What is touched when a dataset has new rows."""
    return f"rows:{participant}/{dataset}"


def save_statistics(conn: Connection, participant: str, dataset: str, statistics: Statistics) -> None:
    touch(conn, rows_key(participant, dataset))
    table = statistics_table
    conn.execute(table.delete().where(table.c.participant == participant, table.c.dataset == dataset))
    box = None if statistics.bbox is None else list(statistics.bbox)
    conn.execute(table.insert(), {**vars(statistics), "bbox": box, "participant": participant, "dataset": dataset})


def quarantine_all(
    conn: Connection, participant: str, dataset: str, source: str, rejected: Iterable[Rejected], now: datetime
) -> int:
    """Keep rejected input; what is kept already is not kept twice. Returns how many are new."""
    rows = [
        {"participant": participant, "dataset": dataset, "source": source, "at": now, **vars(one)} for one in rejected
    ]
    if not rows:
        return 0
    module: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    insert = module.insert(quarantine).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return max(conn.execute(insert, rows).rowcount, 0)


def quarantined(
    conn: Connection, participant: str, dataset: str, *, limit: int = 1000, after: int = 0
) -> list[Quarantined]:
    """What waits in the quarantine, oldest first."""
    query = (
        sa.select(quarantine)
        .where(_waiting(participant, dataset), quarantine.c.id > after)
        .order_by(quarantine.c.id)
        .limit(limit)
    )
    return [
        Quarantined(row.id, row.source, row.position, row.reason, row.format, row.raw, row.at)
        for row in conn.execute(query)
    ]


def count_quarantined(conn: Connection, participant: str, dataset: str) -> int:
    return conn.execute(sa.select(sa.func.count()).where(_waiting(participant, dataset))).scalar_one()


def counts_of_quarantined(conn: Connection, participant: str) -> dict[str, int]:
    """Of all datasets that have some."""
    query = sa.select(quarantine.c.dataset, sa.func.count()).where(
        quarantine.c.participant == participant, quarantine.c.replayed.is_(None)
    )
    return {row[0]: row[1] for row in conn.execute(query.group_by(quarantine.c.dataset))}


def mark_replayed(conn: Connection, ids: Iterable[int], now: datetime) -> None:
    conn.execute(quarantine.update().where(quarantine.c.id.in_(list(ids))).values(replayed=now))


def _waiting(participant: str, dataset: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        quarantine.c.participant == participant, quarantine.c.dataset == dataset, quarantine.c.replayed.is_(None)
    )


def put_state(conn: Connection, participant: str, dataset: str, source: str, offset: int, state: Json) -> None:
    """What has to be known to go on with a source from ``offset``; it counts once rows are committed with that."""
    key = {"participant": participant, "dataset": dataset, "source": source, "offset": offset}
    conn.execute(states.delete().where(*(states.c[name] == value for name, value in key.items())))
    conn.execute(states.insert(), {**key, "state": dict(state)})


def state(conn: Connection, participant: str, dataset: str, source: str, offset: int) -> Json | None:
    query = sa.select(states.c.state).where(_source(participant, dataset, source), states.c.offset == offset)
    return conn.execute(query).scalar_one_or_none()


def forget_states(conn: Connection, participant: str, dataset: str, source: str, before: int) -> None:
    """Those of offsets that were passed."""
    conn.execute(states.delete().where(_source(participant, dataset, source), states.c.offset < before))


def _source(participant: str, dataset: str, source: str) -> sa.ColumnElement[bool]:
    return sa.and_(states.c.participant == participant, states.c.dataset == dataset, states.c.source == source)


def take_lease(
    conn: Connection,
    participant: str,
    dataset: str,
    *,
    holder: str,
    gone: Callable[[str], bool],
    now: datetime,
    until: datetime,
) -> str | None:
    """Take or renew the lease of a dataset's one writer. Returns the other holder, if there is one who is not gone."""
    which = sa.and_(leases.c.participant == participant, leases.c.dataset == dataset)
    row = conn.execute(sa.select(leases).where(which).with_for_update()).one_or_none()
    if row is not None and row.holder != holder and row.until > now and not gone(row.holder):
        return str(row.holder)
    conn.execute(leases.delete().where(which))
    conn.execute(leases.insert(), {"participant": participant, "dataset": dataset, "holder": holder, "until": until})
    return None


def give_lease_back(conn: Connection, participant: str, dataset: str, holder: str) -> None:
    conn.execute(
        leases.delete().where(
            leases.c.participant == participant, leases.c.dataset == dataset, leases.c.holder == holder
        )
    )


def _columns(dataset: Dataset) -> dict[str, Any]:
    return {**vars(dataset), "schema": schema_json(dataset.schema), "keywords": list(dataset.keywords)}


def _texts(dataset: Dataset) -> dict[str, Any]:
    said = (dataset.id, dataset.title, dataset.description, *dataset.keywords, dataset.theme or "")
    return {
        "participant": dataset.participant,
        "dataset": dataset.id,
        "theme": dataset.theme,
        "keywords": "\n".join(["", *dataset.keywords, ""]).lower(),
        "words": "\n".join(said).lower(),
    }


def _dataset(row: Mapping[Any, Any]) -> Dataset:
    return Dataset(**{**row, "schema": schema_from(row["schema"]), "keywords": tuple(row["keywords"])})


def _statistics(row: Mapping[Any, Any]) -> Statistics:
    names = Statistics.__dataclass_fields__
    values = {name: row[name] for name in names}
    return Statistics(**{**values, "bbox": values["bbox"] and tuple(values["bbox"])})
