"""Numbers, times and durations as a reader of each language writes them. Pure; times are aware, in any zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from havre_ui.languages import Language
from havre_ui.typography import NARROW, NO_BREAK

FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(value: float, language: Language, decimals: int = 0) -> str:
    """``1 600`` and ``2,5`` in French, ``1,600`` and ``2.5`` in English."""
    english = f"{value:,.{decimals}f}"
    if language is Language.ENGLISH:
        return english
    return english.replace(",", NARROW).replace(".", ",")


def percent(share: float, language: Language) -> str:
    """A share of one in whole per cents."""
    space = NARROW if language is Language.FRENCH else ""
    return f"{number(share * 100, language)}{space}%"


def clock(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """The time of day, to the minute that has begun: ``8 h 05`` and ``8 h`` in French, ``08:05`` in English."""
    local = at.astimezone(zone)
    if language is Language.FRENCH:
        minute = f"{NO_BREAK}{local.minute:02}" if local.minute else ""
        return f"{local.hour}{NO_BREAK}h{minute}"
    return f"{local:%H:%M}"


def day(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """The day with its weekday: ``mercredi 25 novembre``, ``Wednesday 25 November``."""
    local = at.astimezone(zone)
    if language is Language.FRENCH:
        first = "1er" if local.day == 1 else str(local.day)
        return f"{FRENCH_DAYS[local.weekday()]} {first}{NO_BREAK}{FRENCH_MONTHS[local.month - 1]}"
    return f"{ENGLISH_DAYS[local.weekday()]} {local.day}{NO_BREAK}{ENGLISH_MONTHS[local.month - 1]}"


def minutes(length: timedelta) -> int:
    """Whole minutes, rounded half up, never below zero."""
    return max(0, int((length.total_seconds() + 30) // 60))


def duration(length: timedelta, language: Language, *, spoken: bool = False) -> str:
    """``12 min``, ``1 h 05``; ``spoken`` has no abbreviation: ``12 minutes``, ``1 heure 5 minutes``."""
    whole = minutes(length)
    hours, rest = divmod(whole, 60)
    if spoken:
        hour = "heure" if language is Language.FRENCH else "hour"
        parts = [_counted(hours, hour)] if hours else []
        return " ".join([*parts, _counted(rest, "minute")] if rest or not hours else parts)
    if not hours:
        return f"{rest}{NO_BREAK}min"
    if not rest:
        return f"{hours}{NO_BREAK}h"
    tail = f"{rest:02}" if language is Language.FRENCH else f"{rest}{NO_BREAK}min"
    return f"{hours}{NO_BREAK}h{NO_BREAK}{tail}"


def _counted(count: int, noun: str) -> str:
    return f"{count}{NO_BREAK}{noun}{'s' if count > 1 else ''}"


def many(count: float, language: Language) -> bool:
    """Whether the noun after this number stands in the plural: from two in French, all but one in English."""
    return count >= 2 if language is Language.FRENCH else count != 1
