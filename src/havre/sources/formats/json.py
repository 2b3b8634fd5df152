"""``json``: a document (RFC 8259, in UTF-8) with an array of objects, each of them a row.

The array is the document itself, or stands under a path in it (``rows``). An object in its place is one row.
How an object becomes columns: ``havre.sources.formats.records``. Positions count the items of the array.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from havre.errors import Invalid
from havre.lake.parsed import Parsed
from havre.sources.formats import Options, records

OPTIONS: Mapping[str, str] = {
    "rows": "where the rows stand in the document: keys with dots between, as in data.items; . is the document itself"
}


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``."""
    yield from records.pieces(_rows(records.document(document), options.get("rows")), lambda one: one, "ndjson")


def _rows(read: Any, path: str | None) -> list[Any]:
    """The array that the rows are in. ``Invalid`` names what could be meant."""
    found = records.at(read, path or "")
    if isinstance(found, list):
        return found
    if isinstance(found, dict) and path is not None:
        return [found]
    if isinstance(found, dict):
        arrays = [key for key, one in found.items() if isinstance(one, list)]
        wanted = " or ".join([*arrays, "."]) + " in the option rows, or an array of objects"
        raise Invalid("the document is an object", field="options.rows", expected=wanted)
    raise Invalid("there is neither an array nor an object", field="options.rows", expected="an array of objects")
