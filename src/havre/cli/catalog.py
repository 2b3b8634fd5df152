"""``havre catalog``."""

from typing import Any

import click

from havre.cli.remote import remote
from havre.cli.rows import bbox_option
from havre.client import CatalogEntry, Exchange


@click.command()
@click.option("--provider", metavar="DID", help="Whose catalogue; one's own without it.")
@click.option("-q", "words", help="Only the datasets whose texts hold these words.")
@click.option("--hosted", is_flag=True, help="What all offer that are on the provider's node.")
@click.option("--keyword", multiple=True, help="With this keyword; repeatable, one is enough.")
@click.option("--theme", multiple=True, help="With this theme; repeatable, one is enough.")
@click.option("--format", multiple=True, help="Had in this format, as HttpData-PULL; repeatable, one is enough.")
@click.option("--holder", multiple=True, metavar="DID", help="With --hosted: of this participant; repeatable.")
@click.option("--from", "since", metavar="TIME", help="With rows from this time on (ISO 8601).")
@click.option("--to", "until", metavar="TIME", help="With rows before this time, or up to this day (ISO 8601).")
@bbox_option("With rows in a box that meets this one, in degrees.")
@remote("id", "title", "provider", "offer_ids", empty="no dataset is offered to you here")
def catalog(exchange: Exchange, provider: str | None, words: str | None, **wanted: Any) -> list[CatalogEntry]:
    """Show what a participant offers; all that is asked for must hold."""
    return exchange.catalog(provider, words, **wanted)
