"""The form and what follows from it in Debian's Chromium: narrow and wide, in both languages, light and dark."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from havre_waste.ships.desk import Desk
from havre_waste.ships.model import Received
from havre_waste.ships.pages.routes import application
from havre_waste.ships.reading import notification
from havre_waste.ships.receipts import receipt
from tests.browser import Sheet, chromium, sheet
from tests.mobility.pages.served import Served
from tests.waste.ships.forms import NOW, form

WAYS = [(1280, "en", False), (390, "fr", False), (390, "en", True), (1280, "fr", True)]
each_way = pytest.mark.parametrize(("width", "language", "dark"), WAYS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    numbers = count(1)
    desk = Desk(ZoneInfo("Europe/Paris"), lambda: NOW)
    of, _ = notification(form(voyage__arrives_at="2026-03-01T12:00:00Z"), "late", NOW)
    assert of is not None
    desk.take(of)
    times: Any = {"delivered_from": NOW + timedelta(hours=9), "delivered_to": NOW + timedelta(hours=10)}
    desk.give(receipt(of, "r-1", [Received("plastics", 1.4)], reception_facility="Invented Collector", **times))
    running = Served(application(desk, lambda: f"id-{next(numbers)}"))
    yield running
    running.stop()


def is_well(opened: Sheet) -> None:
    assert opened.wrong == []
    assert opened.axe() == []
    assert not opened.overflows()


@each_way
def test_the_form_is_accessible_and_fits(browser: Any, site: Served, width: int, language: str, dark: bool) -> None:
    with sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/")
        is_well(opened)
        opened.picture(f"ship-waste-{width}-{language}-{'dark' if dark else 'light'}")


@each_way
def test_what_was_notified_is_accessible_and_fits(
    browser: Any, site: Served, width: int, language: str, dark: bool
) -> None:
    with sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/notifications/late")
        assert opened.page.get_by_text("Invented Collector").is_visible()
        is_well(opened)
        opened.picture(f"ship-waste-told-{width}-{language}-{'dark' if dark else 'light'}")


def test_a_form_is_put_right_and_sent_from_a_phone(browser: Any, site: Served) -> None:
    with sheet(browser, width=390) as opened:
        page = opened.page
        page.goto(f"{site.url}/fr/")
        page.get_by_label("Nom du navire").fill("HV FEEDER 02")
        page.get_by_label("Numéro OMI").fill("9074720")
        page.get_by_role("button", name="Envoyer").click()
        page.wait_for_selector("[role=alert]")
        opened.wrong.clear()  # the browser's own word on a 400
        is_well(opened)
        opened.picture("ship-waste-wrong-390-fr")
        page.get_by_role("link", name="Numéro OMI").click()
        page.get_by_label("Numéro OMI").fill("9074729")
        page.get_by_label("Jauge brute").fill("9000")
        page.get_by_label("Type de navire").select_option("container")
        page.get_by_label("État du pavillon").fill("FR")
        page.get_by_label("Terminal ou quai").fill("P2000-03")
        page.get_by_label("Arrivée prévue").fill("2026-03-02T09:00")
        page.get_by_label("Départ prévu").fill("2026-03-03T09:00")
        page.get_by_label("Port précédent").fill("NLRTM")
        page.get_by_label("Port suivant", exact=False).first.fill("ESBIO")
        page.get_by_label("Le navire dépose ici").select_option("all")
        page.get_by_text("Annexe I de MARPOL").click()
        line = page.get_by_role("group", name="Eaux de cale huileuses")
        line.get_by_label("À déposer").fill("8,5")
        line.get_by_label("Capacité dédiée").fill("20")
        page.get_by_role("button", name="Envoyer").click()
        page.wait_for_url("**/fr/notifications/*")
        assert page.get_by_text("Le stockage dédié suffit").is_visible()
        assert page.get_by_text("8,50 m³, par camion-citerne").is_visible()
        is_well(opened)
