"""The pages of the collection as people see them, in Debian's Chromium; the driver's without a network, too.

Pictures are kept in ``build/pages``.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from havre_waste.field.events import Kind
from havre_waste.sites.model import Flow
from tests.browser import Sheet, chromium, sheet
from tests.mobility.pages.served import Served
from tests.waste.field import towns
from tests.waste.field.served import Stage, served

DRIVER = "GPU stall due to ReadPixels"  # what drawing without a graphics card says; nothing of ours
NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
EACH_WAY = [*((width, language, False) for width in (1280, 390) for language in ("fr", "en")), (390, "fr", True)]
each_way = pytest.mark.parametrize(("width", "language", "dark"), EACH_WAY)
YES = "#thumb .yes"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """With a strike, and a round on its way; tests leave it as it is."""
    stage = Stage(towns.striking(), tmp_path_factory.mktemp("shown"))
    steps = [step.id for step in stage.view.rounds[0].steps]
    stage.tell(*steps[1:3])
    stage.tell(steps[3], kind=Kind.BLOCKED)
    return stage


@pytest.fixture(scope="module")
def site(shown: Stage) -> Iterator[Served]:
    with served(shown) as running:
        yield running


@pytest.fixture
def running(stage: Stage) -> Iterator[Served]:
    with served(stage) as alone:
        yield alone


def is_well(opened: Sheet, *but: str) -> None:
    assert [one for one in opened.wrong if not any(known in one for known in (DRIVER, *but))] == []
    assert opened.axe() == []
    assert not opened.overflows()


def drive(opened: Sheet, url: str, link: str) -> Any:
    """The driver's page, when it is ready to be without a network."""
    opened.page.goto(f"{url}{link}/")
    opened.page.wait_for_selector("#content[data-offline=ready]")
    opened.page.wait_for_selector("#map[data-drawn]")
    return opened.page


def comes_to(page: Any, count: str) -> None:
    """A click is told to the page's store first."""
    page.locator("#count", has_text=count).wait_for()


@each_way
def test_the_city_is_accessible_fits_and_asks_nobody_else(
    browser: Any, site: Served, width: int, language: str, dark: bool
) -> None:
    with sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/")
        opened.page.wait_for_selector("#map[data-drawn]")
        is_well(opened)
        opened.picture(f"waste-city-{width}-{language}-{'dark' if dark else 'light'}")


@each_way
def test_the_driver_s_page_is_accessible_fits_and_asks_nobody_else(
    browser: Any, site: Served, shown: Stage, width: int, language: str, dark: bool
) -> None:
    with sheet(browser, width=width, height=844, dark=dark) as opened:
        page = drive(opened, site.url, shown.link(language=language))
        is_well(opened)
        opened.picture(f"waste-drive-{width}-{language}-{'dark' if dark else 'light'}")
        page.locator("[data-ask=blocked]").click()
        is_well(opened)
        page.screenshot(path=f"build/pages/waste-blocked-{width}-{language}-{'dark' if dark else 'light'}.png")


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "fr")])
@pytest.mark.parametrize("name", ["first", "streets?q=rue", "streets/street-7", "rounds/20261125-r1"])
def test_the_other_pages_are_accessible_fit_and_ask_nobody_else(
    browser: Any, site: Served, name: str, width: int, language: str
) -> None:
    with sheet(browser, width=width) as opened:
        opened.page.goto(f"{site.url}/{language}/{name}")
        if name.startswith("rounds"):
            opened.page.wait_for_selector("#map[data-drawn]")
        is_well(opened)
        opened.picture(f"waste-{name.split('?')[0].split('/')[0]}-{width}-{language}")


def test_the_order_of_a_first_round_stays_open_while_the_page_renews_itself(browser: Any, site: Served) -> None:
    with sheet(browser, width=390) as opened:
        page = opened.page
        page.goto(f"{site.url}/fr/first")
        page.get_by_text("Dans cet ordre").first.click()
        page.evaluate("document.querySelector('#live').dataset.made = '2026-11-25T08:40:01+00:00'")
        page.wait_for_selector("#live:not([data-made*=':01+'])")
        assert page.get_by_text(towns.NAMES[3], exact=True).is_visible()
        is_well(opened)


