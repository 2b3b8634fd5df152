"""Negotiations between two nodes on this machine, from REQUESTED to FINALIZED, durable on both sides.

Protocol: two processes of `havre run`, on SQLite with synchronous=FULL, then on two databases of a PostgreSQL server
on the same machine with its own settings; the driver asks over HTTP as a client does, each negotiation for an offer
that it knows already, and waits for FINALIZED at the consumer. After a warm-up of 50, ``ONE`` negotiations one at a
time, then ``MANY`` with 16 at once and again with 64. At the end both sides are asked how many are FINALIZED.
Anchor: Eclipse EDC 0.14.1 on such a machine, tuned: one at a time 168 ms in memory and 266 ms on PostgreSQL; 35 and 13
a second with 16 at once, 32 and 10 with 64.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.postgres import Missing, server

from benchmarks.results import Result, less, more, table
from havre.client import Exchange, Field, Offer, Schema
from havre.demo import nodes
from havre.demo.nodes import Node

WARM_UP, ONE, MANY = 50, 200, 2500
EDC = {"negotiation": (168.0, 35.0, 32.0), "negotiation_pg": (266.0, 13.0, 10.0)}


def measure() -> list[Result]:
    """On SQLite, and on PostgreSQL where it can be had."""
    results, lost = _nodes("negotiation", {}, {})
    try:
        with server() as running:
            urls = [{"HAVRE_DATABASE_URL": running.database()} for _ in range(2)]
            on_postgresql, also_lost = _nodes("negotiation_pg", *urls)
    except Missing as missing:
        print(f"PostgreSQL is not measured: {missing}")
        on_postgresql, also_lost = [], 0
    return [*results, *on_postgresql, less("negotiations_lost", lost + also_lost, "")]


def _nodes(name: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[list[Result], int]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        provider = nodes.make("provider", Path(home) / "provider", more=ours)
        consumer = nodes.make("consumer", Path(home) / "consumer", more=theirs)
        try:
            return _measured(name, provider, consumer)
        finally:
            provider.stop()
            consumer.stop()


def _measured(name: str, provider: Node, consumer: Node) -> tuple[list[Result], int]:
    started = time.perf_counter()
    provider.start()
    ready = time.perf_counter() - started
    consumer.start()
    idle = provider.memory_mb()
    asking, holder, offer = _prepared(provider, consumer)
    _timed(asking, offer, WARM_UP, 1)
    alone, one_by_one = _timed(asking, offer, ONE, 1)
    edc_ms, *edc_per_s = EDC[name]
    plural = name.replace("negotiation", "negotiations")
    results = [
        less(f"{name}_p50_ms", _percentile(alone, 50), "ms", edc_ms),
        less(f"{name}_p95_ms", _percentile(alone, 95), "ms"),
        more(f"{plural}_per_s_1", ONE / one_by_one, "1/s"),
    ]
    for at_once, edc in zip((16, 64), edc_per_s, strict=True):
        together, seconds = _timed(asking, offer, MANY, at_once)
        results += [
            less(f"{name}_{at_once}_p50_ms", _percentile(together, 50), "ms"),
            less(f"{name}_{at_once}_p95_ms", _percentile(together, 95), "ms"),
            more(f"{plural}_per_s_{at_once}", MANY / seconds, "1/s", edc),
        ]
    if name == "negotiation":
        busy = max(provider.memory_mb() or 0, consumer.memory_mb() or 0)
        results += [
            less("node_ready_s", ready, "s", 2.8),
            less("node_idle_mb", idle or 0, "MB", 185),
            less("node_after_5000_mb", busy, "MB", 500),
        ]
    return results, WARM_UP + ONE + 2 * MANY - min(_finalized(asking), _finalized(holder))


def _prepared(provider: Node, consumer: Node) -> tuple[Exchange, Exchange, Offer]:
    harbour = provider.operator.add_participant("harbour", "Harbour authority")
    startup = consumer.operator.add_participant("startup", "Start-up")
    for node in (provider, consumer):
        node.operator.trust(harbour.did, "Harbour authority")
        node.operator.trust(startup.did, "Start-up")
    holder, asking = Exchange(provider.url, harbour.token or ""), Exchange(consumer.url, startup.token or "")
    holder.declare("ships", Schema((Field("ship", "string"),)))
    holder.offer_dataset("ships", {"permission": [{"action": "use"}]})
    return asking, holder, asking.offer(harbour.did, "ships")


def _timed(asking: Exchange, offer: Offer, count: int, at_once: int) -> tuple[list[float], float]:
    """The milliseconds of each negotiation, and the seconds of all."""

    def one(_: int) -> float:
        started = time.perf_counter()
        done = asking.negotiate(offer, wait=60, anew=True)
        if done.state != "FINALIZED":
            raise RuntimeError(f"{done.pid} is {done.state}")
        return (time.perf_counter() - started) * 1000

    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        times = list(pool.map(one, range(count)))
    return times, time.perf_counter() - started


def _finalized(exchange: Exchange) -> int:
    return len(exchange.agreements())


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    print(table(measure()))
