"""The trust list as the running node sees it: read often, changed rarely.

Rules that hold here: an entry is kept for one second, which is how long another process may take to notice a change;
a change by this process is seen with its commit. That nobody is there is never kept.
"""

import time

from havre.context import Context
from havre.database import Touched
from havre.participants import store
from havre.participants.model import Trusted

KEPT_SECONDS = 1.0


class TrustList:
    """Looks counterparties up, for many threads."""

    def __init__(self, context: Context) -> None:
        self._database = context.database
        self._kept: dict[str, tuple[float, Trusted]] = {}
        self._database.after_commit(self._committed)

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

    def _committed(self, touched: Touched) -> None:
        if store.TRUST in touched:
            self._kept.clear()
