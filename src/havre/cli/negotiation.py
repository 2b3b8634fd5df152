"""``havre negotiation``."""

import click

from havre.cli.remote import reason_option, remote
from havre.client import Exchange, Negotiation

ROLES = ["consumer", "provider"]


@click.group()
def negotiation() -> None:
    """Contract negotiations."""


@negotiation.command("list")
@click.option("--state", help="Only those in this state, as in REQUESTED.")
@click.option("--role", type=click.Choice(ROLES), help="Only those where you are this.")
@remote("pid", "role", "state", "dataset", "counterparty", "updated", empty="no negotiations")
def listed(exchange: Exchange, state: str | None, role: str | None) -> list[Negotiation]:
    """List negotiations."""
    return exchange.negotiations(state, role)


@negotiation.command("show")
@click.argument("pid")
@click.option("--wait", type=click.FloatRange(0), default=0, help="Wait so many seconds for its end.")
@remote()
def shown(exchange: Exchange, pid: str, wait: float) -> Negotiation:
    """Show a negotiation."""
    return exchange.negotiation(pid, wait)


@negotiation.command()
@click.argument("provider")
@click.argument("dataset")
@click.option("--offer", help="Which offer, where there are several.")
@click.option(
    "--wait", type=click.FloatRange(0), default=30, show_default=True, help="Wait so many seconds for its end."
)
@remote()
def start(exchange: Exchange, provider: str, dataset: str, offer: str | None, wait: float) -> Negotiation:
    """Ask PROVIDER (a DID) for an agreement on DATASET."""
    found = exchange.negotiate(exchange.offer(provider, dataset, offer), wait)
    if found.ours:
        click.echo(f"the provider answered with an offer: `havre negotiation accept {found.pid}`", err=True)
    elif not found.final:
        click.echo(f"the provider has yet to decide: `havre negotiation show {found.pid}`", err=True)
    return found


@negotiation.command()
@click.argument("pid")
@remote()
def agree(exchange: Exchange, pid: str) -> Negotiation:
    """As the provider, agree to a request."""
    return exchange.agree(pid)


@negotiation.command()
@click.argument("pid")
@reason_option
@remote()
def refuse(exchange: Exchange, pid: str, reason: str) -> Negotiation:
    """As the provider, refuse a request."""
    return exchange.refuse(pid, reason)


@negotiation.command()
@click.argument("pid")
@remote()
def accept(exchange: Exchange, pid: str) -> Negotiation:
    """As the consumer, accept a counter-offer."""
    return exchange.accept(pid)


@negotiation.command()
@click.argument("pid")
@reason_option
@remote()
def terminate(exchange: Exchange, pid: str, reason: str) -> Negotiation:
    """End a negotiation without an agreement."""
    return exchange.terminate_negotiation(pid, reason)
