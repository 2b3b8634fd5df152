"""Rows as an Arrow stream under a token, from a node to the Python client, both on this machine.

Protocol: one million rows of twelve columns (nine numbers, a time, two texts) are put into a dataset, negotiated for,
and read ``RUNS`` times with ``Reading.to_arrow``; the median counts, in megabytes of Arrow stream a second. Anchor: the
same bytes to the same client from a bare HTTP server that holds them in memory, measured in the same run: what the
client and the loopback can do at best.
"""

import io
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import urllib3

from benchmarks.results import Result, less, more, table
from havre.client import Exchange
from havre.demo import nodes
from havre.demo.nodes import Node

ROWS, RUNS, FLOOR_MB_PER_S = 1_000_000, 5, 150.0


def measure() -> list[Result]:
    rows = _rows()
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        node = nodes.make("node", Path(home) / "node")
        try:
            node.start()
            return _measured(node, rows)
        finally:
            node.stop()


def _measured(node: Node, rows: pa.Table) -> list[Result]:
    reading, size = _prepared(node, rows)
    seconds = _median(lambda: _require(reading.to_arrow().num_rows))
    bare = _median(_bare(reading.to_arrow()))
    return [
        more("arrow_mb_per_s", size / seconds / 1e6, "MB/s", round(size / bare / 1e6, 1)),
        more("arrow_rows_per_s", ROWS / seconds, "rows/s"),
        less("node_after_reads_mb", node.memory_mb() or 0, "MB"),
    ]


def _rows() -> pa.Table:
    seed = np.random.default_rng(1)
    start = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1_000_000)
    numbers = {f"value_{index}": seed.normal(size=ROWS) for index in range(7)}
    ships = np.array([f"HV CARRIER {index:03}" for index in range(200)])
    return pa.table(
        {
            "time": pa.array(start + np.arange(ROWS) * 1000, pa.timestamp("us", "UTC")),
            "mmsi": seed.integers(200_000_000, 799_999_999, ROWS),
            "status": seed.integers(0, 15, ROWS),
            "ship": ships[seed.integers(0, 200, ROWS)],
            "berth": ships[seed.integers(0, 40, ROWS)],
            **numbers,
        }
    )


def _prepared(node: Node, rows: pa.Table) -> tuple["object", int]:
    harbour = node.operator.add_participant("harbour", "Harbour authority")
    startup = node.operator.add_participant("startup", "Start-up")
    for one in (harbour, startup):
        node.operator.trust(one.did, one.name)
    holder, asking = Exchange(node.url, harbour.token or ""), Exchange(node.url, startup.token or "")
    holder.publish("positions", rows)
    holder.offer_dataset("positions", {"permission": [{"action": "use"}]})
    agreement = asking.negotiate(asking.offer(harbour.did, "positions")).agreement
    reading = asking.open(agreement or "")
    size = sum(len(chunk) for chunk in reading.chunks("arrow"))
    return reading, size


def _bare(rows: pa.Table) -> Callable[[], None]:
    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    body = sink.getvalue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pool = urllib3.PoolManager()

    def read() -> None:
        response = pool.request("GET", f"http://127.0.0.1:{server.server_port}/", preload_content=False)
        _require(pyarrow.ipc.open_stream(response).read_all().num_rows)

    return read


def _require(rows: int) -> None:
    if rows != ROWS:
        raise RuntimeError(f"{rows} rows came instead of {ROWS}")


def _median(function: Callable[[], None]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    print(table(measure()))
