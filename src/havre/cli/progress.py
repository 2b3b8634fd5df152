"""How far a long load is: a line on standard error that is written over, only where that is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from havre.client import Source

BAR = 24
ERASED = "\r\x1b[K"


@contextmanager
def on_terminal() -> Iterator[Callable[[Source], None] | None]:
    """What shows a source's progress; None where there is no terminal. The line is gone at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda source: click.echo(ERASED + line(source), nl=False, err=True)
    finally:
        click.echo(ERASED, nl=False, err=True)


def line(source: Source) -> str:
    """``[######      ]  25 %  30 of 120 MB  1,234 rows``; no bar where the end is not known."""
    status, parts = source.status, []
    if status.total and status.done is not None:
        part = min(status.done / status.total, 1)
        parts.append(f"[{'#' * round(part * BAR):{BAR}}] {part:4.0%}")
        parts.append(f"{status.done / 1e6:,.1f} of {status.total / 1e6:,.1f} MB")
    elif status.done is not None:
        parts.append(f"{status.done / 1e6:,.1f} MB")
    return "  ".join([*parts, f"{status.rows:,} rows"])
