"""The payload: six bits in each printable character (IEC 61162-1, annex on VDM), read as numbers of any width.

168 bits are kept in three words of 64: the first two hold 60 bits each, the last one 48.
"""

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais.block import Integers

ALPHABET = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
NO_CHARACTER = 255
SIXBIT = np.full(256, NO_CHARACTER, np.uint8)
SIXBIT[[*ALPHABET]] = np.arange(64)
CHARACTERS = 28
"""Those of a message of 168 bits."""
WORD_CHARACTERS, WORD_BITS = 10, 60
Words = list[NDArray[np.uint64]]


def words(codes: NDArray[np.uint8], payloads: Integers) -> tuple[Words, NDArray[np.bool_]]:
    """The 168 bits at each of ``payloads`` in three words, and where every character is one of the alphabet."""
    found: Words = []
    valid = np.ones(len(payloads), np.bool_)
    for begin in range(0, CHARACTERS, WORD_CHARACTERS):
        word = np.zeros(len(payloads), np.uint64)
        for place in range(begin, min(begin + WORD_CHARACTERS, CHARACTERS)):
            values = SIXBIT[codes[payloads + place]]
            valid &= values != NO_CHARACTER
            word = (word << np.uint64(6)) | values
        found.append(word)
    return found, valid


def unsigned(parts: Words, start: int, width: int) -> Integers:
    """``width`` bits (at most 30) from bit ``start`` on, counted from the first one that was sent."""
    index, offset = divmod(start, WORD_BITS)
    behind = _size(index) - offset - width
    if behind >= 0:
        value = parts[index] >> np.uint64(behind)
    else:
        value = (parts[index] << np.uint64(-behind)) | (parts[index + 1] >> np.uint64(_size(index + 1) + behind))
    return (value & np.uint64((1 << width) - 1)).astype(np.int64)


def signed(parts: Words, start: int, width: int) -> Integers:
    """The same in two's complement."""
    sign = 1 << (width - 1)
    return (unsigned(parts, start, width) ^ sign) - sign


def _size(index: int) -> int:
    return min(WORD_BITS, CHARACTERS * 6 - index * WORD_BITS)
