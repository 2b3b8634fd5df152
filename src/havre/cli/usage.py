"""``havre usage``."""

import click

from havre.cli.remote import remote
from havre.client import Exchange, UsageLine


@click.command()
@remote("dataset", "consumer", "agreement", "accesses", "rows", "bytes", "last", empty="nothing of yours was used yet")
def usage(exchange: Exchange) -> list[UsageLine]:
    """Show what others used of your datasets."""
    return exchange.usage()
