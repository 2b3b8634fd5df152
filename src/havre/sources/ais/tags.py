"""Tag blocks: ``\\c:1311652392,s:station*hh\\`` before a sentence (NMEA 0183 4.0, IEC 61162-450).

Of their fields only ``c`` is used: when the sentence was received, in seconds or, as many write it, milliseconds since
1970. Tag blocks with nothing else in them are read all at once.
"""

import re

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais.block import Integers
from havre.sources.ais.sentences import CHECKSUM, HEX, Sentences, checksum

TAGGED = re.compile(rb"\\(?P<tag>[^\\]*)\\", re.DOTALL)
TIME = re.compile(rb"c:([0-9]{1,15})")
MILLISECONDS_FROM = 100_000_000_000
"""In seconds the year 5138, in milliseconds March 1973."""
LATEST = 32_503_680_000_000
"""The year 3000."""


def time(tag: bytes) -> int | None:
    """The time in a tag block, in milliseconds since 1970; None when it has none. ``ValueError`` says what is wrong."""
    body, _, stated = tag.partition(b"*")
    if not CHECKSUM.fullmatch(stated):
        raise ValueError("the tag block has no checksum (expected * and two hexadecimal digits at its end)")
    if checksum(body) != int(stated, 16):
        raise ValueError(f"checksum of the tag block is {checksum(body):02X}, it says {stated.decode().upper()}")
    times = [field for field in body.split(b",") if field.startswith(b"c:")]
    return _milliseconds(times[0]) if times else None


def tell(found: Sentences, times: Integers) -> dict[int, str]:
    """Put the times of tag blocks in the place of ``times``; why which lines have a tag block that is wrong."""
    block, faults = found.block, {}
    begins = block.starts[found.lines]
    lengths = block.heads[found.lines] - begins
    waiting = lengths > 1
    if not waiting.any():
        return {}
    for digits in (10, 13):
        which = np.flatnonzero(lengths == digits + len(b"\\c:*hh\\"))
        told, right = _times(block.codes, begins[which], digits)
        times[which[right]] = told[right]
        waiting[which[right]] = False
    for index in np.flatnonzero(waiting).tolist():
        line = int(found.lines[index])
        try:
            if (tag := TAGGED.match(block.line(line))) and (said := time(tag["tag"])) is not None:
                times[index] = said
        except ValueError as error:
            faults[line] = str(error)
    return faults


def _times(codes: NDArray[np.uint8], begins: Integers, digits: int) -> tuple[Integers, NDArray[np.bool_]]:
    """What tag blocks of the form ``\\c:<digits>*hh\\`` tell, in milliseconds, and which ones are right."""
    tags = codes[begins + np.arange(digits + 7)[:, None]]
    number, check = tags[3:-4], tags[-3:-1]
    right = (tags[[0, 1, 2, -4, -1]] == np.frombuffer(b"\\c:*\\", np.uint8)[:, None]).all(axis=0)
    right &= (number - np.uint8(ord("0")) < 10).all(axis=0)
    right &= np.bitwise_xor.reduce(tags[1:-4]) == HEX[check[0]] * 16 + HEX[check[1]]
    right &= (HEX[check] < 16).all(axis=0)
    value = 10 ** np.arange(digits - 1, -1, -1) @ (number.astype(np.int64) - ord("0"))
    told = np.where(value >= MILLISECONDS_FROM, value, value * 1000)
    return told, right & (told < LATEST)


def stamped(line: bytes, milliseconds: int) -> bytes:
    """A line with the time in its tag block. One that has a time there already is left as it is."""
    tagged = TAGGED.match(line)
    fields = [] if tagged is None else tagged["tag"].partition(b"*")[0].split(b",")
    if any(field.startswith(b"c:") for field in fields):
        return line
    body = b",".join([b"c:%d" % milliseconds, *filter(None, fields)])
    return b"\\%b*%02X\\%b" % (body, checksum(body), line if tagged is None else line[tagged.end() :])


def _milliseconds(field: bytes) -> int:
    digits = TIME.fullmatch(field)
    if digits is None:
        shown = field[2:22].decode("latin-1")
        raise ValueError(f"the time of the tag block is {shown!r} (expected seconds or milliseconds)")
    number = int(digits[1])
    milliseconds = number if number >= MILLISECONDS_FROM else number * 1000
    # a time of less than 1973 in milliseconds would be written after its seconds: c:1000 is 00:16:40 of 1970
    if not 0 <= milliseconds < LATEST:
        raise ValueError(f"the time of the tag block is {number} (expected one before the year 3000)")
    return milliseconds
