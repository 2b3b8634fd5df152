"""Promises of the web layer: one shape of problems, one answer for strangers, one log line, nothing leaks."""

import json
import logging
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.errors import (
    Conflict,
    Denied,
    HavreError,
    Invalid,
    NotFound,
    ProtocolError,
    TooLarge,
    Unreachable,
)
from havre.web import application, body, endpoint, json_response, resource
from tests.participants.asking import ask


class Field(BaseModel):
    name: str
    nullable: bool = True


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    rows: int
    fields: list[Field] = []


def raising(error: Exception, caller: str | None = None) -> Any:
    def function(request: Request, raw: bytes) -> Response:
        if caller:
            request.state.caller = caller
        raise error

    return application([resource("/x", GET=function)])


def accepting() -> Any:
    def take(request: Request, raw: bytes) -> Response:
        request.state.caller = "port/urn:1"
        return json_response(body(raw, Form).model_dump(), 201)

    return application([resource("/x", limit=200, POST=take, DELETE=take)])


# written down from the interface agreed on, not from the table in the code
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("no"), 400),
        (NotFound("no"), 404),
        (Denied("no"), 403),
        (Conflict("no"), 409),
        (ProtocolError("no"), 400),
        (TooLarge("no"), 413),
        (Unreachable("no"), 502),
    ],
)
def test_every_error_has_its_status_and_one_shape(error: HavreError, status: int) -> None:
    reply = ask(raising(error, caller="port/urn:1"), "GET", "/x")
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail"} <= set(reply.json)
    assert (reply.json["type"], reply.json["status"], reply.json["code"]) == (
        "about:blank",
        status,
        error.code,
    )


def test_a_denial_says_why() -> None:
    reply = ask(raising(Denied("not for you", reasons=("too early", "wrong purpose"))), "GET", "/x")
    assert reply.json["reasons"] == ["too early", "wrong purpose"]


def test_a_stranger_cannot_tell_what_exists_from_what_does_not() -> None:
    hidden = ask(raising(NotFound("no dataset tide", field="dataset", reasons=("expired",))), "GET", "/x")
    missing = ask(raising(NotFound("other")), "GET", "/no/such/path")
    slash = ask(raising(NotFound("other")), "GET", "/x/")
    assert hidden.status == 404
    assert hidden.body == missing.body == slash.body
    assert "tide" not in hidden.body.decode()


def test_a_known_caller_learns_what_was_not_found() -> None:
    assert ask(raising(NotFound("no dataset tide"), caller="port/urn:1"), "GET", "/x").json["detail"] == (
        "no dataset tide"
    )


def test_a_method_that_is_not_allowed_gets_the_same_shape_and_all_that_are() -> None:
    reply = ask(accepting(), "GET", "/x")
    assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.headers["allow"].split(", ")) == {"POST", "DELETE"}


