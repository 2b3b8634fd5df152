"""The form in a browser's terms and the API, for whoever comes; nothing is kept of what is refused."""

import json
import tomllib
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette

import havre_waste.ships.pages as pages
from havre_waste.ships import wire
from havre_waste.ships.desk import Desk
from havre_waste.ships.model import Received
from havre_waste.ships.pages.routes import application
from havre_waste.ships.reading import notification
from havre_waste.ships.receipts import receipt
from havre_waste.ships.wrong import MESSAGES
from tests.asgi import Reply, ask
from tests.waste.ships.forms import GIVEN, NOW, form

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}


def made() -> tuple[Desk, Starlette]:
    desk = Desk(ZoneInfo("Europe/Paris"), lambda: NOW)
    numbers = count(1)
    return desk, application(desk, lambda: f"id-{next(numbers)}")


def written(**changes: str) -> dict[str, str]:
    """The form of the page, filled in; changes by name, with ``__`` for a dot."""
    values = {f"{part}.{name}": str(value) for part in ("ship", "voyage") for name, value in GIVEN[part].items()}
    values |= {"voyage.arrives_at": "2026-03-02T09:00", "voyage.departs_at": "2026-03-02T21:00"}
    for one in GIVEN["waste"]:
        values |= {f"waste.{one['type']}.{name}": str(value) for name, value in one.items() if name != "type"}
    return values | {name.replace("__", "."): value for name, value in changes.items()}


def post(app: Starlette, path: str, body: bytes, **headers: str) -> Reply:
    return ask(app, "POST", path, body=body, headers=headers)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_form_is_there_and_a_notification_is_taken_and_told_again(language: str) -> None:
    desk, app = made()
    assert ask(app, "GET", f"/{language}/").status == 200
    reply = ask(app, "POST", f"/{language}/", body=urlencode(written()).encode(), headers=FORM)
    assert (reply.status, reply.headers["location"]) == (303, f"/{language}/notifications/id-1")
    told = ask(app, "GET", reply.headers["location"]).body.decode()
    assert "HV COASTER 01" in told
    given = desk.find("id-1")
    assert given is not None
    assert given.voyage.arrives_at.hour == 8  # the port's nine o'clock
    assert [one.kind.id for one in given.waste] == ["oily-bilge-water", "sewage", "plastics", "food-waste"]


def test_a_wrong_form_comes_back_filled_in_with_each_field_named() -> None:
    desk, app = made()
    values = written(ship__imo="9074720", ship__name="", waste__plastics__deliver_m3="1 t", voyage__last_port="<b>")
    reply = ask(app, "POST", "/en/", body=urlencode(values).encode(), headers=FORM)
    page = reply.body.decode()
    assert reply.status == 400
    for name in ("ship.imo", "ship.name", "waste.plastics.deliver_m3", "voyage.last_port"):
        assert f'href="#{name}"' in page
        assert f'id="{name}-wrong"' in page
    assert 'value="Invented Shipping"' in page
    assert "<b>" not in page
    assert desk.news() == []


def test_a_type_with_nothing_written_is_no_line_and_storage_is_never_guessed() -> None:
    _, app = made()
    empty = {name: value for name, value in written().items() if not name.startswith("waste.")}
    reply = ask(app, "POST", "/en/", body=urlencode(empty).encode(), headers=FORM)
    assert 'href="#waste"' in reply.body.decode()
    some = empty | {"waste.plastics.deliver_m3": "2", "voyage.delivering": "all"}
    page = ask(app, "POST", "/en/", body=urlencode(some).encode(), headers=FORM).body.decode()
    assert 'href="#waste.plastics.capacity_m3"' in page
    assert 'href="#waste.plastics.retained_m3"' not in page


def test_json_is_taken_and_answered_with_what_follows() -> None:
    desk, app = made()
    reply = post(app, "/notifications.json", json.dumps(form()).encode())
    answer = json.loads(reply.body)
    assert (reply.status, reply.headers["location"]) == (201, "/notifications/id-1.json")
    assert answer["may_keep"] == {"answer": True, "why": "sufficient", "must_deliver": []}
    assert [(one["carrier"], one["m3"]) for one in answer["pickups"]] == [("tank truck", 8.0), ("truck", 2.0)]
    assert json.loads(ask(app, "GET", "/notifications/id-1.json").body) == answer
    assert desk.find("id-1") is not None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", json.dumps(form(ship__imo="1")).encode()])
