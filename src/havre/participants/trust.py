"""The trust list as the running node sees it: read often, changed rarely.

Rules that hold here: an entry is kept for one second, which is how long another process may take to notice a change;
a change through this process' own database engine is seen with its commit. That nobody is there is never kept.
"""

import time

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.context import Context
from havre.participants import store
from havre.participants.model import Trusted

KEPT_SECONDS = 1.0


class TrustList:
    """Looks counterparties up, for many threads."""

    def __init__(self, context: Context) -> None:
        self._database = context.database
        self._kept: dict[str, tuple[float, Trusted]] = {}
        self._change: object = None
        sa.event.listen(self._database.engine, "commit", self._before_commit)

    def find(self, id: str) -> Trusted | None:
        kept = self._kept.get(id)
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        at = time.monotonic()
        with self._database.read() as conn:
            found = store.trusted(conn, id)
        if found is None:
            self._kept.pop(id, None)
        else:
            self._kept[id] = (at, found)
        return found

    def find_by_value(self, keyed_hash: str) -> Trusted | None:
        """Who is configured to send the value with this keyed hash."""
        with self._database.read() as conn:
            return store.trusted_by_value(conn, keyed_hash)

    def _before_commit(self, conn: Connection) -> None:
        change = conn.info.get(store.TRUST_CHANGE)
        if change is not None and change is not self._change:
            self._change = change
            self._kept.clear()
