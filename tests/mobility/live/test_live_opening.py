"""An opening is a matter of several: whoever asks is answered, who decides is on record, the road is told."""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from havre.client import Exchange
from havre.client.service import Need, Running
from havre_mobility import service
from havre_mobility.live.sharing import AT_ONCE, PATIENCE, PROPOSALS, RECORDS, SETTLES
from havre_mobility.live.work import Live
from havre_mobility.opening.decision import is_whole
from havre_scenario import geojson, places
from tests.asgi import Reply, ask
from tests.browser import chromium, sheet
from tests.mobility.datex.test_publication import problems
from tests.mobility.live.test_live import MINUTE, NOW, bridge, frame, message, seen
from tests.mobility.pages.at_node import at_node

ROADS = [
    {"between": ["city", "island"], "minutes": 4, "over": "bridge-5"},
    {"between": ["city", "island"], "minutes": 7, "over": "bridge-6"},
    {"between": ["city", "island"], "minutes": 11, "over": "lock-vetillard"},
]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ground") / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    return file


def made(ground: Path, **settings: Any) -> Live:
    """Begun, and settled at ``NOW``."""
    live = service.make({"places": str(ground), **settings})
    live.results(NOW - SETTLES)
    return live


@pytest.fixture
def live(ground: Path) -> Live:
    return made(ground)


def request(name: str = "r1", **changed: Any) -> dict[str, Any]:
    return {
        "said_at": NOW - 5 * MINUTE, "request": name, "bridge": "bridge-rouge", "movement": "m1",
        "wished_at": NOW + 60 * MINUTE, "earliest_at": NOW + 30 * MINUTE, "latest_at": NOW + 90 * MINUTE,
        "minutes": 12.0, "asked_by": "an agent", **changed,
    }  # fmt: skip


def decision(starts: datetime | None, name: str = "r1", **changed: Any) -> dict[str, Any]:
    said = {"said_at": NOW - MINUTE, "request": name, "starts_at": starts, "decided_by": "the port office"}
    return {**said, "why": "the tram can wait", **changed}


def asked(live: Live, *rows: Mapping[str, Any], now: datetime = NOW) -> list[Mapping[str, Any]]:
    live.take("opening_requests", frame([dict(row) for row in rows]))
    return list(live.results(now)[PROPOSALS])


def decided(live: Live, *rows: Mapping[str, Any], now: datetime = NOW) -> list[Mapping[str, Any]]:
    live.take("opening_decisions", frame([dict(row) for row in rows]))
    return list(live.results(now)[RECORDS])


# Requests


def test_who_asks_is_told_what_each_time_costs_whom_and_the_cheapest_first(live: Live) -> None:
    rows = asked(live, request())
    assert [row["rank"] for row in rows] == list(range(1, 14))
    assert [row["total"] for row in rows] == sorted(row["total"] for row in rows)
    best = rows[0]
    assert (best["request"], best["bridge"], best["said_at"]) == ("r1", "bridge-rouge", NOW - 5 * MINUTE)
    assert best["total"] == pytest.approx(
        sum(best[side] for side in ("road", "truck", "tram", "rail", "ship")), abs=0.05
    )
    assert best["road"] > 0 and "× 12.6 €/h" in best["reason"]
    assert "assumptions of the service" in best["source"] and "no gate was heard" in best["source"]
    assert live.results(NOW + MINUTE).get(PROPOSALS, []) == []


