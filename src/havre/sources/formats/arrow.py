"""``arrow``: Apache Arrow's IPC format, as a file (also known as Feather 2) or as a stream.

How its columns are taken: ``havre.sources.formats.batches``. Positions count the rows.
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import pyarrow as pa

from havre.lake.parsed import Parsed
from havre.sources.formats import Options, batches
from havre.sources.formats.records import PIECE_ROWS

OPTIONS: Mapping[str, str] = {}
_FILE = b"ARROW1"


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``."""
    first = 0
    with batches.reading("Arrow IPC, a file or a stream"):
        for batch in _batches(document):
            for start in range(0, batch.num_rows, PIECE_ROWS):
                piece = batch.slice(start, PIECE_ROWS)
                yield batches.parsed(piece, first)
                first += piece.num_rows


def _batches(document: BinaryIO) -> Iterator[pa.RecordBatch]:
    beginning = document.read(len(_FILE))
    document.seek(0)
    if beginning != _FILE:
        yield from pa.ipc.open_stream(document)
        return
    file = pa.ipc.open_file(document)
    for index in range(file.num_record_batches):
        yield file.get_batch(index)
