"""What a command shows: a value as JSON, as an aligned table, or as lines of name and value.

Texts come from other participants too: control characters, which could rewrite a terminal, are shown as escapes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from typing import Any

import click


def show(value: object, columns: Sequence[str] = (), empty: str = "there are none", *, as_json: bool = False) -> None:
    """Write ``value`` to standard output; ``columns`` are paths of attributes, as in ``statistics.rows``."""
    match value:
        case _ if as_json:
            click.echo(as_text({"message": value} if isinstance(value, str) else value))
        case str():
            click.echo(harmless(value))
        case list():
            rows = [[_at(one, path) for path in columns] for one in value]
            click.echo(table([_title(path) for path in columns], rows) if rows else empty)
        case _:
            click.echo("\n".join(details(value)))


def as_text(value: object) -> str:
    """JSON that can be read: only what does not print is escaped, also where JSON would not ask for it."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text)


def _plain(value: Any) -> object:
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    return asdict(value)


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns under their names, numbers to the right."""
    names, cells = [harmless(name) for name in names], [[cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    right = [any(_number(row[index]) for row in rows) for index in range(len(names))]

    def line(texts: Sequence[str]) -> str:
        padded = zip(texts, widths, right, strict=True)
        return "  ".join(text.rjust(width) if to else text.ljust(width) for text, width, to in padded).rstrip()

    return "\n".join([line(names), *map(line, cells)])


def _title(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ").upper()


def details(value: object, prefix: str = "") -> list[str]:
    """A line for each member that there is; lists of values as tables below."""
    pairs = list(_members(value, prefix))
    lists = [(name, one) for name, one in pairs if _is_list(one)]
    single = [(name.replace("_", " "), one) for name, one in pairs if not _is_list(one)]
    width = max((len(name) for name, _ in single), default=0) + 1
    lines = [f"{name + ':':{width}} {cell(one)}" for name, one in single]
    for name, members in lists:
        names = [one.name for one in fields(members[0])]
        rows = [[getattr(member, column) for column in names] for member in members]
        lines += ["", f"{name}:", table([_title(name) for name in names], rows)]
    return lines


def _members(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """The members that are there, those of a value within it under both names."""
    for one in fields(value):
        member = getattr(value, one.name)
        if is_dataclass(member):
            yield from _members(member, f"{prefix}{one.name} ")
        elif member not in (None, "", (), {}):
            yield prefix + one.name, member


def _is_list(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and is_dataclass(value[0])


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name)
    return value


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell(value: object) -> str:
    """A value as one line of harmless text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
        case tuple() | list():
            return ", ".join(cell(one) for one in value)
        case Mapping():
            return harmless(json.dumps(value, ensure_ascii=False))
        case _:
            return harmless(str(value))


def harmless(text: str) -> str:
    """The text with what does not print as escapes."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
