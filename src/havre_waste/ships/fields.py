"""The fields of a notification, one by one: from what somebody sent to a value, or ``Bad`` with the reason.

Text may stand for a number (``3.5``, ``3,5 m3``) or a time, since a form and a CSV file have nothing else; a unit other
than cubic metres is refused, never converted.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

MOST_M3 = 100_000.0
MOST_TONNAGE = 1_000_000
LONGEST = 120
_NUMBER = re.compile(r"([0-9]{1,7}(?:[.,][0-9]{1,6})?)\s*(\S.*)?")
_LOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
Read = Callable[[Any], Any]


class Bad(ValueError):
    """``key`` of ``wrong.MESSAGES``."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def shown(given: Any) -> str:
    """The value as an error may show it."""
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}…"


def text(given: Any) -> str:
    if not isinstance(given, str) or len(given) > LONGEST:
        raise Bad("not_text", got=shown(given), most=LONGEST)
    return " ".join(given.split())


def amount(given: Any) -> float:
    """Cubic metres."""
    number = given
    if isinstance(given, str) and (found := _NUMBER.fullmatch(given)):
        if found[2] and found[2].casefold() not in ("m3", "m³"):
            raise Bad("unit", got=shown(given))
        number = float(found[1].replace(",", "."))
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Bad("not_number", got=shown(given), most=f"{MOST_M3:g}")
    if not math.isfinite(number) or not 0 <= number <= MOST_M3:
        raise Bad("not_number", got=shown(given), most=f"{MOST_M3:g}")
    return float(number)


def tonnage(given: Any) -> int:
    number = int(given) if isinstance(given, str) and re.fullmatch("[0-9]{1,7}", given) else given
    if type(number) is not int or not 1 <= number <= MOST_TONNAGE:
        raise Bad("not_whole", got=shown(given), least=1)
    return number


def time(zone: ZoneInfo | None) -> Read:
    """``zone`` is what a time without an offset is in; without one it must have an offset."""

    def read(given: Any) -> datetime:
        try:
            at = datetime.fromisoformat(given)
            at = at.replace(tzinfo=zone) if at.tzinfo is None and zone is not None else at
            if at.tzinfo is None:
                raise ValueError(given)
            return at.astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            raise Bad("not_time", got=shown(given)) from None

    return read


def day(given: Any) -> date:
    try:
        return date.fromisoformat(given)
    except (ValueError, TypeError):
        raise Bad("not_date", got=shown(given)) from None


def port(given: Any) -> str:
    """A UN/LOCODE, by its form."""
    code = given.replace(" ", "").upper() if isinstance(given, str) else ""
    if not _LOCODE.fullmatch(code):
        raise Bad("not_port", got=shown(given))
    return code


def flag(given: Any) -> str:
    code = given.upper() if isinstance(given, str) else ""
    if not re.fullmatch("[A-Z]{2}", code):
        raise Bad("not_flag", got=shown(given))
    return code


def mmsi(given: Any) -> str:
    if not re.fullmatch("[0-9]{9}", str(given)):
        raise Bad("not_mmsi", got=shown(given))
    return str(given)


def imo(given: Any) -> str:
    """Seven digits, with IMO before them or not; the last one checks the others (IMO resolution A.1117(30))."""
    digits = str(given).upper().removeprefix("IMO").strip()
    if not re.fullmatch("[0-9]{7}", digits):
        raise Bad("not_imo", got=shown(given))
    if (wanted := check_digit(digits)) != int(digits[-1]):
        raise Bad("imo_check", got=shown(given), expected=wanted)
    return digits


def check_digit(digits: str) -> int:
    """Of the first six digits of an IMO number: their sum, weighted 7 to 2, modulo 10."""
    return sum(int(digit) * weight for digit, weight in zip(digits[:6], range(7, 1, -1), strict=True)) % 10


def choice(names: Sequence[str]) -> Read:
    def read(given: Any) -> str:
        if given not in names:
            raise Bad("not_choice", got=shown(given), names=", ".join(names))
        return str(given)

    return read