def test_wrong_json_is_a_problem_with_its_fields(body: bytes) -> None:
    desk, app = made()
    reply = post(app, "/notifications.json", body)
    assert reply.status in (400, 422)
    assert reply.headers["content-type"] == "application/problem+json"
    assert all({"field", "code", "message"} == one.keys() for one in json.loads(reply.body)["errors"])
    assert desk.news() == []


def test_a_csv_file_is_taken_whole_or_not_at_all() -> None:
    desk, app = made()
    one, _ = notification(form(), "a", NOW)
    assert one is not None
    good = wire.write_csv([one])
    bad = good + good.splitlines()[1].replace("a,", "b,", 1).replace("NLRTM", "Rotterdam") + "\n"
    reply = post(app, "/notifications.csv", bad.encode())
    assert reply.status == 422
    assert any(problem["field"].startswith("line 6: voyage_last_port") for problem in json.loads(reply.body)["errors"])
    assert desk.news() == []
    reply = post(app, "/notifications.csv", good.encode())
    assert json.loads(reply.body) == {"notifications": {"a": "id-1"}}  # the sender's id stands for nothing here


def test_what_is_too_long_is_not_read() -> None:
    _, app = made()
    for path in ("/notifications.json", "/notifications.csv", "/en/"):
        assert post(app, path, b"x" * 1_000_001, accept="application/json").status == 413


def test_what_was_not_notified_is_not_found() -> None:
    _, app = made()
    assert ask(app, "GET", "/en/notifications/none").status == 404
    assert ask(app, "GET", "/notifications/none.json").status == 404


def test_a_desk_that_begins_again_knows_what_it_had_published() -> None:
    desk, app = made()
    post(app, "/notifications.json", json.dumps(form()).encode())
    rows = desk.news()
    assert desk.news() == []
    assert list(rows[0]) == ["notified_at", *wire.CSV_COLUMNS]
    again, _ = made()
    again.restore(rows)
    assert again.find("id-1") == desk.find("id-1")


def test_a_desk_holds_no_more_than_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("havre_waste.ships.desk.MOST", 2)
    desk, app = made()
    for _ in range(3):
        post(app, "/notifications.json", json.dumps(form()).encode())
    assert [desk.find(f"id-{number}") is not None for number in (1, 2, 3)] == [False, True, True]
    assert len({row["notification"] for row in desk.news()}) == 3  # each was handed on


def test_a_receipt_is_shown_counted_and_ends_the_collection() -> None:
    desk, app = made()
    berth: dict[str, Any] = {
        "told_at": NOW, "call": "c", "movement": "m", "mmsi": 200100001, "service": "BERTH", "event": "ARRI",
        "place": "CITY-02", "classifier": "PLN", "at": datetime.fromisoformat("2026-03-02T08:00Z"), "said_at": NOW,
    }  # fmt: skip
    desk.timestamps = lambda: [berth]
    post(app, "/notifications.json", json.dumps(form()).encode())
    assert [one.berth for one in desk.to_come()] == ["CITY-02", "CITY-02"]
    of = desk.find("id-1")
    assert of is not None
    times: Any = {"delivered_from": NOW + timedelta(days=1), "delivered_to": NOW + timedelta(days=1, hours=1)}
    desk.give(receipt(of, "r-1", [Received("plastics", 1.4)], reception_facility="Invented Collector", **times))
    assert desk.to_come() == []
    assert "Invented Collector" in ask(app, "GET", "/fr/notifications/id-1").body.decode()
    (row,) = json.loads(ask(app, "GET", "/statistics.json").body)
    assert (row["type"], row["received_m3"], row["notified_m3"]) == ("plastics", 1.4, 1.5)
    assert "Invented Collector" in ask(app, "GET", "/fr/notifications/id-1/receipt").body.decode()
    assert ask(app, "GET", "/statistics.csv").body.decode().splitlines()[1] == "2026-03,plastics,V,1,1.4,1.5"


def test_what_can_be_wrong_is_said_in_both_languages() -> None:
    for language in ("fr", "en"):
        texts = tomllib.loads((Path(pages.__file__).parent / f"texts/{language}.toml").read_text("utf-8"))
        assert texts["wrong"].keys() == MESSAGES.keys()


def test_the_schemas_are_published() -> None:
    _, app = made()
    assert json.loads(ask(app, "GET", "/schemas/notification.json").body) == wire.json_schema()
    assert json.loads(ask(app, "GET", "/schemas/notifications.csv.json").body) == wire.table_schema()
