"""``havre catalog``."""

import click

from havre.cli.remote import remote
from havre.client import CatalogEntry, Exchange


@click.command()
@click.option("--provider", metavar="DID", help="Whose catalogue; one's own without it.")
@click.option("-q", "words", help="Only the datasets whose texts hold these words.")
@remote("id", "title", "provider", "offer_ids", empty="no dataset is offered to you here")
def catalog(exchange: Exchange, provider: str | None, words: str | None) -> list[CatalogEntry]:
    """Show what a participant offers."""
    return exchange.catalog(provider, words)
