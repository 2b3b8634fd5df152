"""The rows of position reports in one sentence, all at once."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from havre.sources.ais import positions, rows, sixbit, tags
from havre.sources.ais.block import Integers
from havre.sources.ais.rows import Rows
from havre.sources.ais.sentences import Sentences

CHANNELS = pa.array([chr(code) for code in range(256)])


def decoded(
    found: Sentences, types: NDArray[np.uint8], times: Integers, position: int, wanted: frozenset[int]
) -> tuple[Rows, Integers]:
    """The rows of the reports that are ``wanted``, and which of the sentences these are.

    ``position`` is that of the block. A report that is not of the usual length, or has a character that is none of
    AIS, is not among them.
    """
    usual = (found.total == 1) & (found.lengths == sixbit.CHARACTERS) & (found.fill == 0)
    asked = np.zeros(256, np.bool_)
    asked[[*wanted.intersection(positions.TYPES)]] = True
    chosen = np.flatnonzero(usual & asked[types])
    words, valid = sixbit.words(found.block.codes, found.payloads[chosen])
    if not valid.all():
        words, chosen = [word[valid] for word in words], chosen[valid]
    return _rows(found.chosen(chosen), types[chosen], times[chosen], words, position), chosen


def _rows(found: Sentences, types: NDArray[np.uint8], times: Integers, words: sixbit.Words, position: int) -> Rows:
    block = found.block
    columns = positions.columns(words, types) | {
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
    begins = found.commas[3] + 1
    none = found.commas[4] == begins
    codes = found.block.codes[begins]
    if not none.any() and codes.max(initial=0) < 128:
        ends = pa.py_buffer(np.arange(len(codes) + 1, dtype=np.int32))
        return pa.StringArray.from_buffers(len(codes), ends, pa.py_buffer(codes))
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=none), CHANNELS).dictionary_decode()
