"""A follower outlives kills of the nodes on either side: it misses no row, and gets none twice.

``KILLS=50`` in the environment has as many kills as that. On PostgreSQL the provider is three processes, and rows come
in at any of them.
"""

import os
import random
import threading
import time
from typing import Any

import pytest

from havre.client import ExchangeError, Field, Schema
from tests.engines import on_both
from tests.real.test_kills import Pair, killed, pair
from tests.two_nodes import within

__all__ = ["on_both", "pair"]

pytestmark = pytest.mark.real
KILLS, ROWS_AT_ONCE, SECONDS = int(os.environ.get("KILLS", "3")), 20, 30.0


class Source(threading.Thread):
    """Publishes the numbers from 0 on until it is stopped, each handful again until it is confirmed."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(daemon=True)
        self._pair = pair
        self._stopped = threading.Event()
        self.count = 0

    def run(self) -> None:
        while not self._stopped.wait(0.02):
            rows = [{"number": self.count + index} for index in range(ROWS_AT_ONCE)]
            try:
                self._pair.holder.publish("numbers", rows, source="s", offset=self.count + ROWS_AT_ONCE)
            except ExchangeError as error:
                assert error.status is None or error.status in (409, 500, 502, 503), error
            else:
                self.count += ROWS_AT_ONCE

    def stop(self) -> int:
        """How many numbers are in."""
        self._stopped.set()
        self.join(SECONDS)
        return self.count


class Taker(threading.Thread):
    """Takes the rows one at a time, or as batches, and keeps their numbers."""

    def __init__(self, pair: Pair, agreement: str, *, batches: bool) -> None:
        super().__init__(daemon=True)
        self._rows = pair.asking.follow(agreement, after=-1)
        self._batches = batches
        self.numbers: list[int] = []
        self.error: Any = None

    def run(self) -> None:
        try:
            if self._batches:
                for batch in self._rows.batches():
                    self.numbers += batch.column("number").to_pylist()
            else:
                for row in self._rows:
                    self.numbers.append(row["number"])
        except ExchangeError as error:
            self.error = error

    def until(self, count: int) -> list[int]:
        end = time.monotonic() + SECONDS
        while len(self.numbers) < count and self.error is None and time.monotonic() < end:
            time.sleep(0.02)
        return self.numbers


def test_a_follower_outlives_kills_of_either_node(pair: Pair) -> None:
    chance = random.Random(13)
    pair.holder.declare("numbers", Schema((Field("number", "integer", nullable=False),)))
    pair.holder.offer_dataset("numbers", {"permission": [{"action": "use"}]})
    agreement = pair.asking.negotiate(pair.asking.offer(pair.offer.provider, "numbers")).agreement or ""
    source = Source(pair)
    takers = [Taker(pair, agreement, batches=batches) for batches in (False, True)]
    for thread in (source, *takers):
        thread.start()
    for taker in takers:
        taker.until(1)
    for _ in range(KILLS):
        killed(chance.choice(pair.processes), chance.uniform(0.1, 1.0))
    # what a killed node had not recorded yet is lost: some rows come after that
    reached = source.count
    within(SECONDS, lambda: source.count, lambda count: count > reached)
    count = source.stop()
    for taker in takers:
        assert taker.until(count) == list(range(count)), taker.error
    pair.asking.end(agreement, "it is over")
    for taker in takers:
        taker.join(SECONDS)
        assert "it is over" in str(taker.error)
    used = within(SECONDS, pair.holder.usage, lambda lines: lines)
    assert 0 < used[0].rows <= 2 * count
