"""As the consumer: what opens the rows, renewed with the provider when it is near its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from havre.context import Context
from havre.errors import Conflict, Unreachable
from havre.messages.asking import post
from havre.participants.model import Participant
from havre.transfers import store, usecases
from havre.transfers.model import Access

NEAR = timedelta(seconds=60)


def current_access(context: Context, participant: Participant, pid: str, node_key: bytes, *, fresh: bool) -> Access:
    """The access of a transfer, good for a minute at least; with ``fresh`` a new token. May ask the provider."""
    with context.database.read() as conn:
        kept = usecases.access(conn, participant, pid, node_key)
    if not fresh and kept.expires - context.clock() > NEAR:
        return kept
    if kept.refresh_endpoint is None or kept.refresh_token is None:
        return kept
    renewed = _renewed(context, kept)

    def keep(conn: Connection) -> Access:
        now_kept = usecases.access(conn, participant, pid, node_key)
        if now_kept.refresh_token != kept.refresh_token:
            return now_kept  # the provider started anew meanwhile: what it gave then counts
        usecases.keep_access(conn, store.load(conn, participant.slug, pid), renewed, node_key)
        return renewed

    return context.database.write(keep)


def _renewed(context: Context, access: Access) -> Access:
    answer = post(context, access.refresh_endpoint or "", "", f"Bearer {access.refresh_token}")
    if answer.refused:
        raise Conflict(f"the provider does not renew the access: {answer}")
    token, expires = answer.body.get("token"), _instant(answer.body.get("expires"))
    if not answer.accepted or not isinstance(token, str) or expires is None:
        raise Unreachable(f"the provider did not renew the access: {answer}")
    return replace(access, token=token, expires=expires)


def _instant(value: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
