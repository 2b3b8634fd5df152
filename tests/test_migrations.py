"""The revisions make what the code wants, on both engines, once, and nothing is half-made."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from havre import main, migrations
from havre.database import Database, metadata
from havre.errors import Conflict
from tests.engines import on_both

__all__ = ["on_both"]


def test_the_revisions_make_the_tables_that_the_code_wants(database_url: str) -> None:
    assert main.Node, "all stores are imported"
    opened = Database(database_url)
    opened.create_tables()
    with opened.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert migrations.current(connection) == migrations.newest()
    opened.close()


def test_what_is_there_already_is_not_made_again(database_url: str) -> None:
    for _ in range(2):
        opened = Database(database_url)
        opened.create_tables()
        opened.close()


def test_a_database_of_a_later_release_is_refused(database_url: str) -> None:
    opened = Database(database_url)
    opened.create_tables()
    opened.write(lambda conn: conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")) and None)
    with pytest.raises(Conflict, match="later release"):
        opened.create_tables()
    opened.close()


def test_a_revision_that_fails_leaves_nothing(database_url: str) -> None:
    opened = Database(database_url)
    opened.write(lambda conn: conn.execute(sa.text("CREATE TABLE transfers (mine INTEGER)")) and None)
    with pytest.raises(sa.exc.DBAPIError):
        opened.create_tables()
    assert sa.inspect(opened.engine).get_table_names() == ["transfers"]
    opened.close()
