"""AIS messages as bits (ITU-R M.1371-5, annex 8), many at a time.

Each function takes columns of the same length n, one element a message, in the units of the standard, and gives an
array of n rows of bits. Values out of range are the caller's fault: the high bits are cut off.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from havre_scenario.plane import Floats, Ints

Bits = npt.NDArray[np.uint8]
Column = Ints | int
Fields = list[tuple[Column | Bits, int]]
TEXT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
"""The 6-bit characters, by their code."""


def pack(fields: Fields, rows: int) -> Bits:
    """The fields side by side, each of its width in bits, most significant first; ready bits pass as they are."""
    packed = np.zeros((rows, sum(width for _, width in fields)), np.uint8)
    at = 0
    for value, width in fields:
        if isinstance(value, np.ndarray) and value.ndim == 2:
            packed[:, at : at + width] = value
        else:
            column = np.broadcast_to(np.asarray(value, np.int64), rows)
            for bit in range(width):
                packed[:, at + bit] = (column >> (width - 1 - bit)) & 1
        at += width
    return packed


def text(values: Sequence[str], characters: int) -> Bits:
    """Strings of the 6-bit alphabet, padded with ``@``."""
    codes = np.array([[TEXT.index(letter) for letter in value[:characters].ljust(characters, "@")] for value in values])
    return pack([(codes[:, place], 6) for place in range(characters)], len(values))


def degrees(values: Floats) -> Ints:
    """Latitude or longitude in ten-thousandths of a minute."""
    return np.rint(values * 600_000).astype(np.int64)


def turn(per_minute: Floats) -> Ints:
    """The rate of turn as message 1 tells it: 4.733 times the square root of degrees a minute, signed, at most 126."""
    return (np.sign(per_minute) * np.rint(np.minimum(4.733 * np.sqrt(np.abs(per_minute)), 126))).astype(np.int64)


def position_a(
    kind: Ints, mmsi: Ints, status: Ints, turned: Ints, speed: Ints, lon: Ints, lat: Ints,
    course: Ints, heading: Ints, second: Ints, radio: Ints,
) -> Bits:  # fmt: skip
    """Messages 1, 2 and 3: speed in tenths of a knot, course in tenths of a degree, heading in degrees."""
    fields: Fields = [
        (kind, 6), (0, 2), (mmsi, 30), (status, 4), (turned, 8), (speed, 10), (1, 1), (lon, 28), (lat, 27),
        (course, 12), (heading, 9), (second, 6), (0, 2), (0, 3), (0, 1), (radio, 19),
    ]  # fmt: skip
    return pack(fields, len(mmsi))


def position_b(mmsi: Ints, speed: Ints, lon: Ints, lat: Ints, course: Ints, heading: Ints, second: Ints) -> Bits:
    """Message 18 of a carrier-sense unit: no display, no DSC, the whole band, and the fixed state of such units."""
    flags, radio = 0b1001100, 0b1_1100000000000000110
    fields: Fields = [
        (18, 6), (0, 2), (mmsi, 30), (0, 8), (speed, 10), (1, 1), (lon, 28), (lat, 27), (course, 12),
        (heading, 9), (second, 6), (0, 2), (flags, 7), (radio, 20),
    ]  # fmt: skip
    return pack(fields, len(mmsi))


def static_a(
    mmsi: Ints, call_sign: Bits, name: Bits, kind: Ints, sides: Ints, eta: Ints, draught: Ints, destination: Bits
) -> Bits:
    """Message 5: ``sides`` n x 4 in metres, ``eta`` n x 4 (month, day, hour, minute), draught in tenths of a metre."""
    fields: Fields = [
        (5, 6), (0, 2), (mmsi, 30), (2, 2), (0, 30), (call_sign, 42), (name, 120), (kind, 8), *_sides(sides),
        (1, 4), (eta[:, 0], 4), (eta[:, 1], 5), (eta[:, 2], 5), (eta[:, 3], 6), (draught, 8),
        (destination, 120), (0, 1), (0, 1),
    ]  # fmt: skip
    return pack(fields, len(mmsi))


def static_b_name(mmsi: Ints, name: Bits) -> Bits:
    """Message 24, part A."""
    return pack([(24, 6), (0, 2), (mmsi, 30), (0, 2), (name, 120)], len(mmsi))


def static_b_ship(mmsi: Ints, call_sign: Bits, kind: Ints, sides: Ints) -> Bits:
    """Message 24, part B, with a vendor's field of zeros."""
    fields: Fields = [
        (24, 6), (0, 2), (mmsi, 30), (1, 2), (kind, 8), (0, 42), (call_sign, 42), *_sides(sides), (1, 4), (0, 2),
    ]  # fmt: skip
    return pack(fields, len(mmsi))


def _sides(sides: Ints) -> Fields:
    return [(sides[:, 0], 9), (sides[:, 1], 9), (sides[:, 2], 6), (sides[:, 3], 6)]
