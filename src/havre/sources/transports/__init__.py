"""Transports: where a source's bytes are. One module a transport, found by its name.

A module has ``Options`` and ``Transport``. Its instance lives as long as the source runs here: what it remembers spares
work, and nothing is lost with it.
"""

import importlib
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from havre.errors import Invalid
from havre.settings import Settings
from havre.web import invalid

if TYPE_CHECKING:
    from havre.sources.intake import Intake

NAMES = ("file", "http", "tcp")


class TransportOptions(BaseModel):
    """The options of a transport; those of the format stand beside them."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Transport(Protocol):
    """Reads a source, pass after pass."""

    interval: float | None
    """Seconds from one pass to the next; None when it is read on demand alone."""

    def read(self, intake: "Intake") -> None:
        """One pass: give the intake all there is, until it is stopped. ``HavreError`` or ``OSError`` say why not."""
        ...


class Module(Protocol):
    Options: ClassVar[type[TransportOptions]]
    LINES_ALONE: ClassVar[bool]
    """Whether it carries lines without an end, and so no documents."""

    def transport(self, options: Any, settings: Settings, participant: str) -> Transport: ...


def module(name: str) -> Module:
    if name not in NAMES:
        raise Invalid(f"got {name!r}", field="transport", expected=" or ".join(NAMES))
    found: Any = importlib.import_module(f"havre.sources.transports.{name}")
    return found  # type: ignore[no-any-return]


def split(name: str, options: dict[str, str]) -> tuple[TransportOptions, dict[str, str]]:
    """The options of a transport, checked, and what is left for the format. ``Invalid`` names the field."""
    kind = module(name).Options
    own = {option: value for option, value in options.items() if option in kind.model_fields}
    try:
        checked = kind.model_validate(own)
    except ValidationError as error:
        raise _within_options(invalid(error)) from error
    return checked, {option: value for option, value in options.items() if option not in own}


def _within_options(error: Invalid) -> Invalid:
    field = f"options.{error.field}" if error.field else "options"
    return Invalid(error.message, field=field, expected=error.expected, reasons=error.reasons)
