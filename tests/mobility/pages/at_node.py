"""Pages as a node shows them: under ``/services/mobility/``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.applications import Starlette

from havre.client.pages import forwarded
from havre.demo.nodes import free_port
from havre.exchange import services
from havre.settings import Settings
from havre.web import application
from tests.mobility.pages.served import Served


@contextmanager
def at_node(pages: Starlette) -> Iterator[str]:
    """Where they are."""
    service = Served(forwarded(pages))
    port = free_port()
    seen_at = f"http://127.0.0.1:{port}"
    settings = Settings(home=Path("none"), public_url=seen_at, services={"mobility": service.url})
    node = Served(application(services.routes(settings)), port)
    try:
        yield f"{seen_at}/services/mobility"
    finally:
        node.stop()
        service.stop()
