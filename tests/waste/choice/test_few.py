"""The few crews that run go where they do most, and a truck drives once."""

from dataclasses import replace

import numpy as np
import pytest

from havre_waste.choice.few import Few, few
from havre_waste.choice.model import Ground
from tests.waste.choice.test_choice import ground

ALL, FULL = np.arange(40), np.full(40, 0.9)


def two_flows(*, shared: bool = False) -> Ground:
    """Even containers are glass, odd ones food; with two crews each, the first of which may be the same truck."""
    known = ground(seconds=1.5 * 3600.0, crews=2)
    glass = known.crews["glass"]
    food = [replace(one, id=f"food-{number}") for number, one in enumerate(glass)]
    crews = {"glass": glass, "food": [glass[0], food[1]] if shared else food}
    return replace(known, flow=("glass", "food") * 20, crews=crews)


def flows(found: Few) -> list[str]:
    return [flow for flow, _, _ in found.rounds]


@pytest.mark.parametrize("first", ["glass", "food"])
def test_one_crew_goes_to_the_flow_in_which_it_does_most(first: str) -> None:
    known = two_flows()
    worth = np.where(np.array(known.flow) == first, 1.0, 0.1)
    assert flows(few(known, ALL, worth, FULL, 1)) == [first]


def test_what_is_asked_is_driven_once_or_left_and_more_crews_leave_less() -> None:
    known, worth = two_flows(), np.linspace(0.1, 1.0, 40)
    left = []
    for running in range(5):
        found = few(known, ALL[5:], worth, FULL, running)
        driven = [row for _, one, _ in found.rounds for row in one.stops.tolist()]
        assert len(found.rounds) <= running
        assert sorted([*driven, *found.left.tolist()]) == ALL[5:].tolist()
        assert all({known.flow[row] for row in one.stops.tolist()} == {flow} for flow, one, _ in found.rounds)
        assert all(one.seconds <= 1.5 * 3600 for _, _, one in found.rounds)
        left.append(len(found.left))
    assert left == sorted(left, reverse=True) and left[0] == 35 > left[-1]


def test_a_truck_that_serves_two_flows_drives_once() -> None:
    found = few(two_flows(shared=True), ALL, np.ones(40), FULL, 4)
    trucks = [one.crew.id for _, one, _ in found.rounds]
    assert len(trucks) == len(set(trucks)) == 3


def test_nothing_is_driven_for_nothing_and_a_wrong_number_is_refused() -> None:
    assert few(two_flows(), ALL, np.zeros(40), FULL, 2).rounds == ()
    assert few(two_flows(), ALL[:0], np.ones(40), FULL, 2).rounds == ()
    with pytest.raises(ValueError, match="running"):
        few(two_flows(), ALL, np.ones(40), FULL, -1)
