"""What a notification must be to be taken, and what is said of one that is not."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_waste.ships import rules
from havre_waste.ships.fields import check_digit
from havre_waste.ships.kinds import KINDS, Annex
from havre_waste.ships.model import Notification
from havre_waste.ships.reading import notification
from havre_waste.ships.wrong import MESSAGES
from tests.waste.ships.forms import NOW, form, line


def read(given: Any) -> Notification:
    found, wrong = notification(given, "n-1", NOW)
    assert wrong == []
    assert found is not None
    return found


def said(given: Any) -> list[tuple[str, str]]:
    found, wrong = notification(given, "n-1", NOW)
    assert found is None
    assert all(str(one).startswith(f"{one.path}: ") for one in wrong)
    return [(one.path, one.key) for one in wrong]


def test_every_type_of_the_annex_is_there() -> None:
    """Counted by hand from annex 2 of the directive: six of oil, four noxious, sewage, eleven of garbage, two of
    air."""
    count = {annex: sum(one.annex is annex for one in KINDS.values()) for annex in Annex}
    assert count == {Annex.I: 6, Annex.II: 4, Annex.IV: 1, Annex.V: 11, Annex.VI: 2, Annex.NONE: 1}


def test_a_whole_form_is_read() -> None:
    found = read(form())
    assert found.ship.gross_tonnage == 2999
    assert found.line("plastics").deliver_m3 == 1.5  # type: ignore[union-attr]
    assert found.voyage.next_port == "ESBIO"


@pytest.mark.parametrize(
    ("changes", "path", "key"),
    [
        ({"ship__name": None}, "ship.name", "missing"),
        ({"ship__name": "x" * 121}, "ship.name", "not_text"),
        ({"ship__mmsi": None}, "ship.imo", "imo_or_mmsi"),
        ({"ship__mmsi": "20010000"}, "ship.mmsi", "not_mmsi"),
        ({"ship__imo": "9074728"}, "ship.imo", "imo_check"),
        ({"ship__imo": "907472"}, "ship.imo", "not_imo"),
        ({"ship__gross_tonnage": "big"}, "ship.gross_tonnage", "not_whole"),
        ({"ship__gross_tonnage": 0}, "ship.gross_tonnage", "not_whole"),
        ({"ship__gross_tonnage": True}, "ship.gross_tonnage", "not_whole"),
        ({"ship__type": "boat"}, "ship.type", "not_choice"),
        ({"ship__flag_state": "FRA"}, "ship.flag_state", "not_flag"),
        ({"ship__colour": "red"}, "ship.colour", "unknown_field"),
        ({"voyage__arrives_at": "2026-03-02T08:00:00"}, "voyage.arrives_at", "not_time"),
        ({"voyage__departs_at": "2026-03-02T07:00:00Z"}, "voyage.departs_at", "departs_before"),
        ({"voyage__last_port": "Rotterdam"}, "voyage.last_port", "not_port"),
        ({"voyage__last_delivery_date": "2026-04-01"}, "voyage.last_delivery_date", "delivered_later"),
        ({"voyage__last_delivery_date": "yesterday"}, "voyage.last_delivery_date", "not_date"),
        ({"voyage__delivering": "most"}, "voyage.delivering", "not_choice"),
        ({"voyage": None}, "voyage", "missing"),
        ({"voyage": 7}, "voyage", "not_object"),
        ({"waste": None}, "waste", "missing"),
        ({"waste": []}, "waste", "no_waste"),
        ({"waste": {}}, "waste", "not_list"),
        ({"waste": [7]}, "waste[0]", "not_object"),
        ({"extra": 1}, "extra", "unknown_field"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(changes: dict[str, Any], path: str, key: str) -> None:
    assert (path, key) in said(form(**changes))


@pytest.mark.parametrize(
    ("values", "path", "key"),
    [
        ({"deliver_m3": "3 t"}, "deliver_m3", "unit"),
        ({"deliver_m3": "3 l"}, "deliver_m3", "unit"),
        ({"deliver_m3": -1}, "deliver_m3", "not_number"),
        ({"deliver_m3": float("nan")}, "deliver_m3", "not_number"),
        ({"deliver_m3": float("inf")}, "deliver_m3", "not_number"),
        ({"deliver_m3": 100_001}, "deliver_m3", "not_number"),
        ({"deliver_m3": True}, "deliver_m3", "not_number"),
        ({"deliver_m3": ""}, "deliver_m3", "missing"),
        ({"type": "gold"}, "type", "not_choice"),
        ({"type": "oil-other"}, "specified", "specify"),
        ({"retained_m3": 11}, "retained_m3", "over_capacity"),
        ({"retained_m3": 1}, "remaining_port", "remaining_port"),
    ],
)
def test_what_is_wrong_with_a_line_is_named_by_its_field(values: dict[str, Any], path: str, key: str) -> None:
    lines = [line("food-waste", deliver_m3=1), line("sewage", retained_m3=1, remaining_port="ESBIO")]
    assert (f"waste[2].{path}", key) in said(form(waste=[*lines, line("plastics", deliver_m3=1) | values]))


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = said(form(ship__name=None, voyage__last_port="x", waste=[line("plastics", capacity_m3="?")]))
    assert [path for path, _ in wrong] == ["ship.name", "voyage.last_port", "waste[0].capacity_m3"]


@pytest.mark.parametrize(
    ("delivering", "deliver", "retained", "expected"),
    [
        ("all", 2, 0, []),
        ("all", 2, 1, [("waste[0].retained_m3", "all_but_retained")]),
        ("none", 0, 1, []),
        ("none", 2, 1, [("waste[0].deliver_m3", "none_but_delivered")]),
        ("some", 2, 1, []),
        ("some", 0, 1, [("voyage.delivering", "some_but_none")]),
        ("some", 2, 0, [("voyage.delivering", "some_but_all")]),
    ],
)
def test_retained_and_delivered_agree_with_what_is_said_of_them(
    delivering: str, deliver: float, retained: float, expected: list[tuple[str, str]]
) -> None:
    one = line("sewage", deliver_m3=deliver, retained_m3=retained, remaining_port="ESBIO")
    given = form(voyage__delivering=delivering, waste=[one])
    _, wrong = notification(given, "n-1", NOW)
    assert [(each.path, each.key) for each in wrong] == expected


def test_a_type_is_there_once_unless_it_is_specified_otherwise() -> None:
    twice = [line("plastics", deliver_m3=1), line("plastics", deliver_m3=2)]
    assert ("waste[1].type", "twice") in said(form(voyage__delivering="all", waste=twice))
    others = [line("nls-y", deliver_m3=1, specified="palm oil"), line("nls-y", deliver_m3=1, specified="soy oil")]
    assert len(read(form(voyage__delivering="all", waste=others)).waste) == 2


def test_a_form_has_only_text() -> None:
    """A page and a CSV file give nothing else; local times are of the zone that is given."""
    plastics = line("plastics", deliver_m3=" 1,5 m3 ", capacity_m3="3.0", retained_m3="0", generated_m3="0 m³")
    voyage = {"voyage__arrives_at": "2026-03-02T09:00", "voyage__delivering": "all"}
    given = form(ship__gross_tonnage=" 2999 ", waste=[plastics], **voyage)
    found, wrong = notification(given, "n-1", NOW, ZoneInfo("Europe/Paris"))
    assert wrong == []
    assert found is not None
    assert found.waste[0].deliver_m3 == 1.5
    assert found.voyage.arrives_at.hour == 8


@pytest.mark.parametrize(("number", "right"), [("9074729", True), ("8814275", True), ("9074720", False)])
def test_the_last_digit_of_an_imo_number_checks_the_others(number: str, right: bool) -> None:
    """9074729 is the worked example of the IMO's own page on its numbering scheme."""
    assert (check_digit(number) == int(number[-1])) is right


