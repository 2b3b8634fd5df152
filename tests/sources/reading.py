"""How the tests of formats read: whole documents, streams cut into blocks, and one rejected input by itself."""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from havre.errors import Invalid
from havre.lake.columns import conform
from havre.lake.model import Rejected, Schema
from havre.lake.parsed import Parsed
from havre.lake.proposal import propose
from havre.sources import formats

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "shared/data"
Placed = list[tuple[int, dict[str, Any]]]


def real(name: str) -> bytes:
    """A real file. The test is skipped where it is missing."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"there is no {file}: this promise is NOT tested here")
    return file.read_bytes()


def pieces(format: str, document: bytes, options: Mapping[str, str] | None = None) -> list[Parsed]:
    return list(formats.pieces(format, io.BytesIO(document), options or {}, AT))


def whole(format: str, document: bytes | str, **options: str) -> Parsed:
    """A document in one piece."""
    (found,) = pieces(format, document.encode() if isinstance(document, str) else document, options)
    return found


def rows(format: str, document: bytes | str, **options: str) -> list[dict[str, Any]]:
    """The rows of a document in which nothing is rejected."""
    found = whole(format, document, **options)
    assert found.rejected == ()
    return list(found.rows.to_pylist())


def reasons(found: Parsed) -> list[tuple[int, str]]:
    return [(one.position, one.reason) for one in found.rejected]


def placed(found: Iterable[Parsed]) -> Placed:
    """All rows with their places, without what is null: a piece may lack a column that another has."""
    listed: Placed = []
    for piece in found:
        assert len(piece.positions) == piece.rows.num_rows
        for position, row in zip(piece.positions.to_pylist(), piece.rows.to_pylist(), strict=True):
            listed.append((position, {name: value for name, value in row.items() if value is not None}))
    return listed


def in_blocks(format: str, document: bytes, options: Mapping[str, str], cuts: Iterable[int]) -> list[Parsed]:
    """A stream of lines that arrives in blocks; a new reader goes on after each with the state of the one before."""
    lines = formats.line_format(format)
    assert lines is not None
    found, state, position = [], None, 0
    for end in [*sorted(cuts), len(document)]:
        reader = lines.reader(options, state)
        parsed, taken = reader.read(document[position:end], position, at=AT, final=end == len(document))
        found.append(parsed)
        if taken:  # a state is kept with the rows that it follows, as JSON
            state, position = json.loads(json.dumps(reader.state())), position + taken
    assert position == len(document)
    return found


def alone(raw: bytes, format: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What is read of an input by itself, later: rows and reasons."""
    found = pieces(format, raw)
    return [row for one in found for row in one.rows.to_pylist()], [bad.reason for one in found for bad in one.rejected]


def conformed(found: list[Parsed], schema: Schema | None = None) -> tuple[pa.Table, list[Rejected], Schema]:
    """The pieces in the columns of a schema: by default of the one that their first suggests."""
    schema = schema or propose(found[0])
    tables, rejected = zip(*(conform(one, schema) for one in found), strict=True)
    return pa.concat_tables(tables), [bad for some in rejected for bad in some], schema


def types(schema: Schema) -> dict[str, str]:
    return {field.name: field.type.value for field in schema.fields}


def never_crashes(format: str, document: bytes, **options: str) -> None:
    """Garbage gives rows, rejected inputs or ``Invalid``, and each row and input has a place and a raw form."""
    try:
        found = pieces(format, document, options)
    except Invalid:
        return
    for piece in found:
        assert len(piece.positions) == piece.rows.num_rows
        assert all(isinstance(piece.raw(index), bytes) for index in range(piece.rows.num_rows))
        places = [*piece.positions.to_pylist(), *(one.position for one in piece.rejected)]
        assert len(set(places)) == len(places)