def test_a_time_in_a_reserved_slot_a_closure_or_beside_another_opening_is_out_with_the_reason(live: Live) -> None:
    # 11:00 in Le Havre is NOW
    slot = {"bridge": "bridge-rouge", "weekday": NOW.weekday(), "starts": "11:30", "ends": "11:50"}
    live.take("reserved_slots", frame([slot]))
    lost = {"closure": "c", "place": "bridge-rouge", "starts_at": NOW + 85 * MINUTE, "ends_at": "", "reason": "works"}
    live.take("closures", frame([{**lost, "said_at": NOW - 60 * MINUTE}]))
    live.take("bridge_messages", frame([message("planned", 30, 62, 76)]))
    reasons = {(row["starts_at"] - NOW) // MINUTE: row["reason"] for row in asked(live, request()) if not row["rank"]}
    assert reasons[30] == "reserved slot 10:30–10:50 UTC"
    assert reasons[80].startswith("the bridge is closed 11:25–")
    assert reasons[50] == "the road would have less than 8 min beside the opening 11:02–11:16 UTC"
    assert 65 not in reasons  # together with the other one


def test_her_own_plan_is_not_in_her_way(live: Live) -> None:
    live.take("bridge_messages", frame([{**message("planned", 30, 62, 76), "movement": "m1"}]))
    assert all(row["rank"] for row in asked(live, request()))


def test_what_is_said_after_the_request_does_not_change_the_answer(ground: Path) -> None:
    answers = []
    for later in ([], [message("planned", 1, 62, 76)]):
        live = made(ground)
        live.take("bridge_messages", frame([message("ended", 300, -310, -300), *later]))
        answers.append(asked(live, request()))
    assert answers[0] == answers[1]


def test_trucks_are_those_that_gates_have_heard_and_weights_those_of_the_settings(ground: Path) -> None:
    weights = {"truck_hour": 80.0, "person_hour": 0, "sources": {"truck_hour": "the hauliers"}}
    traffic = {"bridge-rouge": {"vehicles": 0, "truck_share": 0.5, "source": "counts of a test"}}
    live = made(ground, weights=weights, traffic=traffic)
    passed = {"gate": "gate-1", "direction": "in", "kind": "truck", "lane": 1, "booking": "b"}
    day = NOW.replace(hour=0) - timedelta(days=1)
    live.take("gates", frame([{**passed, "time": day + number * MINUTE} for number in range(24 * 60)]))
    wished = next(row for row in asked(live, request()) if row["starts_at"] == NOW + 60 * MINUTE)
    # 30 trucks an hour for 12 minutes, at 1,800 an hour leaving
    hours = 30 * (12 / 60) ** 2 / (2 * (1 - 30 / 1800))
    assert wished["truck"] == pytest.approx(hours * 80, rel=0.01)
    assert wished["road"] == wished["ship"] == 0
    assert "trucks: 50% (counts of a test) of the mean of 1 days at the gates" in wished["source"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bridge": "bridge-x"}, "bridge: got bridge-x, expected one of bridge-5"),
        ({"minutes": 0.0}, "minutes: got 0"),
        ({"minutes": float("nan")}, "minutes: got nan"),
        ({"minutes": 1e9}, "240 at most"),
        ({"wished_at": None}, "wished_at: is empty"),
        ({"wished_at": NOW}, "wished_at: must lie between"),
        ({"latest_at": NOW + timedelta(days=4000)}, "latest_at: is more than 24 h"),
        (
            dict.fromkeys(("wished_at", "earliest_at", "latest_at"), datetime.min.replace(tzinfo=NOW.tzinfo)),
            "no answer",
        ),
    ],
)
def test_a_request_without_an_answer_is_told_why(live: Live, wrong: dict[str, Any], said: str) -> None:
    (row,) = asked(live, request(**wrong))
    assert row["rank"] is None and row["starts_at"] is None
    assert said in row["reason"]


def test_two_requests_of_one_second_are_both_published_however_they_come(live: Live) -> None:
    first, second = asked(live, request("a")), asked(live, request("b"), now=NOW + MINUTE)
    assert first[0]["said_at"] < second[0]["said_at"] <= first[0]["said_at"] + MINUTE


def test_nobody_is_answered_before_what_was_said_is_heard_and_not_all_at_once(ground: Path) -> None:
    live = service.make({"places": str(ground)})
    live.take("opening_requests", frame([request(f"r{number}") for number in range(AT_ONCE + 1)]))
    assert not live.results(NOW)[PROPOSALS]
    counts = [len({row["request"] for row in live.results(NOW + SETTLES + one * MINUTE)[PROPOSALS]}) for one in (0, 1)]
    assert counts == [AT_ONCE, 1]


# Decisions


