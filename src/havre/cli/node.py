"""``havre node`` and ``havre run``: on the machine of the node, with its folder and database.

What a node needs is imported within the commands: all others start without it.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from havre.cli.failure import Failure
from havre.cli.output import show
from havre.cli.remote import json_option

if TYPE_CHECKING:
    from havre.settings import Settings

home_option = click.option("--home", metavar="DIR", help="Folder of the node [HAVRE_HOME]; havre without it.")
database_option = click.option(
    "--database-url", metavar="URL", help="Control database [HAVRE_DATABASE_URL]; a SQLite file in the folder."
)


FIRST_STEPS = """
The token is the operator's; it is not shown again. Next:
  havre run{home}
  havre login --url {url}   (asks for the token)
  havre participant add SLUG --name NAME   (hosts an organisation)"""


@dataclass(frozen=True)
class OperatorToken:
    """The operator's token, shown this once."""

    home: str
    token: str


@click.group()
def node() -> None:
    """The node on this machine (for the operator)."""


@node.command()
@home_option
@database_option
@json_option
def init(as_json: bool, **given: Any) -> None:
    """Make a node: its key, its database, and the operator's token, which is shown this once."""
    from havre.context import Context
    from havre.database import Database
    from havre.participants import usecases

    settings = settings_of(given)
    with _told("`havre node token` renews the operator's token"):
        database = Database(settings.database)
        try:
            token = usecases.init_node(Context(settings, database))
        finally:
            database.close()
    show(OperatorToken(str(settings.home), token), as_json=as_json)
    if not as_json:
        home = "" if given["home"] is None else f" --home {shlex.quote(given['home'])}"
        click.echo(FIRST_STEPS.format(home=home, url=settings.url), err=True)


@node.command("token")
@home_option
@database_option
@json_option
def renewed(as_json: bool, **given: Any) -> None:
    """Renew the operator's token, which is shown this once; the one before ends."""
    from havre.context import utc_now
    from havre.database import Database
    from havre.participants import usecases

    settings = settings_of(given)
    _require_node(settings)
    with _told():
        database = Database(settings.database)
        try:
            token = database.write(lambda conn: usecases.renew_operator_token(conn, utc_now()))
        finally:
            database.close()
    show(OperatorToken(str(settings.home), token), as_json=as_json)


@click.command()
@home_option
@click.option("--host", metavar="ADDRESS", help="Address to listen on [HAVRE_HOST]; 127.0.0.1 without it.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [HAVRE_PORT]; 8080 without it.")
@click.option("--public-url", metavar="URL", help="Where others reach the node [HAVRE_PUBLIC_URL].")
@database_option
@click.option("--lake-url", metavar="URL", help="Folder or URL of the tables [HAVRE_LAKE_URL]; in the folder.")
@click.option(
    "--log-level", type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"]), help="What is logged [HAVRE_LOG_LEVEL]."
)
def run(**given: Any) -> None:
    """Run the node until it is interrupted. Each setting can also be given as HAVRE_<NAME> in the environment."""
    from havre.main import run as serve

    settings = settings_of(given)
    _require_node(settings)
    with _told():
        serve(settings)


def settings_of(given: dict[str, Any]) -> "Settings":
    """The settings: what the command was given, then the environment, then defaults. Wrong ones are wrong usage."""
    from pydantic import ValidationError

    from havre.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        found = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        lines = [f"{name} (HAVRE_{name.upper()}): {message}" for name, message in found]
        raise click.UsageError("; ".join(lines)) from None  # the error itself shows values, which may be secrets


def _require_node(settings: "Settings") -> None:
    """Nothing is made where no node is: to open a SQLite database makes its file."""
    if settings.database_url is None and not (settings.home / "havre.db").exists():
        where = "--home and HAVRE_HOME say where a node is; `havre node init` makes one"
        raise Failure(f"there is no node in {settings.home}", next=where)


@contextmanager
def _told(conflict: str | None = None) -> Iterator[None]:
    """The node's errors, and those of disk and database, as failures; ``conflict`` is what to do after a Conflict."""
    from sqlalchemy.exc import SQLAlchemyError

    from havre.errors import Conflict, HavreError

    try:
        yield
    except HavreError as error:
        then = conflict if isinstance(error, Conflict) else None
        raise Failure(error.message, error.field, error.expected, error.reasons, then) from error
    except SQLAlchemyError as error:
        why = getattr(error, "orig", None) or error
        raise Failure(f"the database cannot be used: {why}", next="see HAVRE_DATABASE_URL and the folder") from error
    except ModuleNotFoundError as error:
        why = f"the database needs {error.name}, which is not installed"
        raise Failure(why, next="install its driver, or see HAVRE_DATABASE_URL") from error
    except OSError as error:
        why = f"{error.filename or 'the node'}: {error.strerror}"
        raise Failure(why, next="see the folder and its owner") from error
