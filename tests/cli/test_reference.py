"""Each command and option says what it is for, the reference page has them all, and the command line starts fast."""

import subprocess
import sys

import click
import pytest

from havre.cli import main
from tests.cli.tree import COMMANDS

HEAVY = {"cryptography", "deltalake", "granian", "numpy", "pyarrow", "pydantic", "sqlalchemy", "starlette"}
GROUPS = {name: group for name, group in main.commands.items() if isinstance(group, click.Group)}


@pytest.mark.parametrize("words", sorted(COMMANDS | GROUPS))
def test_a_command_says_what_it_does(words: str) -> None:
    command = (COMMANDS | GROUPS)[words]
    assert command.help and command.help.endswith((".", ")"))
    assert not command.get_short_help_str(1000).endswith("...")


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_an_option_says_what_it_is(words: str) -> None:
    options = [one for one in COMMANDS[words].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


REMOTE = sorted(set(COMMANDS) - {"node init", "node token", "run", "service run", "logout", "demo"})


@pytest.mark.parametrize("words", REMOTE)
def test_a_command_says_where_it_gets_address_and_token_from(words: str) -> None:
    shown = {name for one in COMMANDS[words].params for name in one.opts}
    assert {"--url", "--token", "--json"} <= shown


@pytest.mark.real
@pytest.mark.parametrize(
    "words", [("--help",), ("me", "--url", "http://127.0.0.1:1", "--token", "hvr_x")], ids=" ".join
)
def test_what_only_a_node_needs_is_not_loaded(words: tuple[str, ...]) -> None:
    code = (
        "import sys; from havre.cli import main; main(sys.argv[1:], standalone_mode=False)\n"
        if words == ("--help",)
        else "import contextlib, sys; from havre.cli import main\n"
        "with contextlib.suppress(Exception): main(sys.argv[1:], standalone_mode=False)\n"
    )
    told = "print(*{name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run([sys.executable, "-c", code + told, *words], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "click" in loaded
    assert loaded & HEAVY == set()
