"""The times of ``$--RMC`` sentences (IEC 61162-1, RMC), all of a block at once: a receiver aboard writes one a second.

``$GPRMC,035312.00,A,5013.4542,N,00346.6523,W,3.9,184.2,260711,…``: the time of day, A for a fix or V for a warning,
position, speed, course, and the date. Times are in milliseconds since 1970.
"""

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais.block import Block, Integers

NOTHING = -1
COMMA, POINT, STAR, ZERO = b",.*0"
DATE = 8
"""The comma before the date, counted from 0."""
DAY = 86_400_000


def times(block: Block, lines: Integers) -> Integers:
    """What these RMC lines tell; ``NOTHING`` for one with a warning, or without a date that there is."""
    codes, heads = block.codes, block.heads[lines]
    commas = np.append(block.commas, np.full(DATE + 1, len(block.text)))
    date = commas[np.searchsorted(block.commas, heads) + DATE] + 1
    inside = date + 6 < block.ends[lines]
    clock, date = heads + 7, np.where(inside, date, heads)
    point, after = codes[clock + 6], codes[date + 6]
    told = inside & _digits(codes, clock) & _digits(codes, date) & _fixed(block, heads)
    told &= ((point == POINT) | (point == COMMA)) & ((after == COMMA) | (after == STAR))
    days, exists = _days(_two(codes, date + 4), _two(codes, date + 2), _two(codes, date))
    hours, minutes, seconds = (_two(codes, clock + offset) for offset in (0, 2, 4))
    # a leap second is written as 60
    told &= exists & (hours < 24) & (minutes < 60) & (seconds <= 60)
    passed = ((hours * 60 + minutes) * 60 + seconds) * 1000 + _thousandths(codes, clock + 6)
    return np.where(told, days * DAY + passed, NOTHING)


def _fixed(block: Block, heads: Integers) -> NDArray[np.bool_]:
    status = np.append(block.commas, len(block.text))[np.searchsorted(block.commas, heads) + 1] + 1
    fixed: NDArray[np.bool_] = (block.codes[status] == ord("A")) & (block.codes[status + 1] == COMMA)
    return fixed


def _two(codes: NDArray[np.uint8], at: Integers) -> Integers:
    return (codes[at].astype(np.int64) - ZERO) * 10 + codes[at + 1] - ZERO


def _digits(codes: NDArray[np.uint8], at: Integers) -> NDArray[np.bool_]:
    """Whether six digits stand there."""
    six = codes[at[:, None] + np.arange(6)]
    found: NDArray[np.bool_] = ((six >= ZERO) & (six < ZERO + 10)).all(axis=1)
    return found


def _thousandths(codes: NDArray[np.uint8], at: Integers) -> Integers:
    """The first three digits after a point; 0 when there is none."""
    more, found = codes[at] == POINT, np.zeros(len(at), np.int64)
    for offset, weight in enumerate((100, 10, 1), 1):
        digit = codes[at + offset].astype(np.int64) - ZERO
        more &= (digit >= 0) & (digit < 10)
        found += np.where(more, digit * weight, 0)
    return found


def _days(years: Integers, months: Integers, days: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Days since 1970, and whether there is such a day. The year has two digits: GPS began in 1980."""
    years = years + np.where(years >= 80, 1900, 2000)
    month = (years - 1970) * 12 + months - 1
    begins, ends = (_month_begins(month + later) for later in (0, 1))
    return begins + days - 1, (months >= 1) & (months <= 12) & (days >= 1) & (days <= ends - begins)


def _month_begins(months: Integers) -> Integers:
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)
