"""The addresses of the public pages, for whoever comes: nobody logs in."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from havre_mobility.pages import routes
from tests.asgi import Reply, ask
from tests.mobility.pages import pictures
from tests.mobility.pages.served import Stage

PAGES = [
    "/",
    "/now",
    "/bridges/bridge-7",
    "/bridges/bridge-7/now",
    "/bridges/bridge-7/card",
    "/bridges/bridge-7/card/now",
]


def get(path: str, stage: Stage | None = None, **headers: str) -> Reply:
    stage = stage or Stage(pictures.busy())
    return ask(stage.application(), "GET", path, headers={"accept": "text/html", **headers})


@pytest.mark.parametrize("name", [name for name in pictures.ALL if name != "empty"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_there_however_poor_the_picture(name: str, language: str) -> None:
    stage = Stage(pictures.ALL[name]())
    app = stage.application()
    for path in PAGES:
        reply = ask(app, "GET", f"/{language}{path}")
        assert (reply.status, reply.headers["cache-control"]) == (200, "no-store"), path


def test_a_port_of_which_nothing_is_known_has_a_page() -> None:
    reply = get("/en/", Stage(pictures.empty()))
    assert reply.status == 200
    assert "The state of the bridges is not known at the moment." in reply.body.decode()


def test_only_the_card_may_stand_on_other_sites() -> None:
    for path in PAGES:
        reply = get(f"/fr{path}")
        embeddable = "frame-ancestors *" in reply.headers["content-security-policy"]
        assert embeddable is path.endswith("/card"), path
        assert "x-embeddable" not in reply.headers


def test_a_card_without_a_language_finds_the_reader_s() -> None:
    reply = get("/bridges/bridge-7/card", **{"accept-language": "en"})
    assert reply.headers["location"] == "/en/bridges/bridge-7/card"


@pytest.mark.parametrize("path", ["/fr/bridges/none", "/fr/bridges/none/card", "/bridges/none.json", "/de/", "/fr/x"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    reply = get(path)
    assert reply.status == 404 or reply.headers["location"].startswith("/fr/")


def test_the_json_of_a_bridge_has_the_sentence_in_both_languages_for_any_site() -> None:
    reply = get("/bridges/bridge-rouge.json")
    assert reply.headers["access-control-allow-origin"] == "*"
    found = reply.json
    assert (found["road"], found["opening"]["ship"]) == ("announced", "NORMAN BREEZE")
    assert found["opening"]["begins"]["p50"] == "2026-03-04T07:54:00Z"
    assert found["text"]["en"] == "Pont Rouge: closed to road in about 12\u00a0min, for about 14\u00a0min."
    assert found["reserved"][0] == {"starts": "07:15", "ends": "08:15"}


def test_the_map_gets_what_is_now_and_marks_what_is_not() -> None:
    features = get("/en/positions").json["features"]
    states = {one["properties"]["id"]: one["properties"]["state"] for one in features if "state" in one["properties"]}
    assert (states["227000101"], states["244000505"], states["211000606"]) == ("now", "last_seen", "doubted")
    assert states["bridge-7"] == "closed"


def test_json_forgets_what_does_not_stand_any_more() -> None:
    stage = Stage(pictures.busy())
    stage.later = timedelta(minutes=3)
    found = get("/bridges/bridge-7.json", stage).json
    assert (found["road"], found["opening"], found["likelihood"]) == ("unknown", None, [])
    assert found["warnings"]["en"]
    states = {one["properties"]["state"] for one in get("/en/positions", stage).json["features"]}
    assert states <= {"unknown", "shut", "last_seen", "doubted"}


def test_an_old_picture_is_told_on_the_page() -> None:
    stage = Stage(pictures.busy())
    stage.later = timedelta(minutes=3)
    page = get("/en/", stage).body.decode()
    assert "This page has had no news since 08:42." in page
    assert not re.search(r"is-(open|closed|announced)", page)
    assert 'data-age="180.0"' in page


@pytest.mark.parametrize("name", ["ais_stale", "falsified", "all_dead"])
def test_a_page_that_does_not_know_says_so_and_has_the_reserved_slots(name: str) -> None:
    page = re.sub("[\u00a0\u2060]", " ", get("/en/bridges/bridge-7", Stage(pictures.ALL[name]())).body.decode())
    assert "What we do not know at the moment" in page
    assert "State unknown" in page
    assert "eserved for the road today: 07:15 – 08:15" in page


def test_a_reason_that_we_have_no_words_for_is_shown_as_it_was_given_and_in_no_sentence() -> None:
    picture = pictures.busy()
    shut = [replace(one, reason="eine Schute") if one.id == "bridge-5" else one for one in picture.bridges]
    stage = Stage(replace(picture, bridges=tuple(shut)))
    for path in ("/fr/", "/fr/bridges/bridge-5", "/fr/bridges/bridge-5/card"):
        page = get(path, stage).body.decode()
        assert page.count("eine Schute") == page.count('<p class="quiet" lang="">eine Schute</p>') > 0
    assert "heurté par une barge" in get("/fr/").body.decode()
    assert "hit by a barge" in get("/en/").body.decode()


def test_a_name_from_the_air_is_text() -> None:
    ship = pictures.ships()[0]
    picture = pictures.busy()
    evil = type(ship)(**{**vars(ship), "name": "<img src=x onerror=alert(1)>"})
    stage = Stage(type(picture)(**{**vars(picture), "ships": (evil,)}))
    assert b"<img" not in get("/fr/", stage).body


def test_what_many_ask_for_is_made_once_a_second_and_never_of_an_older_picture() -> None:
    stage = Stage(pictures.busy())
    app = stage.application()
    first = ask(app, "GET", "/en/now")
    assert ask(app, "GET", "/en/now").body == first.body
    for _ in range(2):
        packed = ask(app, "GET", "/en/now", headers={"accept-encoding": "gzip"})
        assert gzip.decompress(packed.body) == first.body
    assert ask(app, "GET", "/en/now").body == first.body
    stage.picture = pictures.all_dead()
    assert b"is-closed" not in ask(app, "GET", "/en/now").body
    stage.picture = pictures.busy()
    stage.later = timedelta(seconds=70)
    assert b"is-closed" not in ask(app, "GET", "/en/now").body
    assert ask(app, "GET", "/fr/now").headers["content-security-policy"] == first.headers["content-security-policy"]


def test_who_has_the_newest_positions_gets_the_next_when_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LONGEST_SECONDS", 3600)
    stage = Stage(pictures.busy())
    app = stage.application()
    at = ask(app, "GET", "/en/positions").json["at"]
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, app, "GET", f"/en/positions?after={at}") for _ in range(3)]
        stage.waiting.tell()
        assert not wait(asked, timeout=0.3).done
        stage.show(replace(stage.picture, at=stage.picture.at + timedelta(milliseconds=250)))
        assert {one.result(60).json["at"] for one in asked} == {at.replace("00.000Z", "00.250Z")} != {at}
    assert ask(app, "GET", f"/en/positions?after={at}").json["at"] != at


def test_who_waits_in_vain_gets_the_positions_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LONGEST_SECONDS", 0.01)
    app = Stage(pictures.busy()).application()
    first = ask(app, "GET", "/en/positions").json
    assert ask(app, "GET", f"/en/positions?after={first['at']}").json == first
