"""Put a message into the outbox, in the transaction that changes the state (decision 0002)."""

from datetime import datetime

from sqlalchemy import Connection

from havre.messages import store


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
) -> None:
    """Send ``body`` to ``url`` once this transaction is committed, again and again until it is answered.

    ``sender`` is a slug of this node, ``receiver`` a participant id; ``topic`` says which room gets the answer.
    """
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
            "created": now,
            "attempts": 0,
            "next_try": now,
        },
    )
