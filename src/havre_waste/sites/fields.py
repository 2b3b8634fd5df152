"""What a dataset is made of: its fields with type, unit, limits, and title and description in two languages.

From this one description come the Table Schema documents (``schemas``) and the check of what is brought in (``rows``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The field types of Table Schema that we use."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Text:
    en: str
    fr: str

    def of(self, language: str) -> str:
        """French with its spaces that do not break, before high punctuation."""
        return self.fr.replace(" ;", "\u202f;").replace(" :", "\u00a0:") if language == "fr" else self.en


@dataclass(frozen=True)
class Field:
    """``unit`` after UCUM where it has one; ``default`` stands where a file has nothing."""

    name: str
    kind: Kind
    title: Text
    about: Text
    required: bool = True
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    unit: str = ""
    default: str = ""
    refers: tuple[str, str] | None = None
    """The dataset and the field whose values it takes."""


@dataclass(frozen=True)
class Dataset:
    """``key``: the fields that tell its rows apart; empty when two rows may be equal in all."""

    name: str
    title: Text
    about: Text
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    @property
    def names(self) -> Sequence[str]:
        return [one.name for one in self.fields]
