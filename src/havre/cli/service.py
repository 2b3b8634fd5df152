"""``havre service``: run a service beside the node. It is a participant like any other, and calls the node over HTTP.

The service NAME is the object ``SERVICE`` of the module ``havre_NAME.service``, or of the module that NAME names when
there is a dot in it. Its configuration is a TOML file: ``[needs.NAME]`` with ``provider`` and ``dataset``, and where
they are wanted ``purpose`` and ``back_hours``; ``[settings]`` is the service's own.
"""

import asyncio
import importlib
import logging
import signal
import sys
import threading
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from havre.cli.failure import Failure
from havre.cli.remote import connected
from havre.client import Exchange
from havre.client.pages import forwarded
from havre.client.service import Need, Running, Service

log = logging.getLogger("havre.service")

GRACE_SECONDS = 5.0
"""As of a node: so long who looks has time to take an answer when the service stops."""
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "provider": str,
    "dataset": str,
    "purpose": str,
    "back_hours": (int, float),
}
REQUIRED = ("provider", "dataset")


@click.group()
def service() -> None:
    """Services: participants that read under agreements, and publish what they make."""


@service.command("run")
@click.argument("name")
@click.option(
    "--config", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML file."
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where its pages listen.")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535), help="Where its pages listen.")
@connected
def run(exchange: Exchange, name: str, config: Path, host: str, port: int) -> None:
    """Run the service NAME (as `mobility`) until it is interrupted."""
    found = _found(name)
    needs, settings = _read(config)
    logging.basicConfig(stream=sys.stderr, level="INFO", format=FORMAT)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        found.require(needs)
        running = Running(found, found.make(settings), exchange, needs)
    except (ValueError, LookupError, OSError) as error:
        raise Failure(f"{config}: {error}", next="see the documentation of the service") from error
    running.start()
    try:
        _serve(running, host, port)
    finally:
        running.stop()


def _found(name: str) -> Service:
    module = name if "." in name else f"havre_{name}.service"
    try:
        found = importlib.import_module(module).SERVICE
    except ModuleNotFoundError as error:
        then = f"is there `havre[{name}]`?" if error.name != module and "." not in name else "see its name"
        raise Failure(f"there is no service {name}: {error}", next=then) from error
    except AttributeError as error:
        raise Failure(f"{module} has no SERVICE", next="see its name") from error
    if not isinstance(found, Service):
        raise Failure(f"{module}.SERVICE is not a service", next="see its name")
    return found


def _read(config: Path) -> tuple[dict[str, Need], Mapping[str, Any]]:
    """The needs by name, and the service's own settings."""
    try:
        given = tomllib.loads(config.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{config} is not TOML: {error}") from error
    for section in given.keys() - {"needs", "settings"}:
        raise Failure("is not known here", f"{config}: {section}", "needs or settings")
    needs = {name: _need(f"{config}: needs.{name}", form) for name, form in given.get("needs", {}).items()}
    return needs, given.get("settings", {})


def _need(place: str, form: Any) -> Need:
    if not isinstance(form, dict):
        raise Failure("is no table", place, "provider and dataset")
    for field in form.keys() - FIELDS.keys():
        raise Failure("is not known here", f"{place}.{field}", ", ".join(FIELDS))
    for field in REQUIRED:
        if field not in form:
            raise Failure("is missing", f"{place}.{field}", "a text")
    for field, value in form.items():
        if isinstance(value, bool) or not isinstance(value, FIELDS[field]):
            raise Failure(f"got {value!r}", f"{place}.{field}", "a number" if field == "back_hours" else "a text")
    back = timedelta(hours=form["back_hours"]) if "back_hours" in form else None
    return Need(form["provider"], form["dataset"], form.get("purpose"), back)


def _serve(running: Running, host: str, port: int) -> None:
    """Its pages, if it has some, until SIGINT or SIGTERM."""
    if running.service.pages is None:
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
        return
    asyncio.run(_pages(forwarded(running.service.pages(running)), host, port))


async def _pages(app: Any, host: str, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    loop, serving = asyncio.get_running_loop(), asyncio.ensure_future(server.serve())

    def stop() -> None:
        server.stop()  # type: ignore[no-untyped-call]
        loop.call_later(GRACE_SECONDS, serving.cancel)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    log.info("pages at http://%s:%d", host, port)
    try:
        await serving
    except asyncio.CancelledError:
        log.warning("answers that nobody takes were broken off after %d s", GRACE_SECONDS)
