"""``havre doctor``: on the machine of the node, or of a node elsewhere by its address."""

from typing import TYPE_CHECKING, Any

import click

from havre.cli.failure import Failure
from havre.cli.node import database_option, home_option, settings_of
from havre.cli.output import harmless, show
from havre.cli.remote import address_options, connect, json_option, told
from havre.client import Finding

if TYPE_CHECKING:
    from havre.settings import Settings


@click.command()
@home_option
@database_option
@address_options
@json_option
def doctor(url: str | None, token: str | None, as_json: bool, **given: Any) -> None:
    """See whether the node on this machine, or with --url that one (for the operator), can do its work."""
    if url is not None and not any(given.values()):
        with told():
            found = connect(url, token).examine()
    else:
        found = _here(given)
    show(found, as_json=True) if as_json else click.echo("\n".join(line for one in found for line in _lines(one)))
    problems = sum(one.status == "problem" for one in found)
    if problems:
        raise Failure(f"{problems} of {len(found)} checks found a problem", next="mend them, then look again")


def _lines(finding: Finding) -> list[str]:
    lines = [f"{finding.status:8} {finding.check}: {finding.subject}: {finding.what}"]
    lines += [f"         Next: {finding.next}"] if finding.next else []
    return [harmless(line) for line in lines]


def _here(given: dict[str, Any]) -> list[Finding]:
    """The findings on this machine; where there is no node, no settings or no database, that alone."""
    try:
        settings = settings_of(given)
    except click.UsageError as error:
        return [
            Finding(
                "problem",
                "settings",
                "HAVRE_…",
                error.message,
                "set them right: docs/reference/settings.md says what each may be",
            )
        ]
    good = Finding("ok", "settings", str(settings.home), "can be read")
    if settings.database_url is None and not (settings.home / "havre.db").exists():
        then = "`havre node init` makes one; --home and HAVRE_HOME say where one is"
        return [good, Finding("problem", "database", str(settings.home), "there is no node", then)]
    return [good, *_examined(settings)]


def _examined(settings: "Settings") -> list[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from havre import main  # noqa: F401 - with all its rooms, so that all tables are known
    from havre.context import Context
    from havre.database import Database
    from havre.doctor.usecases import examine

    try:
        database = Database(settings.database)
    except (SQLAlchemyError, ModuleNotFoundError, OSError) as error:
        return [Finding("problem", "database", "HAVRE_DATABASE_URL", f"cannot be opened: {error}", "see its value")]
    try:
        return [Finding(**vars(one)) for one in examine(Context(settings, database))]
    finally:
        database.close()
