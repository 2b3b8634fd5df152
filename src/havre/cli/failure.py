"""How a command fails: what went wrong and what to do next, on standard error, with exit status 1."""

from collections.abc import Sequence
from typing import IO, Any

import click

from havre.cli.output import harmless


class Failure(click.ClickException):
    """``field`` and ``expected`` name the wrong input and what would have been right; ``next`` is what to do."""

    def __init__(
        self,
        detail: str,
        field: str | None = None,
        expected: str | None = None,
        reasons: Sequence[str] = (),
        next: str | None = None,
    ) -> None:
        super().__init__(harmless(detail))
        self._lines = [harmless(line) for line in _lines(detail, field, expected, reasons, next)]

    def show(self, file: IO[Any] | None = None) -> None:
        for line in self._lines:
            click.echo(line, err=True)


def _lines(detail: str, field: str | None, expected: str | None, reasons: Sequence[str], next: str | None) -> list[str]:
    lines = [f"Error: {detail}"]
    if expected and expected not in detail:
        lines.append(f"  {field or 'value'}: expected {expected}")
    lines += [f"  - {reason}" for reason in reasons if reason not in detail]
    return [*lines, f"Next: {next}"] if next else lines
