"""The files of a dataset's table as a reader sees them, each with the positions that are in it.

Rules that hold here: a table is opened once a process and then brought up to date from its log; who knows the version
that he needs does not even look there. Which files to read follows from the log: not one is opened in vain.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from havre.lake.model import POSITION, Dataset, Schema
from havre.lake.table import create, instant
from havre.settings import Settings

LOOKED_AGAIN_SECONDS = 5.0
EVERYWHERE = range(2**63 - 1)
LOG_PRECISION = timedelta(milliseconds=1)
"""The log may cut a time to it (Delta Lake protocol, per-file statistics)."""
Key = tuple[str, str, str]


@dataclass(frozen=True)
class File:
    """``positions`` reach from the least to the greatest of its rows, ``last`` is their latest time, if the log says;
    ``written`` is when it was."""

    uri: str
    positions: range
    last: datetime | None
    written: datetime


@dataclass(frozen=True)
class Files:
    """Those of one version of a table. ``next`` is the position that the next row will have, ``written`` when the last
    rows came: files are joined right after that, and at no other time."""

    version: int
    all: tuple[File, ...]
    next: int
    written: datetime | None

    def uris(self, positions: range = EVERYWHERE) -> list[str]:
        """Those that may hold rows at some positions."""
        return [
            file.uri
            for file in self.all
            if file.positions.start < positions.stop and positions.start < file.positions.stop
        ]

    def first_since(self, time: datetime) -> int:
        """The position before which no row is of ``time`` or later."""
        least = time - LOG_PRECISION
        late = (file.positions.start for file in self.all if file.last is None or file.last >= least)
        return min(late, default=self.next)


@dataclass
class _Opened:
    table: DeltaTable
    files: Files
    looked: float


_opened: dict[Key, _Opened] = {}
_lock = threading.Lock()


def files(settings: Settings, dataset: Dataset, version: int | None = None) -> Files:
    """The files of the newest version, or of one that is known and not older than ``version``."""
    key = (settings.lake, dataset.participant, dataset.id)
    with _lock:
        known, now = _opened.get(key), time.monotonic()
        if known is None:
            table = create(settings, dataset)
            known = _opened[key] = _Opened(table, _listed(table, dataset.schema), now)
        elif version is None or known.files.version < version or now - known.looked >= LOOKED_AGAIN_SECONDS:
            known.table.update_incremental()
            known.looked = now
            if known.table.version() != known.files.version:
                known.files = _listed(known.table, dataset.schema)
        return known.files


def _listed(table: DeltaTable, schema: Schema) -> Files:
    uris = {uri.rpartition("/")[2]: uri for uri in table.file_uris()}
    rows = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    found = tuple(_file(uris[row["path"].rpartition("/")[2]], row, schema) for row in rows)
    following = max((file.positions.stop for file in found if file.positions != EVERYWHERE), default=0)
    return Files(table.version(), found, following, max((file.written for file in found), default=None))


def _file(uri: str, row: Mapping[str, Any], schema: Schema) -> File:
    first, last = row.get(f"min.{POSITION}"), row.get(f"max.{POSITION}")
    positions = EVERYWHERE if first is None or last is None else range(first, last + 1)
    written = datetime.fromtimestamp(row["modification_time"] / 1000, UTC)
    return File(uri, positions, instant(row.get(f"max.{schema.time}")), written)
