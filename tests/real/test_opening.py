"""A request, its proposals and its decision go between two nodes as data; a new start says none of it again."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from havre.client import Field, Schema
from havre.client.service import Need, Running
from havre_mobility import service
from havre_mobility.live.requests import REQUESTS
from havre_mobility.live.sharing import SETTLES
from havre_mobility.opening.decision import is_whole
from havre_scenario import geojson, places
from tests.real.test_kills import Pair, pair
from tests.two_nodes import within

__all__ = ["pair"]

pytestmark = pytest.mark.real
USE = {"permission": [{"action": "use"}]}
TYPES = {"minutes": "number", "bridge": "string", "movement": "string", "request": "string", "asked_by": "string"}
POSITION = {
    "time": "timestamp", "mmsi": "integer", "longitude": "number", "latitude": "number", "speed": "number",
    "course": "number", "heading": "integer", "status": "integer", "type": "integer",
}  # fmt: skip
ASKED = {name: TYPES.get(name, "timestamp") for name in REQUESTS}
DECIDED = {"said_at": "timestamp", "request": "string", "starts_at": "timestamp", "decided_by": "string"}
DATASETS = {
    "ais": ("time", POSITION),
    "opening_requests": ("said_at", ASKED),
    "opening_decisions": ("said_at", {**DECIDED, "why": "string"}),
}


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def needs(pair: Pair) -> Mapping[str, Need]:
    for name, (time, columns) in DATASETS.items():
        id = name.replace("_", "-")
        pair.holder.declare(id, Schema(tuple(Field(one, kind) for one, kind in columns.items()), time=time))
        pair.holder.offer_dataset(id, USE)
    return {name: Need(pair.offer.provider, name.replace("_", "-")) for name in DATASETS}


@contextmanager
def at_work(pair: Pair, needs: Mapping[str, Need], places_file: Path) -> Iterator[None]:
    """Until all that it needs is live, and then past the time in which nobody is answered."""
    later = timedelta(0)
    work = service.make({"places": str(places_file)})
    made = Running(service.SERVICE, work, pair.asking, needs, lambda: datetime.now(UTC) + later)
    made.start()
    try:
        within(30, made.health, lambda found: found.well and all(one.state == "live" for one in found.needs))
        within(30, lambda: work.picture, bool)
        later = SETTLES
        yield
    finally:
        made.stop()


def rows(pair: Pair, product: str) -> list[dict[str, Any]]:
    return list(pair.asking.rows_of(product).rows()) if pair.asking.declared(product) else []


def test_a_request_is_answered_and_its_decision_put_on_record_once(
    pair: Pair, needs: Mapping[str, Need], tmp_path: Path
) -> None:
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    now = datetime.now(UTC)
    minute = timedelta(minutes=1)
    asked = {
        "said_at": now, "request": "r1", "bridge": "bridge-rouge", "movement": "m1", "wished_at": now + 60 * minute,
        "earliest_at": now + 30 * minute, "latest_at": now + 90 * minute, "minutes": 12.0, "asked_by": "an agent",
    }  # fmt: skip
    with at_work(pair, needs, file):
        pair.holder.publish("opening-requests", [asked])
        proposals = within(30, lambda: rows(pair, "opening-proposals"), lambda found: len(found) == 13)
        best = min(proposals, key=lambda row: row["rank"])
        decision = {"request": "r1", "decided_by": "the port office", "why": "the cheapest for all"}
        said_at = now + timedelta(microseconds=1)
        pair.holder.publish("opening-decisions", [{**decision, "said_at": said_at, "starts_at": best["starts_at"]}])
        (record,) = within(30, lambda: rows(pair, "opening-records"), bool)
    assert (record["decision"], record["problem"], record["sha256"]) == ("r1/1", None, record["sha256"])
    assert is_whole(record["document"].encode())
    with at_work(pair, needs, file):
        pair.holder.publish("opening-requests", [{**asked, "request": "r2", "said_at": now + 2 * minute / 60}])
        after = within(30, lambda: rows(pair, "opening-proposals"), lambda found: len(found) > 13)
    assert [row["request"] for row in after].count("r1") == 13
    assert len(rows(pair, "opening-records")) == 1
