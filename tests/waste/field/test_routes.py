"""The addresses of the pages, for a stranger first; then for who has a round's link."""

import hashlib
import json
import posixpath
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from havre_ui import shell
from havre_waste.field.driving import ASSETS
from havre_waste.field.events import Kind
from havre_waste.field.routes import HERE
from tests.asgi import Reply, ask
from tests.waste.field import towns
from tests.waste.field.served import GPX, Stage
from tests.waste.field.test_rules import jpeg, with_exif

ROUND = "20261125-r1"
SOURCES = {"ui": shell.HERE / "static", "field": HERE / "static"}
PAGES = ["/", "/now", "/first", "/first/now", "/streets", "/streets?q=rue", "/changes.atom"]
OF_THINGS = [
    "/streets/street-1", "/streets/street-1/collections.ics", "/streets/street-1/changes.atom",
    f"/rounds/{ROUND}", f"/rounds/{ROUND}/now", "/containers/c-0-glass",
]  # fmt: skip


def get(stage: Stage, path: str, **headers: str) -> Reply:
    return ask(stage.application(), "GET", path, headers={"accept": "text/html", **headers})


def tell(stage: Stage, *events: dict[str, Any]) -> Reply:
    return ask(stage.application(), "POST", f"{stage.link()}/events", json.dumps(events).encode())


def event(number: int = 1, **changed: Any) -> dict[str, Any]:
    good = {"id": f"event-{number:04}", "stop": "20261125:site-0:glass", "kind": "done", "at": "2026-11-25T08:30:00Z"}
    return {**good, **changed}


def report(stage: Stage, container: str, seen: str = "full", **headers: str) -> Reply:
    form = f"container={container}&seen={seen}".encode()
    return ask(stage.application_kept, "POST", "/fr/streets/street-0", form, headers)


@pytest.mark.parametrize("name", towns.ALL)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_there_however_poor_the_view(tmp_path: Path, name: str, language: str) -> None:
    stage = Stage(towns.ALL[name](), tmp_path)
    paths = [*PAGES, *(OF_THINGS if stage.view.streets else [])]
    for path in paths:
        reply = get(stage, f"/{language}{path}")
        assert (reply.status, reply.headers["cache-control"]) == (200, "no-store"), path
    assert get(stage, "/map.json").status == get(stage, "/city.json").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/fr/rounds/none", "/fr/streets/none", "/fr/containers/none", "/rounds/none.gpx", f"/rounds/{ROUND}.exe",
        f"/rounds/{ROUND}.ics", "/fr/drive/none/guess/", f"/fr/drive/{ROUND}/guess/", f"/fr/drive/{ROUND}//",
        f"/fr/drive/{ROUND}/guess/plan.json", f"/fr/drive/{ROUND}/{'é' * 22}/plan.json",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(stage: Stage, path: str) -> None:
    assert get(stage, path).status == 404


@pytest.mark.parametrize("path", ["events", "photos/" + "0" * 64, "broken"])
def test_a_stranger_tells_nothing(stage: Stage, path: str) -> None:
    reply = ask(stage.application(), "POST", f"/fr/drive/{ROUND}/guess/{path}", json.dumps([event()]).encode())
    assert reply.status == 404
    assert stage.book.events(towns.after(days=-1)) == [] and stage.broken == []


def test_the_link_of_a_round_opens_no_other(stage: Stage) -> None:
    token = stage.link().rsplit("/", 1)[1]
    assert get(stage, f"/fr/drive/20261125-r2/{token}/").status == 404


def test_a_link_ends_with_its_round(stage: Stage) -> None:
    link = stage.link()
    assert get(stage, f"{link}/").status == 200
    stage.view = replace(stage.view, rounds=stage.view.rounds[1:])
    assert get(stage, f"{link}/").status == get(stage, f"{link}/plan.json").status == 404


def test_public_pages_have_no_link_and_no_time_of_a_crew(stage: Stage) -> None:
    stage.tell("20261125:site-0:glass")
    token = stage.link().rsplit("/", 1)[1].encode()
    seen_at = towns.after(minutes=-60)
    for path in ("/fr/", f"/fr/rounds/{ROUND}", "/city.json", "/map.json"):
        body = get(stage, path).body
        assert token not in body and b"event" not in body, path
        assert f"{seen_at:%H:%M}:00".encode() not in body and b"truck-1" not in body, path


def test_a_round_can_be_taken_along(stage: Stage) -> None:
    reply = get(stage, f"/rounds/{ROUND}.gpx")
    assert (reply.body, reply.headers["content-type"]) == (GPX, "application/gpx+xml")


def test_events_are_answered_by_their_ids_and_the_good_ones_kept(stage: Stage) -> None:
    reply = tell(stage, event(1), event(2, kind="eaten"), event(1), {"stop": 3})
    assert reply.status == 200
    assert reply.json["accepted"] == ["event-0001", "event-0001"]
    assert sorted(reply.json["refused"]) == ["#3", "event-0002"]
    assert reply.json["states"]["20261125:site-0:glass"]["kind"] == "done"
    assert len(stage.book.events(towns.after(days=-1))) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'"x"', json.dumps([event()] * 201).encode(), b"[" * 3000])
