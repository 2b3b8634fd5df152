"""``havre audit``."""

import click

from havre.cli.output import show
from havre.cli.remote import connected, json_option, remote
from havre.client import AuditEntry, Exchange


@click.group()
def audit() -> None:
    """What happened, and the proof that nothing of it was changed."""


@audit.command("list")
@click.option("--after", type=click.IntRange(0), default=0, help="From the entry after this number on.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="So many at most.")
@remote("sequence", "at", "event", "subject", empty="no entries")
def listed(exchange: Exchange, after: int, limit: int) -> list[AuditEntry]:
    """List your entries of the audit log."""
    return exchange.audit(after, limit)


@audit.command()
@connected
@json_option
def verify(exchange: Exchange, as_json: bool) -> None:
    """Have the node check its whole audit log; exit status 1 if it is not whole."""
    found = exchange.verify_audit()
    show(found, as_json=as_json)
    if not found.whole:
        click.echo("Error: the audit log is not whole", err=True)
        raise SystemExit(1)
