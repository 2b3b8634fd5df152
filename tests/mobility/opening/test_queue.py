"""The queue at a closed bridge: the whole queue counts, by formula and by counting vehicles one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_mobility.opening.queue import Flow, queue

FLOWS = st.floats(0, 1500)


@settings(deadline=None)
@given(flow=FLOWS, minutes=st.floats(0.5, 40), saturation=st.floats(1600, 4000))
def test_the_delay_of_a_constant_flow_is_that_of_the_formula(flow: float, minutes: float, saturation: float) -> None:
    found = queue(Flow([(-60, flow)], saturation), [(0, minutes)], 10_000)
    hours, free = minutes / 60, 1 - flow / saturation
    assert found.delay / 60 == pytest.approx(flow * hours**2 / (2 * free), rel=1e-6, abs=1e-9)
    assert found.longest == pytest.approx(flow * hours, abs=1e-9)
    assert found.clears == pytest.approx(minutes / free, rel=1e-6)
    assert found.delayed == pytest.approx(flow * hours / free, rel=1e-6, abs=1e-9)


def counted(flow: Flow, closed: list[tuple[float, float]], until: float) -> float:
    """Vehicle-minutes of waiting, each vehicle looked at by itself."""
    step, waited, came = 0.001, 0.0, 0.0
    next_free, arrivals = min(start for start, _ in closed), 0
    minute = next_free
    while minute < until:
        came += flow.at(minute) / 60 * step
        while came >= arrivals + 1:
            arrivals += 1
            leaves = max(next_free, minute)
            for start, end in closed:
                leaves = end if start <= leaves < end else leaves
            waited += leaves - minute
            next_free = leaves + 60 / flow.saturation if leaves > minute else minute
        minute += step
    return waited


@pytest.mark.parametrize(
    ("flow", "closed"),
    [
        ([(-10, 600)], [(0, 12)]),
        ([(-10, 400), (5, 1200), (20, 200)], [(0, 10)]),
        # the queue of the first closure is not gone when the second begins
        ([(-10, 900)], [(0, 10), (14, 22)]),
    ],
)
def test_counting_vehicles_gives_the_same(flow: list[tuple[float, float]], closed: list[tuple[float, float]]) -> None:
    given_ = Flow(flow, 1800)
    assert queue(given_, closed, 120).delay == pytest.approx(counted(given_, closed, 120), rel=0.02)


def test_nobody_waits_where_nothing_is_closed_or_nobody_comes() -> None:
    assert queue(Flow([(0, 1000)], 1800), [], 60).delay == 0
    assert queue(Flow([], 1800), [(0, 10)], 60).delay == 0


def test_two_closures_cost_more_than_one_by_one_when_the_queue_has_no_time_to_go() -> None:
    flow = Flow([(-10, 1200)], 1800)
    apart = queue(flow, [(0, 10)], 300).delay + queue(flow, [(12, 22)], 300).delay
    assert queue(flow, [(0, 10), (12, 22)], 300).delay > apart * 1.2


def test_a_flow_above_saturation_never_clears() -> None:
    assert queue(Flow([(0, 2000)], 1800), [(0, 10)], 240).clears is None
