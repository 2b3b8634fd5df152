"""Files that commands are given: their format by their name, JSON documents, samples."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import click

FORMATS = ("csv", "ndjson", "json", "parquet", "geojson", "nmea", "gtfs", "datex2", "arrow")
SUFFIXES = {f".{name}": name for name in FORMATS if name not in ("gtfs", "datex2")} | {
    ".jsonl": "ndjson",
    ".zip": "gtfs",
}
OF_LINES = frozenset({"csv", "ndjson", "nmea"})
SAMPLE_BYTES = 512 * 1024

format_option = click.option("--format", type=click.Choice(FORMATS), help="Format; by the file's name without it.")
settings_option = click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="Option of the format; repeatable."
)


def format_of(file: BinaryIO, given: str | None) -> str:
    """The format that was given, else that of the file's name."""
    found = given or SUFFIXES.get(Path(str(getattr(file, "name", ""))).suffix.lower())
    if found is None:
        raise click.UsageError("the file's name does not say its format: give --format")
    return found


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """``NAME=VALUE`` options."""
    for one in given:
        if "=" not in one:
            raise click.BadParameter(f"{one!r} is not NAME=VALUE", param_hint="--option")
    return {name: value for name, _, value in (one.partition("=") for one in given)}


def typed(given: dict[str, str]) -> dict[str, Any]:
    """Options as JSON values: numbers, true and false as such, all else as texts."""
    return {name: _typed(value) for name, value in given.items()}


def _typed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text


def sample(file: BinaryIO, format: str) -> bytes:
    """The beginning of a file, up to the end of a line; all of it where the format has no lines."""
    if format not in OF_LINES:
        return file.read()
    start = file.read(SAMPLE_BYTES)
    return start if len(start) < SAMPLE_BYTES else start[: start.rfind(b"\n") + 1] or start


def json_document(name: str) -> Callable[..., dict[str, Any] | None]:
    """A click callback that reads an option's file as a JSON object."""

    def read(context: click.Context, parameter: click.Parameter, file: BinaryIO | None) -> dict[str, Any] | None:
        if file is None:
            return None
        try:
            with file:  # click closes it only when all options are right
                found = json.load(file)
        except ValueError as error:
            raise click.BadParameter(f"the {name} is not JSON: {error}") from error
        if not isinstance(found, dict):
            raise click.BadParameter(f"the {name} is not a JSON object")
        return found

    return read


policy_option = click.option(
    "--policy",
    type=click.File("rb"),
    required=True,
    callback=json_document("policy"),
    help='JSON file of the terms (ODRL), as {"permission": [{"action": "use"}]}; - for standard input.',
)
"""The terms that a command takes."""
