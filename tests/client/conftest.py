from collections.abc import Iterator

import pytest

from havre.client import Exchange
from tests.client.simulator import TOKEN, Simulator, running


@pytest.fixture
def node() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def exchange(node: Simulator) -> Exchange:
    return Exchange(node.url, TOKEN)
