"""What Alembic runs: on the connection that a node hands over or, for ``make migration``, on an empty SQLite file.

The tables of the code are looked at only to write a revision, never to run one.
"""

import importlib
import pkgutil
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Connection

import havre
from havre.database import Utc, metadata

DRAFT = "sqlite:///build/migration.db"


def tables_of_all_rooms() -> sa.MetaData:
    """Each room's ``store`` declares its tables when it is imported."""
    for found in pkgutil.walk_packages(havre.__path__, "havre."):
        if found.name.endswith(".store"):
            importlib.import_module(found.name)
    return metadata


def rendered(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A revision must not change with the code: it names no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


def run(connection: Connection, tables: sa.MetaData | None) -> None:
    # SQLite cannot change a column in place: a later revision makes the table anew
    batch = connection.dialect.name == "sqlite"
    context.configure(connection, target_metadata=tables, render_as_batch=batch, render_item=rendered)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given, None)
else:
    with sa.create_engine(DRAFT).connect() as own:
        run(own, tables_of_all_rooms())
        own.commit()
