"""Positions of ships, from TCP to the map of the public page: how old each is when the map has it.

Protocol: an AIS receiver, played here, sends 1,000 position reports a second for half a minute (a hundred each tenth of
it): 500 ships that sail east, each of which reports twice a second, so that a ship's longitude tells which of her
reports it is. A node reads them over TCP with the settings that it has by itself; the service of mobility follows them
under an agreement; a client in a process of its own asks the service for positions just as the page's script does
(``mobility/port.js``). A report is on the map when the first answer has come that shows it or a later one of that ship;
its age is from the sending of its sentence to then, both by this machine's clock. The page is open before; the first
seconds, in which node and service load what they need, count too. The processor time of node and service is told, also
of ten idle seconds before.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pyais
import urllib3

from benchmarks.ais import SCHEMA
from benchmarks.receiver import RATE, sending
from benchmarks.results import Result, less, table
from havre.client import Exchange
from havre.demo import nodes
from havre.demo.nodes import Node
from havre_scenario import geojson, places

SHIPS, SECONDS = 500, 30
REPORTS = RATE * SECONDS // SHIPS
"""Of each ship."""
IDLE_SECONDS = 10
WANTED_P99_S = 2.0
FIRST_SHIP = 200_000_000
WEST, STEP = 0.02, 0.0001
"""Degrees: where each ship begins, and how far she has come with the next report, 7 m."""
SOON, EVERY = 0.2, 1.0
"""Seconds from an answer to the next question of the page, as in ``port.js``: when it was new, and when it was not."""
Arrived = list[tuple[int, int, float]]


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        node = nodes.make("node", Path(home) / "node", more={"HAVRE_PRIVATE_SOURCES": "true"})
        try:
            node.start()
            ages, idle, busy = _measured(node, Path(home))
        finally:
            node.stop()
    ages.sort()
    return [
        less("live_map_p99_s", ages[int(len(ages) * 0.99)], "s", WANTED_P99_S),
        less("live_map_median_s", statistics.median(ages), "s"),
        less("live_map_worst_s", ages[-1], "s"),
        *(less(f"live_map_{name}_idle_pct", 100 * share, "%") for name, share in idle.items()),
        *(less(f"live_map_{name}_busy_pct", 100 * share, "%") for name, share in busy.items()),
    ]


def _measured(node: Node, home: Path) -> tuple[list[float], dict[str, float], dict[str, float]]:
    """Ages in seconds, and the processor time of each process in a second, idle and at work."""
    harbour = node.operator.add_participant("harbour", "Harbour authority")
    mobility = node.operator.add_participant("mobility", "Port mobility")
    for one in (harbour, mobility):
        node.operator.trust(one.did, one.name)
    holder = Exchange(node.url, harbour.token or "")
    holder.declare("positions", asdict(SCHEMA))
    holder.offer_dataset("positions", {"permission": [{"action": "use"}]})
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other,
        sending([_report(ship, number) for number in range(REPORTS) for ship in range(SHIPS)]) as (port, sent),
        _service(node, mobility.token or "", harbour.did, home) as (url, process),
    ):
        other.submit(time.sleep, 0).result()  # the process of the page is there before the first report
        ours = {"node": node.process, "service": process}
        time.sleep(5)
        with _used(ours) as idle:
            time.sleep(IDLE_SECONDS)
        with _used(ours) as busy:
            following = other.submit(_page, url)
            holder.add_source("receiver", "positions", "tcp", "nmea", {"host": "localhost", "port": port})
            arrived = following.result(timeout=SECONDS + 60)
    return _ages(arrived, sent), idle, busy


def _ages(arrived: Arrived, sent: list[float]) -> list[float]:
    """Of every report of every ship."""
    seen = dict.fromkeys(range(SHIPS), 0)
    ages = []
    for ship, report, at in arrived:
        ages += [at - sent[number * SHIPS + ship] for number in range(seen[ship], report + 1)]
        seen[ship] = max(seen[ship], report + 1)
    if set(seen.values()) != {REPORTS}:
        raise RuntimeError(f"of {REPORTS} reports of each ship the map had {min(seen.values())} of one")
    return ages


# The page


def _page(url: str) -> Arrived:
    """Ship, the number of her report and when the page had it, until it has the last one of all."""
    pool, arrived = urllib3.PoolManager(retries=False, timeout=5.0), []
    newest, at = [-1] * SHIPS, ""
    until = time.monotonic() + SECONDS + 50
    while min(newest) < REPORTS - 1 and time.monotonic() < until:
        answer = pool.request("GET", f"{url}fr/positions?after={at}", headers={"accept-encoding": "gzip"})
        collection, now = json.loads(answer.data), time.time()
        for one in collection["features"]:
            if one["properties"]["kind"] == "ship":
                ship = int(one["properties"]["id"]) - FIRST_SHIP
                report = round((one["geometry"]["coordinates"][0] - WEST) / STEP)
                if report > newest[ship]:
                    newest[ship] = report
                    arrived.append((ship, report, now))
        time.sleep(EVERY if collection["at"] == at else SOON)
        at = collection["at"]
    return arrived


# The service


@contextmanager
def _service(node: Node, token: str, provider: str, home: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """Where its pages are, when it is there; in a process of its own."""
    ground, config, log, port = home / "places.geojson", home / "mobility.toml", home / "log", nodes.free_port()
    ground.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    need = f'[needs.ais]\nprovider = "{provider}"\ndataset = "positions"\n'
    config.write_text(f"{need}[settings]\nplaces = {json.dumps(str(ground))}\n", encoding="utf-8")
    command = [sys.executable, "-m", "havre", "service", "run", "mobility", "--config", str(config)]
    command += ["--port", str(port), "--url", node.url, "--token", token]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stderr=output)
    try:
        nodes.wait(process, f"http://localhost:{port}/health", log)
        yield f"http://localhost:{port}/", process
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _used(processes: "dict[str, subprocess.Popen[bytes] | None]") -> Iterator[dict[str, float]]:
    """Seconds of processor time in a second, at the end."""
    shares: dict[str, float] = {}
    before = {name: _cpu(process) for name, process in processes.items()}
    started = time.monotonic()
    yield shares
    passed = time.monotonic() - started
    shares |= {name: (_cpu(process) - before[name]) / passed for name, process in processes.items()}


def _cpu(process: "subprocess.Popen[bytes] | None") -> float:
    assert process is not None
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The receiver


def _report(ship: int, number: int) -> bytes:
    place = {"lat": 49.45 + ship / 10_000, "lon": WEST + number * STEP}
    said = {"msg_type": 1, "mmsi": FIRST_SHIP + ship, "speed": 12.3, "course": 90.0, "heading": 90, **place}
    return "".join(line + "\n" for line in pyais.encode_dict(said, sentence_type="VDM")).encode()


if __name__ == "__main__":
    print(table(measure()))
