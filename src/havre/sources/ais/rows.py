"""The columns of AIS messages, and rows that come from several sides in one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from havre.sources.ais.block import Integers

SCHEMA = pa.schema(
    {
        "time": pa.timestamp("us", tz="UTC"),
        "mmsi": pa.int64(),
        "type": pa.int64(),
        "latitude": pa.float64(),
        "longitude": pa.float64(),
        "speed": pa.float64(),
        "course": pa.float64(),
        "heading": pa.int64(),
        "status": pa.int64(),
        "turn": pa.float64(),
        "accuracy": pa.bool_(),
        "imo": pa.int64(),
        "callsign": pa.string(),
        "name": pa.string(),
        "ship_type": pa.int64(),
        "to_bow": pa.int64(),
        "to_stern": pa.int64(),
        "to_port": pa.int64(),
        "to_starboard": pa.int64(),
        "draught": pa.float64(),
        "destination": pa.string(),
        "eta": pa.string(),
        "channel": pa.string(),
        "own": pa.bool_(),
    }
)
"""WGS 84 degrees, knots, degrees from north, degrees a minute, metres; ``own``: of the ship that the receiver is on."""


@dataclass(frozen=True)
class Rows:
    """Rows, the lines with which they became whole, the places where they stand, and what they were made of."""

    table: pa.Table
    lines: Integers
    positions: Integers
    raw: Callable[[int], bytes]


def of_columns(columns: Mapping[str, pa.Array], count: int) -> pa.Table:
    """A table of all columns; those that are not there are null."""
    nothing = {f.name: _nulls(f.type, count.bit_length())[:count] for f in SCHEMA if f.name not in columns}
    return pa.table([columns.get(f.name, nothing.get(f.name)) for f in SCHEMA], schema=SCHEMA)


@lru_cache(maxsize=256)
def _nulls(type_: pa.DataType, bits: int) -> pa.Array:
    """Kept, and cut to length: a block has a dozen columns of which nothing is known."""
    return pa.nulls(1 << bits, type_)


def of_values(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """``time`` in microseconds since 1970."""
    return pa.table([pa.array([row.get(f.name) for row in rows], f.type) for f in SCHEMA], schema=SCHEMA)


def merged(parts: Sequence[Rows]) -> Rows:
    """All rows, in the order in which they became whole."""
    parts = [part for part in parts if part.table.num_rows] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    lines = np.concatenate([part.lines for part in parts])
    order = np.argsort(lines, kind="stable")
    first = np.cumsum([0, *(part.table.num_rows for part in parts)])

    def raw(index: int) -> bytes:
        which = int(np.searchsorted(first, order[index], side="right")) - 1
        return parts[which].raw(int(order[index] - first[which]))

    table = pa.concat_tables([part.table for part in parts]).combine_chunks().take(pa.array(order))
    return Rows(table, lines[order], np.concatenate([part.positions for part in parts])[order], raw)
