"""``havre offer``."""

from typing import Any

import click

from havre.cli.files import policy_option
from havre.cli.remote import remote
from havre.client import Exchange, OwnOffer


@click.group()
def offer() -> None:
    """Your datasets, on terms."""


@offer.command("list")
@remote("id", "dataset", "decision", "visible_to", empty="no offers yet: `havre offer add DATASET --policy FILE`")
def listed(exchange: Exchange) -> list[OwnOffer]:
    """List your offers."""
    return exchange.offers()


@offer.command()
@click.argument("dataset")
@policy_option
@click.option("--id", help="Its identifier; a new one without it.")
@click.option(
    "--decision",
    type=click.Choice(["automatic", "human"]),
    default="automatic",
    show_default=True,
    help="Who decides on a request: the terms alone, or a person.",
)
@click.option("--visible-to", multiple=True, metavar="ID", help="A membership or a DID; repeatable. All without it.")
@remote()
def add(
    exchange: Exchange, dataset: str, policy: dict[str, Any], id: str | None, decision: str, visible_to: tuple[str, ...]
) -> OwnOffer:
    """Offer a dataset on terms."""
    return exchange.offer_dataset(dataset, policy, decision, visible_to, id)


@offer.command()
@click.argument("id")
@remote()
def remove(exchange: Exchange, id: str) -> str:
    """Take an offer out of the catalogue; agreements on it stay."""
    exchange.remove_offer(id)
    return f"{id} is removed; agreements on it stay"
