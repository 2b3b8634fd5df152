"""Position reports of 168 bits, many at once (ITU-R M.1371-5, annex 8: messages 1, 2, 3, 4, 11, 18).

The values are those that pyais gives, to the last bit; a test compares. What the standard calls "not available" or
"should not be used" is null.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from havre.sources.ais.block import Integers
from havre.sources.ais.sixbit import Words, signed, unsigned

Layout = dict[str, tuple[int, int]]
"""Field → its first bit, its width."""

CLASS_A: Layout = {
    "mmsi": (8, 30), "status": (38, 4), "turn": (42, 8), "speed": (50, 10), "accuracy": (60, 1),
    "longitude": (61, 28), "latitude": (89, 27), "course": (116, 12), "heading": (128, 9),
}  # fmt: skip
CLASS_B: Layout = {
    "mmsi": (8, 30), "speed": (46, 10), "accuracy": (56, 1),
    "longitude": (57, 28), "latitude": (85, 27), "course": (112, 12), "heading": (124, 9),
}  # fmt: skip
STATION: Layout = {"mmsi": (8, 30), "accuracy": (78, 1), "longitude": (79, 28), "latitude": (107, 27)}
FAMILIES: tuple[tuple[tuple[int, ...], Layout], ...] = (((1, 2, 3), CLASS_A), ((18,), CLASS_B), ((4, 11), STATION))
TYPES = tuple(kind for kinds, _ in FAMILIES for kind in kinds)
Column = tuple[NDArray[Any], NDArray[np.bool_]]
"""Values, and where there is none."""

NO_TURN = -128
TURNS = np.array(
    [
        turn if abs(turn) == 127 else math.copysign(round((turn / 4.733) ** 2), turn)
        for turn in (code - 256 if code > 127 else code for code in range(256))
    ]
)
"""Rate of turn by its eight bits, degrees a minute; 127 and -127 are no rate: faster than 5 degrees in 30 seconds."""


def columns(parts: Words, types: NDArray[np.uint8]) -> dict[str, pa.Array]:
    """The columns of messages whose types are among ``TYPES``; a field that a message does not have is null.

    Most messages are of class A, which has every field: all are read as if they were, then the others once more.
    """
    found = {field: READ[field](parts, *place) for field, place in CLASS_A.items()}
    for kinds, layout in FAMILIES[1:]:
        which = np.flatnonzero(np.logical_or.reduce([types == kind for kind in kinds]))
        if not len(which):
            continue
        some = [part[which] for part in parts]
        for field, (values, missing) in found.items():
            missing[which] = True
            if field in layout:
                values[which], missing[which] = READ[field](some, *layout[field])
    return {field: pa.array(values, mask=missing) for field, (values, missing) in found.items()}


def degrees(tenthousandths_of_minutes: Integers) -> NDArray[np.float64]:
    """With six decimals, rounded as ``round`` does; without its detour over a text."""
    return (10 * tenthousandths_of_minutes + 3) // 6 / 1e6


def _number(parts: Words, start: int, width: int) -> Column:
    found = unsigned(parts, start, width)
    return found, np.zeros(len(found), np.bool_)


def _flag(parts: Words, start: int, width: int) -> Column:
    found = unsigned(parts, start, width) == 1
    return found, np.zeros(len(found), np.bool_)


def _turn(parts: Words, start: int, width: int) -> Column:
    codes = unsigned(parts, start, width)
    return TURNS[codes], codes == NO_TURN + 256


def _speed(parts: Words, start: int, width: int) -> Column:
    tenths = unsigned(parts, start, width)
    return tenths / 10, tenths == 1023


def _course(parts: Words, start: int, width: int) -> Column:
    tenths = unsigned(parts, start, width)
    return tenths / 10, tenths >= 3600


def _heading(parts: Words, start: int, width: int) -> Column:
    whole = unsigned(parts, start, width)
    return whole, whole >= 360


def _within(limit: int) -> Callable[[Words, int, int], Column]:
    def column(parts: Words, start: int, width: int) -> Column:
        fractions = signed(parts, start, width)
        return degrees(fractions), np.abs(fractions) > limit * 600_000

    return column


READ: dict[str, Callable[[Words, int, int], Column]] = {
    "mmsi": _number, "status": _number, "turn": _turn, "speed": _speed, "accuracy": _flag,
    "longitude": _within(180), "latitude": _within(90), "course": _course, "heading": _heading,
}  # fmt: skip
