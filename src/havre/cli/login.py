"""``havre login``, ``logout`` and ``me``."""

import click

from havre.cli import profile
from havre.cli.output import show
from havre.cli.profile import Profile
from havre.cli.remote import DEFAULT_URL, address_options, json_option, remote, told
from havre.client import Exchange, ExchangeError, Me


@click.command()
@address_options
@json_option
def login(url: str | None, token: str | None, as_json: bool) -> None:
    """Keep an address and a token for the commands that follow."""
    url = (url or click.prompt("Address of the node", default=DEFAULT_URL, err=True)).rstrip("/")
    token = (token or click.prompt("API token", hide_input=True, err=True)).strip()
    with told():
        who = _who(Exchange(url, token))
    file = profile.save(Profile(url, token))
    show(f"logged in to {url} as {who}; kept in {file}", as_json=as_json)


def _who(exchange: Exchange) -> str:
    """Who the token stands for: the operator is nobody to the calls of participants."""
    try:
        found = exchange.me()
    except ExchangeError as error:
        if error.code != "not_found":
            raise
        exchange.participants()
        return "the operator"
    return f"{found.member.name} ({found.member.role}) of {found.participant.name}"


@click.command()
@json_option
def logout(as_json: bool) -> None:
    """Forget what `havre login` kept."""
    show("logged out" if profile.remove() else "there was nothing to forget", as_json=as_json)


@click.command()
@remote()
def me(exchange: Exchange) -> Me:
    """Show who the token stands for, and what it may do."""
    return exchange.me()
