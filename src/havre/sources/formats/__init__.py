"""Formats: from bytes to columns. One module a format, found by its name and imported where it is used.

A format of *lines* reads a stream as it grows (``LineFormat``), one of *documents* a whole file (``DocumentFormat``).
Both give ``Parsed``: the rows in columns, where in the input each stands, and what was no row, with the reason.
The same input gives the same pieces each time: that is how a crash half-way adds nothing twice.
"""

import importlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Protocol, cast

from havre.errors import Invalid
from havre.lake.parsed import Parsed

NAMES = ("arrow", "csv", "datex2", "geojson", "gtfs", "json", "ndjson", "nmea", "parquet")
BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
Options = Mapping[str, str]


class LineReader(Protocol):
    """Reads one stream of lines, block after block, and knows what it must remember between two blocks."""

    def read(self, block: bytes, position: int, *, at: datetime, final: bool) -> tuple[Parsed, int]:
        """The rows of the whole lines in ``block``, and how many bytes these take; the rest is given again.

        ``block`` begins with a line, at byte ``position`` of the stream; it was received ``at``. With ``final`` nothing
        follows: the last line needs no end. ``Parsed.positions`` are byte positions in the stream.
        """
        ...

    def state(self) -> dict[str, Any]:
        """What a reader that goes on from here has to be given, as JSON values."""
        ...


class LineFormat(Protocol):
    OPTIONS: Mapping[str, str]

    def reader(self, options: Options, state: Mapping[str, Any] | None) -> LineReader: ...


class DocumentFormat(Protocol):
    OPTIONS: Mapping[str, str]

    def pieces(self, document: BinaryIO, options: Options) -> Iterator[Parsed]:
        """The rows of a document that can be sought in, a bounded number at a time. ``Invalid`` says why not."""
        ...


def line_format(name: str) -> LineFormat | None:
    """The format of that name if it is one of lines."""
    module = _module(name)
    return cast(LineFormat, module) if hasattr(module, "reader") else None


def pieces(name: str, document: BinaryIO, options: Options, at: datetime) -> Iterator[Parsed]:
    """The rows of a whole document in any format, a bounded number at a time."""
    of_lines = line_format(name)
    if of_lines is None:
        return cast(DocumentFormat, _module(name)).pieces(document, checked(name, options))
    return _of_lines(of_lines.reader(checked(name, options), None), document, at)


def checked(name: str, options: Options) -> Options:
    """The options of a format; ``Invalid`` names one that it does not have."""
    known = cast(LineFormat, _module(name)).OPTIONS
    for option in options:
        if option not in known:
            wanted = " or ".join(sorted(known)) or "no options"
            raise Invalid(f"{name} has no such option", field=f"options.{option}", expected=wanted)
    return options


def _module(name: str) -> object:
    if name not in NAMES:
        raise Invalid(f"got {name!r}", field="format", expected=" or ".join(NAMES))
    return importlib.import_module(f"havre.sources.formats.{name}")


def _of_lines(reader: LineReader, document: BinaryIO, at: datetime) -> Iterator[Parsed]:
    position, rest, final = 0, b"", False
    while not final:
        block = document.read(BLOCK_BYTES)
        final = len(block) < BLOCK_BYTES
        block = rest + block
        parsed, taken = reader.read(block, position, at=at, final=final)
        rest, position = block[taken:], position + taken
        if len(rest) > LONGEST_LINE:
            raise Invalid(f"a line of more than {LONGEST_LINE} bytes at byte {position}", expected="lines")
        yield parsed
