"""Spaces at which a line must not break: French punctuation, and a number with its unit in both languages.

Texts are written with ordinary spaces; these functions put the right ones in, so that nobody has to type them.
The narrow space stands before ``; ! ?`` and in numbers, the wide one before a colon and inside guillemets
(Lexique des règles typographiques en usage à l'Imprimerie nationale).
"""

import re

NO_BREAK, NARROW, JOINED = "\u00a0", "\u202f", "\u2060"
UNITS = r"(?:min|minutes?|h|s|m|km|kn|nœuds?|knots?|%)"
_UNIT = re.compile(rf"(?<=[\d}}]) (?={UNITS}\b|%)")
_HIGH = re.compile(r" (?=[;!?])")
_WIDE = re.compile(r" (?=[:»])|(?<=«) ")


def spaced(text: str, *, french: bool) -> str:
    """The text with no-break spaces where they belong; ``{placeholders}`` count as numbers."""
    text = _UNIT.sub(NO_BREAK, text)
    return _WIDE.sub(NO_BREAK, _HIGH.sub(NARROW, text)) if french else text
