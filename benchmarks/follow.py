"""Rows of a live source, from TCP to a follower: how old they are when they arrive.

Protocol: an AIS receiver, played here, sends 1,000 position reports a second for a minute (a hundred each tenth of it)
to a node that reads it over TCP with the settings that it has by itself; each report is of a ship of its own, by which
its row is told. A follower in a process of its own, under an agreement, takes the rows as Arrow batches. The age of a
row is the time from the sending of its sentence to when it is in the follower's hands, both by this machine's clock.
The first seconds, in which the node loads what it needs, count too, and every row must arrive once.
"""

import multiprocessing
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pyais

from benchmarks.ais import SCHEMA
from benchmarks.receiver import RATE, sending
from benchmarks.results import Result, less, table
from havre.client import Exchange
from havre.demo import nodes
from havre.demo.nodes import Node

SECONDS = 60
WANTED_P99_S = 2.0
FIRST_SHIP = 200_000_000


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        node = nodes.make("node", Path(home) / "node", more={"HAVRE_PRIVATE_SOURCES": "true"})
        try:
            node.start()
            ages = sorted(_ages(node))
            size = node.memory_mb() or 0
        finally:
            node.stop()
    return [
        less("follow_p99_s", ages[int(len(ages) * 0.99)], "s", WANTED_P99_S),
        less("follow_median_s", statistics.median(ages), "s"),
        less("follow_worst_s", ages[-1], "s"),
        less("node_followed_mb", size, "MB"),
    ]


def _ages(node: Node) -> list[float]:
    harbour = node.operator.add_participant("harbour", "Harbour authority")
    startup = node.operator.add_participant("startup", "Start-up")
    for one in (harbour, startup):
        node.operator.trust(one.did, one.name)
    holder, asking = Exchange(node.url, harbour.token or ""), Exchange(node.url, startup.token or "")
    holder.declare("positions", asdict(SCHEMA))
    holder.offer_dataset("positions", {"permission": [{"action": "use"}]})
    agreement = asking.negotiate(asking.offer(harbour.did, "positions")).agreement or ""
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other,
        sending([_report(index) for index in range(RATE * SECONDS)]) as (port, sent),
    ):
        following = other.submit(_follow, node.url, asking.token, agreement)
        holder.add_source("receiver", "positions", "tcp", "nmea", {"host": "localhost", "port": port})
        arrived = following.result(timeout=SECONDS + 60)
    if sorted(ship for ship, _ in arrived) != [FIRST_SHIP + index for index in range(RATE * SECONDS)]:
        raise RuntimeError(f"{len(arrived)} rows arrived, of {len({ship for ship, _ in arrived})} ships")
    return [at - sent[ship - FIRST_SHIP] for ship, at in arrived]


def _follow(url: str, token: str, agreement: str) -> list[tuple[int, float]]:
    """The ships, and when the row of each was there."""
    arrived: list[tuple[int, float]] = []
    with Exchange(url, token).follow(agreement, after=-1) as rows:
        for batch in rows.batches():
            now = time.time()
            arrived += [(ship, now) for ship in batch.column("mmsi").to_pylist()]
            if len(arrived) >= RATE * SECONDS:
                break
    return arrived


def _report(index: int) -> bytes:
    place = {"lat": 49.5 + index % 50 / 100, "lon": -3.5 + index % 5_000 / 5_000}
    said = {"msg_type": 1, "mmsi": FIRST_SHIP + index, "speed": 12.3, "course": 91.5, "heading": 90, **place}
    return "".join(line + "\n" for line in pyais.encode_dict(said, sentence_type="VDM")).encode()


if __name__ == "__main__":
    print(table(measure()))
