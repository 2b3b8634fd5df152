"""Appointments as rows: read from CSV or JSON with clear errors, written as CSV, and as they stood at a moment.

An appointment is said several times: ``booked``, then perhaps ``changed`` or ``cancelled``. What was said last counts.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

KINDS, STATUSES = ("drop", "pick", "both"), ("booked", "changed", "cancelled")
COLUMNS = ("said_at", "booking", "gate", "slot_starts_at", "slot_ends_at", "kind", "status")
TIMES = ("said_at", "slot_starts_at", "slot_ends_at")
LONGEST_SLOT = timedelta(hours=12)
SCHEMA = {name: pl.Datetime("us", "UTC") if name in TIMES else pl.String for name in COLUMNS}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: its number from 1, the field, what was there, what was expected."""

    row: int
    field: str
    got: str
    expected: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.field}: got {self.got!r}; expected {self.expected}"


def read_csv(text: str, gates: Iterable[str]) -> tuple[pl.DataFrame, list[Fault]]:
    """See ``read``. Columns are found by name, in any order; others are not looked at."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        there = ", ".join(table.fieldnames or ()) or "nothing"
        return pl.DataFrame(schema=SCHEMA), [
            Fault(0, name, "no such column", f"a column; there are {there}") for name in missing
        ]
    return read(table, gates)


def read(rows: Iterable[Mapping[str, object]], gates: Iterable[str]) -> tuple[pl.DataFrame, list[Fault]]:
    """The rows that are right, as a frame of ``COLUMNS``, and every fault of the others (all of a row's at once)."""
    known = frozenset(gates)
    good: list[dict[str, object]] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, 1):
        values, wrong = _row(number, row, known)
        faults += wrong
        if not wrong:
            good.append(values)
    return pl.DataFrame(good, schema=SCHEMA), faults


def write_csv(appointments: pl.DataFrame) -> str:
    """Times as RFC 3339 with Z."""
    stamped = [pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in TIMES]
    return str(appointments.select(COLUMNS).with_columns(stamped).write_csv())


def as_of(appointments: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """One row a booking: what had been said last by then. Cancelled ones are in it, as such."""
    said = appointments.filter(pl.col("said_at") <= at).sort("said_at", maintain_order=True)
    return said.unique("booking", keep="last", maintain_order=True)


def _row(number: int, row: Mapping[str, object], gates: frozenset[str]) -> tuple[dict[str, object], list[Fault]]:
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for name in COLUMNS:
        text = str(row.get(name) if row.get(name) is not None else "").strip()
        values[name] = text
        expected = _expected(name, text, gates)
        if expected:
            faults.append(Fault(number, name, text, expected))
        elif name in TIMES:
            values[name] = datetime.fromisoformat(text).astimezone(UTC)
    if not faults:
        starts, ends = values["slot_starts_at"], values["slot_ends_at"]
        assert isinstance(starts, datetime) and isinstance(ends, datetime)
        if not starts < ends <= starts + LONGEST_SLOT:
            faults.append(
                Fault(number, "slot_ends_at", ends.isoformat(), f"after slot_starts_at, within {LONGEST_SLOT}")
            )
    return values, faults


def _expected(name: str, text: str, gates: frozenset[str]) -> str:
    """What should have been there; empty when the text is right."""
    if name in TIMES:
        try:
            return (
                ""
                if datetime.fromisoformat(text).tzinfo
                else "a time with its offset from UTC, as 2026-03-02T10:00:00Z"
            )
        except ValueError:
            return "a time of RFC 3339, as 2026-03-02T10:00:00Z"
    allowed: Mapping[str, Iterable[str]] = {"gate": sorted(gates), "kind": KINDS, "status": STATUSES}
    if name in allowed:
        return "" if text in allowed[name] else f"one of {', '.join(allowed[name])}"
    return "" if text else "a name"
