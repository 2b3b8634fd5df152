"""The payload: six bits in each printable character (IEC 61162-1, annex on VDM), read as numbers of any width.

168 bits are kept in four words of 64: the first three hold 48 bits each, eight characters, the last one 24.
"""

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais.block import Integers, windows

ALPHABET = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
NO_CHARACTER = 255
SIXBIT = np.full(256, NO_CHARACTER, np.uint8)
SIXBIT[[*ALPHABET]] = np.arange(64)
CHARACTERS = 28
"""Those of a message of 168 bits."""
WORD_BITS = 48
LAST_BITS = CHARACTERS * 6 % WORD_BITS
Words = list[NDArray[np.uint64]]
_SQUEEZE = (
    # eight values of six bits, a byte each: side by side in twos, then in fours, then all
    tuple(map(np.uint64, (0x003F003F003F003F, 0x3F003F003F003F00, 2))),
    tuple(map(np.uint64, (0x00000FFF00000FFF, 0x0FFF00000FFF0000, 4))),
    tuple(map(np.uint64, (0x0000000000FFFFFF, 0x00FFFFFF00000000, 8))),
)


def words(codes: NDArray[np.uint8], payloads: Integers) -> tuple[Words, NDArray[np.bool_]]:
    """The 168 bits at each of ``payloads`` in four words, and where every character is one of the alphabet."""
    found = windows(codes, CHARACTERS + 4, payloads)
    wrong = strange(found)
    wrong[3] &= 0xFFFFFFFF
    values = found.view(np.uint8)
    values -= 48
    values -= (values >= 48).view(np.uint8) << 3
    found.byteswap(inplace=True)
    for low, high, by in _SQUEEZE:
        found = (found & low) | ((found & high) >> by)
    return [found[0], found[1], found[2], found[3] >> (WORD_BITS - LAST_BITS)], np.bitwise_or.reduce(wrong) == 0


def strange(text: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bytes in words of eight: 0 for each that is a character of the alphabet, else 1."""
    values = text.view(np.uint8) - np.uint8(48)
    return ((values >= 72) | (values - np.uint8(40) < 8)).view(np.uint64)


def unsigned(parts: Words, start: int, width: int) -> Integers:
    """``width`` bits (at most 30) from bit ``start`` on, counted from the first one that was sent."""
    index, offset = divmod(start, WORD_BITS)
    behind = _size(index) - offset - width
    if behind >= 0:
        value = parts[index] >> behind
    else:
        value = (parts[index] << -behind) | (parts[index + 1] >> (_size(index + 1) + behind))
    return (value & ((1 << width) - 1)).view(np.int64)


def signed(parts: Words, start: int, width: int) -> Integers:
    """The same in two's complement."""
    sign = 1 << (width - 1)
    return (unsigned(parts, start, width) ^ sign) - sign


def _size(index: int) -> int:
    return min(WORD_BITS, CHARACTERS * 6 - index * WORD_BITS)
