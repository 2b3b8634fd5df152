"""Appointments are taken or refused row by row, with the field named; what was said last counts."""

from datetime import UTC, datetime

import pytest

from havre_mobility.trucks import appointments

GATES = ("gate-1", "gate-2")
ROW = {
    "said_at": "2026-03-01T08:00:00Z",
    "booking": "b-1",
    "gate": "gate-1",
    "slot_starts_at": "2026-03-02T10:00:00+01:00",
    "slot_ends_at": "2026-03-02T11:00:00+01:00",
    "kind": "drop",
    "status": "booked",
}


def test_a_row_is_read_in_utc_and_written_as_it_was_meant() -> None:
    rows, faults = appointments.read([ROW], GATES)
    assert faults == []
    assert rows["slot_starts_at"].to_list() == [datetime(2026, 3, 2, 9, tzinfo=UTC)]
    text = appointments.write_csv(rows)
    assert text.splitlines()[1] == (
        "2026-03-01T08:00:00Z,b-1,gate-1,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,drop,booked"
    )
    assert appointments.read_csv(text, GATES)[0].equals(rows)


@pytest.mark.parametrize(
    ("field", "got", "expected"),
    [
        ("said_at", "yesterday", "a time of RFC 3339, as 2026-03-02T10:00:00Z"),
        ("slot_starts_at", "2026-03-02T10:00:00", "a time with its offset from UTC, as 2026-03-02T10:00:00Z"),
        ("gate", "gate-9", "one of gate-1, gate-2"),
        ("kind", "swap", "one of drop, pick, both"),
        ("status", "", "one of booked, changed, cancelled"),
        ("booking", " ", "a name"),
    ],
)
def test_a_fault_names_the_field_and_what_was_expected(field: str, got: str, expected: str) -> None:
    rows, (fault,) = appointments.read([ROW, ROW | {field: got}], GATES)
    assert rows.height == 1
    assert str(fault) == f"row 2: {field}: got {got.strip()!r}; expected {expected}"


def test_all_faults_of_a_row_are_told_at_once() -> None:
    _, faults = appointments.read([ROW | {"gate": "x", "kind": "y"}], GATES)
    assert [one.field for one in faults] == ["gate", "kind"]


def test_a_slot_ends_after_it_starts() -> None:
    _, (fault,) = appointments.read([ROW | {"slot_ends_at": ROW["slot_starts_at"]}], GATES)
    assert (fault.field, fault.expected) == ("slot_ends_at", "after slot_starts_at, within 12:00:00")


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    rows, (fault,) = appointments.read_csv("said_at,booking,gate,slot_starts_at,slot_ends_at,kind\n", GATES)
    assert rows.is_empty() and str(fault).startswith(
        "row 0: status: got 'no such column'; expected a column; there are"
    )


def test_what_was_said_last_counts_as_of_a_moment() -> None:
    changed = ROW | {"said_at": "2026-03-01T12:00:00Z", "status": "changed", "gate": "gate-2"}
    rows, _ = appointments.read([changed, ROW], GATES)
    gates = [
        appointments.as_of(rows, datetime(2026, 3, 1, hour, tzinfo=UTC))["gate"].to_list() for hour in (7, 8, 11, 12)
    ]
    assert gates == [[], ["gate-1"], ["gate-1"], ["gate-2"]]
