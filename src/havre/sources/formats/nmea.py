"""``nmea``: AIS messages in NMEA 0183 sentences, one a line, as receivers, loggers and networks send them.

One row a message; the columns are those of ``havre.sources.ais.rows``. Other sentences may stand between and are not
looked at, except those that tell the time (``havre.sources.ais.clock``). What follows a checksum, and lines that begin
with ``#``, are left.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from havre.errors import Invalid
from havre.lake.model import Rejected
from havre.lake.parsed import Parsed
from havre.sources.ais import clock, reports, sentences, sixbit, tags
from havre.sources.ais.block import Block, Integers, split
from havre.sources.ais.fragments import Fragments
from havre.sources.ais.messages import ALONE, KNOWN, WANTED, Message, Undecodable, decoded
from havre.sources.ais.rows import Rows, merged, of_values
from havre.sources.ais.sentences import Sentences
from havre.sources.formats import LineReader, Options

OPTIONS: Mapping[str, str] = {
    "messages": "which messages become rows: positions (of ships; the default), static (names, sizes, voyages) or all"
}


def reader(options: Options, state: Mapping[str, Any] | None) -> LineReader:
    asked = options.get("messages", "positions")
    if asked not in WANTED:
        raise Invalid(f"got {asked!r}", field="options.messages", expected=" or ".join(WANTED))
    return Reader(WANTED[asked], state or {})


class Reader:
    """Remembers what was told last of the time, and the messages that are not complete yet."""

    def __init__(self, wanted: frozenset[int], state: Mapping[str, Any]) -> None:
        self._wanted = wanted
        self._looked_at = np.ones(256, np.bool_)
        self._looked_at[[*frozenset(KNOWN) - wanted]] = False
        self._told: int | None = state.get("clock")
        self._fragments = Fragments(state.get("fragments", []))

    def state(self) -> dict[str, Any]:
        return {"clock": self._told, "fragments": self._fragments.state()}

    def read(self, block: bytes, position: int, *, at: datetime, final: bool) -> tuple[Parsed, int]:
        """See ``LineReader``. A message stands at its first sentence and was received when that was."""
        lines = split(block, final=final)
        found, faults = sentences.find(lines)
        clocks, self._told = clock.times(lines, found.lines, self._told, clock.milliseconds(at))
        times = clocks.copy()
        faults |= tags.tell(found, times)
        sound = np.flatnonzero(np.isin(found.lines, list(faults), invert=True)) if faults else np.arange(len(times))
        made, undecoded = self._rows(found.chosen(sound), times[sound], clocks[sound], position)
        rejected = [*undecoded, *(_broken(lines, line, why, position) for line, why in faults.items())]
        if final:
            rejected += self._fragments.end()
        rejected.sort(key=lambda one: one.position)
        return Parsed(made.table, pa.array(made.positions), made.raw, ALONE, tuple(rejected)), lines.taken

    def _rows(self, found: Sentences, times: Integers, clocks: Integers, position: int) -> tuple[Rows, list[Rejected]]:
        types = sixbit.SIXBIT[found.block.codes[found.payloads]]
        made, which = reports.decoded(found, types, times, position, self._wanted)
        # a type that there is not has to be looked at, to be rejected
        waiting = self._looked_at[types] | (found.total > 1)
        waiting[which] = False
        left = np.flatnonzero(waiting)
        whole = self._whole(found.chosen(left), times[left], clocks[left], position)
        others, rejected = _one_by_one(whole, self._wanted)
        return merged([made, *others]), rejected

    def _whole(
        self, found: Sentences, times: Integers, clocks: Integers, position: int
    ) -> Iterator[tuple[int, Message | Rejected]]:
        """The messages that become whole, and parts that are given up, with the line where that is seen."""
        columns = (found.lines.tolist(), found.total.tolist(), times.tolist(), clocks.tolist())
        for line, total, time, seen in zip(*columns, strict=True):
            text, place = found.block.line(line), position + int(found.block.starts[line])
            if total == 1:
                yield line, Message((text,), time, place)
            else:
                yield from ((line, one) for one in self._fragments.add(text, time, seen, place))


def _one_by_one(
    whole: Iterable[tuple[int, Message | Rejected]], wanted: frozenset[int]
) -> tuple[list[Rows], list[Rejected]]:
    values: list[dict[str, Any]] = []
    messages: list[Message] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    for line, message in whole:
        if isinstance(message, Rejected):
            rejected.append(message)
            continue
        try:
            row = decoded(message, wanted)
        except Undecodable as why:
            rejected.append(Rejected(message.raw(), ALONE, str(why), message.position))
            continue
        if row is not None:
            values.append({"time": message.time * 1000, **row})
            messages.append(message)
            lines.append(line)
    if not values:
        return [], rejected
    places = np.array([message.position for message in messages], np.int64)
    rows = Rows(of_values(values), np.array(lines, np.int64), places, lambda i: messages[i].raw())
    return [rows], rejected


def _broken(lines: Block, line: int, why: str, position: int) -> Rejected:
    return Rejected(lines.line(line), ALONE, why, position + int(lines.starts[line]))
