"""What somebody tries who has two extracts: join them on the person. Each attack gives how often it is right.

The truth (which badge a row is of) is known here only, and used for nothing but counting what was right.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Success:
    """``rate``: share of the persons in both extracts that were joined right; ``chance``: of guessing among all."""

    rate: float
    chance: float
    persons: int


def joined(
    one: Mapping[str, Hashable], other: Mapping[str, Hashable], same: Callable[[str], str | None], seed: int
) -> Success:
    """Rows by their pseudonym, joined by all that is said of them; among those that say the same one is drawn.

    ``same``: the pseudonym in ``other`` of one in ``one``, None where that person is not in it.
    """
    chance = np.random.default_rng(seed)
    like: defaultdict[Hashable, list[str]] = defaultdict(list)
    for name, said in other.items():
        like[said].append(name)
    persons = right = 0
    for name, said in one.items():
        true = same(name)
        if true is None:
            continue
        persons += 1
        found = like.get(said) or list(other)
        right += found[int(chance.integers(len(found)))] == true
    return Success(right / max(persons, 1), 1 / max(len(other), 1), persons)
