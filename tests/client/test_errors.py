"""Every failure is one error that says what to do next."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from havre.client import Exchange, ExchangeError
from tests.client import simulator as other_side
from tests.client.simulator import ROUTES, TOKEN, Plain, Simulator


def test_a_stranger_is_told_to_look_at_the_address_and_the_token(node: Simulator) -> None:
    with pytest.raises(ExchangeError, match="nothing for this caller") as stranger:
        Exchange(node.url, "hvr_unknown").me()
    assert (stranger.value.status, stranger.value.code) == (404, "not_found")


def test_a_problem_keeps_its_field_and_what_was_expected(exchange: Exchange) -> None:
    with pytest.raises(ExchangeError) as wrong:
        exchange.propose(b"x", "xlsx")
    error = wrong.value
    assert (error.status, error.code, error.field) == (400, "invalid", "format")
    assert error.expected == "arrow or ndjson or csv"


def test_a_node_that_is_not_there_is_said_to_be_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(ExchangeError, match="cannot be reached") as gone:
            Exchange(f"http://127.0.0.1:{port}", TOKEN).me()
    assert (gone.value.status, gone.value.code) == (None, "unreachable")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost", "", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ExchangeError, match="no address of an exchange"):
        Exchange(url, TOKEN)


@pytest.mark.parametrize("token", ["", " ", "two words", "hvr_\nInjected: yes", "hvr_é"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(ExchangeError, match="no token"):
        Exchange("http://localhost", token)


def test_a_token_may_be_pasted_with_the_end_of_its_line(node: Simulator) -> None:
    assert Exchange(node.url + "/", TOKEN + "\n").me().scopes


@pytest.fixture
def answering(node: Simulator) -> Iterator[list[Plain]]:
    """What the other side answers to ``/api/me`` instead."""
    answers: list[Plain] = []
    original = other_side.me
    place = next(index for index, one in enumerate(ROUTES) if one[2] is original)
    method, pattern, _ = ROUTES[place]
    ROUTES[place] = (method, pattern, lambda simulator, asked: answers[0])
    yield answers
    ROUTES[place] = (method, pattern, original)


def test_a_redirection_is_not_followed(exchange: Exchange, node: Simulator, answering: list[Plain]) -> None:
    answering.append(Plain(b"", "text/plain", 307, location="http://elsewhere.example/"))
    with pytest.raises(ExchangeError, match="points to http://elsewhere"):
        exchange.me()
    assert len(node.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Plain(b"<html>", "text/html"),
        Plain(b"[]", "application/json"),
        Plain(b'{"scopes": []}', "application/json"),
        Plain(b'{"participant": {}, "member": {}, "scopes": 3}', "application/json"),
        Plain(b"<html>gone", "text/html", 503),
    ],
    ids=["no JSON", "a list", "members missing", "wrong kinds", "a proxy's page"],
)
def test_an_answer_that_is_none_of_the_api_is_unexpected(
    exchange: Exchange, answering: list[Plain], answer: Plain
) -> None:
    answering.append(answer)
    with pytest.raises(ExchangeError) as strange:
        exchange.me()
    assert strange.value.code == "unexpected"


def test_the_client_is_light_to_import_and_stands_alone() -> None:
    look = """
import sys, havre.client
heavy = {"pyarrow", "pandas", "polars", "numpy", "sqlalchemy", "pydantic", "starlette"} & set(sys.modules)
ours = {name for name in sys.modules if name.startswith("havre.") and not name.startswith("havre.client")}
assert not heavy | ours, heavy | ours
"""
    subprocess.run([sys.executable, "-c", look], check=True)
