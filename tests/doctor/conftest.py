from tests.engines import on_both
from tests.two_nodes import nodes, standing, template

__all__ = ["nodes", "on_both", "standing", "template"]
