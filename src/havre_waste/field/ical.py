"""Collections as a calendar that others subscribe to (iCalendar, RFC 5545, with the properties of RFC 7986; pure).

An event's UID is the street, the flow and the day that was meant first: a collection that moves, moves in the
subscriber's calendar; one that does not come is cancelled there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from havre_ui.texts import Texts
from havre_waste.field.model import Collection, Street

LONGEST = 75
"""Octets of a line (RFC 5545, section 3.1)."""
AGAIN = "PT6H"
"""How often a subscriber should ask."""


def calendar(street: Street, collections: Sequence[Collection], now: datetime, say: Texts) -> bytes:
    name = say("street.calendar", street=street.name)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Havre//Waste//FR", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}", f"REFRESH-INTERVAL;VALUE=DURATION:{AGAIN}",
        f"X-PUBLISHED-TTL:{AGAIN}",
    ]  # fmt: skip
    for one in collections:
        lines += _event(street, one, now, say)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _event(street: Street, one: Collection, now: datetime, say: Texts) -> list[str]:
    meant = one.instead_of or one.starts_at.astimezone(say.zone).date()
    summary = say("collection.of", flow=say(f"flow.{one.flow}"))
    return [
        "BEGIN:VEVENT", f"UID:{_text(street.id)}-{one.flow}-{meant:%Y%m%d}@havre-waste", f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(one.starts_at)}", f"DTEND:{_time(one.ends_at)}", f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(f'{street.name}, {street.commune}')}",
        f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}", "TRANSP:TRANSPARENT", "END:VEVENT",
    ]  # fmt: skip


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """In pieces of at most 75 octets, none of which cuts a character."""
    pieces: list[bytes] = []
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > LONGEST - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece])
