"""A round for the devices that a crew has: GPX 1.1 for navigation, iCalendar (RFC 5545) for the calendar."""

import datetime
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from havre_waste.rounds.model import Kind, Round, Visit

Position = tuple[float, float]
"""Longitude and latitude, WGS 84."""


def gpx(driven: Round, midnight: datetime.datetime, where: Sequence[Position], names: Mapping[str, str]) -> str:
    """A route of the visits in their order, each with its time.

    ``midnight``: the local one of the day, with its zone. ``where``: of each place of the matrix. ``names``: of stops
    and tips; an id without one stands for itself.
    """
    points = "".join(_point(one, midnight, where[one.place], names) for one in driven.visits)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Havre" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<rte><name>{escape(driven.vehicle)}</name>\n{points}</rte>\n</gpx>\n"
    )


def _point(visit: Visit, midnight: datetime.datetime, at: Position, names: Mapping[str, str]) -> str:
    return (
        f"<rtept lat={quoteattr(f'{at[1]:.6f}')} lon={quoteattr(f'{at[0]:.6f}')}>"
        f"<time>{_utc(midnight, visit.begins):%Y-%m-%dT%H:%M:%SZ}</time>"
        f"<name>{escape(names.get(visit.id, visit.id) or visit.kind)}</name><type>{visit.kind}</type></rtept>\n"
    )


def ical(driven: Round, midnight: datetime.datetime, where: Sequence[Position], names: Mapping[str, str]) -> str:
    """One event for the round, with its visits in the description, and one for each tip and the lunch.

    The stamp of each event is its own beginning, so that the same round gives the same file.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Havre//rounds//EN"]
    first, last = driven.visits[0], driven.visits[-1]
    told = "\n".join(_line(one, midnight, names) for one in driven.visits)
    day = f"{midnight:%Y%m%d}"
    lines += _event(
        f"{day}-{driven.vehicle}", midnight, first.begins, last.ends, driven.vehicle, told, where[first.place]
    )
    for number, visit in enumerate(driven.visits):
        if visit.kind in (Kind.TIP, Kind.LUNCH):
            title = f"{driven.vehicle}: {names.get(visit.id, visit.id) or visit.kind}"
            uid = f"{day}-{driven.vehicle}-{number}"
            lines += _event(uid, midnight, visit.begins, visit.ends, title, "", where[visit.place])
    return "".join(f"{part}\r\n" for line in (*lines, "END:VCALENDAR") for part in _folded(line))


def _line(visit: Visit, midnight: datetime.datetime, names: Mapping[str, str]) -> str:
    return f"{_local(midnight, visit.begins):%H:%M} {names.get(visit.id, visit.id) or visit.kind}"


def _event(
    uid: str, midnight: datetime.datetime, begins: int, ends: int, title: str, told: str, at: Position
) -> list[str]:
    start, end = (f"{_utc(midnight, one):%Y%m%dT%H%M%SZ}" for one in (begins, ends))
    lines = ["BEGIN:VEVENT", f"UID:{_text(uid)}@havre", f"DTSTAMP:{start}", f"DTSTART:{start}", f"DTEND:{end}"]
    lines += [f"SUMMARY:{_text(title)}", f"GEO:{at[1]:.6f};{at[0]:.6f}"]
    return lines + ([f"DESCRIPTION:{_text(told)}"] if told else []) + ["END:VEVENT"]


def _text(value: str) -> str:
    """RFC 5545, 3.3.11."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> list[str]:
    """RFC 5545, 3.1: at most 75 octets a line, and no character broken."""
    parts, rest = [""], line
    while rest:
        character, rest = rest[0], rest[1:]
        if len((parts[-1] + character).encode()) > 75:
            parts.append(" ")
        parts[-1] += character
    return parts


def _utc(midnight: datetime.datetime, seconds: int) -> datetime.datetime:
    return midnight.astimezone(datetime.UTC) + datetime.timedelta(seconds=seconds)


def _local(midnight: datetime.datetime, seconds: int) -> datetime.datetime:
    return _utc(midnight, seconds).astimezone(midnight.tzinfo)