def test_a_decision_is_on_record_whole_with_its_digest(live: Live) -> None:
    best = asked(live, request())[0]
    (row,) = decided(live, decision(best["starts_at"]))
    assert (row["decision"], row["problem"], row["decided_by"]) == ("r1/1", None, "the port office")
    said = json.loads(row["document"])
    assert is_whole(row["document"].encode())
    assert (said["why"], said["chosen"]["rank"], len(said["considered"])) == ("the tram can wait", 1, 13)
    assert said["weights"]["sources"]["truck_hour"].startswith("assumption")
    assert said.pop("sha256") == row["sha256"]
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert hashlib.sha256(canonical).hexdigest() == row["sha256"]


def test_a_later_decision_names_the_one_that_it_replaces(live: Live) -> None:
    asked(live, request())
    first, second = decided(live, decision(NOW + 60 * MINUTE), decision(None, said_at=NOW))
    assert json.loads(first["document"])["replaces"] is None
    last = json.loads(second["document"])
    assert (last["id"], last["replaces"], last["chosen"]) == ("r1/2", "r1/1", None)


def test_a_time_that_is_out_is_refused_with_the_problem_or_chosen_as_an_exception(live: Live) -> None:
    slot = {"bridge": "bridge-rouge", "weekday": NOW.weekday(), "starts": "12:00", "ends": "12:30"}
    live.take("reserved_slots", frame([slot]))
    asked(live, request())
    wished = NOW + 60 * MINUTE
    refused, none, nobody = decided(
        live, decision(wished), decision(NOW + 61 * MINUTE), decision(wished, why=" "),
    )  # fmt: skip
    assert "reserved slot 11:00–11:30 UTC" in refused["problem"] and refused["document"] is None
    assert "there is no proposal that starts at" in none["problem"]
    assert "why: is empty" in nobody["problem"]
    (exception,) = decided(live, decision(wished, exception=True))
    assert json.loads(exception["document"])["exception"] is True


def test_a_decision_waits_for_its_request_and_is_published_as_unknown_when_none_comes(live: Live) -> None:
    assert decided(live, decision(NOW + 60 * MINUTE), decision(NOW, "r9")) == []
    asked(live, request(), now=NOW + MINUTE)  # the request is answered, and so its decision holds
    records = live.results(NOW + PATIENCE)[RECORDS]
    assert [(row["request"], row["problem"]) for row in records] == [("r9", "request: nobody has asked for r9")]


# The pages


def shown(live: Live, path: str, language: str = "en") -> Reply:
    app = service.public(live, lambda: NOW, discusses=True)
    return ask(app, "GET", f"/{language}{path}", headers={"accept": "text/html"})


def text(reply: Reply) -> str:
    plain = re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", "", reply.body.decode())))
    return re.sub("[\u00a0\u202f]", " ", plain)


def test_the_page_has_request_costs_formulas_weights_and_who_decided_why(live: Live) -> None:
    slot = {"bridge": "bridge-rouge", "weekday": NOW.weekday(), "starts": "11:30", "ends": "11:50"}
    live.take("reserved_slots", frame([slot]))
    best = asked(live, request())[0]
    decided(live, decision(best["starts_at"], why="le tram <b>attend</b>"))
    assert "Pont Rouge" in text(shown(live, "/openings")) and "was chosen by the port office" in text(
        shown(live, "/openings")
    )
    page = text(shown(live, "/openings/r1"))
    assert "An opening is wished for at 12:00, Wednesday 4 March, for 12 min" in page
    assert "Not before 11:30, not after 12:30. For: m1. Asked for by an agent" in page
    assert "Reason: le tram <b>attend</b>" in page and b"<b>attend" not in shown(live, "/openings/r1").body
    assert "times 1.3 people, times €12.6 an hour." in page and f"€{best['road']:.0f}" in page
    assert "Home to work in towns, Quinet report (2013), in euros of 2022." in page
    assert "slot reserved for the road, 11:30 to 11:50" in page
    french = text(shown(live, "/openings/r1", "fr"))
    assert "multiplié par 1,3 personnes et par 12,6 € l’heure." in french
    assert "créneau réservé à la route, de 11 h 30 à 11 h 50" in french
    assert 'lang="en">cars: assumptions of the service' in shown(live, "/openings/r1", "fr").body.decode()


