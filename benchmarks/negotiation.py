"""Negotiations between two nodes on this machine, from REQUESTED to FINALIZED, durable on both sides.

Protocol: two processes of `havre run` on SQLite with synchronous=FULL; the driver asks over HTTP as a client does, each
negotiation for an offer that it knows already, and waits for FINALIZED at the consumer. After a warm-up of 50, ``ONE``
negotiations one at a time, then ``MANY`` with 16 at once. At the end both sides are asked how many are FINALIZED.
Anchor: Eclipse EDC 0.14.1 on such a machine, tuned, in memory: 168 ms one at a time, 35 a second with 16 at once.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.results import Result, less, more, table
from havre.client import Exchange, Field, Offer, Schema
from havre.demo import nodes
from havre.demo.nodes import Node

WARM_UP, ONE, MANY, AT_ONCE = 50, 200, 1000, 16
EDC_ONE_MS, EDC_16_PER_S = 168.0, 35.0


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        provider = nodes.make("provider", Path(home) / "provider")
        consumer = nodes.make("consumer", Path(home) / "consumer")
        try:
            return _measured(provider, consumer)
        finally:
            provider.stop()
            consumer.stop()


def _measured(provider: Node, consumer: Node) -> list[Result]:
    started = time.perf_counter()
    provider.start()
    ready = time.perf_counter() - started
    consumer.start()
    idle = provider.memory_mb()
    asking, holder, offer = _prepared(provider, consumer)
    _timed(asking, offer, WARM_UP, 1)
    alone, one_by_one = _timed(asking, offer, ONE, 1)
    together, seconds = _timed(asking, offer, MANY, AT_ONCE)
    lost = WARM_UP + ONE + MANY - min(_finalized(asking), _finalized(holder))
    return [
        less("negotiation_p50_ms", _percentile(alone, 50), "ms", EDC_ONE_MS),
        less("negotiation_p95_ms", _percentile(alone, 95), "ms"),
        more("negotiations_per_s_1", ONE / one_by_one, "1/s"),
        less("negotiation_16_p50_ms", _percentile(together, 50), "ms"),
        less("negotiation_16_p95_ms", _percentile(together, 95), "ms"),
        more("negotiations_per_s_16", MANY / seconds, "1/s", EDC_16_PER_S),
        less("negotiations_lost", lost, ""),
        less("node_ready_s", ready, "s", 2.8),
        less("node_idle_mb", idle or 0, "MB", 185),
        less("node_after_1000_mb", max(provider.memory_mb() or 0, consumer.memory_mb() or 0), "MB", 500),
    ]


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
