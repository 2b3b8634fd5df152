"""Four weeks of the scenario's waste, made once."""

import pytest

from havre_scenario import waste
from havre_scenario.waste import Waste

DAYS = 28


@pytest.fixture(scope="session")
def month() -> Waste:
    return waste.city(seed=1, days=DAYS)
