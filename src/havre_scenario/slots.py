"""Reserved slots: when a bridge belongs to the road and no ship may ask for it (Monday to Friday, local time)."""

import datetime
from collections.abc import Iterator
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Paris")
BRIDGES = ("bridge-rouge", "bridge-7", "bridge-7bis")
HOURS = (("07:15", "08:15"), ("12:00", "13:00"), ("16:45", "17:30"))
WEEKDAYS = range(5)
Span = tuple[float, float]


def rows() -> Iterator[tuple[str, int, str, str]]:
    """Bridge, weekday (0 = Monday), begin and end in local time."""
    return ((bridge, day, *hours) for bridge in BRIDGES for day in WEEKDAYS for hours in HOURS)


def spans(start: datetime.date, first: int, last: int) -> list[Span]:
    """The slots of any of these bridges, from day ``first`` to day ``last`` after ``start``: in seconds after it."""
    found = []
    for number in range(first, last):
        day = start + datetime.timedelta(days=number)
        if day.weekday() in WEEKDAYS:
            found += [(second(start, day, begins), second(start, day, ends)) for begins, ends in HOURS]
    return found


def second(start: datetime.date, day: datetime.date, hour: str) -> float:
    """Seconds from midnight UTC of ``start`` to the local ``hour`` (HH:MM) of ``day``."""
    at = datetime.datetime.combine(day, datetime.time.fromisoformat(hour), LOCAL)
    return (at - datetime.datetime.combine(start, datetime.time(), datetime.UTC)).total_seconds()


def local(start: datetime.date, seconds: float) -> datetime.datetime:
    """The local time at these seconds after midnight UTC of ``start``."""
    midnight = datetime.datetime.combine(start, datetime.time(), datetime.UTC)
    return (midnight + datetime.timedelta(seconds=seconds)).astimezone(LOCAL)
