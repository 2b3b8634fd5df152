"""Real problems: Kim 2006, where they lie beside the checkout."""

import pytest
from benchmarks.scores.waste_kim import FOLDER, problem

from havre_waste.rounds.checker import check
from havre_waste.rounds.planning import Stopping, plan


def test_102_stops_are_collected_with_every_constraint_in_fewer_miles_than_kim_published() -> None:
    if not FOLDER.exists():
        pytest.skip(f"there is no {FOLDER}: this promise is NOT tested here")
    given = problem(FOLDER, 102)
    found = plan(given, stop=Stopping(seconds=None, iterations=2_000))
    assert check(given, found) == ()
    assert found.left_out == ()
    assert found.metres / 5280 < 0.83 * 205.1
