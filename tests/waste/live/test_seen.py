"""The yearly report knows what was published by earlier starts, and counts nothing twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from havre_waste.figures import work
from havre_waste.figures.inputs import Provenance
from havre_waste.live import report
from havre_waste.live.seen import Seen
from havre_waste.sites.city import City
from havre_waste.sites.model import Container, Flow, Hours, Site, Truck
from tests.waste.live.published import answering, joined
from tests.waste.live.test_live import EVENING, SECOND, Frames, live, made, planned, told

__all__ = ["live", "told"]
DAY = date(2026, 3, 9)
SIX = datetime(2026, 3, 9, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
CITY = City(
    {"s": Site("s", "s", 0.1, 49.5)},
    {
        "g": Container("g", "s", Flow.GLASS, 3000, 1750),
        "r": Container("r", "s", Flow.RESIDUAL, 3000, 1750),
    },
    {},
    {},
    {"T1": Truck("T1", "d", frozenset({Flow.GLASS}), 8000, Hours(300, 780), litres_per_100km=50.0)},
)


def visit(said: datetime, begins: datetime, metres: int, truck: str = "T1") -> dict[str, Any]:
    return {
        "said_at": said, "day": DAY, "round": f"20260309-{truck}", "truck": truck, "flow": "glass",
        "begins_at": begins, "ends_at": begins + HOUR / 2, "metres": metres,
    }  # fmt: skip


def drive(*plans: list[dict[str, Any]], seen: Seen | None = None) -> pl.DataFrame:
    seen = seen or Seen()
    for plan in plans:
        seen.drive(pl.DataFrame(plan), CITY)
    return seen.frames()["rounds"]


def test_a_round_is_what_was_driven_of_the_morning_and_what_is_planned_since() -> None:
    """At nine the service starts anew: its plan knows nothing of the morning."""
    morning = [visit(SIX - HOUR, SIX + n * HOUR, 1000) for n in range(6)]
    anew = [visit(SIX + 3.5 * HOUR, SIX + n * HOUR, 100) for n in (4, 5)]
    (row,) = drive(morning, anew).to_dicts()
    assert (row["date"], row["metres"], row["seconds"]) == (DAY, 4200.0, 5.5 * 3600)
    assert row["litres_per_100km"] == 50.0


def test_what_a_changed_plan_repeats_of_the_morning_counts_once() -> None:
    morning = [visit(SIX - HOUR, SIX + n * HOUR, 1000) for n in range(6)]
    changed = [visit(SIX + 3.5 * HOUR, SIX + n * HOUR, 1000 if n < 4 else 100) for n in range(6)]
    assert drive(morning, changed)["metres"].to_list() == [4200.0]


def test_a_round_that_another_truck_took_before_it_began_was_not_driven() -> None:
    first = [visit(SIX - HOUR, SIX, 1000, "T1"), visit(SIX - HOUR, SIX, 1000, "T2")]
    changed = [visit(SIX - HOUR / 2, SIX, 1500, "T2")]
    assert drive(first, changed).select("truck", "metres").rows() == [("T2", 1500.0)]
    assert drive(first, changed)["litres_per_100km"].to_list() == [None]  # of a truck that is not in the city


def test_days_that_are_over_stay() -> None:
    later = [{**visit(SIX + 20 * HOUR, SIX + 24 * HOUR, 700), "day": date(2026, 3, 10), "round": "20260310-T1"}]
    assert drive([visit(SIX, SIX + HOUR, 1000)], later)["metres"].to_list() == [1000.0, 700.0]


def level(hour: int, container: str, p50: float) -> dict[str, Any]:
    return {"time": SIX + hour * HOUR, "container": container, "p50": p50, "basis": "sensor"}


LEVELS = [
    [level(hour, "g", p50), level(hour, "r", 0.2)] for hour, p50 in enumerate((0.9, 1.1, 1.2, 0.3, 1.05, 0.2, 0.3))
]


def overflows(seen: Seen) -> dict[str, tuple[int, int]]:
    rows = work.overflows(seen.frames()["levels"])
    return {flow: (began, hours) for flow, began, hours in rows.select("flow", "overflows", "hours").rows()}


def test_hours_of_overflow_are_told_and_a_flow_without_any_has_none() -> None:
    seen = Seen()
    for rows in LEVELS:
        seen.fill(pl.DataFrame(rows), CITY)
        seen.fill(pl.DataFrame(rows), CITY)  # the same hour again
    assert overflows(seen) == {"glass": (2, 3), "residual": (0, 0)}


@pytest.mark.parametrize("until", range(1, len(LEVELS) + 1))
def test_a_new_start_at_any_hour_changes_no_overflow(until: int) -> None:
    seen, told = Seen(), [row for rows in LEVELS[:until] for row in rows]
    seen.recall(answering({"container-levels": told}), CITY, SIX + 7 * HOUR)
    for rows in LEVELS[until - 1 :]:
        seen.fill(pl.DataFrame(rows), CITY)
    assert overflows(seen) == {"glass": (2, 3), "residual": (0, 0)}


def test_a_flow_of_the_year_before_that_never_overflowed_is_known_after_a_new_start() -> None:
    past = [{**row, "time": row["time"] - timedelta(days=365)} for rows in LEVELS for row in rows]
    seen = Seen()
    seen.recall(answering({"container-levels": past}), CITY, SIX)
    assert overflows(seen) == {"glass": (2, 3), "residual": (0, 0)}


def test_what_is_older_than_two_reports_is_forgotten() -> None:
    seen = Seen()
    seen.fill(pl.DataFrame(LEVELS[1]), CITY)
    drive([visit(SIX, SIX + HOUR, 1000)], seen=seen)
    seen.empty(pl.DataFrame([emptied(SIX)]))
    seen.forget(SIX + timedelta(days=790))
    assert all(frame.height for frame in seen.frames().values())
    seen.forget(SIX + timedelta(days=802))
    assert not any(frame.height for frame in seen.frames().values())


def emptied(at: datetime) -> dict[str, Any]:
    return {"said_at": at + 6 * HOUR, "time": at, "container": "g", "flow": "glass", "fill_before": 0.8, "kg": 9.0}


def test_a_service_that_never_published_begins_with_nothing() -> None:
    seen = Seen()
    seen.recall(answering({}), CITY, SIX)
    assert not any(frame.height for frame in seen.frames().values())


def test_what_cannot_be_read_at_once_is_read_whole_later() -> None:
    told = {
        "collection-rounds": [visit(SIX, SIX + HOUR, 1000)], "container-emptyings": [emptied(SIX)],
        "container-levels": [row for rows in LEVELS for row in rows],
    }  # fmt: skip
    fails = ["container-levels"]

    def published(product: str, **asked: Any) -> pl.DataFrame:
        if product in fails:
            raise ConnectionError(fails.pop())
        return answering(told)(product, **asked)

    seen = Seen()
    with pytest.raises(ConnectionError):
        seen.recall(published, CITY, SIX + 7 * HOUR)
    seen.recall(published, CITY, SIX + 7 * HOUR)
    frames = seen.frames()
    assert frames["rounds"]["metres"].to_list() == [1000.0] and frames["emptyings"].height == 1
    assert overflows(seen) == {"glass": (2, 3), "residual": (0, 0)}


def values(seen: Seen, told: Any) -> dict[tuple[str, str], Any]:
    found = report.made(seen, told, Provenance, EVENING.year)
    return {(one.indicator.id, value.of): value.value for one in found for value in one.values}


def test_the_report_is_the_same_after_a_new_start(live: Any, told: Frames, tmp_path: Path) -> None:
    results = [live.results(EVENING)]
    live._planning.join()
    results.append(live.results(EVENING + SECOND))
    before = values(live.seen, live.frame)
    assert {"P1", "P2", "P3", "P4", "P5"} <= {id for (id, of), value in before.items() if value is not None}

    (tmp_path / "anew").mkdir()
    anew = made(tmp_path / "anew")
    anew.published = answering(joined(*results))
    for name, frame in told.items():
        anew.take(name, frame)
    again = anew.results(EVENING + 2 * SECOND)
    assert again["container-emptyings"], "it finds them a second time"
    assert values(anew.seen, anew.frame) == before
    planned(anew, EVENING + 10 * timedelta(minutes=1))
    assert values(anew.seen, anew.frame).keys() == before.keys()
    assert anew.published is None
    anew.book.close()
