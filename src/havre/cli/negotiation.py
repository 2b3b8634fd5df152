"""``havre negotiation``."""

from typing import Any

import click

from havre.cli.failure import Failure
from havre.cli.files import policy_option
from havre.cli.output import show
from havre.cli.remote import connected, json_option, reason_option, remote
from havre.client import Exchange, Negotiation, Trace

ROLES = ["consumer", "provider"]
OFFERED = (
    "the provider answered with an offer: "
    "`havre negotiation accept {found.pid}`, or `havre negotiation counter {found.pid}`"
)
AGREED = "the agreement is yours to confirm: `havre negotiation verify {found.pid}`"


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
@connected
@json_option
def shown(exchange: Exchange, pid: str, wait: float, as_json: bool) -> None:
    """Show a negotiation; with --wait the exit status is 1 when it ended without an agreement."""
    found = exchange.negotiation(pid, wait)
    show(found, as_json=as_json)
    if wait and found.state == "TERMINATED":
        raise _terminated(pid, found.reason)


def _terminated(pid: str, reason: str | None) -> Failure:
    then = f"see who ended it with `havre negotiation trace {pid}`, and what else is offered with `havre catalog`"
    return Failure("the negotiation was terminated", reasons=(reason or "no reason was given",), next=then)


@negotiation.command()
@click.argument("pid")
@remote()
def trace(exchange: Exchange, pid: str) -> Trace:
    """Show what was said in a negotiation, and what it waits for."""
    return exchange.negotiation_trace(pid)


@negotiation.command()
@click.argument("provider")
@click.argument("dataset")
@click.option("--offer", help="Which offer, where there are several.")
@click.option("--anew", is_flag=True, help="A new agreement, also where one on the same terms runs already.")
@click.option(
    "--wait", type=click.FloatRange(0), default=30, show_default=True, help="Wait so many seconds for its end."
)
@remote()
def start(exchange: Exchange, provider: str, dataset: str, offer: str | None, anew: bool, wait: float) -> Negotiation:
    """Ask PROVIDER (a DID) for an agreement on DATASET."""
    found = exchange.negotiate(exchange.offer(provider, dataset, offer), wait, anew=anew)
    if found.ours:
        click.echo((OFFERED if found.state == "OFFERED" else AGREED).format(found=found), err=True)
    elif not found.final:
        click.echo(f"the provider has yet to decide: `havre negotiation show {found.pid}`", err=True)
    return found


@negotiation.command()
@click.argument("consumer")
@click.argument("dataset")
@click.option("--offer", required=True, help="Which of your offers.")
@remote()
def propose(exchange: Exchange, consumer: str, dataset: str, offer: str) -> Negotiation:
    """As the provider, offer DATASET to CONSUMER (a DID) without being asked."""
    return exchange.propose_offer(consumer, dataset, offer)


@negotiation.command()
@click.argument("pid")
@policy_option
@remote()
def counter(exchange: Exchange, pid: str, policy: dict[str, Any]) -> Negotiation:
    """Answer with other terms: as the provider a request, as the consumer an offer."""
    return exchange.counter(pid, policy)


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
@remote()
def verify(exchange: Exchange, pid: str) -> Negotiation:
    """As the consumer, confirm an agreement that is not confirmed by itself."""
    return exchange.verify(pid)


@negotiation.command()
@click.argument("pid")
@remote()
def finalize(exchange: Exchange, pid: str) -> Negotiation:
    """As the provider, make an agreement hold that is not finalized by itself."""
    return exchange.finalize(pid)


@negotiation.command()
@click.argument("pid")
@reason_option
@remote()
def terminate(exchange: Exchange, pid: str, reason: str) -> Negotiation:
    """End a negotiation without an agreement."""
    return exchange.terminate_negotiation(pid, reason)
