"""What was asked and decided of late, for the pages: the newest requests with their answers and decisions.

Those who look are other threads: ``newest`` is one value, which is replaced and never changed.
"""

from dataclasses import replace

from havre_mobility.live.decisions import Said
from havre_mobility.live.requests import Considered, Request
from havre_mobility.opening.model import Weights
from havre_mobility.pages.openings import Decided, Discussed

MOST, MOST_DECISIONS = 50, 20


class Register:
    def __init__(self) -> None:
        self.newest: tuple[Discussed, ...] = ()

    def asked(self, request: Request, answer: Considered | str, weights: Weights) -> None:
        """A request, in the place of one that was made before under the same id."""
        before = next((one for one in self.newest if one.request == request.request), None)
        about = Discussed(
            request.request, request.said_at, request.bridge or "", request.asked_by or "", weights,
            decisions=before.decisions if before else (),
        )  # fmt: skip
        if isinstance(answer, str):
            self._put(replace(about, problem=answer))
        else:
            found = replace(about, asked=answer.asked, traffic=answer.traffic, bounds=answer.bounds)
            self._put(replace(found, proposals=answer.proposals))

    def decided(self, said: Said, problem: str | None) -> None:
        """A decision; one on what nobody has asked for is on no page."""
        for one in self.newest:
            if one.request == said.request:
                decision = Decided(
                    said.said_at, said.decided_by or "", said.why or "", said.starts_at, said.exception, problem
                )
                self._put(replace(one, decisions=(*one.decisions, decision)[-MOST_DECISIONS:]))

    def _put(self, new: Discussed) -> None:
        rest = [one for one in self.newest if one.request != new.request]
        self.newest = tuple(sorted([*rest, new], key=lambda one: one.said_at, reverse=True)[:MOST])