def test_who_reads_may_weigh_otherwise_and_nothing_is_kept_of_it(live: Live) -> None:
    rows = asked(live, request())
    dear = text(shown(live, "/openings/r1?ship_hour=90000&person_hour=0,5"))
    assert "With the values that you put in." in dear
    assert "times €90,000 an hour" in dear and "times €0.5 an hour" in dear
    assert rows[0]["starts_at"] == NOW + 60 * MINUTE  # as she wished
    first = re.search(r'<th scope="row">([^<–]+)–', shown(live, "/openings/r1?ship_hour=0").body.decode())
    assert first is not None and first[1] == "11:30"
    assert "With the values" not in text(shown(live, "/openings/r1"))


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e99", "much", "1" * 500])
def test_a_weight_that_is_none_is_named(live: Live, value: str) -> None:
    asked(live, request())
    reply = shown(live, f"/openings/r1?truck_hour={value}")
    assert reply.status == 400 and 'id="wrong-truck_hour"' in reply.body.decode()


def test_decisions_that_were_replaced_or_do_not_hold_are_told_as_such(live: Live) -> None:
    asked(live, request())
    decided(
        live,
        decision(NOW + 60 * MINUTE),
        decision(NOW, said_at=NOW - timedelta(seconds=30)),
        decision(None, said_at=NOW),
    )
    page = text(shown(live, "/openings/r1"))
    assert page.index("All times were refused") < page.index("It does not hold: there is no proposal")
    assert "A later one has replaced it." in page
    assert "All times were refused by the port office." in text(shown(live, "/openings"))


def test_a_request_without_an_answer_has_a_page_that_says_why(live: Live) -> None:
    asked(live, request("a/b", minutes=0.0))
    assert "There is no answer to this request: minutes: got 0" in text(shown(live, "/openings/a%2Fb"))
    assert shown(live, "/openings/none").status == 404
    assert "Nobody has asked" in text(shown(made_empty(live), "/openings"))


def made_empty(live: Live) -> Live:
    return Live(live.ground)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_are_accessible_and_fit_a_telephone(browser: Any, live: Live, language: str) -> None:
    slot = {"bridge": "bridge-rouge", "weekday": NOW.weekday(), "starts": "11:30", "ends": "11:50"}
    live.take("reserved_slots", frame([slot]))
    best = asked(live, request())[0]
    decided(live, decision(best["starts_at"], why="le tramway peut attendre"))
    with at_node(service.public(live, lambda: NOW, discusses=True)) as address, sheet(browser, width=390) as opened:
        opened.page.goto(f"{address}/{language}/openings")
        assert opened.axe() == [] and not opened.overflows()
        opened.page.locator(".discussed a").click()
        for details in opened.page.locator("details").all():
            details.click()
        assert opened.axe() == [] and not opened.overflows()
        opened.picture(f"opening-390-{language}-light")
        opened.page.locator("#ship_hour").fill("90000")
        opened.page.locator("form button").click()
        opened.page.wait_for_url(f"{address}/{language}/openings/r1?*ship_hour=90000*")
        assert opened.axe() == [] and opened.wrong == []


# DATEX II


def site(live: Live) -> Starlette:
    return Starlette(routes=[live.sharing.told.route()])


def test_the_road_is_told_in_valid_datex_and_only_again_when_something_changes(live: Live) -> None:
    app, path = site(live), "/datex2/openings.xml"
    live.take("bridge_messages", frame([message("planned", 5, 20, 32)]))
    live.results(NOW)
    reply = ask(app, "GET", path)
    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (200, "application/xml")
    assert b"bridge-rouge_o1" in reply.body and b"approved" in reply.body
    live.results(NOW + MINUTE)
    tag = {"if-none-match": reply.headers["etag"]}
    assert ask(app, "GET", path, headers=tag).status == 304
    live.take("bridge_messages", frame([message("in_operation", 0, 0, 12)]))
    live.results(NOW + 2 * MINUTE)
    changed = ask(app, "GET", path, headers=tag)
    assert changed.status == 200 and b"implemented" in changed.body
    assert problems(changed.body) == problems(reply.body) == ""


