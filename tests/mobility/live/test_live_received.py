"""What parties send the service over HTTP: the stranger first, then who may do what, then what becomes of it."""

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.applications import Starlette

from havre_mobility import service
from havre_mobility.live.relayed import KEPT, PATH
from havre_mobility.live.work import Live
from havre_scenario import geojson, places
from tests.asgi import Reply, ask
from tests.mobility.calls.test_relay import BODIES, IDS
from tests.mobility.live.test_live_calls import MINUTE, SHIP, START, call

TOKENS = {name: f"token of {name}" for name in ("carrier", "port", "haulier", "other haulier")}
SCOPES = {
    "carrier": ["port-calls"],
    "port": ["port-calls"],
    "haulier": ["appointments"],
    "other haulier": ["appointments"],
}
NOW = START + 300 * MINUTE


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def settings() -> dict[str, Any]:
    return {name: {"token_sha256": digest(token), "scopes": SCOPES[name]} for name, token in TOKENS.items()}


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setattr(service, "utc_now", lambda: NOW)
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    live = service.make({"places": str(file), "parties": settings()})
    live.movements.loading = lambda need: False
    return live


def send(live: Live, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Reply:
    app = Starlette(routes=service.received(live))
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    said = {} if token is None else {"authorization": f"Bearer {token}"}
    return ask(app, method, path, raw, {**said, **headers})


# Port call messages


def put(live: Live, resource: str, token: str | None, **said: Any) -> Reply:
    return send(live, "PUT", f"{PATH}/{resource}/{IDS[resource]}", BODIES[resource] | said, token)


def all_sent(live: Live, vessel: dict[str, str], **said: Any) -> None:
    for resource in ("port-calls", "terminal-calls", "port-call-services", "timestamps"):
        more = {"vessel": vessel} if resource == "port-calls" else said if resource == "timestamps" else {}
        assert put(live, resource, TOKENS["carrier"], **more).status == 204


@pytest.mark.parametrize("token", [None, "", "wrong", digest(TOKENS["carrier"]), "token of carrier "[:-2]])
def test_a_stranger_is_told_how_to_say_who_it_is_and_nothing_else(live: Live, token: str | None) -> None:
    all_sent(live, {"MMSINumber": str(SHIP)})
    for reply in (
        put(live, "port-calls", token),
        send(live, "GET", f"{PATH}/port-calls?portCallID={IDS['port-calls']}", None, token),
        send(live, "POST", f"{PATH}/port-calls/{IDS['port-calls']}/omit", None, token),
    ):
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert "Response-Receiving-Party".lower() not in reply.headers
        assert reply.json["errors"][0]["errorCodeMessage"].startswith("the token is not known")


def test_a_party_without_the_scope_may_not(live: Live) -> None:
    reply = put(live, "port-calls", TOKENS["haulier"])
    assert reply.status == 403 and "lacks the scope port-calls" in reply.json["statusCodeMessage"]


def test_a_party_sees_what_it_was_sent_and_another_does_not(live: Live) -> None:
    to = {"request-receiving-party": "port"}
    address = f"{PATH}/port-calls/{IDS['port-calls']}"
    assert (
        send(live, "PUT", address, BODIES["port-calls"], None, **to, **{"x-api-key": TOKENS["carrier"]}).status == 204
    )
    seen = {
        name: len(send(live, "GET", f"{PATH}/port-calls?portCallID={IDS['port-calls']}", None, TOKENS[name]).json)
        for name in ("carrier", "port")
    }
    assert seen == {"carrier": 1, "port": 1}
    elsewhere = put(live, "terminal-calls", TOKENS["port"], terminalCallID=IDS["terminal-calls"])
    assert elsewhere.status == 204  # it hangs on what it was sent


def test_a_timestamp_that_was_accepted_becomes_a_row_about_the_call_that_was_seen(live: Live) -> None:
    live.take("ais", call())
    look(live, NOW - 20 * MINUTE)
    at = (START + 150 * MINUTE).isoformat()
    all_sent(live, {"MMSINumber": str(SHIP)}, classifierCode="EST", dateTime=at)
    (row,) = [one for one in look(live, NOW + 20 * MINUTE) if one["source"] == "message"]
    assert (row["mmsi"], row["service"], row["event"], row["classifier"]) == (SHIP, "BERTH", "ARRI", "EST")
    assert (row["issuer"], row["at"], row["said_at"]) == ("carrier", START + 150 * MINUTE, NOW)
    assert row["call"].startswith(f"{SHIP}/")
    assert not [one for one in look(live, NOW + 40 * MINUTE) if one["source"] == "message"]


def look(live: Live, now: Any) -> list[Any]:
    """What is told of timestamps once movements were looked at."""
    live.results(now)
    live.movements.wait()
    return list(live.results(now).get("port-call-timestamps", ()))


def test_a_vessel_that_only_has_an_imo_number_is_relayed_and_makes_no_row(live: Live) -> None:
    live.take("ais", call())
    look(live, NOW - 20 * MINUTE)
    all_sent(live, {"vesselIMONumber": "9321483"})
    assert not [one for one in look(live, NOW + 20 * MINUTE) if one["source"] == "message"]


def test_messages_are_forgotten_in_the_end(live: Live) -> None:
    all_sent(live, {"MMSINumber": str(SHIP)})
    live.movements.relayed.forget(NOW + KEPT - timedelta(seconds=1))
    assert len(live.movements.relayed.records) == 4
    live.movements.relayed.forget(NOW + KEPT)
    assert live.movements.relayed.records == {}


def test_a_message_that_is_too_long_is_refused(live: Live) -> None:
    reply = send(live, "PUT", f"{PATH}/port-calls/{IDS['port-calls']}", b" " * 65537, TOKENS["carrier"])
    assert reply.status == 413


# Appointments


def booking(name: str = "b-1", **changed: Any) -> dict[str, Any]:
    return {
        "booking": name, "gate": "gate-1", "slot_starts_at": "2026-03-02T08:00:00Z", "kind": "drop",
        "slot_ends_at": "2026-03-02T09:00:00Z", "status": "booked", **changed,
    }  # fmt: skip


def book(live: Live, *rows: dict[str, Any], by: str = "haulier") -> Reply:
    return send(live, "POST", "/appointments", list(rows), TOKENS[by])


def own(live: Live, by: str = "haulier", **headers: str) -> Reply:
    return send(live, "GET", "/appointments", None, TOKENS[by], **headers)


def test_nobody_books_or_sees_bookings_without_a_token_of_that_scope(live: Live) -> None:
    for token, status in ((None, 401), ("wrong", 401), (TOKENS["carrier"], 403)):
        assert send(live, "POST", "/appointments", [booking()], token).status == status
        assert send(live, "GET", "/appointments", None, token).status == status
    assert live.appointments.new() == []


def test_a_booking_that_was_sent_is_published_counted_and_shown_to_who_sent_it(live: Live) -> None:
    assert (book(live, booking()).status, book(live, booking("b-2")).json) == (202, {"taken": 1})
    first, second = live.results(NOW)["appointments-told"]
    assert (first["booking"], first["party"], first["said_at"]) == ("b-1", "haulier", NOW)
    assert first["said_at"] < second["said_at"] <= NOW + timedelta(milliseconds=1)
    assert live.results(NOW + MINUTE)["appointments-told"] == []
    assert live._booked({"appointments": live._intake.frame("appointments")})["appointments"]["booking"].to_list() == [
        "b-1", "b-2",
    ]  # fmt: skip
    assert own(live, "other haulier").json == []


def test_what_was_said_last_stands_and_goes_out_as_json_and_csv(live: Live) -> None:
    book(live, booking())
    book(live, booking(gate="gate-2", status="changed"))
    (stands,) = own(live).json
    assert (stands["gate"], stands["status"], stands["slot_starts_at"]) == ("gate-2", "changed", "2026-03-02T08:00:00Z")
    table = own(live, accept="text/csv")
    assert table.headers["content-type"].startswith("text/csv") and b"b-1,gate-2," in table.body
    again = table.body.replace(b"changed", b"cancelled")
    csv = {"content-type": "text/csv; charset=utf-8"}
    assert send(live, "POST", "/appointments", again, TOKENS["haulier"], **csv).status == 202
    assert own(live).json[0]["status"] == "cancelled"


def test_nobody_changes_a_booking_of_another_or_of_the_terminal(live: Live) -> None:
    book(live, booking())
    live.take("appointments", pl.DataFrame([booking("b-9", said_at=NOW)]))
    for name, by in (("b-1", "other haulier"), (" b-1 ", "other haulier"), ("b-9", "haulier")):
        reply = book(live, booking(name, status="cancelled"), booking("b-3"), by=by)
        assert reply.status == 400
        assert reply.json["errors"] == [f"row 1: booking: got {name.strip()!r}; expected one of your own, or a new one"]
    assert own(live).json[0]["status"] == "booked" and own(live, "other haulier").json == []


def test_all_that_is_wrong_is_said_and_nothing_is_taken(live: Live) -> None:
    reply = book(live, booking(), booking("b-2", gate="gate-x", kind="swap"), booking("b-3", slot_ends_at="soon"))
    assert reply.status == 400 and reply.headers["content-type"] == "application/problem+json"
    assert [one.split(": ")[:2] for one in reply.json["errors"]] == [
        ["row 2", "gate"], ["row 2", "kind"], ["row 3", "slot_ends_at"],
    ]  # fmt: skip
    assert own(live).json == []


@pytest.mark.parametrize("raw", [b"", b"{", b"{}", b"[1]", b"\xff", b"[" * 100_000])
def test_what_are_no_appointments_is_refused(live: Live, raw: bytes) -> None:
    assert send(live, "POST", "/appointments", raw, TOKENS["haulier"]).status == 400
    assert send(live, "POST", "/appointments", b" " * (4 * 1024 * 1024 + 1), TOKENS["haulier"]).status == 413


def test_who_sends_no_appointment_cannot_say_when_it_was_said(live: Live) -> None:
    book(live, booking(said_at="2020-01-01T00:00:00Z"))
    assert own(live).json[0]["said_at"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("x", "settings.parties: got 'x'"),
        ({"a": {"token_sha256": "00"}}, "settings.parties.a: expected token_sha256 and scopes"),
        ({"a": {"token_sha256": "00", "scopes": []}}, "settings.parties.a.token_sha256: expected the 64"),
        ({"a": {"token_sha256": "0" * 64, "scopes": ["all"]}}, "settings.parties.a.scopes: got"),
        (
            {name: {"token_sha256": "0" * 64, "scopes": []} for name in ("a", "b")},
            "settings.parties: two have the same token",
        ),
    ],
)
def test_a_party_that_is_wrong_is_named(tmp_path: Path, given: Any, said: str) -> None:
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        service.make({"places": str(file), "parties": given})


def test_where_nobody_may_send_there_is_nowhere_to_send_to(tmp_path: Path) -> None:
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    assert service.received(service.make({"places": str(file)})) == []
