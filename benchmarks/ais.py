"""AIS sentences, from bytes to committed rows, on one core.

Protocol: a day's log from the English Channel (``../shared/data``; 82 % messages 1 to 3, each with a few lines of the
yacht's own instruments before it) is repeated up to a million AIS sentences. Where it is missing, sentences of that mix
are made. Each run reads the file in blocks and writes the position reports, nine columns, into a new table: lines,
checksums, clock, decoding, types, Parquet, commits. The process is held on one core; the median of three runs counts.
Anchor: pyais decoding the same sentences, of which it is given the lines one by one; no clock, no table. It is the
fastest of the runs that counts there.
"""

import multiprocessing
import os
import statistics
import tempfile
import time
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

SENTENCES, RUNS = 1_000_000, 3
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
