"""All commands of the command line, by the words that call them."""

from collections.abc import Iterator

import click

from havre.cli import main


def commands(group: click.Group = main, words: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        called = f"{words} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, called)
        else:
            yield called, command


COMMANDS = dict(commands())
