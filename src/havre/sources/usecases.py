"""Declare, look at and remove sources; take rows that are sent; propose schemas; replay the quarantine."""

import io
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from havre.audit.usecases import append
from havre.context import Context
from havre.errors import Conflict, Invalid, NotFound
from havre.lake import store as lake
from havre.lake.model import Dataset, Ingested, Schema
from havre.lake.usecases import dataset
from havre.sources import formats, store
from havre.sources.model import Source, Status
from havre.sources.transports import module, split

MOST_OFFSET = 2**33 - 1
"""Of rows that are sent: the places of rejected ones are counted from it."""


def add(conn: Connection, context: Context, source: Source) -> tuple[Source, Status]:
    """Declare a source. ``Invalid`` names the option that is wrong; declared again it must be the same."""
    dataset(conn, source.participant, source.dataset)
    options, rest = split(source.transport, dict(source.options))
    formats.checked(source.format, rest)
    module(source.transport).transport(options, context.settings, source.participant)
    if module(source.transport).LINES_ALONE and formats.line_format(source.format) is None:
        raise Invalid(f"{source.format} is read as a whole", field="format", expected="a format of lines, as csv")
    known = next((one for one in store.sources_of(conn, source.participant) if one[0].id == source.id), None)
    if known is not None:
        if {**vars(known[0]), "created": None} == {**vars(source), "created": None}:
            return known
        raise Conflict(f"there is a source {source.id} already; remove it first", field="id")
    store.insert(conn, source)
    _note(conn, "source:declared", source, source.created)
    return source, Status()


def remove(conn: Connection, participant: str, id: str, *, now: datetime) -> Source:
    """Remove a source; its rows stay, and a source of the same name goes on where it was."""
    source, _ = store.load(conn, participant, id)
    store.delete(conn, participant, id)
    _note(conn, "source:removed", source, now)
    return source


def propose(context: Context, format: str, sample: bytes, options: Mapping[str, str]) -> Schema:
    """The schema that the beginning of a sample suggests."""
    from havre.lake.proposal import propose

    first = next(formats.pieces(format, io.BytesIO(sample), options, context.clock()), None)
    if first is None or not first.rows.num_columns:
        why = first.rejected[0].reason if first is not None and first.rejected else "there are no rows in it"
        raise Invalid(f"the sample gives no schema: {why}", field="body", expected=f"rows as {format}")
    return propose(first)


def take(
    context: Context,
    target: Dataset,
    format: str,
    body: bytes,
    options: Mapping[str, str],
    *,
    source: str | None,
    offset: int | None,
) -> Ingested:
    """Rows that were sent, all of them in one commit. With ``source`` and ``offset`` a repetition adds nothing."""
    from havre.sources.intake import post

    if (source is None) != (offset is None):
        raise Invalid("one without the other", field="offset", expected="both source and offset, or none")
    pieces = formats.pieces(format, io.BytesIO(body), options, context.clock())
    place = f"post/{source}" if source is not None else f"post//{context.new_id()}"
    return post(context, target, pieces, place=place, offset=1 if offset is None else offset)


def replay(context: Context, target: Dataset) -> Ingested:
    """Try what is in quarantine again, as it came. What fits now becomes rows, exactly once; the rest stays."""
    from havre.sources.intake import replayed

    done, after = Ingested(), 0
    while True:
        with context.database.read() as conn:
            waiting = lake.quarantined(conn, target.participant, target.id, after=after)
        if not waiting:
            return done
        after = waiting[-1].id
        done += replayed(context, target, waiting)


def own(conn: Connection, participant: str, id: str) -> Dataset:
    """A dataset that rows may be put in."""
    found = dataset(conn, participant, id)
    if found.withdrawn is not None:
        raise NotFound(f"no dataset {id}")
    return found


def _note(conn: Connection, event: str, source: Source, now: datetime) -> None:
    data = {"dataset": source.dataset, "transport": source.transport, "format": source.format}
    append(conn, event=event, participant=source.participant, subject=source.id, data=data, now=now)
