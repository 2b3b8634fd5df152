"""The form and what follows from it in Debian's Chromium: narrow and wide, in both languages, light and dark."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from havre_waste.ships import links
from havre_waste.ships.desk import Desk
from havre_waste.ships.model import Received
from havre_waste.ships.pages.routes import application
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.reading import notification
from havre_waste.ships.receipts import receipt
from havre_waste.ships.requests import Planned
from tests.browser import Sheet, chromium, sheet
from tests.mobility.pages.served import Served
from tests.waste.ships.forms import NOW, form

KEY = b"a key that only this test knows"
BERTH: dict[str, Any] = {
    "told_at": NOW, "call": "c", "movement": "m", "mmsi": 200100001, "service": "BERTH", "event": "ARRI",
    "place": "CITY-02", "classifier": "PLN", "at": NOW + timedelta(days=1, hours=2), "said_at": NOW,
}  # fmt: skip
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
    her, _ = notification(form(), "here", NOW)
    assert her is not None
    desk.take(her)
    desk.timestamps = lambda: [BERTH]
    desk.planned = lambda: {"here/garbage/1": Planned("20260302-T07", NOW + timedelta(days=1, hours=5))}
    running = Served(application(desk, lambda: f"id-{next(numbers)}", key=KEY))
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


@each_way
@pytest.mark.parametrize("name", ["receipt", "requests"])
def test_the_receipt_and_what_is_asked_of_collectors_are_accessible_and_fit(
    browser: Any, site: Served, name: str, width: int, language: str, dark: bool
) -> None:
    path = {"receipt": "notifications/late/receipt", "requests": f"requests/truck/{links.token(KEY, Carrier.TRUCK)}/"}
    with sheet(browser, width=width, dark=dark) as opened:
        opened.page.goto(f"{site.url}/{language}/{path[name]}")
        for one in opened.page.locator("details").all():
            one.locator("summary").click()
        is_well(opened)
        opened.picture(f"ship-waste-{name}-{width}-{language}-{'dark' if dark else 'light'}")


def test_a_collector_gives_its_word_and_a_receipt_from_a_phone(browser: Any, site: Served) -> None:
    with sheet(browser, width=390) as opened:
        page = opened.page
        page.goto(f"{site.url}/fr/requests/tank-truck/{links.token(KEY, Carrier.TANK_TRUCK)}/")
        load = page.get_by_role("region", name="HV COASTER 01 · CITY-02").first
        load.get_by_label("Nous venons le").fill("2026-03-02T12:00")
        load.get_by_role("button", name="Confirmer l’heure").click()
        assert page.get_by_text("Confirmé\u00a0:").first.is_visible()
        is_well(opened)
        page.get_by_text("Dire ce qui a été enlevé").first.click()
        page.get_by_label("Dépôt commencé le").first.fill("2026-03-01T06:00")
        page.get_by_label("terminé le").first.fill("2026-03-01T07:00")
        page.get_by_label("Installation de réception").first.fill("Invented Tanks")
        page.get_by_role("button", name="Établir le reçu").first.click()
        page.wait_for_load_state()
        page.goto(f"{site.url}/fr/notifications/here/receipt")
        assert page.get_by_text("Invented Tanks").is_visible()
        is_well(opened)


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
