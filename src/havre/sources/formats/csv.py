"""``csv``: delimited text (RFC 4180). The values are texts; an empty field is null.

1. Names are those of the header, made into names of columns (``havre.sources.formats.naming``), or the option
   ``header``. With ``skip`` a header that does not please is left and ``header`` put in its place.
2. A record that has more or fewer fields than the header, or text after a closing quote, is rejected. Blank lines are
   left.
3. What is rejected is kept as a CSV of its own, header and record, in the default options.
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from havre.errors import Invalid
from havre.lake.model import Rejected
from havre.lake.parsed import Parsed
from havre.sources.formats import LineReader, Options, csv_columns, csv_records, whole_lines
from havre.sources.formats.csv_records import Record
from havre.sources.formats.naming import identifiers

OPTIONS: Mapping[str, str] = {
    "delimiter": "what stands between two fields: one character (the default is ,) or tab",
    "encoding": "how characters are written: utf-8 (the default), cp1252, latin-1, …",
    "header": "the names of the columns with commas between, when the first line is a row already",
    "skip": "how many lines to leave at the beginning, before the header (the default is 0)",
}
_ASCII = bytes(range(128))


@dataclass(frozen=True)
class Dialect:
    """How this text is written. ``names`` are those that were given; ``skip`` counts lines."""

    delimiter: str
    encoding: str
    names: tuple[str, ...] | None
    skip: int


def reader(options: Options, state: Mapping[str, Any] | None) -> LineReader:
    return Reader(_dialect(options), state or {})


def _dialect(options: Options) -> Dialect:
    delimiter, encoding = options.get("delimiter", ","), options.get("encoding", "utf-8")
    delimiter = "\t" if delimiter == "tab" else delimiter
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n\0':
        raise Invalid(f"got {delimiter!r}", field="options.delimiter", expected="one ASCII character, or tab")
    skip = options.get("skip", "0")
    if not (skip.isascii() and skip.isdigit() and len(skip) <= 6):
        raise Invalid(f"got {skip!r}", field="options.skip", expected="a number of lines")
    header = options.get("header")
    names = None if header is None else identifiers(header.split(","), field="options.header")
    return Dialect(delimiter, _encoding(encoding), names, int(skip))


def _encoding(name: str) -> str:
    """The codec's own name. Lines are found in bytes: ASCII has to be itself in it."""
    try:
        if _ASCII.decode(name) == _ASCII.decode("ascii"):
            found = codecs.lookup(name).name
            return "utf-8" if found == "utf-8-sig" else found
    except (LookupError, ValueError):
        pass
    raise Invalid(f"got {name!r}", field="options.encoding", expected="utf-8, cp1252, latin-1 or another over ASCII")


class Reader:
    """Remembers the names of the columns, and how many lines have still to be left."""

    def __init__(self, dialect: Dialect, state: Mapping[str, Any]) -> None:
        self._dialect = dialect
        self._begun: bool = state.get("begun", False)
        self._skip: int = state.get("skip", dialect.skip)
        names = state.get("names", dialect.names)
        self._names: tuple[str, ...] | None = None if names is None else tuple(names)

    def state(self) -> dict[str, Any]:
        return {"begun": self._begun, "skip": self._skip, "names": None if self._names is None else list(self._names)}

    def read(self, block: bytes, position: int, *, at: datetime, final: bool) -> tuple[Parsed, int]:
        """See ``LineReader``. A quoted field that does not end in the block waits with its whole record."""
        whole = whole_lines.whole(block, final)
        before = self._preamble(whole)
        body = whole[before:]
        if self._names is None:
            if (header := self._header(body, final)) is None:
                return _empty(()), before
            body, before = body[header:], before + header
        rows, taken = self._rows(body, position + before, self._names or (), final)
        return rows, before + taken

    def _preamble(self, whole: bytes) -> int:
        """How many bytes of byte order mark and of lines to be left stand here."""
        size = 0
        if whole and not self._begun:
            self._begun = True
            marked = self._dialect.encoding == "utf-8" and whole.startswith(whole_lines.BOM)
            size = len(whole_lines.BOM) if marked else 0
        while self._skip and size < len(whole):
            size = whole.find(b"\n", size) + 1 or len(whole)
            self._skip -= 1
        return size

    def _header(self, body: bytes, final: bool) -> int | None:
        """Read the names; returns the bytes of the header, None when it is not there yet."""
        found = csv_records.first(body, self._dialect.delimiter, self._dialect.encoding, final)
        if found is None:
            return None
        if isinstance(found.fields, str):
            wanted = "the names of the columns, in the option encoding"
            raise Invalid(f"the header {found.fields}", field="header", expected=wanted)
        if len(found.fields) == 1 and (other := next((mark for mark in ";\t|," if mark in found.fields[0]), None)):
            wanted = f"the delimiter {'tab' if other == chr(9) else other}"
            raise Invalid(
                f"the header is one column, {found.fields[0][:80]!r}", field="options.delimiter", expected=wanted
            )
        self._names = identifiers(found.fields, field="header")
        return found.end

    def _rows(self, body: bytes, position: int, names: tuple[str, ...], final: bool) -> tuple[Parsed, int]:
        delimiter, encoding = self._dialect.delimiter, self._dialect.encoding
        table = csv_columns.plain(body, names, delimiter, encoding)
        if table is not None:
            starts = whole_lines.starts(whole_lines.ends(body)) + position
            return _parsed(table, pa.array(starts), ()), len(body)
        found = csv_records.read(body, len(names), delimiter, encoding, final)
        rejected = tuple(_rejected(one, names, body, position) for one in found.others)
        positions = pa.array([start + position for start in found.starts], pa.int64())
        return _parsed(csv_columns.of_fields(found.rows, names), positions, rejected), found.taken


def _rejected(record: Record, names: Sequence[str], body: bytes, position: int) -> Rejected:
    if isinstance(record.fields, str):
        raw = csv_records.written([names]) + body[record.start : record.end]
        return Rejected(raw, "csv", record.fields, position + record.start)
    count = len(record.fields)
    reason = f"{count} field{'' if count == 1 else 's'} where the header has {len(names)}"
    return Rejected(csv_records.written([names, record.fields]), "csv", reason, position + record.start)


def _parsed(rows: pa.Table, positions: pa.Array, rejected: tuple[Rejected, ...]) -> Parsed:
    def raw(index: int) -> bytes:
        return csv_records.written([rows.column_names, [column[index].as_py() for column in rows.columns]])

    return Parsed(rows, positions, raw, "csv", rejected)


def _empty(names: Sequence[str]) -> Parsed:
    return _parsed(csv_columns.of_fields([], names), pa.array([], pa.int64()), ())
