"""Rows are followed over connections that break: none is missed, none comes twice; what ends it is told."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre.client import Exchange, ExchangeError, following
from havre.client.events import Event, events
from tests.client.simulator import CITY, Problem, Simulator

END = {"code": "denied", "detail": "agreement a has ended", "reasons": ["it was ended on 2026-03-02: enough"]}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.001)


@pytest.fixture
def agreement(exchange: Exchange, node: Simulator) -> str:
    found = exchange.negotiate(exchange.offer(CITY, "calls")).agreement
    assert found is not None
    return found


def rows(*positions: int) -> bytes:
    listed = [{"ship": f"ship {position}", "_position": position} for position in positions]
    return f"id: {positions[-1]}\ndata: {json.dumps(listed)}\n\n".encode()


def in_arrow(*positions: int, id: int | None = None) -> bytes:
    table, sink = pa.table({"ship": [f"ship {one}" for one in positions], "_position": list(positions)}), io.BytesIO()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return b"id: %d\ndata: %b\n\n" % (id or positions[-1], base64.b64encode(sink.getvalue()))


def live(position: int) -> bytes:
    said = {"position": position, "at": "2026-03-02T12:00:05Z", "input": "2026-03-02T12:00:00Z"}
    return f"id: {position}\nevent: live\ndata: {json.dumps(said)}\n\n".encode()


def end() -> bytes:
    return f"event: end\ndata: {json.dumps(END)}\n\n".encode()


def taken(found: Iterator[dict[str, Any]]) -> tuple[list[int], ExchangeError]:
    """The positions until it is told why there are no more, and that."""
    positions = []
    with pytest.raises(ExchangeError) as told:
        for row in found:
            positions.append(row["_position"])  # noqa: PERF401  what was before the error counts
    return positions, told.value


def afters(node: Simulator) -> list[str | None]:
    return [asked.one("after") for asked in node.calls("GET", "/participants/city/data/calls/events")]


def test_a_connection_that_breaks_is_made_again_behind_the_last_row(
    exchange: Exchange, node: Simulator, agreement: str
) -> None:
    node.streams = [rows(0, 1) + rows(2), rows(3, 4)[:-9], b"retry: 1000\n\n", rows(3, 4) + live(4) + end()]
    assert taken(iter(exchange.follow(agreement, after=-1)))[0] == [0, 1, 2, 3, 4]
    assert afters(node) == ["-1", "2", "2", "2"]


def test_where_there_was_nothing_that_was_asked_for_is_not_looked_again(
    exchange: Exchange, node: Simulator, agreement: str
) -> None:
    node.streams = [rows(3) + b"id: 90\n\n", live(99), end()]
    found = exchange.follow(agreement, after=2)
    assert taken(iter(found))[0] == [3]
    assert afters(node) == ["2", "90", "99"]
    assert found.position == 99


def test_who_begins_now_comes_again_to_where_now_was(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [live(41), rows(42), end()]
    assert taken(iter(exchange.follow(agreement)))[0] == [42]
    assert afters(node) == [None, "41", "42"]


def test_why_it_ended_is_told_and_nobody_comes_again(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [rows(0), rows(1) + end() + rows(2)]
    positions, why = taken(iter(exchange.follow(agreement, after=-1)))
    assert positions == [0, 1]
    assert (why.code, why.reasons) == ("denied", ("it was ended on 2026-03-02: enough",))
    assert len(afters(node)) == 2


def test_what_passes_is_waited_for(exchange: Exchange, node: Simulator, agreement: str) -> None:
    busy = [Problem(503, "early", "a moment"), Problem(502, "unreachable", "gone"), Problem(500, "internal", "ours")]
    node.streams = [rows(0), *busy, rows(1), end()]
    assert taken(iter(exchange.follow(agreement, after=-1)))[0] == [0, 1]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_told_also_later(exchange: Exchange, node: Simulator, agreement: str, status: int) -> None:
    node.streams = [rows(0), *[Problem(status, "denied", "no")] * 2]
    positions, why = taken(iter(exchange.follow(agreement, after=-1)))
    assert (positions, why.status) == ([0], status)


def test_that_the_first_connection_fails_is_told(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [Problem(502, "unreachable", "gone")]
    assert taken(iter(exchange.follow(agreement)))[1].code == "unreachable"


def test_a_token_that_has_expired_is_renewed(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [rows(0), rows(1), end()]
    for row in exchange.follow(agreement, after=-1):
        if row["_position"] == 1:
            break
        node.good_token = "hva_2"
    assert node.given_token == "hva_2"


def test_rows_come_as_arrow_batches_and_polars_frames(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [in_arrow(0, 1) + in_arrow(5, id=7), in_arrow(8), in_arrow(9), end()]
    found = exchange.follow(agreement, after=-1)
    batches = list(islice(found.batches(), 3))
    assert [batch.column("_position").to_pylist() for batch in batches] == [[0, 1], [5], [8]]
    assert next(found.frames()).rows() == [("ship 9", 9)]
    assert afters(node) == ["-1", "7", "8"]


def test_who_stops_within_an_event_goes_on_there(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [rows(0, 1, 2), rows(2), end()]
    found = exchange.follow(agreement, after=-1)
    assert [row["_position"] for row in islice(found, 2)] == [0, 1]
    assert taken(iter(found))[0] == [2]
    assert afters(node) == ["-1", "1", "2"]


def test_how_old_live_is_can_be_seen(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [live(3) + rows(4)]
    found = exchange.follow(agreement)
    assert found.live is None
    next(iter(found))
    assert found.live is not None and found.live.position == 3
    assert found.live.input == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_what_is_asked_for_reaches_the_data_plane(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [end()]
    given = exchange.follow(
        agreement, since="2026-03-02", purpose="planning", columns=["ship"], filters=["ship:ne:x"], bbox=(0, 49, 1, 50)
    )
    taken(iter(given))
    assert node.calls("GET", "/participants/city/data/calls/events")[0].parameters == [
        ("columns", "ship,_position"),
        ("from", "2026-03-02"),
        ("bbox", "0.0,49.0,1.0,50.0"),
        ("filter", "ship:ne:x"),
        ("purpose", "planning"),
        ("format", "json"),
    ]


def test_it_can_be_closed_while_somebody_waits(exchange: Exchange, node: Simulator, agreement: str) -> None:
    found, got = exchange.follow(agreement, after=-1), threading.Event()
    node.streams = [rows(0)] + [live(0)] * 1000

    def take() -> None:
        for _ in found:
            got.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert got.wait(5)
    found.close()
    thread.join(5)
    assert not thread.is_alive()


def test_what_is_no_stream_of_events_is_said_so(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.streams = [b"id: first\n\n"]
    assert taken(iter(exchange.follow(agreement)))[1].code == "unexpected"


@given(st.data())
def test_events_are_the_same_however_they_are_cut(data: st.DataObject) -> None:
    whole = b": hello\n\n" + rows(0, 1) + b"id: 5\n\n" + live(5) + end()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    pieces = [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    found = [one for one in events(pieces) if one.data or one.id is not None]
    assert found == [one for one in events([whole]) if one.data or one.id is not None]
    assert [(one.kind, one.id) for one in found] == [("message", 1), ("message", 5), ("live", 5), ("end", None)]


def test_a_last_event_without_its_end_is_none() -> None:
    assert list(events([b"id: 1\ndata: a\ndata: b\n\nid: 2\ndata: c\n"])) == [Event("message", b"a\nb", 1)]
