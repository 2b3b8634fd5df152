"""``havre agreement``."""

import click

from havre.cli.remote import reason_option, remote
from havre.client import Agreement, Exchange


@click.group()
def agreement() -> None:
    """What was agreed."""


@agreement.command("list")
@remote("id", "role", "dataset", "counterparty", "signed", "ended", empty="no agreements: `havre negotiation start`")
def listed(exchange: Exchange) -> list[Agreement]:
    """List agreements."""
    return exchange.agreements()


@agreement.command("show")
@click.argument("id")
@remote()
def shown(exchange: Exchange, id: str) -> Agreement:
    """Show an agreement and its terms."""
    return exchange.agreement(id)


@agreement.command()
@click.argument("id")
@reason_option
@remote()
def end(exchange: Exchange, id: str, reason: str) -> Agreement:
    """End an agreement: nothing is read under it any more."""
    return exchange.end(id, reason)
