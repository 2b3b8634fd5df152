"""How another one's file tells a dataset of ours: which column is which field, in which unit, in which words.

A layout is JSON, so that a city can keep it beside its files:

    {"fields": {"site": "{Site_Name}, {Street}", "litres": {"text": "{Capacity}", "unit": "m3"},
                "flow": {"text": "{Type}", "values": {"Paper Bank": "packaging"}}, "depth_mm": {"default": "1500"}},
     "skip": {"Type": ["Book Bank"]}, "delimiter": ";", "decimal": ","}
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from havre_waste.sites.fields import Dataset

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
ROW = "#"
"""The column that is not in the file: the number of the row."""
UNITS: dict[str, dict[str, float]] = {
    # unit of the field: how many of it each unit of a file is
    "L": {"L": 1, "l": 1, "hL": 100, "m3": 1000, "gal_us": 3.785411784},
    "mm": {"mm": 1, "cm": 10, "m": 1000, "in": 25.4},
    "m": {"m": 1, "km": 1000, "mi": 1609.344},
    "kg": {"kg": 1, "t": 1000, "lb": 0.45359237},
    "kg/d": {"kg/d": 1, "t/d": 1000},
    "t": {"t": 1, "kg": 0.001},
    "kg/L": {"kg/L": 1, "kg/m3": 0.001, "t/m3": 1},
    "min": {"min": 1, "s": 1 / 60, "h": 60},
    "s": {"s": 1, "min": 60, "h": 3600},
    "mV": {"mV": 1, "V": 1000},
    "/km2": {"/km2": 1, "/ha": 100},
    "1": {"1": 1, "%": 0.01},
}


@dataclass(frozen=True)
class Source:
    """Where a field comes from.

    ``text`` has columns in braces: ``{Capacity}``, ``{street} {number}``, ``{#}`` for the number of the row.
    ``unit`` is that of the file. ``values`` translates its words; where it has any, no other word is accepted.
    ``default`` stands where the text is empty, in the unit of the file and in our words.
    """

    text: str = ""
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    default: str = ""

    @property
    def columns(self) -> list[str]:
        return [name for name in PLACEHOLDER.findall(self.text) if name != ROW]

    def read(self, cells: Mapping[str, Any], row: int) -> Any:
        """What the file says: of one column alone its value, else text; None where it says nothing."""
        named = self.columns
        if len(named) == 1 and self.text == f"{{{named[0]}}}":
            cell = cells[named[0]]
            found = cell.strip() if isinstance(cell, str) else cell
        elif named and not any(_text(cells[name]) for name in named):
            found = None
        else:
            found = PLACEHOLDER.sub(lambda one: _text(row if one[1] == ROW else cells[one[1]]), self.text)
        return (self.default or None) if found in (None, "") else found


@dataclass(frozen=True)
class Layout:
    """A field without a source is read from the column of its own name, if there is one.

    ``skip`` leaves out rows by the words of a column. ``distinct`` takes rows with the same key once, if they tell the
    same. ``delimiter`` and ``decimal`` are those of a CSV file.
    """

    fields: Mapping[str, Source] = field(default_factory=dict)
    skip: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distinct: bool = False
    delimiter: str = ","
    decimal: str = "."

    def source(self, name: str) -> Source:
        return self.fields.get(name) or Source(f"{{{name}}}")


AS_OURS = Layout()


class BadLayout(ValueError):
    """The layout does not fit the dataset or the file; nothing of the file was read."""


def from_json(document: Mapping[str, Any]) -> Layout:
    """The layout that the JSON tells; ``BadLayout`` for members that are not known."""
    known = {"fields", "skip", "distinct", "delimiter", "decimal"}
    if unknown := sorted(set(document) - known):
        raise BadLayout(f"a layout has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    fields = {name: _source(name, told) for name, told in document.get("fields", {}).items()}
    return Layout(**{**document, "fields": fields})


def _source(name: str, told: str | Mapping[str, Any]) -> Source:
    if isinstance(told, str):
        return Source(told)
    known = {"text", "unit", "values", "default"}
    if unknown := sorted(set(told) - known):
        raise BadLayout(f"the source of {name} has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    return Source(**told)


def check(layout: Layout, dataset: Dataset, columns: Sequence[str]) -> None:
    """``BadLayout`` when it names a field, a column or a unit that is not there."""
    for name, source in layout.fields.items():
        if name not in dataset.names:
            raise BadLayout(f"{dataset.name} has no field {name!r}; it has {', '.join(dataset.names)}")
        _has(columns, source.columns, f"the source of {name}")
        unit = dataset.field(name).unit
        if source.unit and source.unit not in UNITS.get(unit, {unit: 1}):
            raise BadLayout(f"{name} is in {unit or 'no unit'}; units that can be told are "
                            f"{', '.join(UNITS.get(unit, {unit: 1}))}")  # fmt: skip
    _has(columns, layout.skip, "skip")
    for one in dataset.fields:
        if one.required and not one.default and one.name not in layout.fields and one.name not in columns:
            raise BadLayout(f"nothing tells {one.name} of {dataset.name}: name its source; the file has "
                            f"{', '.join(columns)}")  # fmt: skip


def _has(columns: Sequence[str], named: Sequence[str] | Mapping[str, Any], who: str) -> None:
    if missing := [name for name in named if name not in columns]:
        raise BadLayout(f"{who} names {', '.join(map(repr, missing))}; the file has {', '.join(columns)}")


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
