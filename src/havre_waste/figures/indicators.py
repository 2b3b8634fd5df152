"""The indicators of the yearly report on the price and quality of the public service of household waste.

The report is of articles L. 2224-17-1 and D. 2224-1 to D. 2224-3 of the general code of local authorities (CGCT),
whose annexe XIII (decree 2015-1827 of 30 December 2015) lists technical and financial indicators. **The wording, the
numbers and the formulas here are ours**: they follow the annex as we know it, and were not compared with its official
text line by line. Whoever publishes the report compares them. Parts ``collection``, ``prevention``, ``treatment`` and
``money`` are of the annex; ``own`` are figures that it does not ask for.

An indicator says what it ``needs``; where that is not there its value is missing, with the reason, and never 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from havre_waste.figures import carbon, inputs
from havre_waste.figures.inputs import Inputs


class Part(StrEnum):
    COLLECTION = "collection"
    PREVENTION = "prevention"
    TREATMENT = "treatment"
    MONEY = "money"
    OWN = "own"


@dataclass(frozen=True)
class Value:
    """``of``: what it is the value of (a flow, a stage …), empty for the whole. ``note``: what a reader must know of
    it.

    ``value`` is a number, a text, or None: missing, and ``note`` says why.
    """

    of: str
    value: float | int | str | None
    note: str = ""


@dataclass(frozen=True)
class Asked:
    """What indicators are computed from; ``frames`` are those of the year, without those that are not there."""

    year: int
    frames: Mapping[str, pl.DataFrame] = field(repr=False)
    factors: Mapping[str, carbon.Factor] = field(repr=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.frames[name]

    @property
    def inhabitants(self) -> int | None:
        """Of the territory; None where of one municipality they are not known."""
        known = self.frames.get("territory")
        if known is None or known["inhabitants"].null_count():
            return None
        return int(known["inhabitants"].sum()) or None


Compute = Callable[[Asked], Sequence[Value]]


@dataclass(frozen=True)
class Indicator:
    """``title`` and ``formula`` are the French of the report; ``formula`` names datasets and columns of ``inputs``."""

    id: str
    part: Part
    title: str
    unit: str
    formula: str
    needs: tuple[str, ...]
    compute: Compute = field(repr=False)


@dataclass(frozen=True)
class Result:
    indicator: Indicator
    values: tuple[Value, ...]
    provenance: tuple[inputs.Provenance, ...]

    @property
    def missing(self) -> bool:
        return all(one.value is None for one in self.values)


def results(
    given: Inputs, year: int, wanted: Sequence[Indicator], factors: Mapping[str, carbon.Factor] = carbon.FACTORS
) -> list[Result]:
    """Each indicator of the year, in the order of ``wanted``, with the provenance of what it was made of."""
    found = {name: rows for name in given if (rows := inputs.frame(given, name, year)) is not None}
    asked = Asked(year, found, factors)
    return [_result(one, given, asked) for one in wanted]


def _result(one: Indicator, given: Inputs, asked: Asked) -> Result:
    lacking = [name for name in one.needs if name not in asked.frames]
    provenance = tuple(given[name].provenance for name in one.needs if name in asked.frames)
    if lacking:
        why = f"donnée manquante{NB}: {', '.join(lacking)}"
        return Result(one, (Value("", None, why),), provenance)
    values = tuple(one.compute(asked)) or (Value("", None, "rien dans les données de l’année"),)
    return Result(one, tuple(_said(each) for each in values), provenance)


NB = "\u00a0"


def _said(one: Value) -> Value:
    """A value that is not there says so."""
    if one.value is None and not one.note:
        return Value(one.of, None, "valeur manquante dans les données")
    return one