def test_what_is_said_without_a_network_survives_the_page_and_arrives_once(
    browser: Any, stage: Stage, running: Served, tmp_path: Path
) -> None:
    steps = [step.id for step in stage.view.rounds[0].steps]
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link())
        page.context.set_offline(True)
        running.stop()  # a service worker that starts anew does not know of the emulation
        page.locator(YES).click()
        page.get_by_role("button", name="Plein et fait", exact=True).click()
        page.locator("[data-ask=blocked]").click()
        page.locator("#ask-blocked input").set_input_files(street_photo(tmp_path))
        page.wait_for_selector("#ask-blocked[data-photo]:not([data-photo='']) img:not([hidden])")
        page.locator("#ask-blocked").get_by_role("button", name="Voiture garée").click()
        page.wait_for_selector("#strip[data-waiting='4']")
        comes_to(page, "3 / 12")
        page.reload()
        page.wait_for_selector("#strip[data-waiting='4']")
        page.wait_for_selector("#map[data-drawn]")
        comes_to(page, "3 / 12")
        assert page.locator("#next-name").inner_text() == towns.NAMES[7]
        assert "Hors ligne" in page.locator("#strip").inner_text()
        opened.picture("waste-drive-offline")
        assert stage.book.events(towns.after(days=-1)) == []
        with served(stage, port=urlsplit(running.url).port):
            page.context.set_offline(False)
            page.wait_for_selector("#strip[data-waiting='0']")
            is_well(opened, NO_NETWORK)
    told = {one.stop: one for one in stage.book.events(towns.after(days=-1))}
    assert {stop: (one.kind, one.fill, one.note) for stop, one in told.items()} == {
        steps[1]: (Kind.DONE, None, None), steps[2]: (Kind.DONE, 1.0, None), steps[3]: (Kind.BLOCKED, None, "car"),
    }  # fmt: skip
    assert len(stage.book.events(towns.after(days=-1))) == 3
    photo = told[steps[3]].photo
    assert photo is not None
    kept = stage.book.photo(photo)
    assert kept is not None and b"Exif" not in kept and b"GPS of a driver" not in kept


def test_what_was_said_can_be_taken_back_and_another_stop_chosen(browser: Any, stage: Stage, running: Served) -> None:
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link(language="en"))
        page.locator(YES).click()
        page.get_by_role("button", name="½ full and done").click()
        comes_to(page, "2 / 12")
        page.locator("#told-undo").click()
        comes_to(page, "1 / 12")
        page.locator("#list .stop", has_text=towns.NAMES[10]).click()
        assert page.locator("#next-name").inner_text() == towns.NAMES[10]
        page.locator("[data-ask=damaged]").click()
        page.get_by_role("button", name="Lid").click()
        page.wait_for_selector("#strip[data-waiting='0']")
        page.locator("#behind summary").click()
        assert (
            "Damaged, lid" in page.locator("#behind-list").inner_text().capitalize()
            or page.get_by_text("damaged, Lid").is_visible()
        )
        opened.picture("waste-drive-behind")
        is_well(opened)


def test_a_round_planned_anew_is_announced_until_it_was_seen(browser: Any, stage: Stage, running: Served) -> None:
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link())
        first, *others = stage.view.rounds
        stage.view = replace(stage.view, rounds=(towns.replanned(first), *others))
        page.evaluate("dispatchEvent(new Event('online'))")
        page.get_by_text("Tournée modifiée à 9").wait_for()
        comes_to(page, "0 / 14")
        opened.picture("waste-drive-replanned")
        is_well(opened)
        page.get_by_role("button", name="Vu").click()
        page.reload()
        page.wait_for_selector("#map[data-drawn]")
        assert page.get_by_text("Tournée modifiée à 9").count() == 0


def test_a_link_of_yesterday_says_so_and_loses_nothing(browser: Any, stage: Stage, running: Served) -> None:
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link())
        page.context.set_offline(True)
        page.locator(YES).click()
        stage.view = replace(stage.view, rounds=stage.view.rounds[1:])
        page.context.set_offline(False)
        page.get_by_text("Ce lien n’est plus valable").wait_for()
        assert page.locator("#strip").get_attribute("data-waiting") == "1"


