from tests.two_nodes import nodes, standing, template

__all__ = ["nodes", "standing", "template"]
