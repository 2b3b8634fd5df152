"""Records by columns: dataclasses of arrays of one length, in order of ``at``, the second of the period."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from havre_scenario.plane import Floats


class Columns(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def at(self) -> Floats: ...


T = TypeVar("T", bound=Columns)


def joined(parts: Sequence[T]) -> T:
    """One after the other, in order of time; at least one part."""
    whole = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(parts[0])}
    order = np.argsort(whole["at"], kind="stable")
    return type(parts[0])(**{name: column[order] for name, column in whole.items()})


def part(columns: T, since: float, until: float) -> T:
    """What is from ``since`` to before ``until``."""
    chosen = slice(*np.searchsorted(columns.at, [since, until]).tolist())
    return type(columns)(**{one.name: getattr(columns, one.name)[chosen] for one in fields(columns)})
