"""``havre participant``: for the operator."""

import click

from havre.cli.remote import remote
from havre.client import Exchange, Participant


@click.group()
def participant() -> None:
    """Organisations that this node hosts (for the operator)."""


@participant.command("list")
@remote("slug", "name", "did", "url", empty="no participants yet: `havre participant add SLUG --name NAME`")
def listed(exchange: Exchange) -> list[Participant]:
    """List the participants of the node."""
    return exchange.participants()


@participant.command()
@click.argument("slug")
@click.option("--name", required=True, help="Its name.")
@remote()
def add(exchange: Exchange, slug: str, name: str) -> Participant:
    """Host an organisation; its administrator's token is shown this once."""
    return exchange.add_participant(slug, name)
