"""The search for a street among those that are known: no register of addresses elsewhere is asked (pure).

A house number, an accent, a sign, the case of letters and the order of words make no difference.
"""

import unicodedata
from collections.abc import Sequence

from havre_waste.field.model import Street

LONGEST = 100
MOST = 8
SHORT = {"av": "avenue", "bd": "boulevard", "bld": "boulevard", "pl": "place", "r": "rue", "st": "saint"}
SMALL = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "bis", "ter"})


def search(asked: str, streets: Sequence[Street]) -> list[Street]:
    """At most ``MOST``, those that have all words of it; where it is the whole of some names, only those."""
    words = _words(asked)
    if not words:
        return []
    found = [one for one in streets if all(_has(_words(f"{one.name} {one.commune}"), word) for word in words)]
    exact = [one for one in found if words in (_words(one.name), _words(f"{one.name} {one.commune}"))]
    return sorted(exact or found, key=lambda one: (len(one.name), one.name, one.commune))[:MOST]


def _has(words: list[str], asked: str) -> bool:
    return any(word.startswith(asked) for word in words)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    letters = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    words = [SHORT.get(one, one) for one in letters.split()]
    return sorted(one for one in words if not one.isdigit() and one not in SMALL)
