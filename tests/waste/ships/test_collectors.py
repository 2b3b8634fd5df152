"""Who collects, by a secret link: what is asked, when they come, what was taken; a stranger sees nothing of it."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from havre_waste.field import links as rounds
from havre_waste.ships import links
from havre_waste.ships.desk import Desk
from havre_waste.ships.pages.routes import application
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.requests import Planned
from tests.asgi import Reply, ask
from tests.waste.ships.forms import NOW, form, line

KEY = b"a key that only this test knows"
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
LATER = NOW + timedelta(days=1, hours=6)
"""While she lies there."""
WASTE = [
    line("sewage", deliver_m3=60, capacity_m3=100),
    line("oily-bilge-water", deliver_m3=8, capacity_m3=20),
    line("plastics", deliver_m3=1.5, capacity_m3=3),
    line("food-waste", deliver_m3=0.5, capacity_m3=1),
]


class Quay:
    """A desk with one ship, and its pages; the time can be changed."""

    def __init__(self, key: bytes | None = KEY) -> None:
        self.now = NOW
        self.planned: dict[str, Planned] = {}
        self.desk = Desk(ZoneInfo("Europe/Paris"), lambda: self.now, lambda: [BERTH], planned=lambda: self.planned)
        numbers = count(1)
        firms = {Carrier.BARGE: "Invented Barges"}
        self.app = application(self.desk, lambda: f"id-{next(numbers)}", key=key, collectors=firms)
        body = json.dumps(form(waste=WASTE, voyage__delivering="all")).encode()
        assert ask(self.app, "POST", "/notifications.json", body).status == 201

    def get(self, path: str) -> Reply:
        return ask(self.app, "GET", path, headers={"accept": "text/html"})

    def tell(self, carrier: Carrier, what: str, **given: Any) -> Reply:
        return ask(self.app, "POST", f"{of(carrier)}/{what}.json", json.dumps(given).encode())

    def asked(self, carrier: Carrier) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"{of(carrier)}.json").json["requests"]
        return found


BERTH: Mapping[str, Any] = {
    "told_at": NOW, "call": "c", "movement": "m", "mmsi": 200100001, "service": "BERTH", "event": "ARRI",
    "place": "CITY-02", "classifier": "PLN", "at": datetime.fromisoformat("2026-03-02T08:00Z"), "said_at": NOW,
}  # fmt: skip


def of(carrier: Carrier, key: bytes = KEY) -> str:
    return f"/requests/{links.name(carrier)}/{links.token(key, carrier)}"


def taken(load: str, **more: Any) -> dict[str, Any]:
    times = {"delivered_from": "2026-03-02T10:00:00Z", "delivered_to": "2026-03-02T11:00:00Z"}
    return {"load": load, **times, "received": [{"type": "sewage", "received_m3": 58.5}], **more}


@pytest.mark.parametrize(
    "secret", ["guess", links.token(KEY, Carrier.TRUCK), links.token(b"x" * 16, Carrier.BARGE), "é",
               rounds.token(KEY, "barge")],
)  # fmt: skip
def test_a_stranger_sees_nothing_that_is_asked_and_answers_nothing(secret: str) -> None:
    quay = Quay()
    for path in (f"/fr/requests/barge/{secret}/", f"/requests/barge/{secret}.json", f"/fr/requests/cart/{secret}/"):
        assert quay.get(path).status == 404
    for path in (f"/requests/barge/{secret}/confirm.json", f"/requests/barge/{secret}/received.json"):
        assert ask(quay.app, "POST", path, json.dumps(taken("id-1/sewage/1")).encode()).status in (404, 405)
    assert quay.desk.receipt_news(NOW) == quay.desk.time_news(NOW) == []


def test_without_a_key_nobody_has_a_link() -> None:
    assert Quay(None).get(f"{of(Carrier.BARGE)}.json").status != 200


@pytest.mark.parametrize(
    ("carrier", "loads"),
    [(Carrier.BARGE, ["id-1/sewage/1"]), (Carrier.TANK_TRUCK, ["id-1/oily/1"]), (Carrier.TRUCK, ["id-1/garbage/1"])],
)
def test_each_is_asked_for_what_it_can_carry_and_what_the_city_has_in_a_round_says_which(
    carrier: Carrier, loads: list[str]
) -> None:
    quay = Quay()
    quay.planned = {"id-1/garbage/1": Planned("20260302-T07", LATER)}
    found = quay.asked(carrier)
    assert [one["id"] for one in found] == loads
    assert all(one["berth"] == "CITY-02" and one["windows"] and one["m3"] > 0 for one in found)
    assert [one["round"] for one in found] == (["20260302-T07"] if carrier is Carrier.TRUCK else [None])
    for language, word in (("fr", "Dans le plan de la ville"), ("en", "In the city’s plan")):
        page = quay.get(f"/{language}{of(carrier)}/").body.decode()
        assert "HV COASTER 01" in page and (word in page) is (carrier is Carrier.TRUCK)
        told = quay.get(f"/{language}/notifications/id-1").body.decode()
        assert word in told


def test_a_time_that_is_confirmed_lies_in_a_window_and_is_shown_to_the_ship() -> None:
    quay = Quay()
    (one,) = quay.asked(Carrier.BARGE)
    early = (datetime.fromisoformat(one["windows"][0]["opens_at"]) - timedelta(minutes=1)).isoformat()
    refused = quay.tell(Carrier.BARGE, "confirm", load=one["id"], at=early)
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "not_in_window")
    assert quay.tell(Carrier.TRUCK, "confirm", load=one["id"], at=one["windows"][0]["opens_at"]).status == 422
    assert quay.asked(Carrier.BARGE)[0]["confirmed_at"] is None
    assert quay.tell(Carrier.BARGE, "confirm", load=one["id"], at=one["windows"][0]["opens_at"]).status == 201
    assert quay.asked(Carrier.BARGE)[0]["confirmed_at"] == one["windows"][0]["opens_at"]
    assert "Confirmé" in quay.get("/fr/notifications/id-1").body.decode()
    (row,) = quay.desk.time_news(NOW)
    again = Quay()
    again.desk.restore_times([row])
    assert again.asked(Carrier.BARGE)[0]["confirmed_at"] == one["windows"][0]["opens_at"]


def test_what_was_taken_is_a_receipt_for_whoever_notified_and_the_rest_is_still_asked_for() -> None:
    quay = Quay()
    assert quay.get("/fr/notifications/id-1/receipt").status == 404
    quay.now = LATER
    reply = quay.tell(Carrier.BARGE, "received", **taken("id-1/sewage/1", treatment_facility="Invented Works"))
    assert reply.status == 201, reply.body
    assert quay.asked(Carrier.BARGE) == [] and len(quay.desk.to_come()) == 2
    (receipt,) = quay.get("/notifications/id-1/receipt.json").json["receipts"]
    assert (receipt["reception_facility"], receipt["treatment_facility"]) == ("Invented Barges", "Invented Works")
    assert receipt["received"] == [{"type": "sewage", "received_m3": 58.5}] and receipt["as_notified"] is False
    for language, open_ in (("fr", "reste à enlever"), ("en", "still to be collected")):
        page = quay.get(f"/{language}/notifications/id-1/receipt").body.decode()
        assert "Invented Barges" in page and open_ in page
    # a load that was told wrong is put right
    assert quay.tell(Carrier.BARGE, "received", **taken("id-1/sewage/1", reception_facility="B")).status == 201
    assert len(quay.get("/notifications/id-1/receipt.json").json["receipts"]) == 1
    assert [(one["deliveries"], one["notified_m3"]) for one in quay.desk.statistics()] == [(1, 60.0)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"load": "id-1/oily/1"}, "load", "unknown_load"),
        ({"load": "id-9/sewage/1"}, "load", "unknown_load"),
        ({"load": 7}, "load", "unknown_load"),
        ({"delivered_to": "2026-03-02T09:00:00Z"}, "delivered_to", "ends_before"),
        ({"delivered_to": "2026-03-03T09:00:00Z"}, "delivered_to", "to_come"),
        ({"delivered_to": "noon"}, "delivered_to", "not_time"),
        ({"received": []}, "received", "not_list"),
        ({"received": None}, "received", "missing"),
        ({"received": [{"type": "gold", "received_m3": 1}]}, "received[0].type", "not_choice"),
        ({"received": [{"type": "sewage", "received_m3": -1}]}, "received[0].received_m3", "not_number"),
        ({"received": [{"type": "sewage", "received_m3": 1}] * 2}, "received[1].type", "twice"),
        ({"more": 1}, "more", "unknown_field"),
    ],
)
def test_what_was_taken_must_be_right_or_nothing_is(changed: dict[str, Any], field: str, code: str) -> None:
    quay = Quay()
    quay.now = LATER
    reply = quay.tell(Carrier.BARGE, "received", **{**taken("id-1/sewage/1"), **changed})
    assert reply.status == 422
    assert (field, code) in [(one["field"], one["code"]) for one in reply.json["errors"]]
    assert quay.desk.receipt_news(NOW) == []


def test_a_receipt_survives_a_new_start_and_the_statistics_are_said_when_they_change() -> None:
    quay = Quay()
    quay.now = LATER
    notified = quay.desk.news()
    quay.tell(Carrier.BARGE, "received", **taken("id-1/sewage/1"))
    rows, told = quay.desk.receipt_news(LATER), quay.desk.statistics_news(LATER)
    assert [(one["month"], one["type"], one["received_m3"]) for one in told] == [("2026-03", "sewage", 58.5)]
    assert quay.desk.receipt_news(LATER) == quay.desk.statistics_news(LATER) == []
    again = Desk(quay.desk.zone, lambda: LATER, lambda: [BERTH])
    again.restore(notified)
    again.restore_receipts(rows)
    again.restore_statistics({**one, "position": 7} for one in told)  # the exchange has columns of its own
    of_her = again.find("id-1")
    assert of_her is not None
    assert again.receipts(of_her) == quay.desk.receipts(of_her)
    assert again.receipt_news(LATER) == again.statistics_news(LATER) == []
    assert sorted(one.id for one in again.to_come()) == ["id-1/garbage/1", "id-1/oily/1"]


def test_the_page_is_answered_in_the_port_s_time_and_a_wrong_answer_comes_back() -> None:
    quay = Quay()
    page = f"/fr{of(Carrier.TANK_TRUCK)}/"
    given = {"load": "id-1/oily/1", "at": "2026-03-02T11:00", "do": "confirm"}
    assert ask(quay.app, "POST", page, urlencode(given).encode(), FORM).status == 303
    assert quay.asked(Carrier.TANK_TRUCK)[0]["confirmed_at"] == "2026-03-02T10:00:00+00:00"
    quay.now = LATER
    given = {"load": "id-1/oily/1", "do": "received", "received.0": "7,5", "delivered_from": "2026-03-02T11:00",
             "delivered_to": "2026-03-02T12:00", "reception_facility": ""}  # fmt: skip
    reply = ask(quay.app, "POST", page, urlencode(given).encode(), FORM)
    assert reply.status == 400 and "Collecteur\u00a0: à remplir" in reply.body.decode()
    good = urlencode({**given, "reception_facility": "Invented Tanks"}).encode()
    assert ask(quay.app, "POST", page, good, FORM).status == 303
    (receipt,) = quay.get("/notifications/id-1/receipt.json").json["receipts"]
    assert receipt["delivered_from"] == "2026-03-02T10:00:00Z" and receipt["received"][0]["received_m3"] == 7.5


def test_a_time_is_asked_for_while_a_window_is_left() -> None:
    quay = Quay()
    page = f"/en{of(Carrier.BARGE)}/"
    assert b'value="confirm"' in quay.get(page).body
    last = max(window["closes_at"] for one in quay.asked(Carrier.BARGE) for window in one["windows"])
    quay.now = datetime.fromisoformat(last)
    left = quay.get(page).body
    assert b'value="confirm"' not in left and b"None of its windows is left" in left and b'value="received"' in left


def test_a_ship_that_has_left_still_wants_her_receipt_but_no_round() -> None:
    quay = Quay()
    quay.now = datetime.fromisoformat("2026-03-03T08:00Z")
    assert quay.desk.to_come() == []
    (one,) = quay.asked(Carrier.BARGE)
    assert one["ship_has_left"]
    quay.now += timedelta(days=4)
    assert quay.asked(Carrier.BARGE) == []


@pytest.mark.parametrize("prefix", ["", "/services/waste"])
def test_its_pages_lead_back_to_the_city_below_whatever_prefix(prefix: str) -> None:
    desk = Desk(ZoneInfo("Europe/Paris"), lambda: NOW)
    below = Starlette(routes=[Mount("/ships", application(desk, lambda: "id", below="/ships"))])
    app = Starlette(routes=[Mount(prefix, below)]) if prefix else below
    for language in ("fr", "en"):
        page = ask(app, "GET", f"{prefix}/ships/{language}/").body.decode()
        assert f'href="{prefix}/{language}/"' in page
