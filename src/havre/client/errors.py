"""What goes wrong, from the caller's side: one error, made from the problem details of RFC 9457."""

from collections.abc import Mapping
from typing import Any


class ExchangeError(Exception):
    """The exchange said no, or did not answer.

    ``status`` is the HTTP status, None when there was no answer. ``code`` is stable: ``invalid``, ``not_found``,
    ``denied``, ``conflict``, ``protocol``, ``too_large``, ``unreachable``, ``internal``, ``refused``, ``failed``;
    ``unexpected`` for an answer that is none of the API. ``field`` and ``expected`` name the wrong input and what would
    have been right, ``reasons`` say why something was denied.
    """

    def __init__(
        self,
        status: int | None,
        code: str,
        detail: str,
        field: str | None = None,
        expected: str | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.expected = expected
        self.reasons = reasons

    def __str__(self) -> str:
        more = [reason for reason in self.reasons if reason not in self.detail]
        return ": ".join([self.detail, "; ".join(more)]) if more else self.detail


class Refused(ExchangeError):
    """A negotiation ended without an agreement; ``reasons`` say why."""

    def __init__(self, reasons: tuple[str, ...], negotiation: str | None = None) -> None:
        super().__init__(None, "refused", "the negotiation was terminated", reasons=reasons)
        self.negotiation = negotiation


def from_problem(status: int, problem: Mapping[str, Any]) -> ExchangeError:
    """The error in the body of a problem answer."""
    return ExchangeError(
        status,
        str(problem.get("code") or f"http_{status}"),
        str(problem.get("detail") or problem.get("title") or f"the answer was {status}"),
        _text(problem.get("field")),
        _text(problem.get("expected")),
        tuple(str(reason) for reason in problem.get("reasons") or ()),
    )


def unexpected(status: int, what: str) -> ExchangeError:
    """An answer that this client cannot read."""
    return ExchangeError(status, "unexpected", what)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
