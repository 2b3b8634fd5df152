"""Whole lines in a block of bytes: a line ends with LF, with or without CR before it."""

import numpy as np
from numpy.typing import NDArray

BOM = b"\xef\xbb\xbf"


def whole(block: bytes, final: bool) -> bytes:
    """The part of the block that is whole lines; all of it when nothing follows."""
    return block if final else block[: block.rfind(b"\n") + 1]


def ends(block: bytes) -> NDArray[np.int64]:
    """Where each line ends, after its LF; the last one may have none."""
    found = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")).astype(np.int64) + 1
    if block and not block.endswith(b"\n"):
        found = np.append(found, len(block))
    return found


def starts(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each line begins."""
    return np.concatenate((np.zeros(1, np.int64), ends))[:-1]
