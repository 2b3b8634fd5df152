"""When a message was received.

In this order: the time in its tag block; the last line before it that tells the time: ``$PGHP`` (Gatehouse, before each
message), ``$--RMC`` or ``$--ZDA`` of a receiver aboard; else the time when the block was received here. A clock line
with a wrong checksum, or of a receiver that warns that it has no fix (RMC status V), tells nothing.
All times are whole milliseconds since 1970.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais import rmc
from havre.sources.ais.block import DOLLAR, Block, Integers
from havre.sources.ais.rmc import NOTHING
from havre.sources.ais.sentences import checked

ZDA = re.compile(
    rb"\$..ZDA,([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]*))?,([0-9]{1,2}),([0-9]{1,2}),([0-9]{4})[,*]", re.DOTALL
)
PGHP = re.compile(rb"\$PGHP,[^,*]*," + rb"([0-9]{1,4})," * 7)


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def times(block: Block, lines: Integers, told: int | None, at: int) -> tuple[Integers, int | None]:
    """When the sentences on ``lines`` (rising) were received; and what the last clock line of the block tells.

    ``told`` is what the last one before the block told, None when there was none.
    """
    clocks, moments = _told(block)
    earlier = at if told is None else told
    known = np.concatenate(([earlier], moments))
    return known[np.searchsorted(clocks, lines)], int(moments[-1]) if len(moments) else told


def moment(sentence: bytes) -> int:
    """What a PGHP or ZDA sentence tells, ``NOTHING`` when that cannot be a time."""
    try:
        if found := PGHP.match(sentence):
            year, month, day, hour, minute, second, thousandths = map(int, found.groups())
            return _midnight(year, month, day) + _seconds(hour, minute, second) * 1000 + thousandths
        if found := ZDA.match(sentence):
            hour, minute, second, day, month, year = (int(found[group]) for group in (1, 2, 3, 5, 6, 7))
            fraction = int(((found[4] or b"") + b"000")[:3])
            return _midnight(year, month, day) + _seconds(hour, minute, second) * 1000 + fraction
    except ValueError:
        pass
    return NOTHING


def _told(block: Block) -> tuple[Integers, Integers]:
    """The clock lines of a block that tell something, and what."""
    dollars = np.flatnonzero((block.codes[block.heads] == DOLLAR) & (block.heads < block.ends))
    if not len(dollars):
        return dollars, dollars
    fixes = _right(block, dollars[_say(block, dollars, 3, b"RMC,")])
    others = _right(block, dollars[_say(block, dollars, 3, b"ZDA,") | _say(block, dollars, 1, b"PGHP,")])
    single = np.array([moment(block.sentence(line)) for line in others.tolist()], np.int64)
    lines, moments = np.concatenate((fixes, others)), np.concatenate((rmc.times(block, fixes), single))
    order = np.argsort(lines)
    order = order[moments[order] != NOTHING]
    return lines[order], moments[order]


def _right(block: Block, lines: Integers) -> Integers:
    return lines[checked(block, lines)[0]]


def _say(block: Block, lines: Integers, offset: int, letters: bytes) -> NDArray[np.bool_]:
    said = np.ones(len(lines), np.bool_)
    for place, letter in enumerate(letters, offset):
        said &= block.codes[block.heads[lines] + place] == letter
    return said


def _seconds(hour: int, minute: int, second: int) -> int:
    # a leap second is written as 60
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError("no time of day")
    return hour * 3600 + minute * 60 + second


@lru_cache(maxsize=64)
def _midnight(year: int, month: int, day: int) -> int:
    """``ValueError`` when there is no such day."""
    if not 1970 <= year < 3000:
        raise ValueError("no year that it can be")
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000
