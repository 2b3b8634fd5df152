"""What the pages say, from one plain TOML file a language: ``texts/fr.toml``, ``texts/en.toml``.

Keys are dotted (``bridge.closed``). A text with a number in it has two forms, ``one`` and ``other``.
A key that is missing is an error, never an empty place on a page; both languages must have the same keys.
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from havre_ui import formats
from havre_ui.languages import Language
from havre_ui.typography import JOINED, NO_BREAK, spaced


class TextsError(Exception):
    """The files of two languages do not say the same things."""


@dataclass(frozen=True)
class Texts:
    """The texts of one language, and the formats of that language for readers in ``zone``."""

    language: Language
    zone: ZoneInfo
    entries: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        return self.entries[key].format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def count(self, key: str, count: int, **values: object) -> str:
        """The form of ``key`` for this many, with ``{count}`` in it."""
        form = "other" if formats.many(count, self.language) else "one"
        return self(f"{key}.{form}", count=self.number(count), **values)

    def number(self, value: float, decimals: int = 0) -> str:
        return formats.number(value, self.language, decimals)

    def percent(self, share: float) -> str:
        return formats.percent(share, self.language)

    def clock(self, at: datetime) -> str:
        return formats.clock(at, self.language, self.zone)

    def hours(self, starts: time, ends: time) -> str:
        """``07:15–08:15``, in one piece; both local."""
        begin, end = (self.clock(datetime.combine(date.min, at, self.zone)) for at in (starts, ends))
        return f"{begin}{JOINED}–{JOINED}{end}"

    def day(self, at: datetime) -> str:
        return formats.day(at, self.language, self.zone)

    def duration(self, length: timedelta, *, spoken: bool = False) -> str:
        return formats.duration(length, self.language, spoken=spoken)

    def seconds(self, length: timedelta) -> str:
        """A short time, to the tenth of a second below ten: a lag."""
        value = length.total_seconds()
        return f"{self.number(value, 0 if value >= 10 else 1)}{NO_BREAK}s"

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``."""
        *first, last = items
        return self("list.and", first=", ".join(first), last=last) if first else last


def sentence(line: str) -> str:
    """The line as a sentence begins; the rest of it stays as it is."""
    return line[:1].upper() + line[1:]


OURS = Path(__file__).parent / "texts"


def load(folders: Sequence[Path], zone: ZoneInfo) -> dict[Language, Texts]:
    """The shell's texts and those of ``folders``, the later over the earlier; TextsError where languages differ."""
    found = {language: _entries(language, [OURS, *folders]) for language in Language}
    french, english = (found[language] for language in Language)
    if apart := french.keys() ^ english.keys():
        raise TextsError(f"in one language only: {', '.join(sorted(apart))}")
    for key in french:
        if _places(french[key]) != _places(english[key]):
            raise TextsError(f"{key} does not name the same values in both languages")
    return {language: Texts(language, zone, entries) for language, entries in found.items()}


def _entries(language: Language, folders: Sequence[Path]) -> dict[str, str]:
    entries: dict[str, str] = {}
    for folder in folders:
        entries |= _flat(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")))
    return {key: spaced(text, french=language is Language.FRENCH) for key, text in entries.items()}


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": str(value)}
    return flat


def _places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
