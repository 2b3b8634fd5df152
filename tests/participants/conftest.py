from tests.two_nodes import nodes, template

__all__ = ["nodes", "template"]