def test_our_own_error_is_answered_with_a_reference_to_the_log_and_nothing_else(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        reply = ask(raising(RuntimeError("the password is hunter2")), "GET", "/x")
    assert (reply.status, reply.json["code"]) == (500, "internal")
    assert "hunter2" not in reply.body.decode()
    assert reply.json["id"] in caplog.text
    assert "hunter2" in caplog.text


def test_an_error_without_a_status_is_our_own() -> None:
    class Odd(HavreError):
        code = "odd"

    reply = ask(raising(Odd("secret inside")), "GET", "/x")
    assert reply.status == 500
    assert "secret" not in reply.body.decode()


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        (b'{"id": 1, "rows": 2}', "id", "got a number (expected a valid string)"),
        (b'{"id": "a", "rows": "many"}', "rows", "got a text (expected a valid integer"),
        (b'{"id": "a", "rows": null}', "rows", "got null"),
        (b'{"id": "a"}', "rows", "is missing"),
        (b'{"id": "a", "rows": 1, "colour": "red"}', "colour", "is not a known field here"),
        (b'{"id": "a", "rows": 1, "fields": [{"name": "x"}, {"name": []}]}', "fields.1.name", "got a list"),
        (b"[1]", None, "got a list"),
        (b'{"id": ', None, "the body is not JSON: EOF while parsing a value at line 1"),
        (b'{\n"id": oops}', None, "the body is not JSON: expected value at line 2"),
        (b"\xff\xfe", None, "the body is not JSON"),
        (b"[" * 199, None, "the body is not JSON"),
    ],
)
def test_a_wrong_body_is_told_the_field_the_kind_and_what_was_expected(
    sent: bytes, field: str | None, said: str
) -> None:
    reply = ask(accepting(), "POST", "/x", raw=sent)
    assert (reply.status, reply.json["code"]) == (400, "invalid")
    assert reply.json.get("field") == field
    assert said in reply.json["detail"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    reply = ask(accepting(), "POST", "/x", {"rows": "many", "colour": 1})
    assert [reason.split(":")[0] for reason in reply.json["reasons"]] == ["id", "rows", "colour"]


def test_validation_inside_a_handler_is_wrong_input_too() -> None:
    def take(request: Request, raw: bytes) -> Response:
        Form.model_validate({"id": "a"})
        return json_response({})

    reply = ask(application([resource("/x", GET=take)]), "GET", "/x")
    assert (reply.status, reply.json["field"]) == (400, "rows")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_above_the_limit_is_refused_announced_or_not(announced: bool) -> None:
    headers = {"content-length": "201"} if announced else {}
    reply = ask(accepting(), "POST", "/x", raw=[b" " * 100, b" " * 100, b" "], headers=headers)
    assert (reply.status, reply.json["code"], reply.json["expected"]) == (
        413,
        "too_large",
        "at most 200 bytes",
    )


def test_a_body_at_the_limit_is_taken_in_any_pieces() -> None:
    text = b'{"id": "a", "rows": 1}'.ljust(200)
    assert ask(accepting(), "POST", "/x", raw=[text[:7], text[7:]]).status == 201


def test_who_is_not_admitted_is_turned_away_before_the_body_is_read() -> None:
    def nobody(request: Request) -> None:
        raise NotFound("stranger")

    def take(request: Request, raw: bytes) -> Response:
        raise AssertionError("the body was read")

    app = application([Route("/x", endpoint(take, 10, admit=nobody), methods=["POST"])])
    assert ask(app, "POST", "/x", raw=b" " * 100, headers={"content-length": "100"}).status == 404


def test_a_client_that_leaves_is_no_error_of_ours(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        reply = ask(accepting(), "POST", "/x", raw=[])
    assert reply.status == 0
    assert "client_left" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_request_is_one_line_in_the_log_without_token_query_or_payload(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        ask(accepting(), "POST", "/x?purpose=hush", {"id": "payload!", "rows": 1}, token="hvr_secret")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "havre.web"]
    assert line.startswith("POST /x caller=port/urn:1 201 ok ")
    assert line.endswith(" ms")
    assert not [word for word in ("hush", "payload!", "hvr_secret") if word in line]


def test_the_log_line_of_a_refusal_names_its_code(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        ask(raising(Denied("no")), "GET", "/x")
    assert "caller=- 403 denied" in caplog.text


def test_nobody_can_write_a_second_line_into_the_log(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        ask(accepting(), "GET", "/nothing%0AERROR%20forged")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "havre.web"]
    assert "\n" not in line


def test_a_plain_function_is_kept_from_the_event_loop_and_a_coroutine_function_stays_on_it() -> None:
    def plain(request: Request, raw: bytes) -> Response:
        return json_response(threading.current_thread().name)

    async def coroutine(request: Request, raw: bytes) -> Response:
        return json_response(threading.current_thread().name)

    app = application([resource("/x", GET=plain, POST=coroutine)])
    assert ask(app, "POST", "/x").json == threading.current_thread().name != ask(app, "GET", "/x").json


def test_head_is_answered_like_get() -> None:
    app = application([resource("/x", GET=lambda request, raw: json_response({"a": 1}))])
    assert ask(app, "HEAD", "/x").status == 200


def test_json_is_compact_and_knows_times_decimals_and_sets() -> None:
    values = {
        "at": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "day": date(2026, 11, 23),
        "price": Decimal("1.10"),
        "scopes": frozenset({"b", "a"}),
        "name": "Écluse François Ier",
    }
    text = json_response(values).body.decode()
    assert '"name":"Écluse François Ier"' in text
    assert json.loads(text) == {
        "at": "2026-11-23T12:00:00Z",
        "day": "2026-11-23",
        "price": "1.10",
        "scopes": ["a", "b"],
        "name": "Écluse François Ier",
    }


def test_half_a_character_in_an_error_does_not_break_its_answer() -> None:
    assert ask(raising(Invalid("\ud800 is no place")), "GET", "/x").status == 400
