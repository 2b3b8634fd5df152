"""The rows of position reports in one sentence, all of one layout at once."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from havre.sources.ais import positions, rows, sixbit, tags
from havre.sources.ais.block import Integers
from havre.sources.ais.positions import Layout
from havre.sources.ais.rows import Rows
from havre.sources.ais.sentences import Sentences

CHANNELS = pa.array([chr(code) for code in range(256)])


def decoded(
    found: Sentences, types: NDArray[np.uint8], times: Integers, position: int, wanted: frozenset[int]
) -> Iterator[tuple[Rows, Integers]]:
    """The rows of the reports that are ``wanted``, and which of the sentences these are.

    ``position`` is that of the block. A report that is not of the usual length, or has a character that is none of
    AIS, is not among them.
    """
    usual = (found.total == 1) & (found.lengths == sixbit.CHARACTERS) & (found.fill == 0)
    for kinds, layout in positions.FAMILIES:
        asked = wanted.intersection(kinds)
        chosen = np.flatnonzero(usual & np.isin(types, [*asked])) if asked else np.empty(0, np.int64)
        words, valid = sixbit.words(found.block.codes, found.payloads[chosen])
        if not valid.all():
            words, chosen = [word[valid] for word in words], chosen[valid]
        yield _rows(found.chosen(chosen), types[chosen], times[chosen], words, layout, position), chosen


def _rows(
    found: Sentences, types: NDArray[np.uint8], times: Integers, words: sixbit.Words, layout: Layout, position: int
) -> Rows:
    block = found.block
    columns = positions.columns(words, layout) | {
        "time": pa.array(times * 1000).cast(rows.SCHEMA.field("time").type),
        "type": pa.array(types.astype(np.int64)),
        "channel": _channels(found),
        "own": pa.array(block.codes[block.heads[found.lines] + 5] == ord("O")),
    }

    def raw(index: int) -> bytes:
        return tags.stamped(block.line(int(found.lines[index])), int(times[index]))

    table = rows.of_columns(columns, len(times))
    return Rows(table, found.lines, block.starts[found.lines] + position, raw)


def _channels(found: Sentences) -> pa.Array:
    begins = found.commas[:, 3] + 1
    none = found.commas[:, 4] == begins
    codes = pa.array(found.block.codes[begins], mask=none)
    return pa.DictionaryArray.from_arrays(codes, CHANNELS).dictionary_decode()
