"""The trust list as the running node sees it: read often, changed rarely, and kept for a moment."""

from havre.context import Context
from havre.participants import store
from havre.participants.kept import Kept
from havre.participants.model import Trusted


class TrustList:
    """Looks counterparties up, for many threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: Kept[Trusted] = Kept(context.database, store.TRUST)

    def kept(self, id: str) -> Trusted | None:
        """The entry as it was found a moment ago; None says nothing. Asks nobody."""
        return self._kept.get(id, self._context.clock())

    def find(self, id: str) -> Trusted | None:
        def load() -> Trusted | None:
            with self._context.database.look() as conn:
                return store.trusted(conn, id)

        return self._kept.find(id, self._context.clock(), load)

    def find_by_value(self, keyed_hash: str) -> Trusted | None:
        """Who is configured to send the value with this keyed hash."""
        with self._context.database.look() as conn:
            return store.trusted_by_value(conn, keyed_hash)
