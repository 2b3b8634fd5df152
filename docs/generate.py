"""Write the generated parts of the reference pages: ``.venv/bin/python docs/generate.py``, in a checkout.

A part stands between ``<!-- generated: name -->`` and ``<!-- end -->``; ``tests/test_docs.py`` compares.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic.fields import FieldInfo

from havre import errors
from havre.cli import main as command_line
from havre.contracts import negotiation
from havre.messages import reactions
from havre.settings import Settings
from havre.sources import formats, transports
from havre.transfers import process
from havre.web import STATUS

DOCS = Path(__file__).parent
PART = re.compile(r"<!-- generated: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def negotiation_table() -> str:
    """What may be sent when in a contract negotiation."""
    return _transitions(negotiation.TRANSITIONS, negotiation.State)


def transfer_table() -> str:
    """What may be sent when in a transfer process."""
    return _transitions(process.TRANSITIONS, process.State)


def reactions_table() -> str:
    """What can happen by itself, and what does where nothing is said."""
    rows = []
    for kind, roles in reactions.POSSIBLE.items():
        for role, states in roles.items():
            for state, acts in states.items():
                usual = reactions.USUAL[kind][role].get(state, ["nothing"])
                listed = ", ".join(f"`{act}`" for act in reactions.Act if act in acts)
                rows.append((kind, role, f"`{state}`", listed, ", then ".join(f"`{act}`" for act in usual)))
    return _table(("of a", "as the", "in state", "possible", "usual"), rows)


def settings_table() -> str:
    """All settings of a node."""
    rows = [
        (f"`HAVRE_{name.upper()}`", _kind(field), _default(field.default), _text(field.description or ""))
        for name, field in Settings.model_fields.items()
    ]
    return _table(("name", "type", "default", "what"), rows)


def errors_table() -> str:
    """All codes of the one error family, with their HTTP status."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, errors.HavreError) and kind is not errors.HavreError
    ]
    rows = [(f"`{kind.code}`", str(STATUS[kind.code]), _sentence(kind)) for kind in kinds]
    return _table(("code", "status", "what it means"), rows)


def transports_table() -> str:
    """The options of each transport."""
    rows = [
        (
            f"`{name}`",
            f"`{option}`",
            "needed" if field.is_required() else "none" if field.default is None else _default(field.default),
            _text(field.description or ""),
        )
        for name in transports.NAMES
        for option, field in transports.module(name).Options.model_fields.items()
    ]
    return _table(("transport", "option", "default", "what"), rows)


def formats_table() -> str:
    """The options of each format."""
    rows = []
    for name in formats.NAMES:
        options = importlib.import_module(f"{formats.__name__}.{name}").OPTIONS
        rows += [(f"`{name}`", f"`{option}`", _text(what)) for option, what in options.items()] or [
            (f"`{name}`", "", "no options")
        ]
    return _table(("format", "option", "what"), rows)


def cli_reference() -> str:
    """All commands, with their arguments and the options that they do not share with all others."""
    context = click.Context(command_line, info_name="havre", **command_line.context_settings)
    return "\n\n".join(_commands(command_line, context))


PARTS: dict[str, Callable[[], str]] = {
    "negotiation": negotiation_table,
    "transfer": transfer_table,
    "reactions": reactions_table,
    "settings": settings_table,
    "errors": errors_table,
    "cli": cli_reference,
    "transports": transports_table,
    "formats": formats_table,
}


def renewed(text: str) -> str:
    """A page with its generated parts as they are now; ``KeyError`` for a part that nobody makes."""
    return PART.sub(lambda found: _part(found[1]), text)


def main() -> None:
    for page in DOCS.rglob("*.md"):
        text = page.read_text()
        if renewed(text) != text:
            page.write_text(renewed(text))


def _part(name: str) -> str:
    return f"<!-- generated: {name} -->\n{PARTS[name]()}\n<!-- end -->"


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = tuple(names)
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _transitions(transitions: Mapping[tuple[Any, Any, Any], Any], states: Iterable[Any]) -> str:
    """One row a step; where both sides may send it, one row for both."""
    steps: dict[tuple[Any, Any, Any], list[str]] = {}
    for (state, sender, message), following in transitions.items():
        steps.setdefault((state, message, following), []).append(str(sender))
    order = [None, *states]
    rows = [
        (f"`{state}`" if state else "(none)", " or ".join(sorted(senders)), f"`{message}`", f"`{following}`")
        for (state, message, following), senders in sorted(
            steps.items(), key=lambda step: (order.index(step[0][0]), order.index(step[0][2]))
        )
    ]
    return _table(("in state", "the", "may send", "and then it is"), rows)


_SHARED = {"url", "token", "as_json", "help"}


def _commands(group: click.Group, outer: click.Context) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        context = click.Context(command, parent=outer, info_name=name)
        yield f"{'#' * len(context.command_path.split())} `{context.command_path}`\n\n{_text(command.help or '')}"
        if isinstance(command, click.Group):
            yield from _commands(command, context)
        else:
            yield _usage(command, context)


def _usage(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    own = [one for one in command.params if isinstance(one, click.Option) and one.name not in _SHARED]
    records = [record for one in own if (record := one.get_help_record(context))]
    rows = [(f"`{names}`", _text(what)) for names, what in records]
    return "\n\n".join([f"```\n{usage}\n```", *([_table(("option", "what"), rows)] if rows else [])])


_KINDS = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "folder",
          "Mapping": "names and URLs"}  # fmt: skip


def _kind(field: FieldInfo) -> str:
    name = getattr(field.annotation, "__name__", "")
    kind = _KINDS.get(name) or _KINDS.get(str(field.annotation).partition(" ")[0], "folders")
    limits = [
        f"{word} {getattr(limit, attribute)}"
        for attribute, word in (("gt", "more than"), ("ge", "at least"), ("le", "at most"))
        for limit in field.metadata
        if hasattr(limit, attribute)
    ]
    return ", ".join([kind, *limits])


def _default(value: object) -> str:
    match value:
        case None | () | Mapping():
            return "as said"
        case bool():
            return f"`{str(value).lower()}`"
        case _:
            return f"`{value}`"


def _text(text: str) -> str:
    """A text as Markdown takes it: ``<port>`` would be a tag."""
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _sentence(kind: type) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split()).replace("``", "`")


if __name__ == "__main__":
    main()
