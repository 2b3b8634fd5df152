"""What a measurement gives, as a table and as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """``anchor`` is what the value is compared with; ``ratio`` is value over anchor, or anchor over value where less
    is better: above 1 is better than the anchor."""

    name: str
    value: float
    unit: str
    anchor: float | None = None
    ratio: float | None = None


def more(name: str, value: float, unit: str, anchor: float | None = None) -> Result:
    """A result of which more is better."""
    return Result(name, _round(value), unit, anchor, None if not anchor else _round(value / anchor))


def less(name: str, value: float, unit: str, anchor: float | None = None) -> Result:
    """A result of which less is better."""
    return Result(name, _round(value), unit, anchor, None if not anchor or not value else _round(anchor / value))


def _round(value: float) -> float:
    return round(value, 3) if abs(value) < 10 else round(value, 1) if abs(value) < 1000 else float(round(value))


def table(results: Iterable[Result]) -> str:
    lines = [f"{'NAME':<28} {'VALUE':>14} {'UNIT':<8} {'ANCHOR':>12} {'RATIO':>8}"]
    for one in results:
        anchor = "" if one.anchor is None else f"{one.anchor:,g}"
        ratio = "" if one.ratio is None else f"{one.ratio:g}"
        lines.append(f"{one.name:<28} {one.value:>14,g} {one.unit:<8} {anchor:>12} {ratio:>8}")
    return "\n".join(lines)


def write(results: Iterable[Result], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n")
