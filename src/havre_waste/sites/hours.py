"""Opening hours as text: the part of OpenStreetMap's ``opening_hours`` that a collection needs.

``Mo-Fr 06:00-12:00; Sa 08:00-12:00``: weekdays by two letters, singly, in lists and in spans, and times of day; no
weekdays means all of them. Hours over midnight are written as two, and come out as two.
"""

from collections.abc import Iterable

from havre_waste.sites.model import Hours

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MIDNIGHT = 1440


def parse(text: str) -> tuple[Hours, ...]:
    """The hours that the text tells; none of an empty text. ValueError says what is wrong."""
    found: list[Hours] = []
    for rule in (one.strip() for one in text.split(";") if one.strip()):
        days, _, times = rule.rpartition(" ")
        opens, closes = span(times)
        weekdays = _weekdays(days) if days else frozenset(range(7))
        if opens < closes:
            found.append(Hours(opens, closes, weekdays))
        else:
            found.append(Hours(opens, MIDNIGHT, weekdays))
            found += [Hours(0, closes, frozenset((day + 1) % 7 for day in weekdays))] if closes else []
    return tuple(found)


def span(text: str) -> tuple[int, int]:
    """``06:00-12:00`` as minutes after midnight."""
    begins, dash, ends = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a span of times such as 06:00-12:00")
    return _minutes(begins), _minutes(ends)


def text(hours: Iterable[Hours]) -> str:
    """What ``parse`` reads."""
    return "; ".join(_rule(one) for one in hours)


def _rule(one: Hours) -> str:
    times = f"{clock(one.opens)}-{clock(one.closes)}"
    return times if len(one.weekdays) == 7 else f"{_day_list(sorted(one.weekdays))} {times}"


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day_list(days: list[int]) -> str:
    """Three days or more in a row as a span."""
    parts: list[list[int]] = []
    for day in days:
        if parts and parts[-1][-1] == day - 1:
            parts[-1].append(day)
        else:
            parts.append([day])
    return ",".join(
        f"{DAYS[part[0]]}-{DAYS[part[-1]]}" if len(part) > 2 else ",".join(DAYS[day] for day in part) for part in parts
    )


def _weekdays(days: str) -> frozenset[int]:
    found: set[int] = set()
    for part in days.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{part!r} is no weekday; they are {', '.join(DAYS)}")
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def _minutes(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError(f"{text!r} is no time of day such as 06:00")
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > MIDNIGHT:
        raise ValueError(f"{text!r} is no time of day such as 06:00")
    return found
