"""``havre source``."""

import click

from havre.cli.files import FORMATS, pairs, settings_option, typed
from havre.cli.output import show
from havre.cli.progress import on_terminal
from havre.cli.remote import connected, json_option, remote
from havre.client import Exchange, Source


@click.group()
def source() -> None:
    """Where rows come from."""


@source.command("list")
@remote("id", "dataset", "transport", "format", "status.state", empty="no sources yet: `havre source add`")
def listed(exchange: Exchange) -> list[Source]:
    """List the sources."""
    return exchange.sources()


@source.command()
@click.argument("id")
@click.option("--dataset", required=True, help="The dataset that its rows go to.")
@click.option("--transport", required=True, metavar="file|http|tcp", help="How its bytes come in.")
@click.option("--format", type=click.Choice(FORMATS), required=True, help="What its bytes hold.")
@settings_option
@remote()
def add(exchange: Exchange, id: str, dataset: str, transport: str, format: str, options: tuple[str, ...]) -> Source:
    """Declare a source; --option says where it is and how it is read."""
    return exchange.add_source(id, dataset, transport, format, typed(pairs(options)))


@source.command("show")
@click.argument("id")
@remote()
def shown(exchange: Exchange, id: str) -> Source:
    """Show a source, what it was declared with and how it does."""
    return exchange.source(id)


@source.command()
@click.argument("id")
@connected
@json_option
def run(exchange: Exchange, id: str, as_json: bool) -> None:
    """Read what a source has now; on a terminal a line shows how far it is."""
    with on_terminal() as progress:
        done = exchange.run_source(id, progress)
    show(done, as_json=as_json)


@source.command()
@click.argument("id", required=False)
@remote(
    "id",
    "status.state",
    "status.rows",
    "status.quarantined",
    "status.lag",
    "status.finished",
    "status.error",
    empty="no sources yet: `havre source add`",
)
def status(exchange: Exchange, id: str | None) -> list[Source]:
    """Show how the sources do, or the one with this ID: rows of the last run, bytes that it lags behind, last error."""
    return exchange.sources() if id is None else [exchange.source(id)]


@source.command()
@click.argument("id")
@remote()
def remove(exchange: Exchange, id: str) -> str:
    """Remove a source; its rows stay."""
    exchange.remove_source(id)
    return f"{id} is removed; its rows stay"
