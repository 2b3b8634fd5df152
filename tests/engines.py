"""The engines of the control database that a test can run on."""

import pytest

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", params=ENGINES, name="engine")
def on_both(request: pytest.FixtureRequest) -> str:
    """Imported by a module, it has its tests run on both."""
    return str(request.param)
