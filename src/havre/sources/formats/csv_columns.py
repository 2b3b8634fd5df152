"""Fields of CSV as columns of texts, where an empty one is null."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from havre.sources.formats import whole_lines


def plain(body: bytes, names: Sequence[str], delimiter: str, encoding: str) -> pa.Table | None:
    """The rows of a block in which every line is one; None when something in it needs a closer look.

    That is a quote, a blank line, a line with another number of fields, a CR alone, or a byte that is no character.
    """
    if not body or b'"' in body or body.count(b"\r") != body.count(b"\r\n") or body.startswith(whole_lines.BOM):
        return None
    text = _utf8(body, encoding)
    if text is None or not _all_rows(text, len(names), delimiter):
        return None
    try:
        return csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=list(names)),
            csv.ParseOptions(delimiter=delimiter, quote_char=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid:
        return None


def of_fields(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pa.Table:
    """Rows of as many fields as there are names."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([_texts(column) for column in columns], names=list(names))


def _texts(values: Sequence[str]) -> pa.Array:
    column = pa.array(values, pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _utf8(body: bytes, encoding: str) -> bytes | None:
    if encoding == "utf-8" or body.isascii():
        return body
    try:
        return body.decode(encoding).encode()
    except UnicodeDecodeError:
        return None


def _all_rows(text: bytes, width: int, delimiter: str) -> bool:
    """Whether every line has that many fields, and none is blank."""
    ends = whole_lines.ends(text)
    marks = np.flatnonzero(np.frombuffer(text, np.uint8) == ord(delimiter))
    counts = np.diff(np.searchsorted(marks, ends), prepend=0)
    if not (counts == width - 1).all():
        return False
    # of one column, a blank line has as many fields as a row
    return width > 1 or not (text.startswith((b"\n", b"\r\n")) or b"\n\n" in text or b"\n\r\n" in text)
