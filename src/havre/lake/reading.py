"""Reading a dataset's rows: PyArrow over the table's list of files, in streams of record batches.

Rules that hold here: a reading sees one version of the table; without a limit the rows come as they are at rest,
file by file, in bounded memory; with one, they come in order, and what is kept in memory is one page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from havre.lake.columns import ARROW, arrow_schema
from havre.lake.files import EVERYWHERE, Files, files
from havre.lake.model import POSITION, Dataset, FieldType, Schema
from havre.lake.query import Cursor, Filter, Query
from havre.settings import Settings

BATCH_ROWS = 128 * 1024


@dataclass(frozen=True)
class Rows:
    """What a query gives: the columns, the batches (to be read once), and the cursor of the next page.

    ``next`` is known when a limit was given and the page is full.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    next: Cursor | None = None


def scan(settings: Settings, dataset: Dataset, query: Query) -> Rows:
    """The rows of a dataset that a query asks for, in the columns it asks for."""
    wanted = list(query.columns or arrow_schema(dataset.schema).names)
    source = _source(dataset, files(settings, dataset))
    expression = _expression(query, dataset.schema)
    if query.limit is None:
        columns = pa.schema([source.schema.field(name) for name in wanted])
        scanner = source.scanner(columns=wanted, filter=expression, batch_size=BATCH_ROWS)
        return Rows(columns, scanner.to_batches())
    return _page(source, query, query.limit, wanted, expression)


def window(dataset: Dataset, of: Files, query: Query, most: int) -> tuple[pa.Table, int]:
    """The next rows after the position that ``query.after`` names, at most ``most``, in order, and the position up to
    which those are all.

    It looks at ``BATCH_ROWS`` positions at once: there may be no rows among them that the query asks for.
    """
    first = 0 if query.after is None else query.after.position + 1
    positions = range(first, min(of.next, first + (BATCH_ROWS if _chooses(query) else most)))
    wanted = list(query.columns or arrow_schema(dataset.schema).names)
    within = _expression(query, dataset.schema)
    before = pc.field(POSITION) < positions.stop
    rows = _source(dataset, of, positions).to_table(
        columns=list(dict.fromkeys([*wanted, POSITION])), filter=before if within is None else within & before
    )
    rows = rows.sort_by(POSITION).slice(0, most)
    last = rows[POSITION][-1].as_py() if rows.num_rows == most else positions.stop - 1
    return rows.select(wanted), last


def _chooses(query: Query) -> bool:
    """Whether it asks for some rows only."""
    return replace(query, columns=None, after=None) != Query()


def _source(dataset: Dataset, of: Files, positions: range = EVERYWHERE) -> ds.Dataset:
    return ds.dataset(of.uris(positions), schema=arrow_schema(dataset.schema), format="parquet")


def _page(source: ds.Dataset, query: Query, limit: int, wanted: list[str], expression: pc.Expression | None) -> Rows:
    """One page, in order: the least rows of each batch and of what is kept."""
    order = query.order or POSITION
    keys = [(order, "descending" if query.descending else "ascending")]
    if order != POSITION:
        keys.append((POSITION, "ascending"))
    needed = list(dict.fromkeys([*wanted, order, POSITION]))
    kept: pa.Table | None = None
    for batch in source.scanner(columns=needed, filter=expression, batch_size=BATCH_ROWS).to_batches():
        if batch.num_rows == 0:
            continue
        new = pa.Table.from_batches([batch])
        kept = _least(new if kept is None else pa.concat_tables([kept, new]), keys, limit)
    empty = pa.schema([source.schema.field(name) for name in wanted])
    if kept is None:
        return Rows(empty, iter(()))
    full = kept.num_rows == limit
    last = kept.slice(kept.num_rows - 1).to_pylist()[0]
    cursor = Cursor(last[order] if query.order else None, last[POSITION]) if full else None
    page = kept.select(wanted).cast(empty)
    return Rows(empty, iter(page.to_batches(max_chunksize=BATCH_ROWS)), cursor)


def _least(rows: pa.Table, keys: list[tuple[str, str]], limit: int) -> pa.Table:
    """The first rows in order; nulls come last, which is PyArrow's default."""
    order = pc.sort_indices(rows, sort_keys=keys)
    return rows.take(order[:limit])


# The query as an expression


def _expression(query: Query, schema: Schema) -> pc.Expression | None:
    parts = [_filter(one, schema) for one in query.filters]
    if schema.time is not None:
        time = _time_scalar(schema)
        if query.since is not None:
            parts.append(pc.field(schema.time) >= time(query.since))
        if query.until is not None:
            parts.append(pc.field(schema.time) < time(query.until))
    if query.bbox is not None:
        west, south, east, north = query.bbox
        longitude, latitude = pc.field(schema.longitude), pc.field(schema.latitude)
        within = (longitude >= west) & (longitude <= east)
        # a box whose west is east of its east goes over the antimeridian (RFC 7946, section 5.2)
        parts.append(within if west <= east else (longitude >= west) | (longitude <= east))
        parts.append((latitude >= south) & (latitude <= north))
    if query.after is not None:
        parts.append(_beyond(query, query.after, schema))
    whole: pc.Expression | None = None
    for part in parts:
        whole = part if whole is None else whole & part
    return whole


def _filter(one: Filter, schema: Schema) -> pc.Expression:
    column = pc.field(one.field)
    kind = FieldType.INTEGER if one.field == POSITION else schema.field(one.field).type
    values = [pa.scalar(value, ARROW[kind]) for value in one.values]
    match one.operator:
        case "eq":
            return column == values[0]
        case "ne":
            return column != values[0]
        case "lt":
            return column < values[0]
        case "le":
            return column <= values[0]
        case "gt":
            return column > values[0]
        case "ge":
            return column >= values[0]
        case _:
            return column.isin(pa.array(one.values, ARROW[kind]))


def _time_scalar(schema: Schema) -> Any:
    kind = schema.field(schema.time or "").type

    def scalar(value: datetime) -> pa.Scalar:
        return pa.scalar(value.date() if kind is FieldType.DATE else value, ARROW[kind])

    return scalar


def _beyond(query: Query, after: Cursor, schema: Schema) -> pc.Expression:
    """Past the cursor: nulls come last, in position order."""
    further = pc.field(POSITION) > after.position
    if query.order is None or query.order == POSITION:
        return pc.field(POSITION) < after.position if query.descending and query.order else further
    column = pc.field(query.order)
    if after.value is None:
        return column.is_null() & further
    value = pa.scalar(after.value, ARROW[schema.field(query.order).type])
    beyond = column < value if query.descending else column > value
    return beyond | ((column == value) & further) | column.is_null()
