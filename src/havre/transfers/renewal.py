"""As the consumer: what opens the rows, renewed with the provider when it is near its end."""

from dataclasses import replace
from datetime import datetime, timedelta

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
    context.database.write(
        lambda conn: usecases.keep_access(conn, store.load(conn, participant.slug, pid), renewed, node_key)
    )
    return renewed


def _renewed(context: Context, access: Access) -> Access:
    answer = post(context, access.refresh_endpoint or "", "", f"Bearer {access.refresh_token}")
    token, expires = answer.body.get("token"), answer.body.get("expires")
    if answer.refused:
        raise Conflict(f"the provider does not renew the access: {answer}")
    if not answer.accepted or not isinstance(token, str) or not isinstance(expires, str):
        raise Unreachable(f"the provider did not renew the access: {answer}")
    return replace(access, token=token, expires=datetime.fromisoformat(expires))
