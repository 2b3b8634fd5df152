"""The tables of the control database, from one release to the next (Alembic). ``upgrade`` is all that a node calls.

Rules that hold here:

1. A revision is a file in ``versions`` whose name begins with its number; this release needs the highest number.
   ``make migration`` writes one: what the rooms' tables have that the revisions before do not make.
2. Processes that start together upgrade one after the other. Who finds nothing to do does not load Alembic.
3. What was released is not changed: a revision speaks of the tables as they were, not of those in the code.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.errors import Conflict

FOLDER = Path(__file__).parent
VERSIONS = "alembic_version"
LOCK = 0x48415652
_LOCK = sa.text("SELECT pg_advisory_xact_lock(:number)")


def upgrade(conn: Connection) -> None:
    """Bring a database to what this release needs. ``Conflict`` when it was made by a later one."""
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK, {"number": LOCK})
    found, needed = current(conn), newest()
    if found is not None and found > needed:
        raise Conflict(f"the database was made by a later release: revision {found}, this one knows {needed}")
    if found == needed:
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def newest() -> str:
    """The revision that this release needs."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def current(conn: Connection) -> str | None:
    """The revision of a database; None when it has no tables of ours."""
    if not sa.inspect(conn).has_table(VERSIONS):
        return None
    found: str | None = conn.execute(sa.text(f"SELECT version_num FROM {VERSIONS}")).scalar_one_or_none()
    return found
