"""The lines of a block of bytes, and where in each its sentence begins."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
PADDING = bytes(48)
"""Follows the block in ``codes``, so that looking a few bytes ahead never leaves the array."""
BLANKS = b" \t\r"
EXCLAMATION, DOLLAR, HASH, BACKSLASH, LINE_FEED, COMMA, STAR = b"!$#\\\n,*"


@dataclass(frozen=True)
class Block:
    """``starts`` and ``ends`` (without the line feed) are of the lines; ``heads`` say where the sentence begins, after
    blanks and a tag block. A line without one, empty or a comment, has its head at its end."""

    text: bytes
    codes: NDArray[np.uint8]
    starts: Integers
    ends: Integers
    heads: Integers
    taken: int

    @cached_property
    def commas(self) -> Integers:
        return np.flatnonzero(self.codes == COMMA)

    @cached_property
    def stars(self) -> Integers:
        return np.flatnonzero(self.codes == STAR)

    def line(self, index: int) -> bytes:
        """A line as it came, without blanks around it."""
        return self.text[self.starts[index] : self.ends[index]].strip()

    def sentence(self, index: int) -> bytes:
        return self.text[self.heads[index] : self.ends[index]].rstrip()


def windows(codes: NDArray[np.uint8], width: int, begins: Integers) -> NDArray[np.uint64]:
    """The ``width`` bytes (a multiple of 8) from each of ``begins`` on, as words of eight, little-endian: an array of
    ``width / 8`` rows. A window that would leave the array is that of its last bytes.
    """
    every = np.ndarray((len(codes) - width + 1,), f"V{width}", codes, strides=(1,))
    chosen = every[np.minimum(begins, len(every) - 1)]
    return np.ascontiguousarray(chosen.view("<u8").reshape(-1, width // 8).T)


def split(text: bytes, *, final: bool) -> Block:
    """The whole lines of ``text``; with ``final`` the last one needs no end."""
    codes = np.frombuffer(text + PADDING, np.uint8)
    feeds = np.flatnonzero(codes[: len(text)] == LINE_FEED)
    taken = int(feeds[-1]) + 1 if len(feeds) else 0
    ends = feeds
    if final and taken < len(text):
        taken, ends = len(text), np.append(feeds, len(text))
    starts = np.concatenate(([0], feeds + 1))[: len(ends)]
    return Block(text, codes, starts, ends, _heads(text, codes, starts, ends), taken)


def _heads(text: bytes, codes: NDArray[np.uint8], starts: Integers, ends: Integers) -> Integers:
    heads = starts.copy()
    first = codes[starts]
    tagged = np.flatnonzero(first == BACKSLASH)
    if len(tagged):
        closes = np.append(np.flatnonzero(codes == BACKSLASH), len(text))
        close = closes[np.searchsorted(closes, starts[tagged], side="right")]
        heads[tagged] = np.where(close < ends[tagged], close + 1, starts[tagged])
    for index in np.flatnonzero((first != EXCLAMATION) & (first != DOLLAR) & (first != BACKSLASH)).tolist():
        heads[index] = _head(text, int(starts[index]), int(ends[index]))
    return heads


def _head(text: bytes, start: int, end: int) -> int:
    while start < end and text[start] in BLANKS:
        start += 1
    if start == end or text[start] == HASH:
        return end
    if text[start] == BACKSLASH and (close := text.find(b"\\", start + 1, end)) > 0:
        return close + 1
    return start
