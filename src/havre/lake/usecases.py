"""Declare datasets, look at them, withdraw them; the quarantine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from havre.audit.usecases import append
from havre.errors import Conflict, Invalid, NotFound
from havre.lake import store
from havre.lake.model import Dataset, Schema


def declare(conn: Connection, dataset: Dataset, *, now: datetime) -> Dataset:
    """A new dataset. Declared again, it may change but for its columns: their names, types and roles are fixed.

    A field that needs a value may give that up; the same declaration twice is harmless. Returns ``dataset`` itself when
    it is new.
    """
    known = store.dataset(conn, dataset.participant, dataset.id)
    if known is None:
        store.insert_datasets(conn, [dataset])
        _note(conn, "dataset:declared", dataset, now)
        return dataset
    return _declared_again(conn, known, dataset, now)


def declare_all(conn: Connection, declared: Sequence[Dataset], *, now: datetime) -> list[Dataset]:
    """Datasets of one participant, each as with ``declare``: all of them, or none. An error names which, from 0."""
    ids = [dataset.id for dataset in declared]
    twice = next((index for index, id in enumerate(ids) if id in ids[:index]), None)
    if twice is not None:
        raise Invalid(f"{ids[twice]!r} is there twice", field=f"{twice}.id", expected="each dataset once")
    known = {one.id: one for one in store.datasets_at(conn, declared[0].participant, ids)}
    new = [dataset for dataset in declared if dataset.id not in known]
    if new:
        store.insert_datasets(conn, new)
    for dataset in new:
        _note(conn, "dataset:declared", dataset, now)
    return [
        _declared_again(conn, known[dataset.id], dataset, now, f"{index}.") if dataset.id in known else dataset
        for index, dataset in enumerate(declared)
    ]


def _declared_again(conn: Connection, known: Dataset, dataset: Dataset, now: datetime, place: str = "") -> Dataset:
    if known.withdrawn is not None:
        raise Conflict(f"dataset {dataset.id} was withdrawn; declare another", field=f"{place}id")
    if not _compatible(known.schema, dataset.schema):
        wanted = "the schema as declared first"
        raise Invalid("the columns of a dataset are fixed", field=f"{place}schema", expected=wanted)
    changed = replace(dataset, created=known.created)
    if changed != known:
        store.update_dataset(conn, changed)
        _note(conn, "dataset:changed", changed, now)
    return changed


def _compatible(known: Schema, new: Schema) -> bool:
    """Whether rows that fit the one fit the other, in the same columns."""

    def columns(schema: Schema) -> list[tuple[str, str]]:
        return [(field.name, field.type) for field in schema.fields]

    roles = [(schema.time, schema.longitude, schema.latitude) for schema in (known, new)]
    stricter = any(
        before.nullable and not after.nullable for before, after in zip(known.fields, new.fields, strict=False)
    )
    return columns(known) == columns(new) and roles[0] == roles[1] and not stricter


def dataset(conn: Connection, participant: str, id: str) -> Dataset:
    """A dataset of a participant, withdrawn or not."""
    found = store.dataset(conn, participant, id)
    if found is None:
        raise NotFound(f"no dataset {id}")
    return found


def withdraw(conn: Connection, participant: str, id: str, *, now: datetime) -> Dataset:
    """Take a dataset out of the catalogue; the rows stay, and so do the agreements until they end."""
    found = dataset(conn, participant, id)
    if found.withdrawn is not None:
        raise Conflict(f"dataset {id} was withdrawn on {found.withdrawn:%Y-%m-%d}")
    gone = replace(found, withdrawn=now)
    store.update_dataset(conn, gone)
    _note(conn, "dataset:withdrawn", gone, now)
    return gone


def _note(conn: Connection, event: str, dataset: Dataset, now: datetime) -> None:
    append(
        conn,
        event=event,
        participant=dataset.participant,
        subject=dataset.id,
        data={"title": dataset.title, "columns": list(dataset.schema.names)},
        now=now,
    )
