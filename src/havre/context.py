"""What every use case may need and none may make for itself: database, clock, ids, HTTP pool, settings."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from havre.connections import Connections, Http
from havre.database import Database
from havre.settings import Settings

NewId = Callable[[], str]


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_uuid() -> str:
    """A new identifier, as ``urn:uuid:…`` (RFC 9562)."""
    return uuid.uuid4().urn


@dataclass(frozen=True)
class Context:
    """The running node, as far as a use case sees it. Tests make their own, with a clock that they turn."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime] = utc_now
    new_id: NewId = new_uuid
    http: Http = field(default_factory=Connections)
