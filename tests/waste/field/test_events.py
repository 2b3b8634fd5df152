"""What crews say counts once, in any order, and nothing that is not an event does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_waste.field.events import OLDEST, BadEvent, Event, Kind, crew_notes, progress, read
from tests.waste.field import towns
from tests.waste.field.towns import NOW

VIEW = towns.busy()
ROUND = VIEW.rounds[0]
STEPS = [step.id for step in ROUND.steps]
FIRST = STEPS[1]
GOOD = {"id": "6b1f4e7c-0001", "stop": FIRST, "kind": "done", "at": "2026-11-25T08:30:00.000Z"}

some_events = st.lists(
    st.builds(
        Event,
        id=st.integers(0, 10**6).map(lambda n: f"id-{n:08}"),
        round=st.sampled_from([one.id for one in VIEW.rounds]),
        stop=st.sampled_from([*STEPS[:5], "20261125:gone:glass"]),
        kind=st.sampled_from(Kind),
        at=st.integers(0, 3).map(lambda n: towns.after(minutes=n)),
        fill=st.none() | st.floats(0, 1),
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)


def said(id: str, stop: str, kind: Kind = Kind.DONE, minutes: float = 0, **more: Any) -> Event:
    return Event(id, ROUND.id, stop, kind, towns.after(minutes=minutes), **more)


@given(some_events, st.randoms(use_true_random=False))
def test_the_order_and_the_number_of_times_change_nothing(told: list[Event], chance: Any) -> None:
    again = told + told[: len(told) // 2]
    chance.shuffle(again)
    assert progress(VIEW, again) == progress(VIEW, told)


@given(some_events)
def test_a_stop_is_as_it_was_said_last(told: list[Event]) -> None:
    found = progress(VIEW, told)
    for stop in STEPS:
        there = sorted((one.at, one.id, one.kind) for one in told if one.stop == stop)
        last = there[-1][2] if there else Kind.UNDONE
        assert (found.states[stop].kind if stop in found.states else Kind.UNDONE) is last


def test_two_phones_that_disagree_end_with_what_was_said_last() -> None:
    told = [said("phone-a1", FIRST, Kind.BLOCKED, 5), said("phone-b1", FIRST, Kind.DONE, 9)]
    assert progress(VIEW, told).states[FIRST].kind is Kind.DONE
    assert progress(VIEW, told[::-1]).states[FIRST].kind is Kind.DONE


def test_what_is_taken_back_is_to_do_again() -> None:
    told = [said("event-01", FIRST, minutes=1), said("event-02", FIRST, Kind.UNDONE, 2)]
    found = progress(VIEW, told)
    assert found.states == {}
    next = found.rounds[ROUND.id].next
    assert next is not None and next.id == FIRST


def test_a_round_knows_how_far_and_how_late_it_is() -> None:
    planned = ROUND.steps[2].at
    told = [
        said("event-01", FIRST),
        Event("event-02", ROUND.id, STEPS[2], Kind.BLOCKED, planned + timedelta(minutes=12)),
    ]
    of = progress(VIEW, told[1:]).rounds[ROUND.id]
    assert (of.done, of.troubled, of.total, of.late) == (0, 1, 12, timedelta(minutes=12))
    assert of.next is not None and of.next.id == FIRST


def test_what_another_crew_did_is_done_for_all_after_a_new_plan() -> None:
    first, second, third = VIEW.rounds
    moved = replace(second, steps=(*second.steps, first.steps[1]))
    view = replace(VIEW, rounds=(replace(first, steps=first.steps[2:]), moved, third))
    found = progress(view, [said("event-01", FIRST)])
    assert found.rounds[second.id].done == 1


def test_what_was_said_of_a_stop_that_left_the_plan_is_kept_apart() -> None:
    found = progress(VIEW, [said("event-01", "20261125:gone:glass")])
    assert list(found.elsewhere) == ["20261125:gone:glass"]
    yesterday = Event("event-02", "20261124-r1", "20261124:site-1:glass", Kind.DONE, NOW)
    assert progress(VIEW, [yesterday]).elsewhere == {}


def test_crew_notes_have_a_row_for_each_container() -> None:
    told = [said("event-01", STEPS[2], fill=0.5), said("event-02", STEPS[3], Kind.DAMAGED, 1, note="missing")]
    rows = crew_notes(VIEW, told)
    assert [(row["container"], row["truck"], row["state"], row["fill"]) for row in rows] == [
        ("c-1-glass", "truck-1", "emptied", 0.5), ("c-1-glass", "truck-1", "emptied", 0.5),
        ("c-2-glass", "truck-1", "not_found", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": "short"}, "id"), ({"id": 7}, "id"), ({"stop": ""}, "stop"), ({"stop": None}, "stop"),
        ({"kind": "eaten"}, "kind"), ({"kind": []}, "kind"), ({"at": "yesterday"}, "at"), ({"at": 3}, "at"),
        ({"at": "2026-11-25T08:30:00"}, "at"), ({"at": "2026-11-20T08:30:00Z"}, "at"), ({"fill": 1.5}, "fill"),
        ({"fill": True}, "fill"), ({"fill": "full"}, "fill"), ({"fill": float("nan")}, "fill"),
        ({"note": "lid"}, "note"), ({"note": ["x"]}, "note"), ({"photo": "x"}, "photo"),
        ({"driver": "somebody"}, "driver"),
    ],
)  # fmt: skip
def test_a_wrong_event_is_refused_with_the_field_that_is_wrong(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(BadEvent, match=f"^{field}: "):
        read({**GOOD, **changed}, ROUND.id, NOW)


@pytest.mark.parametrize("given", [None, 3, [], "done", {}])
def test_what_is_no_event_at_all_is_refused(given: object) -> None:
    with pytest.raises(BadEvent):
        read(given, ROUND.id, NOW)


def test_a_phone_whose_clock_is_ahead_says_nothing_of_the_future() -> None:
    assert read({**GOOD, "at": "2026-11-25T23:00:00+01:00"}, ROUND.id, NOW).at == NOW
    assert read({**GOOD, "at": (NOW - OLDEST).isoformat()}, ROUND.id, NOW).at == NOW - OLDEST
