"""``havre token``."""

import click

from havre.cli.remote import remote
from havre.client import Exchange, Token


@click.group()
def token() -> None:
    """API tokens of members."""


@token.command("list")
@remote("id", "member", "scopes", "expires", "revoked")
def listed(exchange: Exchange) -> list[Token]:
    """List tokens, without their secrets."""
    return exchange.tokens()


@token.command()
@click.argument("member")
@click.option(
    "--scope", "scopes", multiple=True, help="read, publish, negotiate or admin; repeatable. Its role's without."
)
@click.option("--days", type=click.IntRange(1), help="How long it is good.")
@remote()
def add(exchange: Exchange, member: str, scopes: tuple[str, ...], days: int | None) -> Token:
    """Give a member (its id) a token; it is shown this once."""
    return exchange.add_token(member, scopes or None, days)


@token.command()
@click.argument("id")
@remote()
def revoke(exchange: Exchange, id: str) -> str:
    """End a token."""
    exchange.revoke_token(id)
    return f"{id} is revoked"
