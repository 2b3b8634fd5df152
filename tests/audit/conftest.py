from tests.engines import on_both
from tests.two_nodes import nodes, template

__all__ = ["nodes", "on_both", "template"]
