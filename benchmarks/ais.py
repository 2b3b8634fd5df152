"""AIS sentences, from bytes to committed rows, on one core.

Protocol: a day's log from the English Channel (``../shared/data``; 82 % messages 1 to 3, each with a few lines of the
yacht's own instruments before it) is repeated up to a million AIS sentences. Where it is missing, sentences of that mix
are made. Each run reads the file in blocks and writes the position reports, nine columns, into a new table: lines,
checksums, clock, decoding, types, Parquet, commits. The process is held on one core; the median of three runs counts.
Anchor: pyais decoding the same sentences, of which it is given the lines one by one; no clock, no table. It is the
fastest of the runs that counts there.

``decode_ratio_pyais`` is of decoding alone: the position reports of that log that are one sentence each, a million of
them, from bytes in blocks of a megabyte to Arrow columns, all 24, against ``pyais.decode`` of each line, which makes no
columns. Both in processor time, in turns; the fastest turn of each counts. Every value is compared first.
"""

import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pyais
import pyarrow as pa

from benchmarks.results import Result, more, table
from havre.context import Context
from havre.database import Database
from havre.lake import usecases
from havre.lake.model import Dataset, Field, FieldType, Schema
from havre.lake.writer import Writer
from havre.settings import Settings
from havre.sources import formats
from havre.sources.formats import nmea

SENTENCES, RUNS = 1_000_000, 3
DECODED, TURNS, BLOCK = 1_000_000, 7, 1 << 20
REPORTS = frozenset(b"123B")
"""The first character of the payload of messages 1, 2, 3 and 18."""
AT = datetime(2026, 1, 1, tzinfo=UTC)
LOG = Path(__file__).parents[2] / "shared/data/ais_nmea_english_channel/Go_to_Guernesey.nmea.txt"
SCHEMA = Schema(
    (
        Field("time", FieldType.TIMESTAMP, nullable=False),
        Field("mmsi", FieldType.INTEGER, nullable=False),
        Field("type", FieldType.INTEGER),
        Field("latitude", FieldType.NUMBER),
        Field("longitude", FieldType.NUMBER),
        Field("speed", FieldType.NUMBER, unit="kn"),
        Field("course", FieldType.NUMBER, unit="degree"),
        Field("heading", FieldType.INTEGER, unit="degree"),
        Field("status", FieldType.INTEGER),
    ),
    time="time",
    longitude="longitude",
    latitude="latitude",
)


def measure() -> list[Result]:
    # a process of its own: what others began in this one must not help
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as one:
        return one.submit(_measured).result()


def _measured() -> list[Result]:
    hold_on_one_core()
    log = LOG.read_bytes() if LOG.exists() else _made()
    copies = -(-SENTENCES // _count(log))
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        file = Path(home) / "log.nmea"
        with file.open("wb") as target:
            for _ in range(copies):
                target.write(log)
        runs = [_run(file, Path(home) / f"node-{index}") for index in range(RUNS)]
    seconds, rows = statistics.median(took for took, _ in runs), runs[0][1]
    if rows == 0 or any(other != rows for _, other in runs):
        raise RuntimeError(f"the runs committed {[other for _, other in runs]} rows")
    sentences, anchor = copies * _count(log), round(max(_pyais(log) for _ in range(RUNS)))
    return [
        *_decoding(log),
        more("ais_rows_per_s", rows / seconds, "rows/s", anchor),
        more("ais_sentences_per_s", sentences / seconds, "1/s", anchor),
    ]


def hold_on_one_core() -> None:
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    core = {max(os.sched_getaffinity(0))}
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), core)


def _run(file: Path, home: Path) -> tuple[float, int]:
    """Seconds, and rows that were committed."""
    home.mkdir()
    database = Database(f"sqlite:///{home / 'havre.db'}")
    context = Context(Settings(home=home), database)
    try:
        database.create_tables()
        dataset = Dataset("harbour", "positions", "Positions", SCHEMA, context.clock())
        database.write(lambda conn: usecases.declare(conn, dataset, now=context.clock()))
        started = time.perf_counter()
        rows = _read(context, dataset, file)
        return time.perf_counter() - started, rows
    finally:
        database.close()


