"""What goes wrong is said with what to do next; 1 is a failure, 2 wrong usage."""

import re
import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from havre.cli import main
from havre.cli.failure import Failure
from havre.cli.remote import NEXT, told
from havre.client import ExchangeError
from tests.cli.conftest import Havre
from tests.cli.tree import COMMANDS
from tests.client.simulator import CITY, ROUTES, Plain, Simulator

SRC = Path(__file__).resolve().parents[2] / "src" / "havre"
SAID = re.compile(r"(?<!`)`(havre(?: [^`\n]*)?)`(?!`)")


def hints() -> list[str]:
    """The commands that any text of ours tells people to call."""
    found = {call for module in SRC.rglob("*.py") for call in SAID.findall(module.read_text())}
    return sorted(found | {line.strip() for line in _first_steps()})


def _first_steps() -> list[str]:
    from havre.cli.node import FIRST_STEPS

    filled = FIRST_STEPS.format(home=" --home DIR", url="http://localhost:8080")
    return [
        line.partition("   ")[0] if "   " in line.strip() else line for line in filled.splitlines() if "  havre" in line
    ]


@pytest.mark.parametrize("hint", hints())
def test_a_command_that_people_are_sent_to_exists(hint: str) -> None:
    command: click.Command = main
    words = hint.split()[1:]
    while words and isinstance(command, click.Group):
        assert words[0] in command.commands, f"{hint!r} names no command"
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known, f"{hint!r} has an option that there is not"


def test_the_hints_are_looked_at() -> None:
    assert {"havre login", "havre node init", "havre negotiation accept {found.pid}"} <= set(hints())


def test_every_code_of_an_error_says_what_to_do_next() -> None:
    from havre.web import STATUS

    assert set(STATUS) <= set(NEXT)


def test_no_answer_says_where_the_node_should_be(havre: Havre) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        result = havre("me", "--url", f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be reached" in result.stderr
    assert "Next: see that the node runs (`havre run`)" in result.stderr


def test_a_node_that_runs_is_not_blamed_for_another_that_does_not(havre: Havre) -> None:
    result = havre("catalog", "--provider", "did:web:gone")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: did:web:gone does not answer\nNext: the other participant may be down: try again later\n"
    )


def test_a_refused_negotiation_shows_why(havre: Havre) -> None:
    result = havre("negotiation", "start", CITY, "waste", "--offer", "refused")
    assert result.exit_code == 1
    assert "  - the count is used up\nNext: see what else is offered" in result.stderr


def test_a_source_that_fails_says_why(havre: Havre, filled: Simulator) -> None:
    filled.source_error = "localhost:10110 refuses"
    result = havre("source", "run", "ais")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: localhost:10110 refuses\nNext: see how far it came with `havre source status`"
    )
    assert "failed" in havre("source", "status").stdout
    assert "localhost:10110 refuses" in havre("source", "status", "ais").stdout


def test_an_answer_that_is_none_names_the_address(havre: Havre, simulator: Simulator) -> None:
    route = ("GET", re.compile("/api/me"), lambda simulator, asked: Plain(b"<html>", "text/html"))
    ROUTES.insert(0, route)
    try:
        result = havre("me")
    finally:
        ROUTES.remove(route)
    assert (result.exit_code, "is it an exchange?" in result.stderr) == (1, True)
    assert "Next: see that the address is that of an exchange" in result.stderr


def test_what_was_expected_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failure) as failure, told():
        raise ExchangeError(400, "invalid", "got 0 days", "days", "1 to 3650")
    failure.value.show()
    assert capsys.readouterr().err == (
        "Error: got 0 days\n  days: expected 1 to 3650\n"
        "Next: correct the value and try again; --help says what a command takes\n"
    )
    assert failure.value.exit_code == 1


def test_a_log_that_is_not_whole_is_a_failure(havre: Havre, simulator: Simulator) -> None:
    simulator.audit_whole = False
    result = havre("audit", "verify", "--json")
    assert (result.exit_code, "the audit log is not whole" in result.stderr) == (1, True)
    assert '"first_bad": 2' in result.stdout


WRONG_USAGE = [
    ("nothing",),
    ("dataset", "show"),
    ("dataset", "publish", "ships", "missing.csv"),
    ("dataset", "publish", "ships", "-", "--format", "xml"),
    ("dataset", "publish", "ships", "-"),
    ("dataset", "publish", "ships", "ships.csv", "--offset", "3"),
    ("dataset", "publish", "ships", "ships.csv", "--option", "separator"),
    ("dataset", "declare", "tugs"),
    ("dataset", "declare", "tugs", "--schema", "ships.csv"),
    ("offer", "add", "ships"),
    ("trust", "add", "did:web:lab", "--name", "Lab", "--sends", "a"),
    ("member", "add", "Lab", "--role", "captain"),
    ("run", "--port", "70000"),
]


@pytest.mark.parametrize("words", WRONG_USAGE, ids="-".join)
def test_wrong_usage_is_told_before_anything_is_asked(words: tuple[str, ...], havre: Havre, filled: Simulator) -> None:
    before = len(filled.asked)
    result = havre(*words)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert "Usage: " in result.stderr
    assert len(filled.asked) == before


def test_without_a_token_it_says_how_to_give_one(havre: Havre) -> None:
    result = havre.without_token()("me")
    assert (result.exit_code, "run `havre login`" in result.stderr) == (2, True)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_help_is_there_without_a_node(words: str) -> None:
    result = CliRunner().invoke(main, [*words.split(), "-h"])
    assert (result.exit_code, result.stdout.startswith("Usage: ")) == (0, True)
