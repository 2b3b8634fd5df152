"""CSV files: a header line, LF, times in RFC 3339 with Z."""

import csv
import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

Stamp = Callable[[float | None], str]


def stamper(start: datetime.date) -> Stamp:
    """Seconds after midnight UTC of ``start`` as RFC 3339, to the second before; empty for None."""
    midnight = datetime.datetime.combine(start, datetime.time())

    def stamp(seconds: float | None) -> str:
        return "" if seconds is None else f"{(midnight + datetime.timedelta(seconds=int(seconds // 1))).isoformat()}Z"

    return stamp


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write them and give the number of rows."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for row in rows:
            out.writerow(row)
            written += 1
    return written
