"""Records of CSV, one by one: quoted fields (RFC 4180, section 2), lines that break off, characters that are none.

A record may go over lines inside quotes, up to ``LONGEST_QUOTED`` bytes. Where a quote is opened and not closed within
these, each whole line of them is taken for itself: one stray quote must not swallow what follows it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from havre.sources.formats import LONGEST_LINE, whole_lines

LONGEST_QUOTED = 1024 * 1024
HEAD_BYTES = 64 * 1024
csv.field_size_limit(LONGEST_LINE)  # the module's own limit, 128 KiB, is less than an area as text may have

Fields = list[str] | str
"""The fields of a record, or why it has none. No fields: a blank line."""


@dataclass(frozen=True)
class Record:
    """Bytes ``start`` to ``end`` of a block."""

    start: int
    end: int
    fields: Fields


@dataclass
class Found:
    """``rows`` have the wanted number of fields and begin at ``starts``; the ``others`` have not. ``taken`` bytes."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    taken: int = 0


def read(body: bytes, width: int, delimiter: str, encoding: str, final: bool) -> Found:
    """The records in whole lines. One that is not complete is left, unless ``final``."""
    found, block = Found(), Block(body, delimiter, encoding)
    starts, ends, after = block.starts, block.ends, 0
    for before, after, fields in block.records(final):
        if len(fields) == width and type(fields) is list:
            found.rows.append(fields)
            found.starts.append(starts[before])
        elif fields:
            found.others.append(Record(starts[before], ends[after - 1], fields))
    found.taken = ends[after - 1] if after else 0
    return found


def first(body: bytes, delimiter: str, encoding: str, final: bool) -> Record | None:
    """The first record that is no blank line; None when it is not there, or not complete."""
    head = whole_lines.whole(body[:HEAD_BYTES], False)
    for part in (head, body) if b'"' not in head else (body,):
        block = Block(part, delimiter, encoding)
        for before, after, fields in block.records(final):
            if fields:
                return Record(block.starts[before], block.ends[after - 1], fields)
    return None


def written(rows: Iterable[Sequence[str | None]]) -> bytes:
    """Rows as CSV in the default options."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)  # so that it quotes a field that has either of them
    return out.getvalue().encode()


class Block:
    """Whole lines of a stream, counted from 0."""

    def __init__(self, body: bytes, delimiter: str, encoding: str) -> None:
        self.ends: list[int] = whole_lines.ends(body).tolist()
        self.starts = [0, *self.ends[:-1]]
        self._delimiter = delimiter
        self._encoding = encoding
        self._broken: set[int] = set()
        self._texts = self._decoded(body)

    def records(self, final: bool) -> Iterator[tuple[int, int, Fields]]:
        """All that are complete or never will be: the first line, the line after them, the fields."""
        line = 0
        while line < len(self._texts):
            for after, fields in self._parsed(line):
                if fields is None:
                    break
                yield line, after, self._sound(line, after, fields) if self._broken else fields
                line = after
            else:
                return
            if not final and self.ends[-1] - self.starts[line] <= LONGEST_QUOTED:
                return
            until = self._quoted_region(line)
            yield from ((one, one + 1, self._sound(one, one + 1, self._alone(one))) for one in range(line, until))
            line = until

    def _parsed(self, line: int) -> Iterator[tuple[int, Fields | None]]:
        """Each record from a line on: the line after it, and its fields; None in place of them: it has no end."""
        ended: list[bool] = []
        parser = self._parser(chain(islice(self._texts, line, None), _noted(ended)))
        before, fields = line, None
        while True:
            try:
                fields = next(parser)
            except StopIteration:
                return
            except csv.Error as error:
                fields = None if ended else _reason(error)
            after = line + parser.line_num
            if after > before + 1 and self.ends[after - 1] - self.starts[before] > LONGEST_QUOTED:
                fields = None
            yield after, fields
            before = after

    def _alone(self, line: int) -> Fields:
        try:
            fields: list[str] = next(self._parser([self._texts[line]]))
            return fields
        except csv.Error:
            return "is not CSV: a quoted field does not end"

    def _parser(self, texts: Iterable[str]) -> Any:
        return csv.reader(texts, delimiter=self._delimiter, strict=True)

    def _sound(self, line: int, after: int, fields: Fields) -> Fields:
        broken = not self._broken.isdisjoint(range(line, after))
        return f"has bytes that are not {self._encoding}" if broken else fields

    def _quoted_region(self, line: int) -> int:
        """The line after those that are taken one by one."""
        limit, until = self.starts[line] + LONGEST_QUOTED, line + 1
        while until < len(self.ends) and self.ends[until] <= limit:
            until += 1
        return until

    def _decoded(self, body: bytes) -> list[str]:
        try:
            return list(io.StringIO(body.decode(self._encoding), newline="\n"))
        except UnicodeDecodeError:
            return [self._text(body[start:end], line) for line, (start, end) in enumerate(self._spans())]

    def _spans(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=False)

    def _text(self, line: bytes, index: int) -> str:
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            # its delimiters, quotes and its end still count: they are ASCII
            self._broken.add(index)
            return line.decode("ascii", "replace")


def _reason(error: csv.Error) -> str:
    # the module's own words here advise to open the file in another way
    return "is not CSV: " + ("a CR without LF" if "new-line" in str(error) else str(error))


def _noted(ended: list[bool]) -> Iterator[str]:
    """No more lines, and a note that the parser asked for one."""
    ended.append(True)
    yield from ()
