"""What Trackdéchets tells us: from it alone, in the form that it documents, and harmless twice."""

import json

import pytest
from starlette.applications import Starlette

from havre_waste.tracing.webhooks import Change, route
from tests.asgi import ask

TOKEN = "a-token-of-20-letters"
BODY = b'[{"action":"CREATED","id":"BSD-20230412-JYE9095HY"}]'
OURS = {"authorization": f"Bearer: {TOKEN}"}


def made() -> tuple[Starlette, list[Change]]:
    heard: list[Change] = []
    return Starlette(routes=[route("/changes", TOKEN, heard.append)]), heard


@pytest.mark.parametrize("authorization", [f"Bearer: {TOKEN}", f"Bearer {TOKEN}", f"bearer  {TOKEN}"])
def test_a_change_is_heard(authorization: str) -> None:
    app, heard = made()
    assert ask(app, "POST", "/changes", BODY, {"authorization": authorization}).status == 200
    assert heard == [Change("CREATED", "BSD-20230412-JYE9095HY")]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer: other-token-of-20-letters", f"Basic {TOKEN}", TOKEN])
def test_nobody_else_is_heard(authorization: str) -> None:
    app, heard = made()
    assert ask(app, "POST", "/changes", BODY, {"authorization": authorization}).status == 401
    assert heard == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"action":"CREATED"}]', b"[" * 50_000, b"\xff"])
def test_what_is_no_list_of_changes_is_refused_whole(body: bytes) -> None:
    app, heard = made()
    assert ask(app, "POST", "/changes", body, OURS).status == 400
    assert heard == []


def test_several_changes_and_members_that_come_later_are_taken() -> None:
    app, heard = made()
    body = json.dumps([{"action": "UPDATED", "id": "a", "new": 1}, {"action": "DELETED", "id": "b"}]).encode()
    assert ask(app, "POST", "/changes", body, OURS).status == 200
    assert [one.id for one in heard] == ["a", "b"]


def test_a_body_without_end_is_not_read() -> None:
    app, _ = made()
    assert ask(app, "POST", "/changes", b"x" * 100_001, OURS).status == 413


def test_a_short_token_is_no_secret() -> None:
    with pytest.raises(ValueError, match="20 or more"):
        route("/changes", "short", print)
