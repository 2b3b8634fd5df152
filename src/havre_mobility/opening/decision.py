"""A decision on a request to open: who chose which proposal, why, and what it was chosen from. It never changes.

1. What is chosen is one of the proposals. One that is out can only be chosen as an exception, which is put on record
   with its reasons; nothing chosen is a refusal.
2. A decision is a document with a digest of its own text (SHA-256 of canonical JSON: keys in order, no blanks). A later
   decision on the same request names the one that it replaces; both stay.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from havre_mobility.opening.model import Asked, Traffic, Weights
from havre_mobility.opening.proposals import Proposal

Store = Callable[[str, bytes], None]
"""Keeps a document under an id for good; raises where the id is taken."""


class NotProposed(ValueError):
    """What was chosen is none of the proposals, or is out and was not chosen as an exception."""


@dataclass(frozen=True)
class Decision:
    id: str
    request: str
    asked: Asked
    chosen: Proposal | None
    considered: tuple[Proposal, ...]
    weights: Weights
    source: str
    """Of the traffic figures."""
    by: str
    why: str
    at: datetime.datetime
    exception: bool
    replaces: str | None = None

    def document(self) -> dict[str, Any]:
        """All of it as JSON values, with the digest of the rest under ``sha256``."""
        said: dict[str, Any] = json.loads(_canonical(asdict(self)))
        return {**said, "sha256": hashlib.sha256(_canonical(said)).hexdigest()}


def decide(
    id: str,
    request: str,
    asked: Asked,
    considered: Sequence[Proposal],
    chosen: datetime.datetime | None,
    *,
    weights: Weights,
    traffic: Traffic,
    by: str,
    why: str,
    at: datetime.datetime,
    exception: bool = False,
    replaces: str | None = None,
) -> Decision:
    """The decision of ``by`` at ``at`` for the proposal that starts at ``chosen``, None to refuse all.

    ``NotProposed``; ``ValueError`` without a name or a reason.
    """
    for name, value in (("by", by), ("why", why)):
        if not value.strip():
            raise ValueError(f"{name}: is empty, expected words")
    found = next((one for one in considered if one.starts_at == chosen), None)
    if chosen is not None and found is None:
        raise NotProposed(f"there is no proposal that starts at {chosen.isoformat()}")
    if found is not None and found.out and not exception:
        raise NotProposed(f"{chosen}: {'; '.join(map(str, found.out))}")
    is_exception = found is not None and bool(found.out)
    return Decision(
        id, request, asked, found, tuple(considered), weights, traffic.source, by, why, at, is_exception, replaces
    )


def record(decision: Decision, store: Store) -> bytes:
    """Put the decision's document into the store; what was put there."""
    kept = _canonical(decision.document())
    store(decision.id, kept)
    return kept


def is_whole(document: bytes) -> bool:
    """Whether a document is as it was recorded: its digest is that of the rest."""
    try:
        said = json.loads(document)
        digest = said.pop("sha256")
    except (ValueError, AttributeError, KeyError, TypeError):
        return False
    return bool(digest == hashlib.sha256(_canonical(said)).hexdigest())


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_json).encode()


def _json(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
