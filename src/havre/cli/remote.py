"""Commands that call a node over HTTP: where it is, who we are, what is shown, what went wrong and what to do next."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from havre.cli import profile
from havre.cli.failure import Failure
from havre.cli.output import show
from havre.client import Exchange, ExchangeError

Command = Callable[..., None]
Wrapped = Callable[[Callable[..., Any]], Command]
DEFAULT_URL = "http://localhost:8080"
NEXT = {
    "unreachable": "see that the node runs (`havre run`), and that the address is right (--url, HAVRE_URL)",
    "not_found": "see who you are with `havre me`, and what there is with the `list` commands",
    "denied": "see what your token may do with `havre me`, and the terms with `havre agreement show`",
    "conflict": "see what is there with the `list` and `show` commands",
    "protocol": "see its state with the `show` command: not every step is possible in every state",
    "invalid": "correct the value and try again; --help says what a command takes",
    "too_large": "send it in smaller parts",
    "early": "try again in a moment",
    "refused": "see what else is offered with `havre catalog`",
    "failed": "see how far it came with `havre source status`; `havre source run` goes on from there",
    "internal": "tell the operator of the node, with this reference",
}
ELSEWHERE = "the other participant may be down: try again later"
STRANGE = "see that the address is that of an exchange (--url, HAVRE_URL)"


def _next(error: ExchangeError) -> str:
    if error.code == "unreachable" and error.status is not None:
        return ELSEWHERE
    return NEXT.get(error.code, STRANGE)


@contextmanager
def told() -> Iterator[None]:
    """The client's errors as failures of the command."""
    try:
        yield
    except ExchangeError as error:
        raise Failure(error.detail, error.field, error.expected, error.reasons, _next(error)) from error


def connect(url: str | None, token: str | None) -> Exchange:
    """The exchange that is meant. The profile's token goes to the profile's address alone."""
    kept = profile.load()
    url = (url or (kept.url if kept else DEFAULT_URL)).rstrip("/")
    if token is None and kept is not None and kept.url == url:
        token = kept.token
    if token is None:
        raise click.UsageError(f"there is no token for {url}: give --token, set HAVRE_TOKEN, or run `havre login`")
    return Exchange(url, token)


def address_options(function: Callable[..., Any]) -> Callable[..., Any]:
    url = click.option("--url", envvar="HAVRE_URL", help="Address of the node [HAVRE_URL].")
    token = click.option("--token", envvar="HAVRE_TOKEN", help="API token [HAVRE_TOKEN].")
    return url(token(function))


json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")


def connected(function: Callable[..., Any]) -> Command:
    """A command whose function takes an ``Exchange`` first, and shows things itself."""

    @address_options
    @functools.wraps(function)
    def command(url: str | None, token: str | None, **arguments: Any) -> None:
        with told():
            function(connect(url, token), **arguments)

    return command


def remote(*columns: str, empty: str = "there are none") -> Wrapped:
    """A command whose function takes an ``Exchange`` first and returns what is shown: a value, or a list of them."""

    def decorate(function: Callable[..., Any]) -> Command:
        @connected
        @json_option
        @functools.wraps(function)
        def command(exchange: Exchange, as_json: bool, **arguments: Any) -> None:
            show(function(exchange, **arguments), columns, empty, as_json=as_json)

        return command

    return decorate


reason_option = click.option("--reason", required=True, help="Why; the other side is told.")
