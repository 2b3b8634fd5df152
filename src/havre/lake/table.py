"""A dataset's Delta table: where it is, how rows and offset are committed together, what its log says of it.

Delta Lake protocol: an append carries an application transaction (``txn`` action), the application being the source
and the version its offset; rows and offset become visible together or not at all.

A live source commits twice a second, for years. So files are joined in two steps, small ones to middling ones and those
to large ones: each row is written a few times, however large the table is, and there are some dozens of small files at
most. What was joined is kept for as long as a reading may take; the log, which each commit lists, for minutes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Transaction,
    WriterProperties,
    write_deltalake,
)

from havre.lake.columns import arrow_schema
from havre.lake.model import POSITION, Dataset, Schema, Statistics
from havre.settings import Settings

SMALL_FILES = 32
TARGET_FILE_BYTES = 128 * 1024 * 1024
STEPS = (TARGET_FILE_BYTES // SMALL_FILES, TARGET_FILE_BYTES)
"""The sizes that files are joined to: those of less than half of it, when they are ``SMALL_FILES``."""
KEPT_HOURS = 6
"""How long a reading may take: what has been replaced is deleted after that."""
KEPT = {
    "delta.deletedFileRetentionDuration": f"interval {KEPT_HOURS} hours",
    "delta.logRetentionDuration": "interval 15 minutes",
}
ROW_GROUP_ROWS = 256 * 1024


def location(settings: Settings, dataset: Dataset) -> str:
    return f"{settings.lake.rstrip('/')}/{dataset.participant}/{dataset.id}/table"


def create(settings: Settings, dataset: Dataset) -> DeltaTable:
    """Open the table; make it when it is not there."""
    where = location(settings, dataset)
    if DeltaTable.is_deltatable(where):
        return DeltaTable(where)
    return DeltaTable.create(where, arrow_schema(dataset.schema), mode="ignore", name=dataset.id, configuration=KEPT)


def append(table: DeltaTable, rows: pa.Table, offsets: Mapping[str, int]) -> None:
    """Commit rows together with the offsets of the sources that they came from."""
    properties = CommitProperties(app_transactions=[Transaction(source, offset) for source, offset in offsets.items()])
    write_deltalake(
        table,
        rows,
        mode="append",
        commit_properties=properties,
        post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=True),
        writer_properties=WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=ROW_GROUP_ROWS),
        target_file_size=TARGET_FILE_BYTES,
    )


def offset(table: DeltaTable, source: str) -> int | None:
    """How far a source was committed; None when it never was."""
    return table.transaction_version(source)


def compact(table: DeltaTable) -> bool:
    """Join small files when there are many; whether there were. Readers see either the old files or the new."""
    sizes = pa.table(table.get_add_actions(flatten=True))["size_bytes"].to_pylist()
    least = 0
    for target in STEPS:
        if sum(least <= size < target // 2 for size in sizes) >= SMALL_FILES:
            table.optimize.compact(target_size=target, max_concurrent_tasks=1)
            if least:
                _delete_replaced(table)
            return True
        least = target // 2
    return False


def _delete_replaced(table: DeltaTable) -> None:
    """Delete the files that nobody can be reading any more, also those that no log speaks of."""
    table.vacuum(KEPT_HOURS, dry_run=False, enforce_retention_duration=False, full=True)


def measured(table: DeltaTable, schema: Schema) -> Statistics:
    """What the table's log says of its rows, without reading them."""
    files = pa.table(table.get_add_actions(flatten=True))
    if files.num_rows == 0:
        return Statistics(version=table.version())
    rows, size = (int(pc.sum(files[name]).as_py() or 0) for name in ("num_records", "size_bytes"))
    last = _bound(files, "max", POSITION)
    return Statistics(
        rows=rows,
        bytes=size,
        first=instant(_bound(files, "min", schema.time)),
        last=instant(_bound(files, "max", schema.time)),
        bbox=_box(files, schema),
        next=0 if last is None else last + 1,
        version=table.version(),
    )


def _box(files: pa.Table, schema: Schema) -> tuple[float, float, float, float] | None:
    sides = (
        _bound(files, "min", schema.longitude),
        _bound(files, "min", schema.latitude),
        _bound(files, "max", schema.longitude),
        _bound(files, "max", schema.latitude),
    )
    return None if None in sides else sides


def _bound(files: pa.Table, which: str, column: str | None) -> Any:
    """The least or greatest value of a column over all files; None where no file says."""
    name = f"{which}.{column}"
    if column is None or name not in files.column_names:
        return None
    return pc.min_max(files[name])[which].as_py()


def instant(value: Any) -> datetime | None:
    """A time or a date of the log as a time."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)
