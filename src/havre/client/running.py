"""As an administrator of a participant, and as the operator of the node: who may do what, and the proof of it all."""

from collections.abc import Iterable

from havre.client.connection import Connection
from havre.client.diagnosis import Finding
from havre.client.model import AuditEntry, Me, Member, Participant, Token, Trusted, Verification
from havre.client.wire import without_nothing


class Running:
    """The calls of an administrator; those on participants and trust are the operator's."""

    _connection: Connection

    def me(self) -> Me:
        """Who we are to the exchange."""
        return self._connection.one(Me, self._connection.get("me"))

    def members(self) -> list[Member]:
        return self._connection.many(Member, self._connection.get("members"))

    def add_member(self, name: str, role: str, kind: str = "person") -> Member:
        """``role`` is admin, publisher or reader; ``kind`` person or machine."""
        form = {"name": name, "kind": kind, "role": role}
        return self._connection.one(Member, self._connection.post("members", data=form))

    def remove_member(self, id: str) -> None:
        """Remove a member; its tokens end."""
        self._connection.delete("members", id)

    def tokens(self) -> list[Token]:
        return self._connection.many(Token, self._connection.get("tokens"))

    def add_token(self, member: str, scopes: Iterable[str] | None = None, days: int | None = None) -> Token:
        """A token for a member (its id), with its secret, which is shown this once."""
        form = without_nothing(member=member, scopes=None if scopes is None else list(scopes), days=days)
        return self._connection.one(Token, self._connection.post("tokens", data=form))

    def revoke_token(self, id: str) -> None:
        self._connection.delete("tokens", id)

    def audit(self, after: int = 0, limit: int = 100) -> list[AuditEntry]:
        """Our own entries of the audit log, from the one after ``after`` on."""
        parameters = {"after": str(after), "limit": str(limit)}
        return self._connection.many(AuditEntry, self._connection.get("audit", parameters=parameters))

    def verify_audit(self) -> Verification:
        """Have the node recompute its whole audit log."""
        return self._connection.one(Verification, self._connection.get("audit", "verify"))

    # The operator

    def examine(self) -> list[Finding]:
        """Have the node examine itself: address, identities, whom it trusts, clocks, messages that wait."""
        return self._connection.many(Finding, self._connection.get("node", "doctor"))

    def participants(self) -> list[Participant]:
        return self._connection.many(Participant, self._connection.get("node", "participants"))

    def add_participant(self, slug: str, name: str) -> Participant:
        """Host an organisation; the answer has its administrator's token, shown this once."""
        form = {"slug": slug, "name": name}
        return self._connection.one(Participant, self._connection.post("node", "participants", data=form))

    def trusted(self) -> list[Trusted]:
        return self._connection.many(Trusted, self._connection.get("node", "trust"))

    def trust(
        self,
        id: str,
        name: str,
        memberships: Iterable[str] = (),
        sends: str | None = None,
        receives: str | None = None,
    ) -> Trusted:
        """Put a participant (its DID) on the trust list. ``sends`` and ``receives`` fix its credentials."""
        fixed = without_nothing(sends=sends, receives=receives)
        form = {"id": id, "name": name, "memberships": list(memberships), "identity": "fixed" if fixed else "did"}
        return self._connection.one(Trusted, self._connection.post("node", "trust", data=form | fixed))

    def distrust(self, id: str) -> None:
        self._connection.delete("node", "trust", parameters={"id": id})