def test_what_is_no_list_of_events_is_refused_whole(stage: Stage, body: bytes) -> None:
    reply = ask(stage.application(), "POST", f"{stage.link()}/events", body)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert stage.book.events(towns.after(days=-1)) == []


def test_a_body_that_is_too_large_is_not_read(stage: Stage) -> None:
    assert ask(stage.application(), "POST", f"{stage.link()}/events", b" " * 100_001).status == 413


def test_a_photo_is_kept_when_it_tells_nothing_but_the_street(stage: Stage) -> None:
    for photo, status in ((jpeg(), 204), (jpeg(), 204), (with_exif(), 400), (b"x" * 500_000, 413)):
        hash = hashlib.sha256(photo).hexdigest()
        assert ask(stage.application(), "POST", f"{stage.link()}/photos/{hash}", photo).status == status
        assert (stage.book.photo(hash) == photo) is (status == 204)


def test_a_photo_is_on_no_page(stage: Stage) -> None:
    photo = jpeg()
    hash = hashlib.sha256(photo).hexdigest()
    ask(stage.application(), "POST", f"{stage.link()}/photos/{hash}", photo)
    assert get(stage, f"{stage.link()}/photos/{hash}").status == 404


def test_a_crew_says_that_its_truck_broke_down(stage: Stage) -> None:
    assert ask(stage.application(), "POST", f"{stage.link()}/broken").status == 202
    assert stage.broken == ["truck-1"]


def test_a_phone_gets_a_plan_that_is_whole_in_itself(stage: Stage) -> None:
    stage.tell("20261125:site-0:glass", kind=Kind.BLOCKED)
    plan = get(stage, f"{stage.link(language='en')}/plan.json").json
    south = next(one for one in plan["steps"] if one["name"] == "Quai des Brisants")
    line = "Pont VII closes 10:10 to 10:25: the round crosses at 10:40"
    assert south["bridges"] == [{"line": line, "waits": False}]
    assert [one["do"] for one in plan["steps"] if one["number"] is None] == ["depot", "tip", "lunch", "tip", "depot"]
    assert plan["states"]["20261125:site-0:glass"]["kind"] == "blocked"
    again = get(stage, f"{stage.link(language='en')}/plan.json").json
    assert again["revision"] == plan["revision"]
    stage.view = replace(stage.view, rounds=(towns.replanned(stage.view.rounds[0]), *stage.view.rounds[1:]))
    assert get(stage, f"{stage.link(language='en')}/plan.json").json["revision"] != plan["revision"]


def test_the_worker_knows_every_file_that_the_page_names(stage: Stage) -> None:
    worker = get(stage, "/driver-worker.js").body.decode()
    page = get(stage, f"{stage.link()}/").body.decode()
    named = [part.split('"')[0] for part in page.split('"/static/')[1:]]
    assert len(named) >= 5
    assert [one for one in named if f"/static/{one}" not in worker] == []
    for name in [one for one in ASSETS if one.endswith(".js")]:
        script = (SOURCES[name.split("/")[0]] / name.split("/", 1)[1]).read_text()
        for other in re.findall(r"(?:from|import\()\s*'(\.[^']+)'", script):
            assert posixpath.normpath(f"{posixpath.dirname(name)}/{other}") in ASSETS, (name, other)


def test_reports_are_taken_until_there_are_too_many_of_one_container_or_caller(tmp_path: Path) -> None:
    stage = Stage(towns.busy(), tmp_path)
    answers = []
    for n in range(7):
        stage.later = timedelta(seconds=n)
        answers.append(report(stage, "c-0-glass", **{"x-forwarded-for": "192.0.2.7"}).status)
    assert answers == [303] * 5 + [429] * 2
    stage.later = timedelta(seconds=8)
    refused = report(stage, "c-0-glass", **{"x-forwarded-for": "192.0.2.7"})
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "Trop de signalements" in refused.body.decode()
    others = []
    for n in range(7):
        stage.later = timedelta(seconds=10 + n)
        others.append(report(stage, "c-0-glass").status)
    assert others == [303] * 5 + [429] * 2  # ten of this container, whoever asks
    stage.later = timedelta(hours=2)
    assert report(stage, "c-0-glass").status == 303
    assert len(stage.book.reports(towns.after(days=-1))) == 11