def test_bridges_breaks_and_the_tip_are_told_before_they_come(browser: Any, stage: Stage, running: Served) -> None:
    glass = [step.id for step in stage.view.rounds[0].steps]
    stage.tell(*glass[1:7])
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link(language="en"))
        assert (
            page.locator("#next-bridges").inner_text() == "Pont VII closes 10:10 to 10:25: the round crosses at 10:40"
        )
        opened.picture("waste-drive-bridge")
        page.locator(YES).click()
        assert page.locator("#next-bridges .waits").is_visible()
        assert page.locator("#next-what").inner_text().startswith("Unloading")
        assert not page.get_by_role("button", name="Blocked").is_visible()
        is_well(opened)


def test_a_page_that_hears_nothing_more_shows_no_progress(browser: Any, stage: Stage, running: Served) -> None:
    stage.later = timedelta(minutes=3)
    with sheet(browser, width=390) as opened:
        opened.page.goto(f"{running.url}/en/")
        opened.page.wait_for_selector("html[data-live=lost]")
        seen = opened.page.locator("body").inner_text()
        assert "stops done" not in seen
        assert "How far the rounds are is not known at the moment." in seen
        opened.picture("waste-city-lost")
        is_well(opened)


def test_a_container_on_the_map_tells_how_sure_its_level_is(browser: Any, site: Served) -> None:
    with sheet(browser) as opened:
        page = opened.page
        page.goto(f"{site.url}/en/")
        page.wait_for_selector("#map[data-drawn]")
        answer = page.request.get(f"{site.url}/en/containers/c-0-{Flow.GLASS}").json()
        assert answer["lines"][0] == "62% full (between 50% and 75%), full in about 2 days, between 1 and 4"


def test_a_container_is_reported_by_keyboard(browser: Any, stage: Stage, running: Served) -> None:
    with sheet(browser, width=390) as opened:
        page = opened.page
        page.goto(f"{running.url}/en/streets")
        page.get_by_label("My street").fill("12 r. semaphore")
        page.keyboard.press("Enter")
        page.wait_for_url("**/streets/street-1")
        page.get_by_label("glass").press("Space")
        page.get_by_role("button", name="Overflowing").press("Enter")
        page.get_by_text("Thank you, noted.").wait_for()
        is_well(opened)
    (report,) = stage.book.reports(towns.after(days=-1))
    assert (report.container, report.seen) == ("c-1-glass", "overflow")


def street_photo(folder: Path) -> Path:
    """A JPEG as phones make them: large, and with an Exif segment that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "GPS of a driver"
    picture = Image.effect_noise((2400, 1800), 60).convert("RGB")
    picture.save(folder / "street.jpg", exif=exif, quality=95)
    assert b"GPS of a driver" in (folder / "street.jpg").read_bytes()
    return folder / "street.jpg"


def test_a_crew_says_that_its_truck_broke_down(browser: Any, stage: Stage, running: Served) -> None:
    with sheet(browser, width=390, height=844) as opened:
        page = drive(opened, running.url, stage.link(language="en"))
        page.get_by_text("Language, display, breakdown").click()
        page.get_by_role("button", name="Truck broken down").click()
        is_well(opened)
        page.locator("#broken").get_by_role("button", name="Truck broken down").click()
        page.get_by_text("Noted: the stops that remain").wait_for()
    assert stage.broken == ["truck-1"]


def test_a_change_reaches_the_page_by_itself_and_leaves_the_search_alone(
    browser: Any, stage: Stage, running: Served
) -> None:
    with sheet(browser) as opened:
        page = opened.page
        page.goto(f"{running.url}/en/")
        page.wait_for_selector("#map[data-drawn]")
        page.get_by_label("My street").fill("gal")
        stage.tell(stage.view.rounds[0].steps[1].id)
        stage.later = timedelta(seconds=1)
        page.evaluate("htmx.ajax('GET', '/en/now', {target: '#live', swap: 'outerMorph'})")
        page.get_by_text("1 of 12 stops done").wait_for()
        assert page.get_by_label("My street").input_value() == "gal"
        assert page.locator(".map canvas").count() == 1
        is_well(opened)
