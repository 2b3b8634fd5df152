"""A node may be killed at any commit of a whole negotiation and transfer: nothing is lost and nothing happens twice.

The commits of both nodes are counted; at one of them its node is gone, either before the commit is durable or when it
is durable and nobody has heard of it. A new node on the same files goes on. It is done for every commit there is.
"""

import threading
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import havre.database
from havre.database import Database, _Write
from havre.messages.store import pending
from tests.exchange.reading import Reader
from tests.two_nodes import RunningNode, Template, TwoNodes, join, running, within

COMMITS = 15
"""So many have a look at the catalogue, a negotiation and a transfer: eight of the consumer, seven of the provider."""


class Killed(Exception):
    """What the threads of a node get that is no more."""


class Reaper:
    """Kills the node that makes commit number ``at``; ``durable`` says whether the commit is still made."""

    def __init__(self, at: int | None, durable: bool) -> None:
        self._at = at
        self._durable = durable
        self._numbers = count(1)
        self._lock = threading.Lock()
        self.seen = 0
        self.deaths = 0
        self.killed: RunningNode | None = None

    def watch(self, node: RunningNode) -> None:
        database = node.context.database
        commit, gone = database._commit, threading.Event()

        def watched(group: list[_Write]) -> list[_Write]:
            with self._lock:
                if not gone.is_set():
                    self.seen = next(self._numbers)
                    if self.seen != self._at:
                        return commit(group)
                    self._kill(node, database, group)
                    gone.set()
            for write in group:
                write.done.set_exception(Killed())
            return []

        database._commit = watched  # type: ignore[method-assign]

    def _kill(self, node: RunningNode, database: Database, group: list[_Write]) -> None:
        node.die()
        if self._durable:
            unheard = [_Write(write.function, Future()) for write in group]
            database._listeners = []
            type(database)._commit(database, unheard)
            assert all(write.done.exception() is None for write in unheard)
        self.killed = node
        self.deaths += 1

    def bury(self, nodes: TwoNodes) -> None:
        """Put a new node in the place of the one that was killed."""
        killed, self.killed = self.killed, None
        if killed is not None:
            killed.restart()
            nodes.reopen()


def try_to(nodes: TwoNodes, reaper: Reaper, what: str, form: Any) -> Any:
    """Until there is one ``what`` of the city: look, begin, and look again when no answer came, as a person would."""
    while True:
        try:
            listed = nodes.town.client.get(f"/api/{what}")
            if listed:
                return listed[0]
            nodes.town.client.post(f"/api/{what}", form)
        except AssertionError:
            assert reaper.killed is not None, "an error without a crash"
        reaper.bury(nodes)


def until(nodes: TwoNodes, reaper: Reaper, path: str, state: str) -> Any:
    def look() -> Any:
        reaper.bury(nodes)
        return nodes.town.client.get(path)

    return within(10, look, lambda found: found["state"] == state)


def corridor(nodes: TwoNodes, reaper: Reaper) -> None:
    offer = nodes.offer()
    for node in (nodes.port, nodes.city):
        node.prepared = reaper.watch
        reaper.watch(node)
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer}
    negotiation = try_to(nodes, reaper, "negotiations", form)
    agreed = until(nodes, reaper, f"/api/negotiations/{negotiation['pid']}", "FINALIZED")
    transfer = try_to(nodes, reaper, "transfers", {"agreement": agreed["agreement"]})
    until(nodes, reaper, f"/api/transfers/{transfer['pid']}", "STARTED")
    for name in ("port", "city"):
        within(10, lambda name=name: quiet(nodes, reaper, name), bool)


def quiet(nodes: TwoNodes, reaper: Reaper, name: str) -> bool:
    reaper.bury(nodes)
    return not getattr(nodes, name).read(pending) and reaper.killed is None


@pytest.fixture
def single_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write is a commit of its own: more places to die at, and the same ones each time."""
    monkeypatch.setattr(havre.database, "MOST_IN_ONE_COMMIT", 1)


def run(template: Template, folder: Path, at: int | None, durable: bool) -> Reaper:
    """The corridor with one crash."""
    reaper = Reaper(at, durable)
    with running(join(template, folder), template) as nodes:
        corridor(nodes, reaper)
        commits = reaper.seen
        assert_all_happened_once(nodes)
    reaper.seen = commits  # without those of the looking
    return reaper


NEGOTIATION = ["request", "agreement", "verification", "finalized"]
TRANSFER = ["request", "start"]


def assert_all_happened_once(nodes: TwoNodes) -> None:
    town, harbour = nodes.town, nodes.harbour
    for side in (town, harbour):
        assert [one["state"] for one in side.client.get("/api/negotiations")] == ["FINALIZED"]
        assert [one["state"] for one in side.client.get("/api/transfers")] == ["STARTED"]
        assert steps(side, "negotiation") == NEGOTIATION
        assert steps(side, "transfer") == TRANSFER
    ours, theirs = (side.client.get("/api/agreements") for side in (town, harbour))
    assert len(ours) == len(theirs) == 1 and ours[0]["policy"] == theirs[0]["policy"]
    reader = Reader(nodes, ours[0]["id"], town.client.get("/api/transfers")[0]["pid"])
    assert len(reader.read({"limit": 5}).json["rows"]) == 5


def steps(side: Any, topic: str) -> list[str]:
    return [one["event"].split(":")[1] for one in side.audit(f"{topic}:")]


@pytest.mark.usefixtures("single_commits")
def test_there_is_a_test_for_each_commit(template: Template, tmp_path: Path) -> None:
    assert run(template, tmp_path, None, True).seen == COMMITS


@pytest.mark.usefixtures("single_commits")
@pytest.mark.parametrize("durable", [False, True], ids=["before it is durable", "after it is durable"])
@pytest.mark.parametrize("at", range(1, COMMITS + 1))
def test_a_crash_at_any_commit_loses_nothing_and_repeats_nothing(
    template: Template, tmp_path: Path, at: int, durable: bool
) -> None:
    assert run(template, tmp_path, at, durable).deaths == 1