@pytest.mark.parametrize(("container", "seen"), [("", "full"), ("c-1-glass", "full"), ("c-0-glass", "eaten")])
def test_a_report_of_nothing_is_not_taken(stage: Stage, container: str, seen: str) -> None:
    reply = report(stage, container, seen)
    assert reply.status == 400
    assert "incomplet" in reply.body.decode()
    assert stage.book.reports(towns.after(days=-1)) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("Tournée 1 : ordures ménagères", "3 arrêts, 31 km, 5 h 20 de travail",
                "23 conteneurs du plan du jour ne sont pas vidés.")),
        ("en", ("Round 1: household waste", "3 stops, 31 km, 5 h 20 min of work",
                "23 containers of today’s plan are left.")),
    ],
)  # fmt: skip
def test_where_first_tells_the_rounds_that_run_in_their_order_and_what_is_left(
    tmp_path: Path, language: str, said: tuple[str, ...]
) -> None:
    page = get(Stage(towns.striking(), tmp_path), f"/{language}/first").body.decode()
    assert [one for one in said if one not in page.replace("\u00a0", " ")] == []
    order = [page.index(f"<li>{name}</li>") for name in (towns.NAMES[4], towns.NAMES[7], towns.NAMES[3])]
    assert order == sorted(order)
    assert page.count('class="chip"') == 2  # the site to which both come


@pytest.mark.parametrize("prefix", ["", "/services/waste"])
def test_the_city_leads_to_the_waste_of_ships_below_whatever_prefix(stage: Stage, prefix: str) -> None:
    for language in ("fr", "en"):
        link = f'href="{prefix}/ships/{language}/"'
        with_ships = Starlette(routes=[Mount(prefix, stage.application(ships="/ships"))])
        assert link in ask(with_ships, "GET", f"{prefix}/{language}/").body.decode()
        assert "/ships" not in get(stage, f"/{language}/").body.decode()


def test_a_name_and_a_search_are_text(stage: Stage) -> None:
    evil = "<img src=x onerror=alert(1)>"
    street = replace(stage.view.streets[0], name=evil)
    level = replace(towns.levels()[3], name=evil)
    stage.view = replace(stage.view, streets=(street,), levels=(level,))
    for path in ("/fr/", f"/fr/streets?q={evil}x", "/fr/streets/street-0"):
        assert b"<img" not in get(stage, path).body


def test_a_calendar_can_be_subscribed_to(stage: Stage) -> None:
    reply = get(stage, "/fr/streets/street-1/collections.ics")
    assert reply.headers["content-type"].startswith("text/calendar")
    lines = reply.body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    whole = reply.body.replace(b"\r\n ", b"").decode().split("\r\n")
    assert (whole[0], whole[-2], whole[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    uids = [one for one in whole if one.startswith("UID:")]
    assert len(uids) == len(set(uids)) == whole.count("BEGIN:VEVENT") > 6
    assert "UID:street-1-packaging-20261125@havre-waste" in uids  # it moved to the day after
    assert whole.count("STATUS:CANCELLED") == 1
    assert "SUMMARY:Collecte\u00a0: ordures ménagères" in whole
    assert any(one == "LOCATION:Rue du Sémaphore\\, Port-l’Estran" for one in whole)


def test_changes_can_be_followed(stage: Stage) -> None:
    reply = get(stage, "/en/streets/street-1/changes.atom")
    assert reply.headers["content-type"].startswith("application/atom+xml")
    name = {"a": "http://www.w3.org/2005/Atom"}
    feed = ElementTree.fromstring(reply.body)
    entries = feed.findall("a:entry", name)
    titles = [one.findtext("a:title", "", name) for one in entries]
    strike = "Strike, Thursday 26\u00a0November to Friday 27\u00a0November: the collection (all waste) may not come."
    assert titles[0] == strike
    assert entries[0].findtext("a:content", "", name).endswith("Keep your bins in.")
    for part in [feed, *entries]:
        assert datetime.fromisoformat(part.findtext("a:updated", "", name)).tzinfo == UTC
        assert part.findtext("a:id", "", name).startswith("http://localhost/en/streets/street-1/changes.atom")
    other = ElementTree.fromstring(get(stage, "/en/streets/street-0/changes.atom").body)
    assert len(other.findall("a:entry", name)) == 1


def test_an_old_view_tells_no_progress(stage: Stage) -> None:
    stage.later = timedelta(minutes=3)
    page = get(stage, "/en/").body.decode()
    assert "No news of the rounds since 09:40." in page
    assert "stops done" not in page
    assert get(stage, "/city.json").json["rounds"] == []


def test_levels_that_no_longer_hold_are_in_no_list_and_past_on_the_map(tmp_path: Path) -> None:
    stage = Stage(towns.levels_past(), tmp_path)
    assert get(stage, "/city.json").json["levels"] == []
    containers = [one["properties"] for one in get(stage, "/map.json").json["features"]]
    assert {one["level"] for one in containers if one["kind"] == "container"} == {"past"}


def test_an_invented_town_says_that_it_is(stage: Stage) -> None:
    for path in ("/en/", f"/en/rounds/{ROUND}", "/en/first", "/en/streets", "/en/streets/street-1"):
        assert "everything on this page is invented" in get(stage, path).body.decode(), path


def test_a_link_without_a_language_leads_to_the_phone_s(stage: Stage) -> None:
    link = stage.link().removeprefix("/fr")
    reply = get(stage, f"{link}/", **{"accept-language": "en"})
    assert (reply.status, reply.headers["location"]) == (302, f"/en{link}/")
