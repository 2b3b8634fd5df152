"""The pages as people see them, in Debian's Chromium: wide and narrow, in both languages, light and dark.

Pictures are kept in ``build/pages``.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser import Sheet, chromium, sheet
from tests.mobility.pages import pictures
from tests.mobility.pages.served import Served, Stage, served

DRIVER = "GPU stall due to ReadPixels"  # what drawing without a graphics card says; nothing of ours
WAYS = [(width, language, dark) for width in (1280, 390) for language in ("fr", "en") for dark in (False, True)]
each_way = pytest.mark.parametrize(("width", "language", "dark"), WAYS)
SLEEP = "performance.now = (now => () => now() + {ms})(performance.now.bind(performance))"

LISTEN = """async () => {
    const script = document.querySelector("script[src$='port.js']").src
    const { maplibre } = await import(script.replace('mobility/port.js', 'ui/map.js'))
    const { setData } = maplibre.GeoJSONSource.prototype
    maplibre.GeoJSONSource.prototype.setData = function (data, ...more) {
        if (this.id === 'ships') document.body.dataset.east = data.features[0].geometry.coordinates[0]
        return setData.call(this, data, ...more)
    }
}"""
"""How far east the map is told that the first ship is, as ``data-east`` of the body."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    with served(Stage(pictures.busy(), moves=True)) as running:
        yield running


def is_well(opened: Sheet) -> None:
    assert [one for one in opened.wrong if DRIVER not in one] == []
    assert opened.axe() == []
    assert not opened.overflows()


@each_way
def test_the_port_is_accessible_fits_and_asks_nobody_else(
    browser: Any, site: Served, width: int, language: str, dark: bool
) -> None:
    with sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/")
        opened.page.wait_for_selector("a.map-label.is-bridge.is-closed")
        opened.page.wait_for_selector(".chart canvas")
        opened.page.wait_for_timeout(300)  # the map fades its tiles in
        is_well(opened)
        opened.picture(f"port-{width}-{language}-{'dark' if dark else 'light'}")


