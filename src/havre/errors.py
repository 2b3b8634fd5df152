"""The one error family.

Every error that a user can cause or meet is one of these, with a stable code.
The web layer alone maps a code to an HTTP status (``havre.web``); the command line maps it to an exit status.
"""

from collections.abc import Mapping
from typing import ClassVar


class HavreError(Exception):
    """Something that a caller can understand and act on.

    ``field`` names the offending input, ``expected`` says what would have been right,
    ``reasons`` lists why something was denied.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        expected: str | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.expected = expected
        self.reasons = reasons

    def details(self) -> Mapping[str, object]:
        """The parts that are there, as JSON values."""
        parts: dict[str, object] = {"code": self.code, "detail": str(self)}
        if self.field is not None:
            parts["field"] = self.field
        if self.expected is not None:
            parts["expected"] = self.expected
        if self.reasons:
            parts["reasons"] = list(self.reasons)
        return parts


class Invalid(HavreError):
    """The input is wrong; ``field`` and ``expected`` say where and what was expected."""

    code = "invalid"

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        wanted = f" (expected {self.expected})" if self.expected else ""
        return f"{where}{self.message}{wanted}"


class NotFound(HavreError):
    """It does not exist, or not for this caller: both look the same from outside."""

    code = "not_found"


class Denied(HavreError):
    """The caller is known, the thing exists, and the terms say no; ``reasons`` say why."""

    code = "denied"


class Conflict(HavreError):
    """It contradicts what is already there."""

    code = "conflict"


class Overtaken(Conflict):
    """Another process has changed the row since it was read: the write is done again, from the beginning."""


class ProtocolError(HavreError):
    """A message that the state machine does not allow here. The state is unchanged."""

    code = "protocol"


class Early(HavreError):
    """It crossed something that is not settled yet; the same again, a moment later, is judged anew."""

    code = "early"


class TooLarge(HavreError):
    """More than the stated limit."""

    code = "too_large"


class Unreachable(HavreError):
    """The other side did not answer, or answered with something that is no answer."""

    code = "unreachable"
