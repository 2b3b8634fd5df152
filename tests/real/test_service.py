"""A service reads under agreements and publishes what it makes; killed at any time, it goes on where it was."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from havre.client import Exchange, Field, Schema
from havre.client.following import Following
from havre.client.service import Need, Product, Running, Service, State
from tests.real.test_kills import Pair, pair
from tests.two_nodes import within

__all__ = ["pair"]

pytestmark = pytest.mark.real
T0 = datetime(2026, 3, 2, tzinfo=UTC)
USE = {"permission": [{"action": "use"}]}
SUMS = Product(
    "sums",
    "Sums of the numbers so far",
    Schema((Field("said_at", "timestamp", nullable=False), Field("sum", "integer")), time="said_at"),
    USE,
    of=("numbers",),
    time="said_at",
)


class Summing:
    """Says the sum after each row, at the time of that row."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._new: list[dict[str, Any]] = []
        self._sum = 0
        self.fails = bool(settings.get("fails"))

    def take(self, need: str, rows: pl.DataFrame) -> None:
        for row in rows.iter_rows(named=True):
            self._sum += row["number"]
            self._new.append({"said_at": row["at"], "sum": self._sum})

    def results(self, now: datetime) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        if self.fails:
            raise ArithmeticError("no sums today")
        new, self._new = self._new, []
        return {"sums": new}


NEVER = replace(SUMS, id="never")
SUMMING = Service("summing", {"numbers": "what is summed"}, (SUMS, NEVER), Summing, every=timedelta(seconds=0.1))


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def numbers(pair: Pair) -> Iterator[Need]:
    pair.holder.declare("series", Schema((Field("at", "timestamp"), Field("number", "integer")), time="at"))
    pair.holder.offer_dataset("series", USE)
    yield Need(pair.offer.provider, "series")


def publish(pair: Pair, *values: int) -> None:
    pair.holder.publish("series", [{"at": T0 + timedelta(seconds=value), "number": value} for value in values])


def sums(pair: Pair) -> list[int]:
    return [row["sum"] for row in pair.asking.rows_of("sums").rows()] if pair.asking.declared("sums") else []


def running(pair: Pair, need: Need, **settings: Any) -> Running:
    return Running(SUMMING, Summing(settings), pair.asking, {"numbers": need})


def test_what_it_made_is_published_once_whenever_it_was_killed(pair: Pair, numbers: Need) -> None:
    publish(pair, 1, 2)
    first = running(pair, numbers)
    first.start()
    within(20, lambda: sums(pair), [1, 3].__eq__)
    publish(pair, 3)
    within(20, lambda: sums(pair), [1, 3, 6].__eq__)
    first.stop()
    publish(pair, 4)
    second = running(pair, numbers)
    second.start()
    try:
        within(20, lambda: sums(pair), [1, 3, 6, 10].__eq__)
        assert len(pair.asking.agreements()) == 1
    finally:
        second.stop()
    assert not pair.asking.declared("never")  # of which there was nothing to say
    declared = pair.asking.dataset("sums")
    assert declared.origin is not None and "series" in declared.origin and numbers.provider in declared.origin


def test_what_comes_has_results_before_it_is_time_for_them(pair: Pair, numbers: Need) -> None:
    woken = replace(SUMMING, every=timedelta(hours=1), soonest=timedelta(seconds=0.05))
    made = Running(woken, Summing({}), pair.asking, {"numbers": numbers})
    made.start()
    try:
        publish(pair, 1)
        within(20, lambda: sums(pair), [1].__eq__)
        publish(pair, 2)
        within(20, lambda: sums(pair), [1, 3].__eq__)
    finally:
        made.stop()


def test_a_new_start_is_told_what_was_published_before(pair: Pair, numbers: Need) -> None:
    publish(pair, 1, 2, 3, 4)
    first = running(pair, numbers)
    first.start()
    within(20, lambda: sums(pair), [1, 3, 6, 10].__eq__)
    first.stop()
    anew = running(pair, numbers)
    assert anew.published("sums")["sum"].to_list() == [1, 3, 6, 10]
    some = anew.published("sums", columns=["sum"], filters=[("sum", "gt", 1)], limit=2)
    assert some.to_dict(as_series=False) == {"sum": [3, 6]}
    between = anew.published("sums", since=T0 + timedelta(seconds=2), until=T0 + timedelta(seconds=4))
    assert between["sum"].to_list() == [3, 6]
    assert anew.published("never").width == 0


def test_it_says_how_it_is(pair: Pair, numbers: Need) -> None:
    publish(pair, 1)
    made = running(pair, numbers)
    made.start()
    try:
        within(20, made.health, lambda found: found.well and found.products[0].rows == 1)
        found = within(20, made.health, lambda found: found.needs[0].state is State.LIVE)
        assert found.needs[0].rows == 1
        assert found.needs[0].input is not None and found.needs[0].lag is not None
        agreement = found.needs[0].agreement
        assert agreement is not None
        pair.holder.end(pair.holder.agreements()[0].id, "enough")
        within(20, made.health, lambda found: not found.well and "enough" in (found.needs[0].error or ""))
        # it asks again, and there is another agreement
        within(30, made.health, lambda found: found.well and found.needs[0].agreement != agreement)
    finally:
        made.stop()


def test_what_its_own_work_fails_with_is_said(pair: Pair, numbers: Need) -> None:
    made = running(pair, numbers, fails=True)
    made.start()
    try:
        within(20, made.health, lambda found: found.error == "ArithmeticError: no sums today")
    finally:
        made.stop()


class Late(Exchange):
    """Begins to follow only when it is let."""

    def __init__(self, other: Exchange) -> None:
        super().__init__(other.url, other.token)
        self.asked, self.let = threading.Event(), threading.Event()

    def follow(self, *given: Any, **more: Any) -> Following:
        self.asked.set()
        assert self.let.wait(20)
        return super().follow(*given, **more)


def test_it_stops_also_while_it_begins_to_follow(pair: Pair, numbers: Need) -> None:
    late = Late(pair.asking)
    made = Running(SUMMING, Summing({}), late, {"numbers": numbers})
    made.start()
    assert late.asked.wait(20)
    stopping = threading.Thread(target=made.stop, daemon=True)
    stopping.start()
    time.sleep(0.2)  # it has closed all that it knows by then
    late.let.set()
    stopping.join(20)
    assert not stopping.is_alive()


def test_needs_that_do_not_fit_are_named(pair: Pair) -> None:
    with pytest.raises(ValueError, match="colours is not needed; numbers is missing"):
        Running(SUMMING, Summing({}), pair.asking, {"colours": Need("did:web:x", "y")})


def test_stopping_takes_no_time(pair: Pair, numbers: Need) -> None:
    made = running(pair, numbers)
    made.start()
    within(20, made.health, lambda found: found.needs[0].state is State.LIVE)
    stopping = threading.Thread(target=made.stop)
    stopping.start()
    stopping.join(10)
    assert not stopping.is_alive()
