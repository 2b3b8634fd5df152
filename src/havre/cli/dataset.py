"""``havre dataset``."""

from typing import Any, BinaryIO

import click

from havre.cli.files import format_of, format_option, json_document, pairs, sample, settings_option
from havre.cli.output import as_text, show
from havre.cli.remote import connected, json_option, remote
from havre.cli.rows import Options, query_options
from havre.client import Dataset, Exchange, Ingested, Reading, Schema

schema_option = click.option(
    "--schema",
    type=click.File("rb"),
    callback=json_document("schema"),
    help="JSON file of the schema, as `havre dataset propose --json` writes it.",
)


@click.group()
def dataset() -> None:
    """Your datasets and their rows."""


@dataset.command("list")
@remote(
    "id",
    "title",
    "statistics.rows",
    "statistics.quarantined",
    "statistics.last",
    "withdrawn",
    empty="no datasets yet: publish one with `havre dataset publish ID FILE`",
)
def listed(exchange: Exchange) -> list[Dataset]:
    """List your datasets."""
    return exchange.datasets()


@dataset.command("show")
@click.argument("id")
@remote()
def shown(exchange: Exchange, id: str) -> Dataset:
    """Show a dataset, its columns and statistics."""
    return exchange.dataset(id)


@dataset.command()
@click.argument("file", type=click.File("rb"))
@format_option
@settings_option
@remote()
def propose(exchange: Exchange, file: BinaryIO, format: str | None, options: tuple[str, ...]) -> Schema:
    """Propose a schema from the beginning of FILE, to be looked at and declared."""
    found = format_of(file, format)
    return exchange.propose(sample(file, found), found, pairs(options))


@dataset.command()
@click.argument("id")
@schema_option
@click.option("--title", help="Its name for people; the ID without it.")
@click.option("--description", help="What it holds.")
@click.option("--keyword", "keywords", multiple=True, help="To be found by; repeatable.")
@click.option("--theme", help="Theme, as an address of a vocabulary.")
@click.option("--licence", help="Licence, as an address.")
@click.option("--origin", help="Where the data comes from.")
@click.option("--language", help="Language of its texts, as in fr.")
@remote()
def declare(exchange: Exchange, id: str, schema: dict[str, Any] | None, **described: Any) -> Dataset:
    """Declare a dataset, without rows yet."""
    if schema is None:
        raise click.UsageError("give --schema FILE; `havre dataset propose FILE --json` makes one from data")
    return exchange.declare(id, schema, **described)


@dataset.command()
@click.argument("id")
@click.argument("file", type=click.File("rb"))
@format_option
@settings_option
@schema_option
@click.option("--title", help="Name of a dataset that is declared by this; its ID without it.")
@click.option("--source", help="Name of where FILE comes from; with --offset a repeat adds nothing twice.")
@click.option("--offset", type=click.IntRange(0), help="Where in the source FILE ends.")
@remote()
def publish(
    exchange: Exchange,
    id: str,
    file: BinaryIO,
    format: str | None,
    options: tuple[str, ...],
    schema: dict[str, Any] | None,
    title: str | None,
    source: str | None,
    offset: int | None,
) -> Ingested:
    """Add the rows of FILE to a dataset, declared first if it is missing (with a schema proposed from FILE)."""
    if (source is None) != (offset is None):
        raise click.UsageError("--source and --offset are given together")
    found, settings = format_of(file, format), pairs(options)
    start = b""
    if not exchange.declared(id):
        start = b"" if schema else sample(file, found)
        exchange.declare(id, schema or exchange.propose(start, found, settings), title)
    body = _from_start(file, start)
    return exchange.post_rows(id, body, found, settings, source=source, offset=offset)


def _from_start(file: BinaryIO, start: bytes) -> bytes | BinaryIO:
    """All of a file of which ``start`` was read; what cannot go back, as a pipe, is read to its end."""
    if not start:
        return file
    if file.seekable():
        file.seek(0)
        return file
    return start + file.read()


@dataset.command()
@click.argument("id")
@connected
@query_options
def rows(exchange: Exchange, id: str, query: Options) -> Reading:
    """Read the rows of a dataset of yours."""
    return exchange.rows_of(id, **query)


@dataset.command()
@click.argument("id")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="So many rows at most.")
@connected
@json_option
def quarantine(exchange: Exchange, id: str, limit: int, as_json: bool) -> None:
    """Show the rows that do not fit the schema, and why."""
    found = exchange.quarantine(id, limit)
    if as_json:
        click.echo(as_text(found))
        return
    show(list(found.rows), ("at", "source", "reason", "raw"), "nothing is in quarantine")
    if found.count > len(found.rows):
        click.echo(f"{len(found.rows)} of {found.count} rows", err=True)


@dataset.command()
@click.argument("id")
@remote()
def replay(exchange: Exchange, id: str) -> Ingested:
    """Try the rows in quarantine again."""
    return exchange.replay(id)


@dataset.command()
@click.argument("id")
@remote()
def withdraw(exchange: Exchange, id: str) -> str:
    """Withdraw a dataset: its offers end; agreements stay until they are ended."""
    exchange.withdraw(id)
    return f"{id} is withdrawn; its agreements stay: `havre agreement list`, `havre agreement end`"
