"""``havre member``."""

import click

from havre.cli.remote import remote
from havre.client import Exchange, Member


@click.group()
def member() -> None:
    """People and machines that act for you."""


@member.command("list")
@remote("id", "name", "kind", "role")
def listed(exchange: Exchange) -> list[Member]:
    """List members."""
    return exchange.members()


@member.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["admin", "publisher", "reader"]), required=True, help="What it may do.")
@click.option(
    "--kind", type=click.Choice(["person", "machine"]), default="person", show_default=True, help="What it is."
)
@remote()
def add(exchange: Exchange, name: str, role: str, kind: str) -> Member:
    """Add a member; `havre token add` then gives it a token."""
    return exchange.add_member(name, role, kind)


@member.command()
@click.argument("id")
@remote()
def remove(exchange: Exchange, id: str) -> str:
    """Remove a member; its tokens end."""
    exchange.remove_member(id)
    return f"{id} is removed; its tokens have ended"
