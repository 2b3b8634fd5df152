"""The service at work: nothing is said before it can be known, plans keep every rule, and a day is planned again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from starlette.applications import Starlette

from havre.client import Exchange
from havre.client.service import Need, Product, Running
from havre_scenario import geojson, places
from havre_scenario.waste import city as scenario
from havre_waste import service
from havre_waste.choice.model import usual_terms
from havre_waste.field.desk import Report, Seen
from havre_waste.field.events import Event, Kind, progress
from havre_waste.field.model import Basis, Cause, Do, Why
from havre_waste.field.passages import Turn, passages
from havre_waste.live import crisis, files
from havre_waste.live.intake import HISTORY, STILL
from havre_waste.live.later import Later
from havre_waste.live.work import Live
from havre_waste.rounds.checker import check
from havre_waste.rounds.model import Kind as Kinds
from havre_waste.ships import links, wire
from havre_waste.ships.pickups import Carrier
from havre_waste.sites.model import Flow
from tests.asgi import ask

START, DAYS = date(2026, 3, 2), 8
EVENING = datetime(2026, 3, 8, 20, tzinfo=UTC)  # a Sunday, 21:00 in Le Havre
MORNING = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Frames = Mapping[str, pl.DataFrame]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """What is told of the city until the evening."""
    folder = tmp_path_factory.mktemp("city")
    scenario(1, START, DAYS).write(folder)
    frames = {name: pl.read_csv(folder / "waste" / f"{name}.csv") for name in STILL}
    for name in (*HISTORY, "weather"):
        frame = pl.read_csv(folder / "waste" / f"{name}.csv", try_parse_dates=True)
        frames[name] = frame.filter(pl.col("time") <= EVENING)
    return {**frames, **of_some_sites(frames)}


def of_some_sites(frames: Frames) -> Frames:
    """Every fourth site is enough."""
    sites = frames["sites"].gather_every(4)
    containers = frames["containers"].filter(pl.col("site").is_in(sites["id"].implode()))
    ours = pl.col("container").is_in(containers["id"].implode())
    rows = {name: frames[name].filter(ours) for name in ("fixed_rounds", "deposits", "crew_notes", "truck_passes")}
    readings = frames["readings"].filter(pl.col("sensor").is_in(containers["sensor"].drop_nulls().implode()))
    return {"sites": sites, "containers": containers, "readings": readings, **rows}


def made(folder: Path, **more: Any) -> service.Waste:
    (folder / "places.geojson").write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    (folder / "key").write_bytes(b"0123456789abcdef")
    settings = {"places": str(folder / "places.geojson"), "book": str(folder / "book.db"), "key": str(folder / "key")}
    return service.make({**settings, "plan_seconds": 0.5, **more})


@pytest.fixture
def live(told: Frames, tmp_path: Path) -> Iterator[Live]:
    """That has heard of it all."""
    found = made(tmp_path)
    for name, frame in told.items():
        found.take(name, frame)
    yield found
    found.book.close()


def pages(live: Live) -> Starlette:
    needs = {name: Need("did:web:x", name) for name in ("sites", "containers")}
    found = service.pages(Running(service.SERVICE, live, Exchange("http://localhost:1", "a-token"), needs))
    live.loading, live.said, live.published = lambda need: False, None, None
    return found


def planned(live: Live, now: datetime) -> None:
    """Until the plan that was begun is shown."""
    live.results(now)
    assert live._planning is not None
    live._planning.join()
    live.results(now + SECOND)


def test_levels_say_how_sure_they_are_and_what_they_rest_on(live: Live, told: Frames) -> None:
    rows = live.results(EVENING)["container-levels"]
    assert len(rows) == told["containers"].height and {row["time"] for row in rows} == {EVENING}
    assert all(0 <= row["p10"] <= row["p50"] <= row["p90"] for row in rows)
    assert {row["basis"] for row in rows} == set(Basis)
    assert all(0 <= row["overflow_p"] <= 1 for row in rows)
    assert live.results(EVENING + 10 * MINUTE)["container-levels"] == []
    assert len(live.results(EVENING + 61 * MINUTE)["container-levels"]) == len(rows)


def test_nothing_is_estimated_before_the_past_has_been_told(live: Live) -> None:
    live.loading = lambda need: need == "deposits"
    assert live.results(EVENING)["container-levels"] == ()
    assert live.view(EVENING).levels == ()
    live.loading = lambda need: False
    assert live.results(EVENING + SECOND)["container-levels"]


def test_emptyings_come_in_the_order_of_their_time_with_what_was_in_it(live: Live) -> None:
    rows = live.results(EVENING)["container-emptyings"]
    said = [row["said_at"] for row in rows]
    assert len(rows) > 500 and said == sorted(set(said))
    assert all(row["said_at"] >= row["time"] + timedelta(hours=6) for row in rows)
    assert all(row["kg"] is None or row["kg"] >= 0 for row in rows)


def test_the_rounds_of_the_next_day_keep_every_rule(live: Live) -> None:
    planned(live, EVENING)
    day = live.day
    assert day is not None and day.day == date(2026, 3, 9)
    # on a Monday no glass is collected
    assert {one.flow for one in day.flows} == {Flow.RESIDUAL, Flow.PACKAGING, Flow.FOOD, Flow.LITTER}
    for one in day.flows:
        assert check(one.problem, one.plan) == ()
        assert one.plan.left_out == ()
    shown = live.view(EVENING + SECOND)
    assert len(shown.rounds) == sum(len(one.plan.rounds) for one in day.flows)
    assert all(len({step.id for step in one.steps}) == len(one.steps) for one in shown.rounds)
    assert any(one.crossings for one in shown.rounds) and all(len(one.line) > 10 for one in shown.rounds)


def test_a_round_is_a_file_for_other_devices(live: Live) -> None:
    planned(live, EVENING)
    one = live.view(EVENING).rounds[0]
    gpx, calendar = files.export(live, one.id, "gpx"), files.export(live, one.id, "ics")
    assert gpx is not None and calendar is not None
    assert len(ElementTree.fromstring(gpx[0]).findall(".//{*}rtept")) >= len(one.steps)
    assert calendar[0].startswith(b"BEGIN:VCALENDAR\r\n")
    assert files.export(live, "nobody", "gpx") is None and files.export(live, one.id, "pdf") is None


def test_after_a_breakdown_others_do_what_is_left_and_what_is_done_stays(live: Live) -> None:
    planned(live, EVENING)
    before = live.day
    assert before is not None
    residual = next(one for one in before.flows if one.flow == Flow.RESIDUAL)
    broken = max(residual.plan.rounds, key=lambda one: len(one.stops))
    noon = before.at(broken.visits[len(broken.visits) // 2].ends)
    live.breaks_down(broken.vehicle)
    planned(live, noon)
    after = live.day
    assert after is not None
    now = next(one for one in after.flows if one.flow == Flow.RESIDUAL)
    second = after.second(noon)
    kept = [visit.id for visit in broken.visits if visit.kind == Kinds.STOP and visit.ends <= second]
    done = {one.vehicle: one for one in now.plan.rounds}
    assert kept and done[broken.vehicle].stops == tuple(kept)
    driven = [stop for one in now.plan.rounds for stop in one.stops]
    assert sorted([*driven, *now.plan.left_out]) == sorted(one.id for one in now.problem.stops)
    assert len(now.plan.left_out) < len(broken.stops) - len(kept)
    others = [one for one in check(now.problem, now.plan) if one.vehicle != broken.vehicle]
    assert others == []
    told = [one for each in live.view(MORNING).rounds for one in each.replans]
    assert {(one.cause, one.name) for one in told} == {(Cause.BREAKDOWN, broken.vehicle)}


def test_a_round_knows_of_an_opening_that_a_bridge_has_planned(live: Live) -> None:
    planned(live, EVENING)
    crossing = min((each for one in live.view(EVENING).rounds for each in one.crossings), key=lambda one: one.at)
    message = {
        "said_at": EVENING, "bridge": crossing.bridge, "opening": "o-1", "status": "planned",
        "starts_at": crossing.at - 5 * MINUTE, "ends_at": crossing.at + 15 * MINUTE,
    }  # fmt: skip
    live.take("bridge_messages", pl.DataFrame([message]))
    planned(live, EVENING + 5 * MINUTE)
    crossings = [each for one in live.view(EVENING).rounds for each in one.crossings if each.bridge == crossing.bridge]
    assert any(one.cause is Cause.BRIDGE for each in live.view(EVENING).rounds for one in each.replans)
    lost = [each for each in crossings if message["starts_at"] <= each.at < message["ends_at"]]
    assert len(lost) == 0 or sum((one.wait for one in lost), timedelta()) < 10 * MINUTE


def with_a_ship(live: Live) -> str:
    """In the plan of the next day; gives where her notification is."""
    planned(live, EVENING)
    amounts = {"deliver_m3": 3, "capacity_m3": 10, "retained_m3": 0, "generated_m3": 1}
    form = {
        "ship": {
            "name": "HV TEST", "mmsi": "200000001", "gross_tonnage": 9000, "type": "container", "flag_state": "FR",
            "owner_or_operator": "Nobody",
        },
        "voyage": {
            "terminal": "City", "delivering": "all",
            "arrives_at": "2026-03-08T18:00Z", "departs_at": "2026-03-10T18:00Z",
            "last_port": "NLRTM", "next_port": "ESALG",
        },
        "waste": [{"type": "plastics", **amounts}],
    }  # fmt: skip
    told = ask(pages(live), "POST", "/ships/notifications.json", json.dumps(form).encode())
    assert told.status == 201, told.body
    berth = {
        "told_at": EVENING - MINUTE, "call": "c", "movement": "m", "mmsi": 200000001, "service": "BERTH",
        "event": "ARRI", "place": "CITY-01", "classifier": "ACT", "at": EVENING - timedelta(hours=2),
        "said_at": EVENING - MINUTE,
    }  # fmt: skip
    live.take("port_call_timestamps", pl.DataFrame([berth]))
    planned(live, EVENING + 5 * MINUTE)
    return told.headers["location"].removesuffix(".json")


def test_the_waste_of_a_ship_is_a_stop_of_the_plan(live: Live) -> None:
    where = with_a_ship(live)
    steps = [(one, step) for one in live.view(EVENING).rounds for step in one.steps if step.flow is Flow.SHIP]
    assert [step.name for _, step in steps] == ["HV TEST · CITY-01"]
    day = live.day
    assert day is not None and all(check(one.problem, one.plan) == () for one in day.flows)
    # whoever notified, and whoever collects, see which round it is
    ((round, step),) = steps
    for address in (f"{where}.json", f"/ships{of_trucks(live)}.json"):
        told = ask(pages(live), "GET", address).json
        (load,) = told.get("pickups") or told["requests"]
        assert (load["round"], datetime.fromisoformat(load["planned_at"])) == (round.id, step.at)


def of_trucks(live: Live) -> str:
    assert isinstance(live, service.Waste)
    return f"/requests/truck/{links.token(live.key, Carrier.TRUCK)}"


def test_a_stop_at_a_ship_that_is_done_is_a_receipt_once_it_can_no_longer_be_taken_back(live: Live) -> None:
    where = with_a_ship(live)
    one, step = next((a, b) for a in live.view(EVENING).rounds for b in a.steps if b.flow is Flow.SHIP)
    live.book.accept([Event("event-0001", one.id, step.id, Kind.DONE, step.at)])
    found = live.results(step.at + MINUTE)
    assert (
        found["ship-waste-receipts"] == found["crew-notes"] == []
        and ask(pages(live), "GET", f"{where}/receipt").status != 200
    )
    live.book.accept([Event("event-0002", one.id, step.id, Kind.UNDONE, step.at + MINUTE)])
    assert live.results(step.at + 10 * MINUTE)["ship-waste-receipts"] == []
    live.book.accept([Event("event-0003", one.id, step.id, Kind.DONE, step.at + 20 * MINUTE)])
    later = step.at + 30 * MINUTE
    found = live.results(later)
    (row,) = found["ship-waste-receipts"]
    assert (row["ship_name"], row["type"], row["received_m3"], row["as_notified"]) == ("HV TEST", "plastics", 3, True)
    assert (row["delivered_to"], row["reception_facility"]) == (step.at + 20 * MINUTE, one.truck)
    assert row["treatment_facility"] and row["said_at"] == later
    assert {each.name for each in product("ship-waste-receipts").schema.fields} == row.keys()
    (count,) = found["ship-waste-statistics"]
    assert (count["type"], count["deliveries"], count["received_m3"]) == ("plastics", 1, 3)
    assert {each.name for each in product("ship-waste-statistics").schema.fields} == count.keys()
    again = live.results(later + SECOND)
    assert again["ship-waste-receipts"] == again["ship-waste-statistics"] == again["crew-notes"] == []
    for language in ("fr", "en"):
        address = where.replace("/ships/", f"/ships/{language}/")
        assert one.truck in ask(pages(live), "GET", f"{address}/receipt").body.decode()
    assert ask(pages(live), "GET", f"/ships{of_trucks(live)}.json").json["requests"] == []


def test_what_ships_and_collectors_told_is_known_after_a_new_start(live: Live, tmp_path: Path) -> None:
    where = with_a_ship(live)
    asked = ask(pages(live), "GET", f"/ships{of_trucks(live)}.json").json["requests"]
    answer = {"load": asked[0]["id"], "at": asked[0]["windows"][0]["opens_at"]}
    address = f"/ships{of_trucks(live)}/confirm.json"
    assert ask(pages(live), "POST", address, json.dumps(answer).encode()).status == 201
    told = {"load": asked[0]["id"], "delivered_from": "2026-03-08T19:00Z", "delivered_to": "2026-03-08T20:00Z",
            "received": [{"type": "plastics", "received_m3": 2.5}], "reception_facility": "Nobody"}  # fmt: skip
    address = f"/ships{of_trucks(live)}/received.json"
    assert ask(pages(live), "POST", address, json.dumps(told).encode()).status == 201
    said = live.results(EVENING + 10 * MINUTE)
    (time,) = said["ship-waste-pickups"]
    assert {each.name for each in product("ship-waste-pickups").schema.fields} == time.keys()
    (tmp_path / "other").mkdir()
    other = made(tmp_path / "other")
    notified = wire.to_rows([one for one in [live.ships.find(where.rsplit("/", 1)[1])] if one is not None])
    before = {**said, "ship-waste-notifications": notified}
    other.said = lambda name: before[name]
    found = other.results(EVENING + 20 * MINUTE)
    assert all(found[name] == [] for name in found if name.startswith("ship-waste-"))
    of = other.ships.find(where.rsplit("/", 1)[1])
    assert of is not None and [one.received[0].received_m3 for one in other.ships.receipts(of)] == [2.5]
    assert other.ships._confirmed == live.ships._confirmed != {}
    other.book.close()


def product(id: str) -> Product:
    return next(one for one in service.PRODUCTS if one.id == id)


def test_what_crews_tell_is_published_once_and_taken(live: Live) -> None:
    planned(live, EVENING)
    one = next(each for each in live.view(EVENING).rounds if each.flow is Flow.PACKAGING)
    step = next(each for each in one.steps if each.do is Do.COLLECT)
    live.book.accept([Event("event-0001", one.id, step.id, Kind.DONE, MORNING, 0.5)])
    rows = live.results(MORNING + MINUTE)["crew-notes"]
    assert {(row["container"], row["state"], row["truck"]) for row in rows} == {
        (container, "emptied", one.truck) for container in step.containers
    }
    assert live.results(MORNING + 2 * MINUTE)["crew-notes"] == []
    live.results(MORNING + 10 * MINUTE)
    emptied = {level.container: level.p50 for level in live.view(MORNING).levels}
    assert all(emptied[container] < 0.25 for container in step.containers)


def test_a_city_that_does_not_fit_together_is_told_and_changes_nothing(live: Live) -> None:
    live.results(EVENING)
    lost = {"id": "c-lost", "site": "nowhere", "flow": "glass", "litres": 3000, "depth_mm": 1750, "dead_zone_mm": 250}
    live.take("containers", pl.DataFrame([lost]))
    live.results(EVENING + MINUTE)
    assert live.problem is not None and "nowhere" in live.problem
    assert live.ground is not None and "c-lost" not in live.ground.city.containers
    assert len(live.view(EVENING).levels) == len(live.ground.city.containers)


def test_where_first_is_ranked_while_only_a_part_of_the_rounds_runs(told: Frames, tmp_path: Path) -> None:
    asked = {"why": "strike", "since": EVENING, "running": 2, "temperature_c": 27}
    live = made(tmp_path, crisis=asked)
    for name, frame in told.items():
        live.take(name, frame)
    planned(live, EVENING)
    shown = live.view(EVENING).crisis
    assert shown is not None and (shown.why, shown.running, shown.planned) == (
        "strike",
        2,
        len(live.view(EVENING).rounds),
    )
    scores = [one.score for one in shown.ranking]
    assert scores == sorted(scores, reverse=True) and all(0 <= one <= 1 for one in scores)
    assert all(one.reasons for one in shown.ranking)
    day, ground = live.day, live.ground
    assert day is not None and ground is not None and shown.rounds is not None
    asked_for = {stop.id for one in day.flows for stop in one.problem.stops}
    driven = [id for one in shown.rounds for id in one.containers]
    assert len(shown.rounds) == 2 and len(driven) == len(set(driven)) > 20
    assert set(driven) <= asked_for and len(driven) + shown.left == len(asked_for)
    for one in shown.rounds:
        assert {ground.city.containers[id].flow for id in one.containers} == {one.flow}
        assert 1 < one.km < 200 and timedelta(hours=1) < one.length <= timedelta(hours=9)
    # what comes first is driven to
    planner = live._planner
    assert planner is not None
    for flow in {one.flow for one in day.flows}:
        score = {id: 1.0 if ground.city.containers[id].flow == flow else 0.001 for id in asked_for}
        assert [one.flow for one in crisis.few_of(planner, day, score, 1).rounds] == [flow]
    again = live.view(EVENING).crisis
    live.results(EVENING + 6 * MINUTE)
    assert again is not None and live.view(EVENING).crisis.rounds is again.rounds  # type: ignore[union-attr]
    assert "Ce que peuvent faire" in ask(pages(live), "GET", "/fr/first").body.decode()
    live.book.close()


def test_residents_are_told_the_day_s_plan_and_of_what_is_not_in_it_the_fixed_rounds(live: Live) -> None:
    live.results(EVENING)
    before = live.view(EVENING)
    assert before.day is None and before.rounds == ()
    # no plan yet: the fixed rounds, Monday's too
    assert min(one.usual_at for one in before.levels if one.usual_at).date() == date(2026, 3, 9)
    planned(live, EVENING)
    shown = live.view(EVENING)
    assert shown.day == date(2026, 3, 9)
    assert all(one.usual_at is None or one.usual_at.date() > date(2026, 3, 9) for one in shown.levels)
    told = passages(shown, progress(shown, []), EVENING, live.settings.zone)
    for one in shown.rounds:
        for step in one.steps:
            for id in step.containers:
                starts, ends = told[id].starts_at, told[id].ends_at
                assert told[id].turn is Turn.PLANNED and starts is not None and ends is not None
                assert starts < step.at < ends <= starts + timedelta(minutes=40)
    others = [one for one in told.values() if one.turn is Turn.USUAL]
    assert len(others) > 50 and not any(one.turn is Turn.UNKNOWN for one in told.values())


def test_residents_are_told_of_changes_and_what_they_report_is_published_once(live: Live) -> None:
    rows = [
        {"said_at": EVENING, "change": "a", "why": "strike", "starts": date(2026, 3, 9), "ends": date(2026, 3, 10),
         "flows": "glass food"},
        {"said_at": EVENING, "change": "b", "why": "holiday", "starts": date(2026, 3, 1), "ends": date(2026, 3, 2)},
        {"said_at": EVENING, "change": "c", "why": "whim", "starts": date(2026, 3, 9), "ends": date(2026, 3, 9)},
    ]  # fmt: skip
    live.take("collection_changes", pl.DataFrame(rows))
    live.results(EVENING)
    (change,) = live.view(EVENING).changes
    assert (change.id, change.why, set(change.flows)) == ("a", Why.STRIKE, {Flow.GLASS, Flow.FOOD})
    container = live.view(EVENING).levels[0].container
    live.book.report(Report(EVENING + SECOND, container, Seen.FULL))
    (row,) = live.results(EVENING + 2 * SECOND)["resident-reports"]
    assert (row["container"], row["seen"], row["time"]) == (container, "full", EVENING + SECOND)
    assert live.results(EVENING + 3 * SECOND)["resident-reports"] == []


def test_what_is_found_late_is_said_after_what_was_said() -> None:
    later = Later(timedelta(hours=1))
    later.add([{"time": EVENING}, {"time": EVENING - MINUTE}])
    assert later.due(EVENING) == []
    first = later.due(EVENING + timedelta(hours=1))
    assert [row["said_at"] for row in first] == [EVENING + 59 * MINUTE, EVENING + 60 * MINUTE]
    later.add([{"time": EVENING - 30 * MINUTE}])
    (late,) = later.due(EVENING + timedelta(hours=2))
    assert late["said_at"] > first[-1]["said_at"] and late["time"] == EVENING - 30 * MINUTE


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"zone": "Europe/Nowhere"}, "settings.zone"),
        ({"more": 1}, "settings.more is not known"),
        ({"terms": {"paper": {}}}, "settings.terms.paper is no flow"),
        ({"terms": {"glass": {"fill": 1}}}, "settings.terms.glass.fill is not known"),
        ({"crisis": {"why": "strike", "since": EVENING}}, "settings.crisis.running"),
        ({"crisis": {"why": "rain", "since": EVENING, "running": 1}}, "settings.crisis.why"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made(tmp_path, **more)


def test_a_flow_without_sensors_is_chosen_on_the_terms_of_counts_unless_others_are_given(tmp_path: Path) -> None:
    assert usual_terms("glass", sensed=False).overflow_eur < usual_terms("glass", sensed=True).overflow_eur
    given = made(tmp_path, terms={"glass": {"overflow_eur": 80}}).settings.terms[Flow.GLASS]
    assert given == replace(usual_terms("glass", sensed=True), overflow_eur=80)
