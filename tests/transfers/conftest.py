import pytest

from tests.two_nodes import TwoNodes, nodes, standing, template

__all__ = ["nodes", "standing", "template"]


@pytest.fixture
def agreement(nodes: TwoNodes) -> str:
    """An agreement of the city with the harbour on ``ships``."""
    return nodes.town.agreement_with(nodes.harbour, nodes.offer())


@pytest.fixture
def transfer(nodes: TwoNodes, agreement: str) -> str:
    """A transfer under it that has started; the city's identifier."""
    return nodes.town.started(agreement)
