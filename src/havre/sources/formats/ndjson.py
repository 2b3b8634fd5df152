"""``ndjson``: one JSON object a line (newline-delimited JSON, JSON Lines), in UTF-8. Blank lines are left.

How an object becomes columns: ``havre.sources.formats.records``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from havre.lake.parsed import Parsed
from havre.sources.formats import LineReader, Options, records, whole_lines

OPTIONS: Mapping[str, str] = {}


def reader(options: Options, state: Mapping[str, Any] | None) -> LineReader:
    return Reader(begun=bool((state or {}).get("begun")))


class Reader:
    """Remembers only whether the stream has begun: a byte order mark stands at its very beginning."""

    def __init__(self, begun: bool) -> None:
        self._begun = begun

    def state(self) -> dict[str, Any]:
        return {"begun": self._begun}

    def read(self, block: bytes, position: int, *, at: datetime, final: bool) -> tuple[Parsed, int]:
        """See ``LineReader``."""
        whole = whole_lines.whole(block, final)
        found = records.parsed(_objects(whole, position, self._begun), records.value, bytes, "ndjson")
        self._begun = self._begun or bool(whole)
        return found, len(whole)


def _objects(whole: bytes, position: int, begun: bool) -> Iterator[tuple[int, bytes]]:
    """The lines with something on them, each with its position."""
    for line in whole.split(b"\n"):
        text = (line if begun else line.removeprefix(whole_lines.BOM)).strip()
        if text:
            yield position, text
        position += len(line) + 1
        begun = True
