"""The steps of the story: what came of each, on a line of its own and in a file."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Tell = Callable[[str], None]
Told = tuple[str, dict[str, Any]]


class Unexpected(Exception):
    """The story did not go as told."""


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise Unexpected(what)


@dataclass(frozen=True)
class Step:
    """``outcome`` is ``ok`` or what went wrong."""

    name: str
    outcome: str
    milliseconds: float
    counts: dict[str, Any]


@dataclass
class Report:
    tell: Tell
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str, function: Callable[[], Told]) -> bool:
        """Do one step of the story and tell it; whether it came out as told."""
        started = time.perf_counter()
        try:
            line, counts = function()
            outcome = "ok"
        except Exception as error:
            line, counts, outcome = f"{type(error).__name__}: {error}", {}, str(error) or type(error).__name__
        milliseconds = (time.perf_counter() - started) * 1000
        self.steps.append(Step(name, outcome, round(milliseconds, 1), counts))
        self.tell(f"{'✓' if outcome == 'ok' else '✗'} {milliseconds:8.0f} ms  {line}")
        return outcome == "ok"

    @property
    def as_told(self) -> bool:
        return all(step.outcome == "ok" for step in self.steps)

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        steps = [asdict(step) for step in self.steps]
        text = json.dumps({"as_told": self.as_told, "steps": steps}, indent=2, ensure_ascii=False)
        file.write_text(text + "\n")
