"""From a source's bytes to committed rows, exactly once.

Rules that hold here:

1. What is read has a name within its source: a file, an address. Its place in the table's log is ``<source>/<name>``.
2. Of lines, the offset is the byte after the last line that was taken, and the state is that of the reader there and
   what tells whether the file is still the same. A file that was replaced or cut begins anew, in the next generation.
3. Of documents, the offset is the number of the document and the piece of it; the state is its digest. The same
   document again is nothing new.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any, BinaryIO

from havre.context import Context
from havre.errors import Invalid
from havre.lake import store
from havre.lake.columns import conform
from havre.lake.model import Dataset, Ingested, Quarantined
from havre.lake.parsed import Parsed
from havre.lake.writer import Writer
from havre.sources import formats
from havre.sources.formats import BLOCK_BYTES, LONGEST_LINE, LineFormat, LineReader
from havre.sources.model import Source

GENERATION = 1 << 44
"""Bytes of one generation of a file: offsets grow over all of them."""
PIECES = 1 << 24
"""Pieces of one document."""
DOCUMENT = 1 << 36
"""Rows or bytes of one document: the places of rejected ones, too, grow over all of them."""
BODY = 1 << 30
"""Rows or bytes of what is sent to us in one request."""
HEAD_BYTES = 1024
QUARANTINE = "quarantine"
"""The place of rows that came out of the quarantine; its offset counts the replays."""
Progress = Callable[[Ingested, int, int | None], None]
"""Told what was committed now, and how many bytes of how many were read of what is being read."""


@dataclass
class Intake:
    """Takes what a source's transport reads into its dataset."""

    context: Context
    source: Source
    dataset: Dataset
    options: Mapping[str, str]
    progress: Progress
    stop: Event
    """When it is set, what is under way is committed and nothing more is taken."""

    @property
    def of_lines(self) -> LineFormat | None:
        return formats.line_format(self.source.format)

    def file(self, name: str, file: BinaryIO, size: int, *, final: bool) -> None:
        """Take what is new in a file. With ``final`` a last line that has no end is one too."""
        if self.of_lines is None:
            self.document(name, file, size)
            return
        with self.lines(name) as stream:
            stream.find(file, size)
            file.seek(stream.position)
            while not self.stop.is_set() and (block := file.read(BLOCK_BYTES)):
                stream.add(block, final=final and stream.seen + len(block) >= size)

    def document(self, name: str, document: BinaryIO, size: int) -> bool:
        """Take a document, unless it is the one that was taken last. False when it was stopped before its end."""
        digest, place = _digest(document), f"{self.source.id}/{name}"
        with Writer(self.context, self.dataset) as writer:
            resume = writer.resume(place)
            offset = 0 if resume is None else resume.offset
            number, done = divmod(offset, PIECES)
            same = resume is not None and resume.state is not None and resume.state.get("digest") == digest
            if same and done == 0:
                return True
            if not same and done:
                number, done = number + 1, 0  # what the last one still had is gone: it was replaced before its end
            pieces = formats.pieces(self.source.format, document, self.options, self.context.clock())
            for index, piece in _numbered(pieces):
                if self.stop.is_set():
                    return False
                if index is None or index > done:
                    at = (number + 1) * PIECES if index is None else number * PIECES + index
                    taken = writer.add(
                        piece.shifted(number * DOCUMENT), source=place, offset=at, state={"digest": digest}
                    )
                    self.progress(taken, document.tell(), size)
            self.progress(writer.flush(), size, size)
            return True

    @contextmanager
    def lines(self, name: str) -> Iterator["Stream"]:
        """Go on with a stream of lines; what was added is committed at the end."""
        line_format, place = self.of_lines, f"{self.source.id}/{name}"
        if line_format is None:
            raise Invalid(f"{self.source.format} is read as a whole", field="format", expected="a format of lines")
        with Writer(self.context, self.dataset) as writer:
            resume = writer.resume(place)
            state = dict(resume.state or {}) if resume is not None else {}
            offset = resume.offset if resume is not None else 0
            yield (stream := Stream(self, writer, place, line_format, offset, state))
            self.progress(writer.flush(), stream.seen, stream.total)


