"""Openings that others tell of are a layer of the map: those of the Netherlands on a real day, and what they were."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from havre_mobility.live.elsewhere import Heard
from havre_mobility.pages.elsewhere import Elsewhere, Opening
from tests.asgi import ask
from tests.browser import chromium, sheet
from tests.mobility.datex.test_reading import FEED, rows
from tests.mobility.pages import pictures
from tests.mobility.pages.served import Stage, served
from tests.mobility.pages.test_browser import is_well

PUBLISHED = datetime(2023, 11, 20, 8, 13, 40, 580_000, tzinfo=UTC)
STATES = {"planned": 982, "in_operation": 7, "starting": 2, "ended": 1}
ADDRESS = "/fr/openings-elsewhere"


@pytest.fixture(scope="module")
def dutch() -> pl.DataFrame:
    if not FEED.exists():
        pytest.skip(f"there is no {FEED}: this promise is NOT tested here")
    found = rows(gzip.decompress(Path(FEED).read_bytes()))
    return found.with_columns(pl.col("published_at").str.to_datetime(time_zone="UTC", strict=True))


def heard(*parts: pl.DataFrame) -> Elsewhere:
    one = Heard()
    for part in parts:
        one.take(part)
    assert one.elsewhere is not None
    return one.elsewhere


def stage(told: Elsewhere | None, at: datetime | None = None) -> Stage:
    """Pages of that time, on which nothing else is known."""
    made = Stage(pictures.busy() if at is None else replace(pictures.empty(), at=at))
    made.elsewhere = told
    made.later = (at or pictures.NOW) - pictures.NOW
    return made


def counts(features: list[dict[str, Any]]) -> dict[str, int]:
    states = [one["properties"]["state"] for one in features]
    return {state: states.count(state) for state in set(states)}


def test_the_dutch_day_is_all_there_with_its_states_and_times(dutch: pl.DataFrame) -> None:
    told = heard(dutch)
    assert (told.at, len(told.openings)) == (PUBLISHED, 992)
    found = ask(stage(told, PUBLISHED + timedelta(minutes=5)).application(), "GET", ADDRESS).json
    assert counts(found["features"]) == STATES
    lines = {one["properties"]["id"]: one["properties"]["line"] for one in found["features"]}
    line = lines["PNH01_NLLRU002120533900259_72452877"].replace("\u00a0", " ")
    assert line == "prévue : lundi 20 novembre 2023, 20 h 06 à 20 h 12"


def test_what_was_told_long_ago_is_shown_as_what_it_was(dutch: pl.DataFrame) -> None:
    found = ask(stage(heard(dutch), PUBLISHED + timedelta(hours=2)).application(), "GET", ADDRESS).json
    assert counts(found["features"]) == {"old": 992}
    assert found["old"] and found["said"].endswith("elles ne sont plus à jour.")


def test_what_is_told_last_of_an_opening_counts_and_what_is_long_over_is_forgotten(dutch: pl.DataFrame) -> None:
    more = dutch.filter(pl.col("status") == "implemented").with_columns(
        status=pl.lit("beingTerminated"), said_at=pl.lit(PUBLISHED), published_at=pl.lit(PUBLISHED)
    )
    states = [one.status for one in heard(dutch, more).openings]
    assert {state: states.count(state) for state in set(states)} == {"planned": 982, "starting": 2, "ended": 8}
    much_later = [pl.col(name) + timedelta(days=30) for name in ("said_at", "published_at", "starts_at", "ends_at")]
    assert len(heard(dutch, dutch.with_columns(*much_later, situation="new_" + pl.col("situation"))).openings) == 992


def test_who_is_not_told_to_show_openings_of_others_shows_none() -> None:
    app = stage(None).application()
    assert ask(app, "GET", ADDRESS).status == 404
    assert b"elsewhere" not in ask(app, "GET", "/fr/").body


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(("width", "language", "dark"), [(1280, "fr", False), (390, "en", True)])
def test_the_button_brings_the_dutch_bridges_into_view(
    browser: Any, dutch: pl.DataFrame, width: int, language: str, dark: bool
) -> None:
    told = stage(heard(dutch), PUBLISHED + timedelta(minutes=5))
    with served(told) as running, sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{running.url}/{language}/")
        button = opened.page.locator("#elsewhere button")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        opened.page.wait_for_timeout(500)  # the map draws
        is_well(opened)
        opened.picture(f"elsewhere-{width}-{language}-{'dark' if dark else 'light'}")


def test_a_point_on_the_map_tells_its_bridge_and_times(browser: Any) -> None:
    starts = PUBLISHED + timedelta(minutes=10)
    first = Opening("s1", "NL0001", 4.5, 52.0, "planned", starts, starts + timedelta(minutes=8))
    two = [first, replace(first, id="s2", starts_at=starts + timedelta(hours=1), ends_at=None)]
    with served(stage(Elsewhere(PUBLISHED, two), PUBLISHED)) as running, sheet(browser) as opened:
        opened.page.goto(f"{running.url}/en/")
        opened.page.locator("#elsewhere button").click()
        opened.page.wait_for_timeout(500)
        opened.page.locator("#map canvas").click()  # in its middle, where the only bridge is
        text = opened.page.locator(".maplibregl-popup-content").inner_text()
        day = "Monday 20\u00a0November 2023"
        assert text.splitlines() == [
            "NL0001", f"planned: {day}, 09:23 to 09:31", f"planned: from {day}, 10:23, end unknown",
        ]  # fmt: skip
