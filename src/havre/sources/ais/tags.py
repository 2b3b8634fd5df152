"""Tag blocks: ``\\c:1311652392,s:station*hh\\`` before a sentence (NMEA 0183 4.0, IEC 61162-450).

Of their fields only ``c`` is used: when the sentence was received, in seconds or, as many write it, milliseconds since
1970.
"""

import re

import numpy as np

from havre.sources.ais.block import Integers
from havre.sources.ais.sentences import CHECKSUM, Sentences, checksum

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
    tagged = np.flatnonzero(block.heads[found.lines] - block.starts[found.lines] > 1)
    for index in tagged.tolist():
        line = int(found.lines[index])
        try:
            if (tag := TAGGED.match(block.line(line))) and (told := time(tag["tag"])) is not None:
                times[index] = told
        except ValueError as error:
            faults[line] = str(error)
    return faults


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
