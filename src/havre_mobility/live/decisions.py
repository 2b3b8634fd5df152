"""Decisions on requests to open a bridge: each is checked against what was proposed, and put on record for good.

A decision that does not hold (nobody has asked, the time is none of the proposals or is out) is published with what is
wrong with it, and without a document.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from havre_mobility.bridges.model import TIME
from havre_mobility.live.requests import Considered, Request, Text
from havre_mobility.opening.decision import Decision, decide, record
from havre_mobility.opening.model import Weights

DECISIONS = pl.Schema({"said_at": TIME, "request": Text, "starts_at": TIME, "decided_by": Text, "why": Text})
EXCEPTION = "exception"
"""A column that may be there: whether a time that is out is chosen all the same. Empty is no."""
Consider = Callable[[Request], Considered]


@dataclass(frozen=True)
class Said:
    """A row of ``DECISIONS``. Without ``starts_at`` all proposals are refused."""

    said_at: datetime
    request: str
    starts_at: datetime | None
    decided_by: str | None
    why: str | None
    exception: bool


@dataclass
class Register:
    """The last decision that holds, by request, and how many there are."""

    last: dict[str, Decision] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def row(self, said: Said, request: Request | None, consider: Consider, weights: Weights) -> dict[str, Any]:
        """Of the product ``opening-records``, without its time."""
        row = {
            "request": said.request, "bridge": None if request is None else request.bridge,
            "starts_at": said.starts_at, "decided_by": said.decided_by, "why": said.why,
        }  # fmt: skip
        try:
            if request is None:
                raise ValueError(f"request: nobody has asked for {said.request}")
            decision = self._decide(said, request, consider(request), weights)
        except (ValueError, OverflowError) as problem:
            return {**row, "decision": None, "problem": str(problem), "sha256": None, "document": None}
        kept: dict[str, bytes] = {}
        document = record(decision, kept.__setitem__)
        self.last[said.request] = decision
        self.count[said.request] = self.count.get(said.request, 0) + 1
        digest = decision.document()["sha256"]
        return {**row, "decision": decision.id, "problem": None, "sha256": digest, "document": document.decode()}

    def _decide(self, said: Said, request: Request, found: Considered, weights: Weights) -> Decision:
        before = self.last.get(said.request)
        return decide(
            f"{said.request}/{self.count.get(said.request, 0) + 1}",
            said.request,
            found.asked,
            found.proposals,
            said.starts_at,
            weights=weights,
            traffic=found.traffic,
            by=said.decided_by or "",
            why=said.why or "",
            at=said.said_at,
            exception=said.exception,
            replaces=before.id if before else None,
        )
