"""Names of columns: what a source calls them, made into names that a dataset can have.

Accents go (``Intitulé`` -> ``Intitule``), what is neither letter nor digit becomes one ``_`` (``Gate 10A - Entry`` ->
``Gate_10A_Entry``), and what begins with no letter gets ``column_`` before it. A name made so stays as it is.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from havre.errors import Invalid

_LONGEST = 100


@lru_cache(maxsize=8192)
def identifier(name: str, otherwise: str = "column") -> str:
    """The name as ``havre.lake.model.FIELD_NAME`` wants it; ``otherwise`` when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    if not made:
        return otherwise
    return (made if made[0].isalpha() else f"column_{made}")[:_LONGEST].rstrip("_")


def identifiers(names: Sequence[str], *, field: str) -> tuple[str, ...]:
    """The names of all columns, those without one by their number; ``Invalid`` when two would be the same."""
    if not names:
        raise Invalid("there are no columns", field=field, expected="at least one name")
    made = tuple(identifier(name, f"column_{index}") for index, name in enumerate(names, 1))
    seen: dict[str, int] = {}
    for index, name in enumerate(made, 1):
        first = seen.setdefault(name.lower(), index)
        if first != index:
            raise Invalid(
                f"columns {first} and {index} are both called {name}", field=field, expected="names that differ"
            )
    return made
