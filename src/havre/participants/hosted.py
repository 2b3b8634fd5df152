"""The participants of this node by their short names, for those who ask at each message."""

from havre.context import Context
from havre.participants.model import Participant
from havre.participants.usecases import participant


class Hosted:
    """Remembers whom it has found: what matters of a participant, key and identifiers, never changes."""

    def __init__(self, context: Context) -> None:
        self._database = context.database
        self._found: dict[str, Participant] = {}

    def known(self, slug: str) -> Participant | None:
        """One that was found before; None says nothing. Asks nobody."""
        return self._found.get(slug)

    def find(self, slug: str) -> Participant:
        """``NotFound`` when this node does not host it."""
        if slug not in self._found:
            with self._database.read() as conn:
                self._found[slug] = participant(conn, slug)
        return self._found[slug]
