"""``havre transfer``."""

from typing import TextIO

import click

from havre.cli.failure import Failure
from havre.cli.negotiation import ROLES
from havre.cli.output import show
from havre.cli.remote import connected, json_option, reason_option, remote
from havre.client import Access, Exchange, Trace, Transfer


@click.group()
def transfer() -> None:
    """Access under agreements."""


@transfer.command("list")
@click.option("--agreement", help="Only those under this agreement.")
@click.option("--state", help="Only those in this state, as in STARTED.")
@click.option("--role", type=click.Choice(ROLES), help="Only those where you are this.")
@remote("pid", "role", "state", "dataset", "agreement", "counterparty", empty="no transfers")
def listed(exchange: Exchange, agreement: str | None, state: str | None, role: str | None) -> list[Transfer]:
    """List transfers."""
    return exchange.transfers(agreement, state, role)


@transfer.command()
@click.argument("agreement")
@click.option("--wait", type=click.FloatRange(0), default=30, show_default=True, help="Wait so many seconds for it.")
@click.option("--push-to", metavar="URL", help="Have the rows sent to this HTTP endpoint.")
@click.option(
    "--authorization-file", type=click.File(), help="File with the token that opens the endpoint; - is standard input."
)
@click.option(
    "--property", "properties", nargs=2, multiple=True, metavar="NAME VALUE", help="More for a push; repeatable."
)
@connected
@json_option
def start(
    exchange: Exchange,
    agreement: str,
    wait: float,
    push_to: str | None,
    authorization_file: TextIO | None,
    properties: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """As the consumer, ask for access under an agreement, or a push; the exit status is 1 when it is refused."""
    if push_to is None:
        if authorization_file is not None or properties:
            raise click.UsageError("--authorization-file and --property go with --push-to")
        begun = exchange.start_transfer(agreement)
    else:
        token = None if authorization_file is None else authorization_file.read().strip()
        begun = exchange.start_push(agreement, push_to, token, dict(properties))
    found = exchange.transfer(begun.pid, wait)
    show(found, as_json=as_json)
    if found.state == "TERMINATED":
        then = f"see who ended it with `havre transfer trace {found.pid}`"
        raise Failure("the transfer was terminated", reasons=(found.reason or "no reason was given",), next=then)
    if found.state == "REQUESTED":
        click.echo(f"the provider has yet to give access: `havre transfer trace {found.pid}`", err=True)


@transfer.command("show")
@click.argument("pid")
@remote()
def shown(exchange: Exchange, pid: str) -> Transfer:
    """Show a transfer."""
    return exchange.transfer(pid)


@transfer.command()
@click.argument("pid")
@remote()
def trace(exchange: Exchange, pid: str) -> Trace:
    """Show what was said in a transfer, and what it waits for."""
    return exchange.transfer_trace(pid)


@transfer.command()
@click.argument("pid")
@remote()
def give(exchange: Exchange, pid: str) -> Transfer:
    """As the provider, give access that is not given by itself."""
    return exchange.give_access(pid)


@transfer.command()
@click.argument("pid")
@reason_option
@remote()
def suspend(exchange: Exchange, pid: str, reason: str) -> Transfer:
    """Suspend a transfer; it can be resumed."""
    return exchange.suspend_transfer(pid, reason)


@transfer.command()
@click.argument("pid")
@remote()
def resume(exchange: Exchange, pid: str) -> Transfer:
    """Resume a transfer that was suspended."""
    return exchange.resume_transfer(pid)


@transfer.command()
@click.argument("pid")
@remote()
def complete(exchange: Exchange, pid: str) -> Transfer:
    """Say that a transfer is done."""
    return exchange.complete_transfer(pid)


@transfer.command()
@click.argument("pid")
@reason_option
@remote()
def terminate(exchange: Exchange, pid: str, reason: str) -> Transfer:
    """End a transfer for good."""
    return exchange.terminate_transfer(pid, reason)


@transfer.command()
@click.argument("pid")
@click.option("--fresh", is_flag=True, help="A new token, also when the present one is still good.")
@remote()
def access(exchange: Exchange, pid: str, fresh: bool) -> Access:
    """Show the address of the rows and the token that opens them, for another tool."""
    return exchange.access(pid, fresh)