def test_a_notification_is_due_a_day_before_or_on_leaving_or_when_the_port_is_known() -> None:
    in_time = read(form(voyage__arrives_at="2026-03-02T08:00:00Z"))
    assert rules.due(in_time).rule == "24h"
    assert rules.due(in_time).late == timedelta(0)
    late = read(form(voyage__arrives_at="2026-03-01T18:00:00Z"))
    assert rules.due(late).late == timedelta(hours=12)
    assert rules.cautions(late) == ["late"]
    short = form(voyage__arrives_at="2026-03-01T18:00:00Z", voyage__left_last_port_at="2026-03-01T05:00:00Z")
    assert (rules.due(read(short)).rule, rules.due(read(short)).late) == ("departure", timedelta(hours=1))
    known = form(voyage__arrives_at="2026-03-01T18:00:00Z", voyage__port_known_at="2026-03-01T06:00:00Z")
    assert (rules.due(read(known)).rule, rules.due(read(known)).late) == ("known", timedelta(0))


def test_ships_of_300_and_more_notify_unless_exempted() -> None:
    assert not rules.is_required(299)
    assert rules.is_required(300)
    assert not rules.is_required(300, exempted=True)


def test_more_on_board_than_there_is_room_for_is_strange_and_taken() -> None:
    """What is over the dedicated storage may cost a direct charge; it is no reason to refuse to hear of it."""
    found = read(form(voyage__delivering="all", waste=[line("plastics", deliver_m3=11)]))
    assert rules.cautions(found) == ["over:plastics"]


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
paths = st.sampled_from([
    "ship", "voyage", "waste", "ship__name", "ship__imo", "ship__gross_tonnage", "ship__type", "voyage__arrives_at",
    "voyage__last_port", "voyage__delivering", "voyage__last_delivery_date",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(paths, anything)
def test_whatever_is_sent_there_is_an_answer_that_names_a_field(path: str, value: Any) -> None:
    given = form()
    *parents, name = path.split("__")
    of = given if not parents else given[parents[0]]
    of[name] = value
    found, wrong = notification(given, "n-1", NOW)
    assert (found is None) is bool(wrong)
    assert all(re.fullmatch(r"\S.*", one.path, re.DOTALL) and one.key in MESSAGES and one.message for one in wrong)


@given(anything)
def test_what_is_no_form_at_all_is_refused(given: Any) -> None:
    found, wrong = notification(given, "n-1", NOW)
    assert found is None
    assert wrong
