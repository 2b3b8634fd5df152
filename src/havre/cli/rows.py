"""``havre read`` and ``havre follow``, and what they share with ``havre dataset rows``: a query, a format, a place to
write to."""

import codecs
import functools
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from havre.cli.output import harmless, table
from havre.cli.remote import connected
from havre.client import Exchange, Reading

FORMATS = ("table", "json", "ndjson", "csv", "parquet", "arrow")
BINARY = frozenset({"parquet", "arrow"})
FIRST_ROWS = 20
Options = dict[str, Any]


def bbox_option(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option("--bbox", callback=_bbox, metavar="WEST,SOUTH,EAST,NORTH", help=help)


def _bbox(context: click.Context, parameter: click.Parameter, text: str | None) -> list[float] | None:
    try:
        found = None if text is None else [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if found is not None and len(found) != 4:
        raise click.BadParameter(f"got {text!r}, expected west,south,east,north in degrees")
    return found


columns_option = click.option(
    "--columns",
    callback=lambda context, parameter, text: text.split(",") if text else None,
    metavar="A,B",
    help="Only these columns.",
)
filter_option = click.option(
    "--filter", "filters", multiple=True, metavar="FIELD:OP:VALUE", help="eq ne lt le gt ge in; repeatable."
)
box_option = bbox_option("In this box, in degrees.")
purpose_option = click.option(
    "--purpose", multiple=True, help="What the rows are for, as the terms name it; repeatable."
)


def query_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a query; the function gets them as one ``query``, and how to write as ``write``."""

    @columns_option
    @filter_option
    @click.option("--from", "since", metavar="TIME", help="From this time on (ISO 8601).")
    @click.option("--to", "until", metavar="TIME", help="Before this time (ISO 8601).")
    @box_option
    @click.option("--order", metavar="[-]FIELD", help="By this field; with - the greatest first. Needs --limit.")
    @click.option("--limit", type=click.IntRange(1), help="So many rows at most.")
    @click.option("--format", type=click.Choice(FORMATS), help="By the name of -o; else a table.")
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
    @click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
    @functools.wraps(function)
    def command(
        *given: Any, format: str | None, as_json: bool, output: Path | None, columns: list[str] | None, **options: Any
    ) -> None:
        format = "json" if as_json else format or _format_of(output)
        _require_readable(format, output)
        query = {name: options.pop(name) for name in ("filters", "since", "until", "bbox", "order", "limit")}
        query["columns"] = columns
        if format == "table" and query["limit"] is None:
            query["limit"] = FIRST_ROWS
        write(function(*given, query=query, **options), format, output, query["limit"])

    return command


def _format_of(output: Path | None) -> str:
    if output is None:
        return "table"
    found = output.suffix.removeprefix(".").lower()
    found = {"jsonl": "ndjson"}.get(found, found)
    if found not in FORMATS[1:]:
        raise click.UsageError(f"the name {output.name} does not say its format: give --format")
    return found


def _require_readable(format: str, output: Path | None) -> None:
    if format in BINARY and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{format} is not for a terminal: give -o FILE")


@click.command()
@click.argument("agreement")
@purpose_option
@connected
@query_options
def read(exchange: Exchange, agreement: str, purpose: tuple[str, ...], query: Options) -> Reading:
    """Read rows under an agreement."""
    return exchange.open(agreement, purpose=purpose, **query)


@click.command()
@click.argument("agreement")
@columns_option
@filter_option
@click.option("--from", "since", metavar="TIME", help="Begin with the rows of this time and later (ISO 8601).")
@click.option("--after", type=click.IntRange(-1), help="Begin after the row at this position; -1: with the first.")
@box_option
@purpose_option
@click.option("--limit", type=click.IntRange(1), help="Stop after so many rows.")
@click.option("--json", is_flag=True, expose_value=False, help="The same: it is JSON in any case.")
@connected
def follow(exchange: Exchange, agreement: str, limit: int | None, **query: Any) -> None:
    """Follow the rows under an agreement as they come, one JSON object a line, until it ends or you stop it."""
    with exchange.follow(agreement, **query) as rows:
        for row in itertools.islice(rows, limit):
            line = json.dumps(row, ensure_ascii=False)
            click.echo(harmless(line) if sys.stdout.isatty() else line)


def write(reading: Reading, format: str, output: Path | None, limit: int | None) -> None:
    """Rows to a file, whole or not at all, or to standard output."""
    chunks = _chunks(reading, format, limit)
    if output is None:
        for chunk in _harmless(chunks) if sys.stdout.isatty() else chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as file:
            size = sum(file.write(chunk) for chunk in chunks)
        part.replace(output)
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{size} bytes in {output}", err=True)


def _harmless(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Text for a terminal, line by line as it was, but for what could rewrite the terminal."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in chunks:
        lines = decoder.decode(chunk).replace("\r\n", "\n").split("\n")
        yield "\n".join(map(harmless, lines)).encode()


def _chunks(reading: Reading, format: str, limit: int | None) -> Iterator[bytes]:
    match format:
        case "table":
            return _table(reading, limit)
        case "json":
            return _array(reading.chunks("ndjson"))
        case _:
            return reading.chunks(format)


def _table(reading: Reading, limit: int | None) -> Iterator[bytes]:
    rows = list(reading.rows(page=limit or FIRST_ROWS))
    if not rows:
        click.echo("no rows", err=True)
        return
    names = list(rows[0])
    yield (table(names, [[row.get(name) for name in names] for row in rows]) + "\n").encode()
    if len(rows) == limit:
        click.echo(f"these are {limit} rows, there may be more: --limit, or -o FILE", err=True)


def _array(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines of JSON as one JSON array, as they come."""
    yield b"["
    rest, between = b"", b"\n"
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield between + line
            between = b",\n"
    yield b"\n]\n"
