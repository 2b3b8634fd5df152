"""Server-Sent Events, read from bytes as they come (WHATWG HTML, section 9.2.6), as far as an exchange sends them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """``id`` is the position up to which all has been sent, None where it is not said."""

    kind: str
    data: bytes
    id: int | None


def events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The events that are whole; what was cut at the end is none. ``ValueError`` for what is no event."""
    rest, looked = bytearray(), 0
    for chunk in chunks:
        rest += chunk
        start = 0
        while (end := rest.find(b"\n\n", max(start, looked - 1))) >= 0:
            yield _event(bytes(rest[start:end]))
            start = looked = end + 2
        del rest[:start]
        looked = len(rest)


def _event(block: bytes) -> Event:
    fields: dict[bytes, list[bytes]] = {}
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        fields.setdefault(name, []).append(value.removeprefix(b" "))
    kind, id = fields.get(b"event", [b"message"])[-1], fields.get(b"id")
    return Event(kind.decode(), b"\n".join(fields.get(b"data", ())), None if id is None else int(id[-1]))
