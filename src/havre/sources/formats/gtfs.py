"""``gtfs``: one table of a GTFS Schedule feed (https://gtfs.org/documentation/schedule/reference/), a zip of CSV files.

Identifiers and texts stay texts, and so do times: 25:10:00 is ten past one on the day after. Coordinates, numbers and
enumerations are numbers, dates become as 2026-03-02. Positions count the records of the table.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa

from havre.errors import Invalid
from havre.lake.parsed import Parsed
from havre.sources.formats import Options, batches, gtfs_types
from havre.sources.formats import pieces as csv_pieces

OPTIONS: Mapping[str, str] = {
    "table": "which table of the feed becomes rows: stops (the default), stop_times, trips, routes, calendar, …"
}
LARGEST_TABLE = 2 * 1024**3
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # the reader of CSV does not look at it


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``. ``Invalid``: no zip, no such table in it, or one above ``LARGEST_TABLE`` bytes."""
    with _reading(), zipfile.ZipFile(document) as feed:
        member = _member(feed, options.get("table", "stops").removesuffix(".txt"))
        with feed.open(member) as table:
            first = 0
            for parsed in csv_pieces("csv", cast(BinaryIO, table), {}, _ANY_TIME):
                yield _typed(parsed, first)
                first += len(parsed.positions) + len(parsed.rejected)


@contextmanager
def _reading() -> Iterator[None]:
    """What ``zipfile`` says of a feed that is broken, as ``Invalid``."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        # RuntimeError: it is encrypted
        raise Invalid(f"cannot be read: {str(error)[:300]}", expected="a GTFS feed: a zip of text files") from None


def _member(feed: zipfile.ZipFile, table: str) -> zipfile.ZipInfo:
    """The file of that table, the one nearest to the top: some feeds are packed with a folder around them."""
    files = sorted((one for one in feed.infolist() if _is_table(one)), key=lambda one: one.filename.count("/"))
    for one in files:
        if _name(one) == table:
            return _within_limits(one)
    there = " or ".join(sorted({_name(one) for one in files})) or "a feed with tables in it"
    raise Invalid(f"there is no {table} in the feed", field="options.table", expected=there[:500])


def _within_limits(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    # what is declared binds: zipfile reads no more than that
    if member.file_size > LARGEST_TABLE:
        raise Invalid(f"{member.filename} has {member.file_size} bytes", expected=f"at most {LARGEST_TABLE}")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Invalid(f"{member.filename} is packed in an unusual way", expected="a zip with Deflate")
    return member


def _is_table(member: zipfile.ZipInfo) -> bool:
    return member.filename.endswith(".txt") and not member.filename.startswith("__MACOSX/")


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[2].removesuffix(".txt")


def _typed(parsed: Parsed, first: int) -> Parsed:
    """Records of CSV in the types of the reference, their places counted from ``first``."""
    rows = parsed.rows
    rows = pa.table({name: gtfs_types.column(name, rows[name]) for name in rows.column_names})
    places = np.array(parsed.positions, np.int64)
    bad = np.array([one.position for one in parsed.rejected], np.int64)
    order = np.sort(np.concatenate((places, bad)))
    rejected = (
        replace(one, position=first + int(number))
        for one, number in zip(parsed.rejected, np.searchsorted(order, bad), strict=True)
    )
    numbers = pa.array(first + np.searchsorted(order, places), pa.int64())
    return Parsed(rows, numbers, batches.raw(rows), "ndjson", tuple(rejected))