@each_way
def test_the_card_of_a_bridge_is_accessible_fits_and_asks_nobody_else(
    browser: Any, site: Served, width: int, language: str, dark: bool
) -> None:
    with sheet(browser, width=width, height=420, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/bridges/bridge-rouge/card")
        assert opened.page.locator("h1").inner_text() == "Pont Rouge"
        is_well(opened)
        opened.picture(f"card-{width}-{language}-{'dark' if dark else 'light'}")


def frame(request: Request) -> Response:
    """A page of another site with the asked address in a frame."""
    head = "<title>Other</title><link rel=icon href=data:,>"
    return HTMLResponse(f'{head}<iframe title="Framed" src="{request.url.query}" width="360"></iframe>')


def test_the_card_may_stand_in_a_page_of_another_site_and_the_page_of_the_port_may_not(
    browser: Any, site: Served
) -> None:
    other = Served(Starlette(routes=[Route("/", frame)]))
    with sheet(browser) as opened:
        opened.page.goto(f"{other.url}/?{site.url}/fr/bridges/bridge-rouge/card")
        opened.page.frame_locator("iframe").get_by_text("Fermeture annoncée").wait_for()
        assert opened.wrong == []
        opened.page.goto(f"{other.url}/?{site.url}/fr/")
        assert "frame-ancestors" in opened.wrong[0]
    other.stop()


def test_the_page_of_a_bridge(browser: Any, site: Served) -> None:
    with sheet(browser, width=390) as opened:
        opened.page.goto(f"{site.url}/fr/bridges/bridge-7")
        opened.page.get_by_text("Probabilité que la route soit fermée").click()
        is_well(opened)
        opened.picture("bridge-390-fr-light")


def test_a_change_reaches_the_page_and_the_map_by_itself(browser: Any) -> None:
    stage = Stage(pictures.busy(), moves=True)
    with served(stage) as running, sheet(browser) as opened:
        opened.page.clock.install()
        opened.page.goto(f"{running.url}/en/")
        opened.page.wait_for_selector("a.map-label.is-closed")
        stage.picture = pictures.all_dead()
        opened.page.wait_for_selector("a.map-label.is-unknown")
        assert opened.page.locator("a.map-label.is-closed").count() == 0
        opened.page.clock.fast_forward(6000)  # the page's part that is alive is asked for every five seconds
        opened.page.wait_for_selector("article.bridge.is-unknown")
        assert opened.page.locator("article.bridge.is-closed").count() == 0
        assert opened.page.locator(".map canvas").count() == 1  # the map was left alone


def test_where_a_ship_is_now_reaches_the_map(browser: Any) -> None:
    stage = Stage(pictures.busy())
    with served(stage) as running, sheet(browser) as opened:
        opened.page.goto(f"{running.url}/en/")
        opened.page.wait_for_selector("a.map-label.is-closed")
        opened.page.evaluate(LISTEN)
        ship = replace(stage.picture.ships[0], longitude=0.123)
        later = stage.picture.at + timedelta(milliseconds=250)
        stage.show(replace(stage.picture, at=later, ships=(ship, *stage.picture.ships[1:])))
        opened.page.wait_for_selector("body[data-east='0.123']")


@pytest.mark.parametrize("page", ["", "bridges/bridge-7", "bridges/bridge-7/card"])
def test_a_page_that_hears_nothing_more_shows_no_state(browser: Any, page: str) -> None:
    with served(Stage(pictures.busy(), moves=True)) as running, sheet(browser, width=390) as opened:
        opened.page.goto(f"{running.url}/en/{page}")
        opened.page.wait_for_selector("html[data-live=now]")
        running.stop()
        opened.page.evaluate(SLEEP.format(ms=25_000))
        opened.page.wait_for_selector("html[data-live=late]")
        assert "No news for" in opened.page.locator("#trouble").inner_text()
        opened.page.evaluate(SLEEP.format(ms=60_000))
        opened.page.wait_for_selector("html[data-live=lost]")
        seen = opened.page.locator("body").inner_text()
        assert "State unknown" in seen
        assert "eserved for the road today" in seen
        assert not [state for state in ("Closed to road", "Open to road", "Closing", "7\u00a0min") if state in seen]
        assert opened.axe() == []
        assert not opened.overflows()
        opened.picture(f"lost-390-en-{page.replace('/', '-') or 'port'}")


def test_a_server_that_fails_is_not_believed(browser: Any) -> None:
    """An error page never replaces the fragment, and does not count as news."""
    stage = Stage(pictures.busy(), moves=True)
    with served(stage) as running, sheet(browser) as opened:
        opened.page.clock.install()
        opened.page.goto(f"{running.url}/en/")
        opened.page.route("**/now", lambda route: route.fulfill(status=500, body="<h1>broken</h1>"))
        opened.page.evaluate(SLEEP.format(ms=65_000))
        opened.page.wait_for_selector("html[data-live=lost]")
        with opened.page.expect_response("**/now"):
            opened.page.clock.fast_forward(6000)
        opened.page.wait_for_timeout(1500)
        assert opened.page.locator("html").get_attribute("data-live") == "lost"
        assert opened.page.locator("article.bridge").count() == 5


def test_a_picture_that_the_service_no_longer_renews_is_lost_at_once(browser: Any) -> None:
    stage = Stage(pictures.busy(), moves=True)
    stage.later = timedelta(minutes=3)
    with served(stage) as running, sheet(browser) as opened:
        opened.page.goto(f"{running.url}/en/")
        opened.page.wait_for_selector("html[data-live=lost]")


def test_without_script_the_page_tells_all_and_renews_itself(browser: Any, site: Served) -> None:
    with sheet(browser, width=390, java_script_enabled=False) as opened:
        opened.page.goto(f"{site.url}/fr/")
        seen = opened.page.locator("body").inner_text()
        assert "Fermé à la route" in seen
        assert "Plus de nouvelles" not in seen
        assert opened.page.locator("noscript meta[http-equiv=refresh]").count() == 1


def test_the_keyboard_skips_to_the_content_and_changes_the_theme(browser: Any, site: Served) -> None:
    with sheet(browser) as opened:
        page = opened.page
        page.goto(f"{site.url}/en/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        button = page.get_by_role("button", name="Switch to dark")
        button.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert page.get_by_role("button", name="Switch to light").is_visible()
        is_well(opened)


def test_the_language_changes_on_the_same_page(browser: Any, site: Served) -> None:
    with sheet(browser, locale="en-GB") as opened:
        page = opened.page
        page.goto(f"{site.url}/bridges/bridge-7")
        assert page.url.endswith("/en/bridges/bridge-7")
        page.get_by_role("link", name="FR").click()
        page.wait_for_url("**/fr/bridges/bridge-7")
        assert page.locator("html").get_attribute("lang") == "fr"


def test_paper_has_the_states_and_no_controls(browser: Any, site: Served) -> None:
    with sheet(browser) as opened:
        opened.page.goto(f"{site.url}/fr/")
        opened.page.emulate_media(media="print")
        assert opened.page.get_by_text("Fermé à la route", exact=True).first.is_visible()
        assert not opened.page.locator("#theme").is_visible()
        assert not opened.page.locator(".map").is_visible()
