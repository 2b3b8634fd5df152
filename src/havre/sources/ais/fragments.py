"""Messages of several sentences, put together.

Parts that belong together have the same address, channel and sequence number, and come in order; other sentences may
stand between them. Rules that hold here, all by what the stream itself says, so that each reading gives the same:

1. A first part begins a message anew; what was begun under the same key is given up.
2. A part that does not continue what was begun is no part of anything.
3. What is not complete after a minute of the stream's clock, after 128 KiB more of the stream, or when a hundred others
   have begun since, is given up. Times in tag blocks do not count here: often the first part alone has one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from havre.lake.model import Rejected
from havre.sources.ais.messages import ALONE, Message
from havre.sources.ais.sentences import SENTENCE

PATIENCE_MILLISECONDS = 60_000
PATIENCE_BYTES = 128 * 1024
MOST = 100
Key = tuple[bytes, bytes, bytes]


@dataclass
class Begun:
    """A message of ``total`` parts, of which the first ones are there. ``clock`` is what the stream's clock showed."""

    total: int
    lines: list[bytes]
    time: int
    clock: int
    position: int


class Fragments:
    """What was begun; oldest first."""

    def __init__(self, state: list[Mapping[str, Any]]) -> None:
        self._begun: dict[Key, Begun] = {}
        for one in state:
            lines = [line.encode("latin-1") for line in one["lines"]]
            self._begun[_key(lines[0])] = Begun(**{**one, "lines": lines})

    def state(self) -> list[dict[str, Any]]:
        return [
            {**vars(begun), "lines": [line.decode("latin-1") for line in begun.lines]} for begun in self._begun.values()
        ]

    def add(self, line: bytes, time: int, clock: int, position: int) -> Iterator[Message | Rejected]:
        """Take one part: gives the message that it makes whole, and what is given up."""
        part = _part(line)
        key, total, number = _key(line), int(part["total"]), int(part["number"])
        yield from self._overdue(clock, position)
        begun = self._begun.get(key)
        if number == 1:
            if begun is not None:
                yield self._given_up(key)
            self._begun[key] = Begun(total, [line], time, clock, position)
            if len(self._begun) > MOST:
                yield self._given_up(next(iter(self._begun)))
        elif begun is None or (begun.total, len(begun.lines) + 1) != (total, number):
            yield Rejected(line, ALONE, f"part {number} of {total} came without part {number - 1}", position)
        elif number == total:
            del self._begun[key]
            yield Message((*begun.lines, line), begun.time, begun.position)
        else:
            begun.lines.append(line)

    def end(self) -> Iterator[Rejected]:
        """Nothing follows: give up all that is not complete."""
        for key in list(self._begun):
            yield self._given_up(key)

    def _overdue(self, clock: int, position: int) -> Iterator[Rejected]:
        for key, begun in list(self._begun.items()):
            # a clock that was set far back is no reason to wait either
            long = abs(clock - begun.clock) > PATIENCE_MILLISECONDS
            if long or position - begun.position > PATIENCE_BYTES:
                yield self._given_up(key)

    def _given_up(self, key: Key) -> Rejected:
        begun = self._begun.pop(key)
        reason = f"part {len(begun.lines) + 1} of {begun.total} never came"
        return Rejected(b"\n".join(begun.lines), ALONE, reason, begun.position)


def _part(line: bytes) -> Mapping[str, bytes]:
    found = SENTENCE.search(line)
    if found is None:  # only sentences that were found to be right get here
        raise ValueError(f"{line!r} is no AIS sentence")
    return {"address": found.group()[:6], **found.groupdict()}


def _key(line: bytes) -> Key:
    part = _part(line)
    return part["address"], part["channel"], part["sequence"]
