"""``havre trust``: for the operator."""

import click

from havre.cli.remote import remote
from havre.client import Exchange, Trusted


@click.group()
def trust() -> None:
    """Whom this node deals with (for the operator)."""


@trust.command("list")
@remote("id", "name", "memberships", "identity", empty="the trust list is empty: `havre trust add`")
def listed(exchange: Exchange) -> list[Trusted]:
    """Show the trust list."""
    return exchange.trusted()


@trust.command()
@click.argument("id")
@click.option("--name", required=True, help="Its name.")
@click.option("--membership", "memberships", multiple=True, help="A membership that it has; repeatable.")
@click.option("--sends", help="The fixed Authorization that we send to it, instead of a token signed for our DID.")
@click.option("--receives", help="The fixed Authorization that it sends to us.")
@remote()
def add(
    exchange: Exchange, id: str, name: str, memberships: tuple[str, ...], sends: str | None, receives: str | None
) -> Trusted:
    """Put a participant (its DID) on the trust list."""
    if (sends is None) != (receives is None):
        raise click.UsageError("--sends and --receives are given together")
    return exchange.trust(id, name, memberships, sends, receives)


@trust.command()
@click.argument("id")
@remote()
def remove(exchange: Exchange, id: str) -> str:
    """Take a participant off the trust list."""
    exchange.distrust(id)
    return f"{id} is no longer trusted"
