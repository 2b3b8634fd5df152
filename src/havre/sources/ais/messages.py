"""Messages one by one, decoded by pyais; which types there are, and which are asked for.

What the standard (ITU-R M.1371-5, annex 8) calls "not available" is null: a latitude of 91, a name of @ alone, a length
of 0. Of messages that are about something else than a ship or a station, only type and sender are given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyais

from havre.sources.ais.sentences import SENTENCE
from havre.sources.ais.sixbit import ALPHABET
from havre.sources.ais.tags import stamped

KNOWN = range(1, 29)
POSITIONS = frozenset({1, 2, 3, 9, 18, 19, 27})
STATIC = frozenset({5, 19, 24})
WANTED: Mapping[str, frozenset[int]] = {"positions": POSITIONS, "static": STATIC, "all": frozenset(KNOWN)}

BITS = {1: 137, 2: 137, 3: 137, 4: 134, 5: 422, 9: 128, 11: 134, 18: 133, 19: 301, 21: 249, 24: 160, 27: 94, 28: 99}
"""Up to the end of the last field that is read: some transponders leave out the bits after it."""
BITS_OF_SENDER = 38
DESCRIBED = frozenset(BITS)
SPEED_UNKNOWN = {9: 1023.0, 27: 63.0}

ALONE = "nmea;messages=all"
"""What reads one message by itself, whichever it is."""


class Undecodable(ValueError):
    """Why a message cannot be decoded."""


@dataclass(frozen=True)
class Message:
    """Lines as they came, that make one message; the time in milliseconds since 1970, the place of the first line."""

    lines: tuple[bytes, ...]
    time: int
    position: int

    def raw(self) -> bytes:
        """What is read by itself as the same message, received at the same time."""
        return b"\n".join((stamped(self.lines[0], self.time), *self.lines[1:]))


def decoded(message: Message, wanted: frozenset[int]) -> dict[str, Any] | None:
    """The row of a message, without its time; None when its type is not ``wanted``. ``Undecodable`` says why not."""
    parts = [part for line in message.lines if (part := SENTENCE.search(line))]
    payload = b"".join(part["payload"] for part in parts)
    type_ = _type(payload)
    if type_ not in wanted:
        return None
    length, needed = len(payload) * 6 - int(parts[-1]["fill"]), BITS.get(type_, BITS_OF_SENDER)
    if length < needed:
        raise Undecodable(f"the payload is too short: {length} bits (expected {needed} or more for type {type_})")
    try:
        found = pyais.decode(*(part.group() for part in parts))
        values = {column: read(found) for column, read in READ.items()} if type_ in DESCRIBED else {}
    except Exception as error:  # pyais has errors of many kinds for what it cannot make sense of
        raise Undecodable(f"the message of type {type_} cannot be decoded: {error}") from error
    channel = parts[0]["channel"].decode("latin-1") or None
    values |= {"channel": channel, "own": parts[0]["kind"] == b"VDO"}
    return {"mmsi": int(found.mmsi), "type": type_} | values


def _type(payload: bytes) -> int:
    """The type of a message. ``Undecodable`` when there is none of that number, or a character is not of AIS."""
    if strange := payload.translate(None, ALPHABET):
        raise Undecodable(f"the payload has a character that is none of AIS: {chr(strange[0])!r}")
    type_ = ALPHABET.index(payload[0])
    if type_ not in KNOWN:
        raise Undecodable(f"there is no message of type {type_} (expected {KNOWN[0]} to {KNOWN[-1]})")
    return type_


def _text(*names: str) -> Callable[[Any], str | None]:
    def read(message: Any) -> str | None:
        texts = [text for name in names if (text := getattr(message, name, None))]
        return (texts[0].strip("@ ") or None) if texts else None

    return read


def _whole(name: str) -> Callable[[Any], int | None]:
    def read(message: Any) -> int | None:
        value = getattr(message, name, None)
        return None if value is None else int(value)

    return read


def _positive(name: str) -> Callable[[Any], int | None]:
    """A number whose 0 means that it is not known."""
    read = _whole(name)
    return lambda message: read(message) or None


def _below(name: str, limit: int) -> Callable[[Any], float | None]:
    def read(message: Any) -> float | None:
        value = getattr(message, name, None)
        return value if value is not None and value < limit else None

    return read


def _within(name: str, limit: int) -> Callable[[Any], float | None]:
    def read(message: Any) -> float | None:
        value = getattr(message, name, None)
        return value if value is not None and abs(value) <= limit else None

    return read


def _side(name: str, opposite: str) -> Callable[[Any], int | None]:
    """The distance from the antenna to one end. Where both are 0 the size of the ship is not known."""

    def read(message: Any) -> int | None:
        value, other = getattr(message, name, None), getattr(message, opposite, None)
        return value if value or other else None

    return read


def _speed(message: Any) -> float | None:
    value = getattr(message, "speed", None)
    return None if value is None or value == SPEED_UNKNOWN.get(message.msg_type, 102.3) else float(value)


def _turn(message: Any) -> float | None:
    value = getattr(message, "turn", None)
    return None if value is None or value == -128 else float(value)


def _accuracy(message: Any) -> bool | None:
    value = getattr(message, "accuracy", None)
    return None if value is None else bool(value)


def _eta(message: Any) -> str | None:
    """``MM-DDTHH:MM`` in UTC, of the year that it fits; None unless all of it is given."""
    if message.msg_type != 5:
        return None
    month, day, hour, minute = message.month, message.day, message.hour, message.minute
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60):
        return None
    return f"{month:02}-{day:02}T{hour:02}:{minute:02}"


READ: dict[str, Callable[[Any], Any]] = {
    "latitude": _within("lat", 90),
    "longitude": _within("lon", 180),
    "speed": _speed,
    "course": _below("course", 360),
    "heading": _below("heading", 360),
    "status": _whole("status"),
    "turn": _turn,
    "accuracy": _accuracy,
    "imo": _positive("imo"),
    "callsign": _text("callsign"),
    "name": _text("shipname", "full_name"),
    "ship_type": _positive("ship_type"),
    "to_bow": _side("to_bow", "to_stern"),
    "to_stern": _side("to_stern", "to_bow"),
    "to_port": _side("to_port", "to_starboard"),
    "to_starboard": _side("to_starboard", "to_port"),
    "draught": lambda message: getattr(message, "draught", None) or None,
    "destination": _text("destination"),
    "eta": _eta,
}
