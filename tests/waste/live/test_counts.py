"""Counts of deposits leave by the month: no badge is in them, and nothing that few persons did."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from havre import policy
from havre_waste.live.counts import LATE, PRODUCT
from havre_waste.live.products import PRODUCTS
from havre_waste.live.work import Live
from tests.asgi import ask
from tests.waste.live.published import joined
from tests.waste.live.test_live import SECOND, made, pages

PARIS = ZoneInfo("Europe/Paris")
OVER = datetime(2026, 3, 31, 22, tzinfo=UTC)
"""March ends in summer time."""
TOLD = OVER + LATE
PERSONS = 5


def deposits(first: date = date(2026, 3, 1), days: int = 33, seed: int = 1) -> pl.DataFrame:
    """Three containers, of which one is used by few; some cards are of nobody that is known."""
    made = np.random.default_rng(seed)
    begins = datetime(first.year, first.month, first.day, tzinfo=PARIS).astimezone(UTC)
    rows = []
    for number in range(days * 80):
        at = begins + timedelta(days=number / 80, minutes=float(made.uniform(0, 15)))
        container = ("c-busy", "c-busy", "c-some", "c-few")[made.integers(4)]
        of = {"c-busy": 60, "c-some": 9, "c-few": 3}[container]
        badge = None if made.random() < 0.2 else f"badge-{container}-{made.integers(of)}"
        rows.append({"time": at, "container": container, "badge": badge, "litres": 30.0})
    return pl.DataFrame(rows)


def allowed(rows: pl.DataFrame) -> dict[tuple[str, datetime], int | None]:
    """What of March may be said, by hand."""
    badges, counts = defaultdict(set), defaultdict(int)
    for row in rows.iter_rows(named=True):
        local = row["time"].astimezone(PARIS)
        if local.month == 3:
            cell = row["container"], local.replace(hour=local.hour // 6 * 6, minute=0, second=0, microsecond=0)
            counts[cell] += 1
            badges[cell] |= {row["badge"]} - {None}
    return {
        (container, begins.astimezone(UTC)): count if len(badges[container, begins]) >= PERSONS else None
        for (container, begins), count in counts.items()
    }


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    found = made(tmp_path, deposit_counts=True)
    yield found
    found.book.close()


def test_a_month_is_told_without_a_badge_and_without_what_few_did(live: Live) -> None:
    rows = deposits()
    live.take("deposits", rows)
    results = live.results(TOLD)
    found = {(row["container"], row["from_at"]): row["deposits"] for row in results[PRODUCT]}
    assert found == allowed(rows) and len(found) == len(results[PRODUCT])
    shown = [count for count in found.values() if count is not None]
    assert len(shown) > 50 and min(shown) >= PERSONS and None in found.values()
    assert {row["said_at"] for row in results[PRODUCT]} == {TOLD}
    said = json.dumps({name: list(each) for name, each in results.items()}, default=str)
    assert "c-busy" in said and "badge" not in said
    (product,) = (one for one in PRODUCTS if one.id == PRODUCT)
    assert set(results[PRODUCT][0]) == {one.name for one in product.schema.fields}


def test_a_month_is_told_when_it_is_over_and_once(live: Live) -> None:
    rows = deposits()
    live.take("deposits", rows.head(1000))
    live.take("deposits", rows.tail(-1000))
    assert PRODUCT not in live.results(TOLD - SECOND)
    results = [live.results(TOLD)]
    live.take("deposits", rows)  # all of it again, and late
    results.append(live.results(TOLD + SECOND))
    assert len(joined(*results)[PRODUCT]) == len(allowed(rows))
    assert PRODUCT not in results[1]


def test_a_new_start_that_knows_more_publishes_no_other_extract_of_the_month(tmp_path: Path) -> None:
    """Two that differ by a deposit would say who made it."""
    results = []
    for number, rows in enumerate(
        (deposits(), pl.concat([deposits(), deposits().filter(pl.col("time") < OVER).tail(1)]))
    ):
        (tmp_path / str(number)).mkdir()
        found = made(tmp_path / str(number), deposit_counts=True)
        found.take("deposits", rows)
        results.append(found.results(TOLD + number * timedelta(days=1)))
        found.book.close()
    assert results[1][PRODUCT]
    assert joined(*results)[PRODUCT] == joined(results[0])[PRODUCT]


def test_a_month_that_is_not_whole_is_not_told(live: Live) -> None:
    live.take("deposits", deposits().filter(pl.col("time") > datetime(2026, 3, 2, 12, tzinfo=UTC)))
    assert PRODUCT not in live.results(TOLD)
    live.take("deposits", deposits())  # its source was away, and is read anew
    live.take("deposits", deposits())
    rows = live.results(TOLD + SECOND)[PRODUCT]
    assert {(row["container"], row["from_at"]): row["deposits"] for row in rows} == allowed(deposits())


def test_a_deposit_of_which_nobody_knows_when_or_where_is_left(live: Live) -> None:
    nowhere = pl.DataFrame([{"time": None, "container": "c-busy"}, {"time": OVER - SECOND, "container": None}])
    live.take("deposits", pl.concat([deposits(), nowhere], how="diagonal_relaxed"))
    rows = live.results(TOLD)[PRODUCT]
    assert {(row["container"], row["from_at"]): row["deposits"] for row in rows} == allowed(deposits())


def test_nothing_is_counted_before_the_past_has_been_told(live: Live) -> None:
    live.take("deposits", deposits())
    live.loading = lambda need: need == "deposits"
    assert PRODUCT not in live.results(TOLD)
    live.loading = lambda need: False
    assert live.results(TOLD + SECOND)[PRODUCT]


def test_a_source_without_badges_gives_no_counts_and_that_is_said(live: Live) -> None:
    live.take("deposits", deposits().drop("badge"))
    assert PRODUCT not in live.results(TOLD)
    problem = json.loads(ask(pages(live), "GET", "/health").body)["problem"]
    assert problem == "no deposit-counts: deposits: there is no column badge"


def test_without_the_setting_no_badge_is_kept_and_nothing_told(tmp_path: Path) -> None:
    found = made(tmp_path)
    found.take("deposits", deposits())
    assert "badge" not in found.frame("deposits").columns
    assert PRODUCT not in found.results(TOLD)
    found.book.close()


def test_a_person_decides_who_may_have_it_and_they_agree_to_look_for_nobody() -> None:
    (product,) = (one for one in PRODUCTS if one.id == PRODUCT)
    assert product.decision == "human"
    terms: Any = product.policy
    asked = policy.Facts(TOLD, "did:web:laboratory.example", frozenset())
    read = policy.parse(terms)
    assert policy.decide(read, "use", asked).allowed
    assert policy.decide(read, "https://w3id.org/dpv#Identify", asked).reasons == (
        "https://w3id.org/dpv#Identify is prohibited",
    )
