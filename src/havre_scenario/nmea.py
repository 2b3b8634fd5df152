"""AIS bits as sentences (IEC 61162-1 VDM), each with a tag block that tells the time of reception (IEC 61162-450).

``\\c:<unix seconds>*hh\\!AIVDM,<parts>,<part>,<sequence>,<channel>,<payload>,<fill>*hh`` and CR LF. All sentences of
one call have the same length, so a block of them is a matrix of bytes, and a checksum is an XOR along its columns.
"""

import numpy as np
import numpy.typing as npt

from havre_scenario.ais import Bits
from havre_scenario.plane import Ints

Bytes = npt.NDArray[np.uint8]
Lines = npt.NDArray[np.object_]
FIRST_PART = 59
"""Characters of the first of two parts: such sentences stay below the 82 characters of the standard."""
_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_WEIGHTS = np.array([32, 16, 8, 4, 2, 1], np.uint8)


def armour(bits: Bits) -> tuple[Bytes, int]:
    """The payload characters (n rows) of bits, six to each, and how many fill bits the last one has."""
    fill = -bits.shape[1] % 6
    padded = np.pad(bits, ((0, 0), (0, fill)))
    codes = padded.reshape(len(bits), padded.shape[1] // 6, 6) @ _WEIGHTS
    return np.where(codes < 40, codes + 48, codes + 56).astype(np.uint8), fill


def single(bits: Bits, seconds: Ints, channel_b: Ints) -> Lines:
    """Messages of one sentence each, received at Unix ``seconds`` on channel A (0) or B (1)."""
    payload, fill = armour(bits)
    channel = (65 + channel_b[:, None]).astype(np.uint8)
    body: list[bytes | Bytes] = [b"AIVDM,1,1,,", channel, b",", payload, b",%d" % fill]
    return _lines([_tag(seconds), _checked(b"!", body, len(bits))])


def double(bits: Bits, seconds: Ints, channel_b: Ints, sequence: Ints) -> tuple[Lines, Lines]:
    """Messages of two sentences each: all first ones, and all second ones."""
    payload, fill = armour(bits)
    channel = (65 + channel_b[:, None]).astype(np.uint8)
    number = (48 + sequence[:, None]).astype(np.uint8)
    parts = []
    for part, (some, bits_left) in enumerate(((payload[:, :FIRST_PART], 0), (payload[:, FIRST_PART:], fill)), start=1):
        body: list[bytes | Bytes] = [b"AIVDM,2,%d," % part, number, b",", channel, b",", some, b",%d" % bits_left]
        parts.append(_lines([_tag(seconds), _checked(b"!", body, len(bits))]))
    return parts[0], parts[1]


def _tag(seconds: Ints) -> Bytes:
    digits = (seconds[:, None] // 10 ** np.arange(9, -1, -1) % 10 + 48).astype(np.uint8)
    return _columns([_checked(b"\\", [b"c:", digits], len(seconds)), b"\\"], len(seconds))


def _checked(begin: bytes, body: list[bytes | Bytes], rows: int) -> Bytes:
    """The body between its begin and the asterisk with the checksum of the body."""
    inner = _columns(body, rows)
    checksum = np.bitwise_xor.reduce(inner, axis=1)
    return _columns([begin, inner, b"*", _HEX[np.stack([checksum >> 4, checksum & 15], axis=1)]], rows)


def _columns(parts: list[bytes | Bytes], rows: int) -> Bytes:
    """Constant bytes and matrices of bytes, side by side."""
    blocks = [
        np.broadcast_to(np.frombuffer(part, np.uint8), (rows, len(part))) if isinstance(part, bytes) else part
        for part in parts
    ]
    return np.hstack(blocks)


def _lines(parts: list[Bytes]) -> Lines:
    whole = np.ascontiguousarray(_columns([*parts, b"\r\n"], len(parts[0])))
    return whole.view(f"S{whole.shape[1]}").ravel().astype(object)