def _read(context: Context, dataset: Dataset, file: Path) -> int:
    done, offset = 0, 0
    with Writer(context, dataset) as writer, file.open("rb") as source:
        for piece in formats.pieces("nmea", source, {}, context.clock()):
            offset += 1
            done += writer.add(piece, source="log", offset=offset).rows
        return done + writer.flush().rows


def _count(log: bytes) -> int:
    return log.count(b"!AIVDM")


def _pyais(log: bytes) -> float:
    """Sentences a second."""
    lines = [line.strip() for line in log.split(b"\n") if b"!AIVDM" in line]
    started = time.perf_counter()
    begun: list[bytes] = []
    for line in lines:
        if line[7:8] == b"1":
            pyais.decode(line)
        elif line[9:10] == b"1":
            begun = [line]
        elif begun and line[9:10] == line[7:8]:
            _decode_several(*begun, line)
    return len(lines) / (time.perf_counter() - started)


def _decoding(log: bytes) -> list[Result]:
    fields = [line.strip().split(b",") for line in log.split(b"\n") if line.startswith(b"!AIVDM,1,")]
    lines = [b",".join(of) for of in fields if of[5][:1] and of[5][0] in REPORTS and len(of[5]) == 28]
    if wrong := _mismatches(lines):
        raise RuntimeError(f"{wrong} of {len(lines)} reports have other values than those of pyais")
    text = b"\n".join(lines * -(-DECODED // len(lines))) + b"\n"
    turns = [(_seconds(lambda: _columns(text)), _seconds(lambda: _each(lines))) for _ in range(TURNS)]
    ours = (text.count(b"\n")) / min(one for one, _ in turns)
    theirs = len(lines) / min(one for _, one in turns)
    return [
        more("decode_ratio_pyais", ours / theirs, "x", 25),
        more("decode_reports_per_s", ours, "1/s", round(theirs)),
    ]


def _seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _columns(text: bytes) -> list[pa.Table]:
    reader, position, found = nmea.reader({}, None), 0, []
    while position < len(text):
        final = position + BLOCK >= len(text)
        piece, taken = reader.read(text[position : position + BLOCK], position, at=AT, final=final)
        found.append(piece.rows)
        position += taken
    return found


def _each(lines: list[bytes]) -> None:
    for line in lines:
        pyais.decode(line)


def _mismatches(lines: list[bytes]) -> int:
    """How many reports have a value that is not that of pyais; what AIS calls not available is null with us."""
    names = {"mmsi": "mmsi", "type": "msg_type", "latitude": "lat", "longitude": "lon"}
    names |= {name: name for name in ("speed", "course", "heading", "status", "turn", "accuracy")}
    unknown = {"lat": 91, "lon": 181, "speed": 102.3, "course": 360, "heading": 511, "turn": -128}
    rows = pa.concat_tables(_columns(b"\n".join(lines) + b"\n")).select(list(names)).to_pylist()
    wrong = abs(len(rows) - len(lines))
    for row, line in zip(rows, lines, strict=False):
        said = {name: getattr(pyais.decode(line), theirs, None) for name, theirs in names.items()}
        wrong += any(row[name] != (None if said[name] == unknown.get(names[name]) else said[name]) for name in names)
    return wrong


def _decode_several(*lines: bytes) -> None:
    try:
        pyais.decode(*lines)
    except pyais.exceptions.AISBaseException:
        return


def _made(sentences: int = 5_000) -> bytes:
    """A log of the same mix, of ships that sail east."""
    lines = []
    for index in range(sentences):
        now = datetime.fromtimestamp(1_311_652_392 + index // 2, UTC)
        body = f"GPRMC,{now:%H%M%S},A,5013.4693,N,00346.6503,W,4.0,183.2,{now:%d%m%y},3.8,W,A"
        check = 0
        for code in body.encode():
            check ^= code
        lines.append(f"${body}*{check:02X}")
        place = {"lat": 49.5 + index % 50 / 100, "lon": -3.5 + index / 5_000}
        kind = 1 if index % 100 < 82 else 4 if index % 100 < 95 else 20
        said = {"msg_type": kind, "mmsi": 235_000_000 + index % 120, "speed": 12.3, **place}
        lines += pyais.encode_dict(said, sentence_type="VDM")
    return "\n".join([*lines, ""]).encode()


if __name__ == "__main__":
    print(table(measure()))