def test_no_publication_says_that_nothing_opens_while_nobody_hears_the_bridges(ground: Path) -> None:
    live = service.make({"places": str(ground)})
    live.results(NOW - MINUTE)
    assert ask(site(live), "GET", "/datex2/openings.xml").status == 503
    live.take("bridge_messages", frame([message("ended", 300, -310, -300)]))
    live.results(NOW)
    assert ask(site(live), "GET", "/datex2/openings.xml").status == 200
    live.sharing.told.hears = lambda: False
    assert ask(site(live), "GET", "/datex2/openings.xml").status == 503


@pytest.mark.parametrize("told", [False, True])
def test_the_page_names_the_publication_and_shows_openings_of_others_where_they_are_needed(
    live: Live, told: bool
) -> None:
    needs = ["ais", *(["foreign_bridges"] if told else [])]
    exchange = Exchange("http://127.0.0.1:1", "hvr_nobody")
    running = Running(service.SERVICE, live, exchange, {name: Need("did:web:x", name) for name in needs})
    app = service.pages(running)
    page = ask(app, "GET", "/en/").body.decode()
    assert 'href="/datex2/openings.xml"' in page and ('id="elsewhere"' in page) is told
    assert ask(app, "GET", "/datex2/openings.xml").status == 503  # the bridges are not heard
    assert ask(app, "GET", "/en/openings-elsewhere").status == (200 if told else 404)


# Lost bridges


def lose(live: Live, *bridges: str) -> None:
    lost = {"starts_at": NOW - 600 * MINUTE, "ends_at": "", "reason": "works", "said_at": NOW - 600 * MINUTE}
    live.take("closures", frame([{**lost, "closure": one, "place": one} for one in bridges]))


def test_what_to_take_instead_goes_on_from_loss_to_loss(ground: Path) -> None:
    live = made(ground, roads=ROADS)
    lose(live, "bridge-5")
    assert bridge(seen(live), "bridge-5").detour == ("Pont VI",)
    lose(live, "bridge-6")
    found = seen(live, NOW + MINUTE)
    assert [bridge(found, one).detour for one in ("bridge-5", "bridge-6")] == [("Écluse Vétillard",)] * 2


def test_names_in_the_settings_are_taken_before_those_of_the_roads(ground: Path) -> None:
    live = made(ground, roads=ROADS, detours={"bridge-5": ["the ferry"]})
    lose(live, "bridge-5")
    assert bridge(seen(live), "bridge-5").detour == ("the ferry",)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"weights": {"car_hour": 1}}, "settings.weights.car_hour is not known"),
        ({"weights": {"truck_hour": -1}}, "settings.weights.truck_hour: got -1"),
        ({"traffic": {"bridge-5": {"cars": 1}}}, "settings.traffic.bridge-5.cars is not known"),
        ({"traffic": {"bridge-5": {"vehicles": [1, 2]}}}, "settings.traffic.bridge-5.vehicles: got 2 figures"),
        ({"publisher": {"country": 7}}, "settings.publisher.country: got 7"),
        ({"roads": [{"between": ["a", "b"], "minutes": 1, "over": "x"}]}, r"settings.roads\[0\].over: got 'x'"),
        ({"roads": [{"between": ["a"], "minutes": 1}]}, r"settings.roads\[0\].between"),
    ],
)
def test_settings_that_are_wrong_are_named(ground: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        service.make({"places": str(ground), **settings})


def test_every_row_has_the_columns_of_its_product(live: Live) -> None:
    schemas = {one.id: [field.name for field in one.schema.fields] for one in service.PRODUCTS}
    rows = [*asked(live, request()), *asked(live, request("r2", minutes=0.0))]
    records = decided(live, decision(NOW + 60 * MINUTE), decision(NOW))
    assert all(sorted(row) == sorted(schemas[PROPOSALS]) for row in rows)
    assert all(sorted(row) == sorted(schemas[RECORDS]) for row in records) and len(records) == 2
