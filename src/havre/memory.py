"""Memory that is not used goes back to the system: a node is small when it is idle, also after it was busy.

Arrow's own pools keep what they once had, and glibc keeps it for each thread anew. With the pool of the system, few
arenas and a low threshold for trimming, the resident size follows the use. Elsewhere than on glibc nothing is changed.
"""

import ctypes
import os

M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
ARENAS, THRESHOLD_BYTES = 2, 1024 * 1024


def be_frugal() -> None:
    """To be called before PyArrow is imported and before there are threads."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    libc = _glibc()
    if libc is not None:
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_TRIM_THRESHOLD, THRESHOLD_BYTES)


def give_back() -> None:
    """Give back what is free, after a big piece of work. Takes milliseconds."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
