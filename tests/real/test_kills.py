"""A node is killed, as a power cut would, and started again: all goes on, nothing is lost, nothing is there twice.

On SQLite each node is one process; on PostgreSQL the provider is three, of which one is killed at a time.
Every commit point is met by the tests with injected faults (``tests/exchange/test_crashes.py``); here real processes
die at moments that chance picks, seeded.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from havre.client import Exchange, Field, Offer, Schema
from havre.demo import nodes
from havre.demo.nodes import Node, free_port
from tests.engines import on_both
from tests.postgres import Server
from tests.real.proxy import proxy
from tests.sources.sources import until

__all__ = ["on_both"]

pytestmark = pytest.mark.real
KILLS, INGEST_KILLS, LINES = 24, 6, 1_500_000


@dataclass
class Pair:
    """A provider and a consumer, and what can be killed of them."""

    providers: list[Node]
    consumer: Node
    holder: Exchange
    asking: Exchange
    offer: Offer

    @property
    def processes(self) -> list[Node]:
        return [*self.providers, self.consumer]


@pytest.fixture
def pair(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Pair]:
    if engine == "sqlite":
        provider = nodes.make("provider", tmp_path / "provider", (tmp_path,))
        consumer = nodes.make("consumer", tmp_path / "consumer")
        with running([provider, consumer]):
            yield prepared([provider], consumer, provider.url)
        return
    server: Server = request.getfixturevalue("server")
    urls, port = [server.database(), server.database()], free_port()
    more = {"HAVRE_DATABASE_URL": urls[0], "HAVRE_PUBLIC_URL": f"http://localhost:{port}"}
    first = nodes.make("provider", tmp_path / "provider", (tmp_path,), more=more)
    providers = [first, first.beside(), first.beside()]
    consumer = nodes.make("consumer", tmp_path / "consumer", more={"HAVRE_DATABASE_URL": urls[1]})
    with proxy([one.port for one in providers], port), running([*providers, consumer]):
        yield prepared(providers, consumer, more["HAVRE_PUBLIC_URL"])
    for url in urls:
        server.drop(url)


@contextmanager
def running(processes: list[Node]) -> Iterator[None]:
    try:
        for node in processes:
            node.start()
        yield
    finally:
        for node in processes:
            node.stop()


def prepared(providers: list[Node], consumer: Node, url: str) -> Pair:
    """``url`` is the one address of the provider's processes."""
    harbour = providers[0].operator.add_participant("harbour", "Harbour")
    startup = consumer.operator.add_participant("startup", "Start-up")
    for node in (providers[0], consumer):
        for one in (harbour, startup):
            node.operator.trust(one.did, one.name)
    holder, asking = Exchange(url, harbour.token or ""), Exchange(consumer.url, startup.token or "")
    holder.publish("ships", [{"ship": "one"}, {"ship": "two"}])
    holder.offer_dataset("ships", {"permission": [{"action": "use"}]})
    return Pair(providers, consumer, holder, asking, asking.offer(harbour.did, "ships"))


def begun(pair: Pair) -> str:
    """A negotiation that has begun and is not waited for; its identifier."""
    offer = {
        "provider": pair.offer.provider,
        "dataset": pair.offer.dataset,
        "offer": dict(pair.offer.policy),
        "reuse": False,
    }
    pid: str = pair.asking._connection.post("negotiations", data=offer)["pid"]
    return pid


def killed(node: Node, after: float) -> None:
    time.sleep(after)
    node.kill()
    node.start()


def test_negotiations_and_transfers_outlive_kills_of_either_node(pair: Pair) -> None:
    chance = random.Random(7)
    for index in range(KILLS):
        pid = begun(pair)
        killed(chance.choice(pair.processes), chance.uniform(0, 0.06))
        done = pair.asking.negotiation(pid, wait=30)
        assert done.state == "FINALIZED", (index, done)
        if index % 2:
            transfer = pair.asking.start_transfer(done.agreement or "")
            killed(chance.choice(pair.processes), chance.uniform(0, 0.04))
            assert pair.asking.transfer(transfer.pid, wait=30).state == "STARTED", index
            assert pair.asking.open(done.agreement or "").to_arrow().num_rows == 2
    ours, theirs = ({one.id for one in exchange.agreements()} for exchange in (pair.asking, pair.holder))
    assert ours == theirs and len(ours) == KILLS
    started = [{one.state for one in exchange.transfers()} for exchange in (pair.asking, pair.holder)]
    assert started == [{"STARTED"}, {"STARTED"}]
    assert pair.asking.verify_audit().whole and pair.holder.verify_audit().whole


def test_an_ingest_outlives_kills(pair: Pair, tmp_path: Path) -> None:
    chance = random.Random(11)
    file = tmp_path / "numbers.csv"
    file.write_text("number,name\n" + "".join(f"{number},name {number}\n" for number in range(LINES)))
    pair.holder.declare("numbers", Schema((Field("number", "integer"), Field("name", "string"))))
    pair.holder.add_source("numbers", "numbers", "file", "csv", {"path": str(file)})
    pair.holder._connection.post("sources", "numbers", "run")
    for _ in range(INGEST_KILLS):
        killed(chance.choice(pair.providers), chance.uniform(0.1, 0.8))
    until(lambda: pair.holder.source("numbers").status.state == "idle", 60)
    found = pair.holder.rows_of("numbers", columns=["number", "_position"]).to_arrow().sort_by("_position")
    assert found["number"].to_pylist() == list(range(LINES))
    assert found["_position"].to_pylist() == list(range(LINES))
    assert pair.holder.dataset("numbers").statistics.rows == LINES