class Stream:
    """A stream of lines on its way into a table. ``position`` is the byte of the present generation to go on from."""

    def __init__(
        self, intake: Intake, writer: Writer, place: str, format: LineFormat, offset: int, state: Mapping[str, Any]
    ) -> None:
        self._intake = intake
        self._writer = writer
        self._place = place
        self._format = format
        self._generation, self.position = divmod(offset, GENERATION)
        self._head: str = state.get("head", "")
        self._head_bytes: int = state.get("head_bytes", 0)
        self._reader: LineReader = format.reader(intake.options, state.get("reader"))
        self._rest = b""
        self.total: int | None = None

    @property
    def seen(self) -> int:
        """Bytes that were added, also those of a line that has no end yet."""
        return self.position + len(self._rest)

    def find(self, file: BinaryIO, size: int) -> None:
        """See whether this is still the same file; else begin with it as a new one."""
        self.total = size
        file.seek(0)
        head = file.read(HEAD_BYTES)
        if size < self.position or _hash(head[: self._head_bytes]) != (self._head or _hash(b"")):
            self._generation, self.position, self._rest = self._generation + 1, 0, b""
            self._reader = self._format.reader(self._intake.options, None)
        self._head, self._head_bytes = _hash(head), len(head)

    def add(self, block: bytes, *, final: bool = False) -> None:
        """Take the whole lines of what follows; the rest waits for its end."""
        data, base = self._rest + block, self._generation * GENERATION
        parsed, taken = self._reader.read(data, base + self.position, at=self._intake.context.clock(), final=final)
        self._rest, self.position = data[taken:], self.position + taken
        if len(self._rest) > LONGEST_LINE:
            raise Invalid(f"a line of more than {LONGEST_LINE} bytes at byte {self.position}", expected="lines")
        if taken:
            state = {"reader": self._reader.state(), "head": self._head, "head_bytes": self._head_bytes}
            done = self._writer.add(parsed, source=self._place, offset=base + self.position, state=state)
            self._intake.progress(done, self.seen, self.total)


def post(context: Context, dataset: Dataset, pieces: Iterable[Parsed], *, place: str, offset: int) -> Ingested:
    """Rows that were sent to us, all in one commit. What is at or below the offset of its place is there already."""
    with Writer(context, dataset) as writer:
        resume = writer.resume(place)
        if resume is not None and resume.offset >= offset:
            return Ingested()
        for piece in pieces:
            writer.hold(piece.shifted(offset * BODY), source=place, offset=offset)
        return writer.flush()


def _numbered(pieces: Iterator[Parsed]) -> Iterator[tuple[int | None, Parsed]]:
    """The pieces with their numbers from 1 on, None for the last."""
    index, waiting = 1, next(pieces, None)
    while waiting is not None:
        following = next(pieces, None)
        yield (None if following is None else index), waiting
        index, waiting = index + 1, following


def _digest(document: BinaryIO) -> str:
    document.seek(0)
    digest = hashlib.file_digest(document, "sha256").hexdigest()  # type: ignore[arg-type]
    document.seek(0)
    return digest


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def replayed(context: Context, dataset: Dataset, waiting: Sequence[Quarantined]) -> Ingested:
    """Try rejected inputs again, in one commit; which they were is the state that goes with it, so that a crash
    before they are marked is made good by the next replay."""
    with Writer(context, dataset) as writer:
        resume = writer.resume(QUARANTINE)
        marked = set(resume.state["ids"]) if resume is not None and resume.state is not None else set()
        ids = []
        for one in waiting:
            rows = None if one.id in marked else _alone(context, one)
            if rows is not None and not conform(rows, dataset.schema)[1]:
                ids.append(one.id)
                offset = 1 + (0 if resume is None else resume.offset)
                writer.hold(rows, source=QUARANTINE, offset=offset, state={"ids": list(ids)})
        done = writer.flush()
        context.database.write(lambda conn: store.mark_replayed(conn, marked | set(ids), context.clock()))
    return done


def _alone(context: Context, one: Quarantined) -> Parsed | None:
    """A rejected input, read by itself; None when that does not give rows."""
    try:
        name, *options = one.format.split(";")
        given = dict(option.split("=", 1) for option in options)
        pieces = list(formats.pieces(name, io.BytesIO(one.raw), given, context.clock()))
    except Invalid:
        return None
    rows = [piece for piece in pieces if piece.rows.num_rows]
    return rows[0] if len(rows) == 1 and not any(piece.rejected for piece in pieces) else None
