"""Put a message into the outbox, in the transaction that changes the state (decision 0002)."""

import base64
from datetime import datetime

from sqlalchemy import Connection

from havre.messages import store
from havre.messages.model import Outgoing
from havre.participants.keys import seal, unseal


def put(
    conn: Connection,
    *,
    sender: str,
    receiver: str,
    topic: str,
    process: str,
    kind: str,
    url: str,
    body: str,
    now: datetime,
    opening: bool = False,
    follow: bool = False,
    sealed_with: bytes | None = None,
) -> None:
    """Send ``body`` to ``url`` once this transaction is committed, again and again until it is answered.

    ``sender`` is a slug of this node, ``receiver`` a participant id; ``topic`` says which room gets the answer.
    A body that carries a secret is kept ``sealed_with`` the node key.
    """
    if sealed_with is not None:
        body = base64.b64encode(seal(sealed_with, body.encode(), body_of(process))).decode()
    store.insert(
        conn,
        {
            "sender": sender,
            "receiver": receiver,
            "topic": topic,
            "process": process,
            "kind": kind,
            "url": url,
            "body": body,
            "opening": opening,
            "follow": follow,
            "sealed": sealed_with is not None,
            "created": now,
            "attempts": 0,
            "next_try": now,
        },
    )


def clear_body(message: Outgoing, node_key: bytes) -> str:
    """The body as it is to be sent."""
    if not message.sealed:
        return message.body
    return unseal(node_key, base64.b64decode(message.body), body_of(message.process)).decode()


def body_of(process: str) -> str:
    """What a message's body is sealed for."""
    return f"a message about {process}"
