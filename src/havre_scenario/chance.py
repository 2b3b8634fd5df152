"""Randomness: one independent stream for each part of the city, so that a change in one leaves the others alone."""

import datetime
import zlib

import numpy as np

Chance = np.random.Generator


def stream(seed: int, day: datetime.date, part: str) -> Chance:
    """The same three arguments give the same stream, on every machine that has the same numpy."""
    return np.random.default_rng([seed, day.toordinal(), zlib.crc32(part.encode())])
