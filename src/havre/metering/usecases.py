"""Count accesses, record what they used, sum it up."""

from datetime import datetime

from sqlalchemy import Connection

from havre.metering import store
from havre.metering.model import UsageEvent, UsageLine


def grant(conn: Connection, *, id: str, participant: str, agreement: str, at: datetime) -> None:
    """An access begins. In the transaction that decided on it: a limit on their number is then exact."""
    store.insert_granted(conn, id=id, participant=participant, agreement=agreement, at=at)


def count(conn: Connection, participant: str, agreement: str) -> int:
    """How many accesses were granted so far."""
    return store.count_granted(conn, participant, agreement)


def record(conn: Connection, event: UsageEvent) -> None:
    """What an access used, once it is over. Recorded again, it changes nothing."""
    store.insert_usage(conn, event)


def summary(conn: Connection, participant: str) -> list[UsageLine]:
    """The use of a participant's datasets, one line an agreement."""
    return store.summary(conn, participant)
