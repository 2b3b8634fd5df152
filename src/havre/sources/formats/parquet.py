"""``parquet``: a file of Apache Parquet, read a bounded number of rows at a time, whatever its row groups.

How its columns are taken: ``havre.sources.formats.batches``. Positions count the rows of the file.
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import pyarrow.parquet as pq

from havre.lake.parsed import Parsed
from havre.sources.formats import Options, batches
from havre.sources.formats.records import PIECE_ROWS

OPTIONS: Mapping[str, str] = {}


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``."""
    first = 0
    with batches.reading("a Parquet file"), pq.ParquetFile(document) as file:
        for batch in file.iter_batches(batch_size=PIECE_ROWS, use_threads=False):
            yield batches.parsed(batch, first)
            first += batch.num_rows
