"""People learn when to leave and what may hold them up; a truck that was late can show why."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.transit import gtfs_realtime_pb2 as gtfs_rt
from starlette.applications import Starlette

from havre_mobility import service
from havre_mobility.live import realtime as real
from havre_mobility.live.evidence import Source
from havre_mobility.live.realtime import RealTime
from havre_mobility.live.work import Live
from havre_mobility.people import realtime
from havre_mobility.picture.model import Health
from havre_mobility.picture.standing import standing
from havre_mobility.trucks import check
from havre_scenario import geojson, places
from tests.asgi import Reply, ask
from tests.browser import chromium, sheet
from tests.mobility.live.test_live import MINUTE, NOW, frame, message, sailing
from tests.mobility.pages.at_node import at_node
from tests.mobility.people.feeds import packed, tables

DEGREE = 111_195.0
STOPS = {"West": (49.487, 0.145), "East": (49.487, 0.190), "North": (49.50, 0.145)}
"""The line from west to east crosses Pont Rouge, at 0.151."""
PARIS = ZoneInfo("Europe/Paris")
HOME, WORK = "49.4871,0.1451", "49.4869,0.1899"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)


def trips() -> dict[str, Any]:
    """From ten past eleven local time, every ten minutes: five minutes from west to east, and to the north."""
    starts = [11 * 3600 + 600 * number for number in range(1, 7)]
    east = {f"east-{number}": [("West", at, at), ("East", at + 300, at + 300)] for number, at in enumerate(starts)}
    north = {f"north-{number}": [("West", at, at), ("North", at + 600, at + 600)] for number, at in enumerate(starts)}
    return {**east, **north}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city")
    (home / "places.geojson").write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    at = {name: (latitude * DEGREE, longitude * DEGREE) for name, (latitude, longitude) in STOPS.items()}
    (home / "gtfs.zip").write_bytes(packed(**tables(trips(), at, "Europe/Paris")))
    raw = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "key.pem").write_bytes(raw)
    return home


def made(city: Path, **settings: Any) -> Live:
    given = {"places": str(city / "places.geojson"), "timetable": str(city / "gtfs.zip"), **settings}
    live = service.make(given)
    live.take("ais", frame(sailing(200000001, (3, 2, 1))))
    return live


def update(trip: str, late: int, at: datetime = NOW) -> bytes:
    feed = gtfs_rt.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = int(at.timestamp())
    said = feed.entity.add(id="1").trip_update
    said.trip.trip_id = trip
    said.stop_time_update.add(stop_sequence=1).departure.delay = late
    return bytes(feed.SerializeToString())


def site(live: Live, now: datetime = NOW) -> Starlette:
    live.results(now)
    return service.public(live, lambda: now)


def answered(live: Live, question: str, now: datetime = NOW) -> Reply:
    return ask(site(live, now), "GET", f"/journeys.json?{question}")


def first(live: Live, question: str = f"from={HOME}&to={WORK}", now: datetime = NOW) -> dict[str, Any]:
    reply = answered(live, question, now)
    assert reply.status == 200, reply.json
    found: dict[str, Any] = reply.json["journeys"][0]
    return found


def rides(journey: dict[str, Any]) -> list[dict[str, Any]]:
    return [leg for leg in journey["legs"] if leg["kind"] == "ride"]


# Real time


def test_what_real_time_says_is_in_the_journeys(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "trips.pb"
    file.write_bytes(update("east-0", 120))
    live = made(city, real_time=str(file))
    assert live.real_time is not None
    live.real_time.ask()
    (ride,) = rides(first(live))
    assert (ride["trip"], ride["departs_at"], ride["live"]) == ("east-0", "2026-03-04T10:12:00Z", True)
    assert ride["timetable_departs_at"] == "2026-03-04T10:10:00Z"


def test_real_time_that_is_old_is_not_used_and_is_said_to_be(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "trips.pb"
    file.write_bytes(update("east-0", 120, NOW - 6 * MINUTE))
    live = made(city, real_time=str(file))
    assert live.real_time is not None
    live.real_time.ask()
    (ride,) = rides(first(live))
    assert not ride["live"]
    for later, health in ((0, Health.STALE), (30, Health.DEAD)):
        live.results(NOW + later * MINUTE)
        assert live.picture is not None
        feeds = standing(live.picture, NOW + later * MINUTE).feeds
        assert {one.id: one.health for one in feeds}["trips"] is health


@pytest.mark.parametrize("content", [None, b"not protocol buffers", b""])
def test_a_feed_that_says_nothing_is_dead(city: Path, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "trips.pb"
    if content is not None:
        file.write_bytes(content)
    live = made(city, real_time=str(file))
    assert live.real_time is not None
    live.real_time.ask()
    live.results(NOW)
    assert live.picture is not None
    assert {one.id: one.health for one in live.picture.feeds}["trips"] is Health.DEAD
    assert not rides(first(live))[0]["live"]


def test_what_was_heard_stays_until_it_is_old_when_the_feed_falls_silent(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "trips.pb"
    file.write_bytes(update("east-0", 120))
    live = made(city, real_time=str(file))
    assert live.real_time is not None
    live.real_time.ask()
    file.unlink()
    live.real_time.ask()
    assert live.real_time.error is not None
    assert rides(first(live))[0]["live"]
    assert live.real_time.matches(NOW + 6 * MINUTE) == ()


def test_of_a_folder_the_newest_file_counts(city: Path, tmp_path: Path) -> None:
    for number, late in enumerate((60, 180)):
        (tmp_path / f"{number}.pb").write_bytes(update("east-0", late))
    live = made(city, real_time=str(tmp_path))
    assert live.real_time is not None
    live.real_time.ask()
    assert rides(first(live))[0]["departs_at"] == "2026-03-04T10:13:00Z"


def said_in_siri(recorded: datetime, valid_until: datetime) -> str:
    """That the first tram to the east leaves two minutes late."""
    times = {name: NOW.replace(hour=10, minute=minute).isoformat() for name, minute in (("West", 12), ("East", 17))}
    calls = "".join(
        f"<{kind}><StopPointRef>{name}</StopPointRef><ExpectedArrivalTime>{times[name]}</ExpectedArrivalTime>"
        f"<ExpectedDepartureTime>{times[name]}</ExpectedDepartureTime></{kind}>"
        for kind, name in (("MonitoredCall", "West"), ("OnwardCall", "East"))
    )
    return (
        f"<Siri><ServiceDelivery><ResponseTimestamp>{NOW.isoformat()}</ResponseTimestamp><VehicleMonitoringDelivery>"
        f"<VehicleActivity><RecordedAtTime>{recorded.isoformat()}</RecordedAtTime>"
        f"<ValidUntilTime>{valid_until.isoformat()}</ValidUntilTime><MonitoredVehicleJourney><FramedVehicleJourneyRef>"
        "<DataFrameRef>2026-03-04</DataFrameRef><DatedVehicleJourneyRef>east-0</DatedVehicleJourneyRef>"
        f"</FramedVehicleJourneyRef>{calls}</MonitoredVehicleJourney></VehicleActivity>"
        "</VehicleMonitoringDelivery></ServiceDelivery></Siri>"
    )


@pytest.mark.parametrize(
    ("recorded", "valid_until", "departs_at"),
    [(0, 1, "10:12"), (-6, 1, "10:10"), (0, -1, "10:10")],
    ids=["fresh", "seen long ago", "no longer valid"],
)
def test_siri_is_real_time_too_and_each_vehicle_as_long_as_it_says(
    city: Path, tmp_path: Path, recorded: int, valid_until: int, departs_at: str
) -> None:
    file = tmp_path / "vehicles.xml"
    file.write_text(said_in_siri(NOW + recorded * MINUTE, NOW + valid_until * MINUTE))
    live = made(city, real_time=str(file), real_time_format="siri")
    assert live.real_time is not None
    live.real_time.ask()
    assert live.real_time.error is None
    ride = rides(first(live))[0]
    assert ride["departs_at"] == f"2026-03-04T{departs_at}:00Z" and ride["live"] is (departs_at == "10:12")


class Slow(BaseHTTPRequestHandler):
    """Sends a few bytes, and then no more."""

    done = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\x0a")
        self.wfile.flush()
        if self.path == "/slow":
            self.done.wait(20)
        else:
            self.wfile.write(update("east-0", 120)[1:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    Slow.done.set()
    running.shutdown()
    running.server_close()


def test_real_time_comes_over_http_and_a_server_that_hangs_is_given_up(
    city: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "READ_SECONDS", 0.2)
    live = made(city, real_time=server)
    assert live.real_time is not None
    live.real_time.ask()
    assert len(live.real_time.matches(NOW)) == 1
    assert live.ground.lines is not None
    slow = RealTime(f"{server}/slow", live.ground.lines.timetable)
    slow.ask()
    assert slow.error is not None and slow.heard is None


def test_a_message_of_the_future_is_none(city: Path, tmp_path: Path) -> None:
    live = made(city)
    assert live.ground.lines is not None
    file = tmp_path / "trips.pb"
    file.write_bytes(update("east-0", 120, NOW + timedelta(hours=1)))
    ahead = RealTime(str(file), live.ground.lines.timetable, lambda: NOW)
    ahead.ask()
    assert ahead.error is not None and ahead.heard is None


# Journeys


def test_a_journey_waits_at_the_bridge_and_says_how_sure_it_is(city: Path) -> None:
    live = made(city)
    before = first(live)
    assert rides(before)[0]["waits"] == [] and before["confidence"] == 1
    live.take("bridge_messages", frame([message("planned", 5, 9, 18)]))
    after = first(live, now=NOW + MINUTE)
    (wait,) = rides(after)[0]["waits"]
    assert (wait["bridge"], wait["name"], wait["probability"]) == ("bridge-rouge", "Pont Rouge", 1)
    assert after["confidence"] == 0
    assert after["arrives_at"] > before["arrives_at"]


def test_a_bridge_whose_feed_is_dead_holds_nobody_up_and_that_is_said(city: Path) -> None:
    live = made(city)
    live.linked = lambda need: need != "bridge_messages"
    live.take("bridge_messages", frame([message("planned", 5, 9, 18)]))
    reply = answered(live, f"from={HOME}&to={WORK}")
    assert rides(reply.json["journeys"][0])[0]["waits"] == []
    assert reply.json["warnings"]["en"]


def test_places_are_found_by_their_names_in_any_spelling(city: Path) -> None:
    reply = ask(site(made(city)), "GET", "/en/journeys?from=west&to=%C3%89ast")
    assert reply.status == 200
    assert "From West to East" in reply.body.decode()


@pytest.mark.parametrize(
    ("question", "field", "why"),
    [
        (f"to={WORK}", "from", "Write a stop"),
        (f"from=99,0&to={WORK}", "from", "latitude first"),
        (f"from={HOME}&to=Nowhere", "to", "“Nowhere” is not known"),
        (f"from={HOME}&to=st", "to", "may be"),
        (f"from={HOME}&to={WORK}&at=soon", "at", "is not a time"),
        (f"from={HOME}&to={WORK}&at=2026-03-04T09:00:00Z", "at", "is over"),
        (f"from={HOME}&to={WORK}&at=2026-03-09T09:00:00Z", "at", "24 hours ahead"),
        (f"from={HOME}&to={'9' * 5000}", "to", "100 characters"),
        (f"from=nan,inf&to={WORK}", "from", "is not known"),
    ],
)
def test_a_bad_question_is_told_by_its_field(city: Path, question: str, field: str, why: str) -> None:
    live = made(city)
    reply = answered(live, question)
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    (error,) = reply.json["errors"]
    assert error["field"] == field and why in error["message"]
    page = ask(site(live), "GET", f"/en/journeys?{question}")
    assert page.status == 400 and f'id="wrong-{field}"' in page.body.decode()


def test_one_may_ask_for_a_time_of_the_clock_on_the_wall(city: Path) -> None:
    at = f"from={HOME}&to={WORK}&at="
    assert (
        first(made(city), f"{at}2026-03-04T11:35")["departs_at"]
        == first(made(city), f"{at}2026-03-04T10:35:00Z")["departs_at"]
    )


def test_a_service_that_no_longer_thinks_tells_no_journey(city: Path) -> None:
    live = made(city)
    live.results(NOW)
    late = service.public(live, lambda: NOW + 3 * MINUTE)
    assert ask(late, "GET", f"/journeys.json?from={HOME}&to={WORK}").status == 503
    assert ask(late, "GET", "/gtfs-rt/alerts.pb").status == 503
    page = ask(late, "GET", f"/en/journeys?from={HOME}&to={WORK}").body.decode()
    assert "is not known at the moment" in page and "From " not in page


def test_without_a_timetable_there_are_no_journeys(city: Path) -> None:
    live = service.make({"places": str(city / "places.geojson")})
    assert answered(live, f"from={HOME}&to={WORK}").status in (302, 404)
    assert "/journeys" not in ask(site(live), "GET", "/en/").body.decode()


def test_lines_that_a_bridge_hits_are_alerts(city: Path) -> None:
    live = made(city)
    live.take("bridge_messages", frame([message("planned", 5, 9, 18)]))
    reply = ask(site(live), "GET", "/gtfs-rt/alerts.pb")
    assert reply.headers["content-type"] == "application/x-protobuf"
    alerts = realtime.read(reply.body).alerts
    assert [one.routes for one in alerts] == [("line-east-0",)]
    assert "Pont Rouge" in alerts[0].header


# Trucks

SLOT = (NOW - 120 * MINUTE, NOW - 60 * MINUTE)


def heard(live: Live, passed: datetime | None = SLOT[1] + 15 * MINUTE, **booked: Any) -> None:
    """One booking, an opening of Pont Rouge before the gate, and a closure of another bridge."""
    row = {
        "said_at": NOW - timedelta(days=1), "booking": "b-1", "gate": "gate-2", "slot_starts_at": SLOT[0],
        "slot_ends_at": SLOT[1], "kind": "drop", "status": "booked", "_position": 40, **booked,
    }  # fmt: skip
    live.take("appointments", frame([row]))
    if passed is not None:
        gate = {"gate": "gate-2", "direction": "in", "kind": "truck", "lane": 1}
        live.take("gates", frame([{"time": passed, **gate, "booking": "b-1", "_position": 17}]))
    starts, ends = ((SLOT[1] - NOW) / MINUTE + one for one in (-25, -1))
    told = [message("in_operation", -starts, starts, ends), message("ended", -ends, starts, ends)]
    live.take("bridge_messages", frame([{**one, "_position": 5 + number} for number, one in enumerate(told)]))


def asked(live: Live, now: datetime = NOW, **request: Any) -> list[dict[str, Any]]:
    row = {"said_at": NOW - 30 * MINUTE, "booking": "b-1", "bridges": "bridge-rouge", **request}
    live.take("certificate_requests", frame([row]))
    return [dict(one) for one in live.results(now)["truck-certificates"]]


@pytest.fixture
def office(city: Path) -> Live:
    live = made(city, signing_key=str(city / "key.pem"))
    live.source = lambda need: Source(f"set-{need}", "did:web:port.example", f"agreement-{need}")
    return live


def document(row: dict[str, Any]) -> dict[str, Any]:
    text = json.loads(row["document"])["payload"]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def test_a_truck_that_a_bridge_held_up_gets_a_certificate_that_anybody_can_check(
    office: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard(office)
    (row,) = asked(office)
    assert (row["booking"], row["late_s"], row["verdict"]) == ("b-1", 900, "not at fault")
    key = ask(service.public(office, lambda: NOW), "GET", "/certificates/key.json").json
    for name, text in (("certificate.json", row["document"]), ("key.json", json.dumps(key))):
        (tmp_path / name).write_text(text)
    assert check.main([str(tmp_path / "certificate.json"), str(tmp_path / "key.json")]) == 0
    assert "opening at bridge-rouge" in capsys.readouterr().out


def test_each_fact_says_which_row_of_which_dataset_it_is(office: Live) -> None:
    heard(office)
    (row,) = asked(office)
    sources = {one["kind"]: one["source"] for one in document(row)["facts"]}
    rows = {kind: (one["dataset"], one["position"]) for kind, one in sources.items()}
    assert rows == {
        "appointment": ("set-appointments", 40), "pass": ("set-gates", 17), "opening": ("set-bridge_messages", 6),
    }  # fmt: skip
    assert sources["pass"]["proof"] == {"provider": "did:web:port.example", "agreement": "agreement-gates"}


def test_a_bridge_that_is_silent_is_proved_by_the_ship_that_passed(office: Live, city: Path) -> None:
    at = SLOT[1] - 18 * MINUTE
    rows = [
        {**one, "time": one["time"] - (NOW - at), "_position": 900 + number}
        for number, one in enumerate(sailing(200000009, range(9, -3, -1), (0.151, 49.487)))
    ]
    office.take("ais", frame(rows))
    heard(office)
    office._intake._parts["bridge_messages"] = office._intake._parts["bridge_messages"][:1]  # it said nothing
    (row,) = asked(office)
    facts = [one for one in document(row)["facts"] if one["kind"] == "opening"]
    assert [one["source"]["dataset"] for one in facts] == ["set-ais"]
    assert 908 <= facts[0]["source"]["position"] <= 911


def test_a_bridge_that_was_not_on_its_way_excuses_nobody(office: Live) -> None:
    heard(office)
    (row,) = asked(office, bridges=None)
    assert row["verdict"] == "not explained"


def test_a_request_is_answered_once_and_not_before_the_truck_is_through(office: Live) -> None:
    heard(office, passed=None)
    assert asked(office) == []
    (row,) = office.results(NOW + 130 * MINUTE)["truck-certificates"]
    assert (row["verdict"], row["said_at"]) == ("did not come", SLOT[1] + 185 * MINUTE)
    assert office.results(NOW + 131 * MINUTE)["truck-certificates"] == []


def test_answers_have_times_that_rise_and_do_not_follow_from_the_clock(office: Live) -> None:
    heard(office)
    office.take("certificate_requests", frame([{"said_at": NOW - 20 * MINUTE, "booking": "b-9"}]))
    rows = asked(office, NOW)
    rows += asked(office, NOW + MINUTE, said_at=NOW - 25 * MINUTE)  # it came late
    assert [one["verdict"] for one in rows] == ["not at fault", "not booked", "not at fault"]
    assert rows[0]["said_at"] == NOW - 25 * MINUTE
    assert sorted(one["said_at"] for one in rows) == [one["said_at"] for one in rows]
    assert len({one["said_at"] for one in rows}) == 3


def test_nothing_is_certified_while_a_feed_has_not_told_all(office: Live) -> None:
    heard(office)
    office.source = lambda need: Source(need, is_live=need != "bridge_messages")
    assert asked(office) == []
    office.source = Source
    assert len(office.results(NOW + MINUTE)["truck-certificates"]) == 1


def test_a_booking_that_was_cancelled_is_none(office: Live) -> None:
    heard(office, status="cancelled")
    (row,) = asked(office)
    assert (row["verdict"], row["document"]) == ("not booked", None)


def test_without_a_key_nothing_is_certified(city: Path) -> None:
    live = made(city)
    heard(live)
    live.source = Source
    assert "truck-certificates" not in live.results(NOW)  # and there is no such dataset
    assert ask(service.public(live, lambda: NOW), "GET", "/certificates/key.json").status == 404


def test_a_key_may_be_a_jwk_and_one_of_another_kind_is_told(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    raw = base64.urlsafe_b64encode(KEY.private_bytes_raw()).rstrip(b"=").decode()
    file.write_text(json.dumps({"kty": "OKP", "crv": "Ed25519", "d": raw, "x": "not looked at"}))
    both = [made(city, signing_key=one).desk for one in (file, city / "key.pem")]
    assert both[0] is not None and both[1] is not None
    assert both[0].signer.public == both[1].signer.public
    file.write_text(json.dumps({"kty": "EC", "crv": "P-256", "d": raw}))
    with pytest.raises(ValueError, match="Ed25519"):
        made(city, signing_key=file)


def learned(office: Live) -> None:
    """With six days of trucks at one gate, four an hour, and the next one booked."""
    days = [NOW - timedelta(hours=hour) for hour in range(-24, 24 * 6)]
    slots = [at.replace(minute=0) for at in days for _ in range(4)]
    booked = [
        {"said_at": at - timedelta(days=1), "booking": f"c-{number}", "gate": "gate-1", "slot_starts_at": at,
         "slot_ends_at": at + timedelta(hours=1), "kind": "drop", "status": "booked"}
        for number, at in enumerate(slots)
    ]  # fmt: skip
    gate = {"gate": "gate-1", "direction": "in", "kind": "truck", "lane": 1}
    passed = [
        {"time": at + (number % 4) * 3 * MINUTE, **gate, "booking": f"c-{number}"}
        for number, at in enumerate(slots)
        if at <= NOW
    ]
    office.take("appointments", frame(sorted(booked, key=lambda row: row["said_at"])))
    office.take("gates", frame(sorted(passed, key=lambda row: row["time"])))
    office.take("ais", frame([{**one, "time": NOW - timedelta(days=6)} for one in sailing(200000002, (1,))]))
    office.results(NOW)
    assert office._learning is not None
    office._learning.join()


def test_waits_at_the_gates_are_said_once_a_quarter(office: Live) -> None:
    learned(office)
    rows = office.results(NOW + 7 * MINUTE)["gate-waits"]
    assert {one["made_at"] for one in rows} == {NOW} and {one["gate"] for one in rows} == {"gate-1"}
    assert all(one["low"] <= one["wait"] <= one["high"] for one in rows)
    assert office.results(NOW + 14 * MINUTE)["gate-waits"] == []
    assert {one["made_at"] for one in office.results(NOW + 16 * MINUTE)["gate-waits"]} == {NOW + 15 * MINUTE}


def test_trucks_of_the_next_day_are_said_once_an_hour(office: Live) -> None:
    learned(office)
    hour = NOW.replace(minute=0)
    rows = office.results(NOW + MINUTE)["gate-arrivals"]
    assert [(one["made_at"], one["hour"]) for one in rows] == [
        (hour, hour + count * 60 * MINUTE) for count in range(24)
    ]
    assert all(one["low"] <= one["expected"] <= one["high"] for one in rows)
    assert sum(one["expected"] for one in rows) == pytest.approx(4 * 24, rel=0.3)
    assert office.results(NOW + 3 * MINUTE)["gate-arrivals"] == []
    assert {one["made_at"] for one in office.results(NOW + 61 * MINUTE)["gate-arrivals"]} == {hour + 60 * MINUTE}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"real_time": "ftp://x/y"}, "settings.real_time"),
        ({"ways": {"gate-2": ["bridge-x"]}, "signing_key": "key.pem"}, "bridge-x"),
        ({"real_time": "x", "real_time_format": "netex"}, "settings.real_time_format: got 'netex'"),
    ],
)
def test_a_setting_that_is_wrong_is_told(city: Path, settings: dict[str, Any], said: str) -> None:
    given = {name: str(city / value) if name == "signing_key" else value for name, value in settings.items()}
    with pytest.raises(ValueError, match=said):
        made(city, **given)


# The page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def test_the_page_of_journeys_is_accessible_and_fits_a_telephone_at_the_address_of_a_node(
    browser: Any, city: Path
) -> None:
    live = made(city)
    live.take("bridge_messages", frame([message("planned", 5, 9, 18)]))
    with at_node(site(live)) as address, sheet(browser, width=390) as opened:
        page = opened.page
        page.goto(f"{address}/fr/")
        page.wait_for_selector("a.map-label.is-bridge")
        with page.expect_response("**/services/mobility/fr/bridges/bridge-rouge/now"):
            page.get_by_role("link", name="Pont Rouge").first.click()
        assert f"{address}/fr/bridges/bridge-rouge/card" in page.locator("code").first.inner_text()
        page.goto(f"{address}/")
        assert page.url == f"{address}/en/"
        page.goto(f"{address}/fr/")
        page.get_by_role("link", name="Calculer un trajet").click()
        page.wait_for_selector("#choose:not([hidden]) canvas")
        page.get_by_label("Départ", exact=True).fill("West")
        page.get_by_label("Arrivée", exact=True).fill("east")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_text("Pont Rouge : peut-être fermé").first.wait_for()
        page.wait_for_selector("#choose:not([hidden]) canvas")
        assert opened.axe() == []
        assert not opened.overflows()
        opened.picture("journeys-390-fr-light")
        page.get_by_label("Départ", exact=True).focus()
        page.locator(".map canvas").click(position={"x": 100, "y": 100})
        assert "49." in page.get_by_label("Départ", exact=True).input_value()
        page.get_by_label("Arrivée", exact=True).fill("Nulle part")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_role("alert").wait_for()
        assert "n’est pas connu" in page.locator("#wrong-to").inner_text()
        assert opened.axe() == []
        opened.picture("journeys-wrong-390-fr-light")
        page.get_by_label("Arrivée", exact=True).fill("North")
        page.get_by_role("link", name="EN English").click()
        page.wait_for_url(f"{address}/en/journeys?*")
        assert page.get_by_label("To", exact=True).input_value() == "North"  # what was written is kept
        assert [one for one in opened.wrong if "400" not in one and "GPU stall" not in one] == []
