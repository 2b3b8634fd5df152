"""Rows are followed: those that are there, then those that come, none missed, none twice, as long as it is allowed."""

import base64
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

from havre.database import Database
from havre.exchange import following, leave, streams
from havre.lake import files, table
from havre.lake.columns import arrow_schema
from havre.lake.usecases import dataset
from havre.metering.store import usage
from havre.transfers.usecases import end_agreement
from tests.exchange.following import Watch, add, follow
from tests.exchange.reading import Reader, constrained, reader
from tests.exchange.test_rows import expected
from tests.two_nodes import ROWS, TwoNodes, within

WHY = {"reason": "enough"}


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said often that it is live: who wants to leave can."""
    for module in (following, streams):
        monkeypatch.setattr(module, "HEARTBEAT", timedelta(seconds=0.05))


@pytest.fixture
def ships(standing: TwoNodes) -> Reader:
    return reader(standing)


def left(watch: Watch) -> Watch:
    watch.leave()
    watch.ended()
    return watch


def until_live(watch: Watch) -> Watch:
    return watch.until(lambda one: one.live)


# What comes


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("page", [1, 7, 100, 2048])
def test_first_comes_what_is_there_then_what_comes(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setitem(following.MOST_ROWS, "json", page)
    watch = until_live(follow(reader(nodes), {"after": "-1"}))
    assert watch.positions == list(range(ROWS))
    for first in range(ROWS, ROWS + 50, 10):
        add(nodes.port, 10, first)
    watch.until(lambda one: len(one.rows) >= ROWS + 50)
    assert left(watch).rows == [expected(index) for index in range(ROWS + 50)]


@pytest.mark.usefixtures("often")
def test_who_comes_again_at_any_position_misses_nothing(ships: Reader) -> None:
    for after in [*range(-1, 8), 98, 99, 100, 101, ROWS - 2, ROWS - 1]:
        watch = until_live(follow(ships, {"after": str(after)}))
        assert left(watch).positions == list(range(after + 1, ROWS))


@pytest.mark.usefixtures("often")
def test_each_id_is_where_to_go_on(ships: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(following.MOST_ROWS, "json", 41)
    first = left(until_live(follow(ships, {"after": "-1", "filter": "ship:eq:ship 3"})))
    whole = first.positions
    assert len(first.named("")) > 1
    for event in first.events:
        if event.id is not None:
            again = left(until_live(follow(ships, {"filter": "ship:eq:ship 3"}, **{"last-event-id": str(event.id)})))
            assert again.positions == [position for position in whole if position > event.id]


@pytest.mark.usefixtures("often")
def test_where_a_reader_was_goes_before_what_the_address_says(ships: Reader) -> None:
    watch = follow(ships, {"after": "3", "from": "2026-03-02T01:00:00Z"}, **{"last-event-id": "297"})
    assert left(until_live(watch)).positions == [298, 299]


@pytest.mark.usefixtures("often")
def test_who_says_nothing_begins_now_and_knows_where_that_is(nodes: TwoNodes) -> None:
    watch = until_live(follow(reader(nodes)))
    assert (watch.positions, watch.named("live")[0].id) == ([], ROWS - 1)
    add(nodes.port, 2, ROWS)
    assert left(watch.until(lambda one: one.rows)).positions == [ROWS, ROWS + 1]


@pytest.mark.usefixtures("often")
def test_it_can_begin_at_a_time(nodes: TwoNodes) -> None:
    watch = until_live(follow(reader(nodes), {"from": "2026-03-02T03:20:00Z"}))
    assert watch.positions == list(range(200, ROWS))
    add(nodes.port, 1, 10)  # of an earlier time, as what comes late
    add(nodes.port, 1, ROWS)
    assert left(watch.until(lambda one: len(one.rows) > 100)).positions == [*range(200, ROWS), ROWS + 1]


@pytest.mark.usefixtures("often")
def test_columns_filters_and_places_are_those_of_a_query(ships: Reader) -> None:
    parameters = {"after": "-1", "columns": "ship,_position", "filter": "ship:in:ship 1,ship 2", "bbox": "0.5,49,1,50"}
    watch = left(until_live(follow(ships, parameters)))
    wanted = [index for index in range(50, 101) if index % 7 in (1, 2)]
    assert watch.rows == [{"ship": f"ship {index % 7}", "_position": index} for index in wanted]


@pytest.mark.usefixtures("often")
def test_what_is_not_asked_for_is_passed_without_a_word(nodes: TwoNodes) -> None:
    watch = until_live(follow(reader(nodes), {"after": "-1", "filter": "ship:eq:nobody"}))
    add(nodes.port, 5, ROWS)
    watch.until(lambda one: one.events[-1].id == ROWS + 4)
    assert left(watch).rows == []
    assert {event.id for event in watch.named("") if event.id is not None} == {ROWS - 1, ROWS + 4}


@pytest.mark.usefixtures("often")
def test_arrow_keeps_the_types(ships: Reader) -> None:
    watch = left(until_live(follow(ships, {"after": "-1", "format": "arrow"})))
    parts = [pyarrow.ipc.open_stream(base64.b64decode(one.data)).read_all() for one in watch.named("") if one.data]
    found = pa.concat_tables(parts)
    assert found.schema.field("at").type == pa.timestamp("us", "UTC")
    assert found["_position"].to_pylist() == list(range(ROWS))


@pytest.mark.usefixtures("often")
def test_that_it_is_live_is_said_again_with_the_age_of_the_last_input(nodes: TwoNodes) -> None:
    watch = follow(reader(nodes)).until(lambda one: len(one.named("live")) > 2)
    add(nodes.port, 1, ROWS)
    watch.until(lambda one: one.rows and one.events[-1].name == "live")
    first, last = (json.loads(watch.named("live")[index].data) for index in (0, -1))
    left(watch)
    assert (first["position"], last["position"]) == (ROWS - 1, ROWS)
    assert first["input"] < first["at"] < last["input"] < last["at"]


@pytest.mark.usefixtures("often")
def test_rows_that_nobody_told_of_come_all_the_same(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a process dies between the commit of rows and the telling."""
    monkeypatch.setattr(files, "LOOKED_AGAIN_SECONDS", 0)
    watch = until_live(follow(reader(nodes)))
    found = nodes.port.read(dataset, "harbour", "ships")
    row = {name: [value] for name, value in expected(ROWS).items()} | {"at": [nodes.clock()]}
    table.append(table.create(nodes.port.settings, found), pa.table(row).cast(arrow_schema(found.schema)), {"x": 1})
    assert left(watch.until(lambda one: one.rows)).positions == [ROWS]


# Who is let in


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"after": "300"}, "after"),
        ({"after": "-2"}, "after"),
        ({"after": "WzEsMl0"}, "after"),
        ({"limit": "5"}, "limit"),
        ({"order": "speed"}, "order"),
        ({"to": "2026-03-02"}, "to"),
        ({"format": "csv"}, "format"),
        ({"columns": "cargo"}, "columns"),
        ({"filter": "speed:gt:fast"}, "filter"),
    ],
)
def test_a_wrong_question_is_told_where_and_is_no_access(ships: Reader, parameters: dict[str, str], field: str) -> None:
    before = ships.nodes.harbour.audit("access:")
    reply = follow(ships, parameters).ended()
    assert (reply.status, reply.json["field"]) == (400, field)
    assert ships.nodes.harbour.audit("access:") == before


def test_a_stranger_learns_nothing(ships: Reader) -> None:
    url = ships.nodes.town.access(ships.transfer)["endpoint"]
    other = url.replace("harbour", "terminal")
    good = f"Bearer {ships.nodes.town.access(ships.transfer)['token']}"
    asked = [(url, {}), (url, {"authorization": "Bearer x"}), (other, {"authorization": good}), (f"{url}x", {})]
    replies = [Watch(ships.nodes.port.app, f"{one}/events", headers).ended() for one, headers in asked]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}


def test_terms_that_do_not_allow_it_are_told(standing: TwoNodes) -> None:
    found = reader(standing, constrained("purpose", "isAnyOf", ["research"]))
    reply = follow(found, {"after": "-1"}).ended()
    assert (reply.status, reply.json["code"]) == (403, "denied")
    assert "no purpose was stated" in reply.json["reasons"][0]
    watch = until_live(follow(found, {"after": "-1", "purpose": "research"}))
    assert len(watch.rows) == ROWS


# How it ends


def ends(nodes: TwoNodes, found: Reader, how: str) -> None:
    theirs = nodes.harbour.client.get("/api/transfers")[0]["pid"]
    match how:
        case "end the agreement":
            nodes.harbour.client.post(f"/api/agreements/{found.agreement}/end", WHY)
        case "terminate" | "suspend":
            nodes.harbour.client.post(f"/api/transfers/{theirs}/{how}", WHY)
        case _:
            nodes.town.client.post(f"/api/transfers/{found.transfer}/terminate", WHY)


@pytest.mark.parametrize("how", ["end the agreement", "terminate", "suspend", "the consumer's own termination"])
def test_it_ends_at_once_with_what_it_stands_on_and_says_why(ships: Reader, how: str) -> None:
    watch = until_live(follow(ships, {"after": "-1"}))
    ends(ships.nodes, ships, how)
    reply = watch.ended()
    used = within(5, ships.usage, lambda line: line)
    assert (used["rows"], used["bytes"]) == (ROWS, watch.size - len(streams.BEGIN))
    assert reply.whole and watch.events[-1].name == "end"
    told = json.loads(watch.events[-1].data)
    assert (told["code"], "enough" in str(told["reasons"])) == ("denied", True)
    noted = ships.nodes.harbour.audit("access:")[-1]
    assert (noted["event"], noted["data"]["agreement"]) == ("access:denied", ships.agreement)


def test_no_row_leaves_after_the_end(nodes: TwoNodes) -> None:
    found = reader(nodes)
    watch = until_live(follow(found))
    nodes.harbour.client.post(f"/api/agreements/{found.agreement}/end", WHY)
    add(nodes.port, 5, ROWS)
    watch.ended()
    assert watch.rows == []
    assert within(5, found.usage, lambda line: line)["rows"] == 0


@pytest.mark.usefixtures("often")
def test_terms_end_it_at_their_time(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("dateTime", "lt", (nodes.clock() + timedelta(hours=3)).isoformat()))
    watch = until_live(follow(found, {"after": "-1"}))
    nodes.advance(hours=2)  # the token has expired by now: it was for the beginning
    add(nodes.port, 1, ROWS)
    watch.until(lambda one: len(one.rows) > ROWS)
    nodes.advance(hours=2)
    watch.ended()
    assert "dateTime lt" in watch.events[-1].data


@pytest.mark.usefixtures("often")
def test_a_withdrawal_by_another_process_ends_it_too(ships: Reader) -> None:
    nodes = ships.nodes
    watch, other = until_live(follow(ships)), Database(nodes.port.settings.database)
    harbour, now = nodes.harbour.participant, nodes.clock()
    other.write(lambda conn: end_agreement(conn, harbour, ships.agreement, "enough", now=now))
    other.close()
    watch.ended()
    assert "enough" in watch.events[-1].data


def test_what_happens_elsewhere_ends_nothing(ships: Reader) -> None:
    other = reader(ships.nodes)
    watches = [until_live(follow(one, {"after": "-1"})) for one in (ships, other)]
    ends(ships.nodes, other, "end the agreement")
    watches[1].ended()
    assert watches[0].reply is None


@pytest.mark.usefixtures("often")
def test_an_owner_follows_its_own_rows_as_long_as_its_token_is_good(nodes: TwoNodes) -> None:
    client = nodes.harbour.client
    member = client.post("/api/members", {"name": "Crane", "role": "reader", "kind": "machine"})["id"]
    token = client.post("/api/tokens", {"member": member})
    sent = {"authorization": f"Bearer {token['token']}"}
    watch = until_live(Watch(nodes.port.app, "/api/datasets/ships/events?after=297", sent))
    add(nodes.port, 1, ROWS)
    watch.until(lambda one: len(one.rows) == 3)
    client.delete(f"/api/tokens/{token['id']}")
    watch.ended()
    assert (watch.positions, watch.events[-1].name) == ([298, 299, 300], "end")
    assert client.get("/api/usage") == []
    stranger = Watch(nodes.port.app, "/api/datasets/ships/events", {"authorization": "Bearer hvr_x"})
    assert stranger.ended().status == 404


# What it costs


@pytest.mark.usefixtures("often")
def test_what_is_counted_is_what_was_received(ships: Reader) -> None:
    watch = until_live(follow(ships, {"after": "99"}))
    left(watch)
    used = within(5, ships.usage, lambda line: line)
    assert (used["accesses"], used["rows"]) == (1, 200)
    assert used["bytes"] <= watch.size <= used["bytes"] + 500, "the greeting, and what was on its way when it left"


def test_what_lasts_is_recorded_as_it_goes_and_is_one_access(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "STRETCH", timedelta(0))
    found = reader(nodes)
    watch = until_live(follow(found, {"after": "-1"}))
    for number in range(3):
        add(nodes.port, 10, ROWS + 10 * number)
        watch.until(lambda one, number=number: len(one.rows) == ROWS + 10 * number + 10)  # type: ignore[misc]
    used = within(5, found.usage, lambda line: line and line["rows"] >= ROWS + 20)
    assert used["accesses"] == 1
    with nodes.port.context.database.read() as conn:
        stretches = list(conn.execute(usage.select().order_by(usage.c.at)))
    assert len(stretches) >= 3
    assert all(one.at + timedelta(milliseconds=one.milliseconds) <= other.at for one, other in pairwise(stretches))


def test_what_a_node_that_stops_has_sent_is_recorded(nodes: TwoNodes) -> None:
    found = reader(nodes)
    until_live(follow(found, {"after": "-1"}))
    nodes.port.node.streams.close()
    assert found.usage()["rows"] == ROWS


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows were read, each time that some were."""
    counted: list[int] = []
    window = following.window

    def counting(*arguments: Any) -> Any:
        found = window(*arguments)
        counted.append(found[0].num_rows)
        return found

    monkeypatch.setattr(following, "window", counting)
    return counted


@pytest.mark.usefixtures("often")
def test_for_who_is_slow_nothing_is_read_ahead_and_others_do_not_wait(nodes: TwoNodes, looks: list[int]) -> None:
    slow, fast = (until_live(follow(reader(nodes))) for _ in range(2))
    slow.open.clear()
    for number in range(12):
        add(nodes.port, 10, ROWS + 10 * number)
        fast.until(lambda one, number=number: len(one.rows) == 10 * number + 10)  # type: ignore[misc]
    assert len(looks) <= 12 + 1
    slow.open.set()
    slow.until(lambda one: len(one.rows) == 120)
    assert left(slow).positions == left(fast).positions == list(range(ROWS, ROWS + 120))
    assert len([event for event in slow.named("") if event.data]) <= 2 < len(fast.named(""))


def test_who_waits_holds_no_thread(standing: TwoNodes) -> None:
    found = reader(standing)
    watches = [follow(found) for _ in range(150)]
    for watch in watches:
        until_live(watch)
    opened = standing.port.node.streams
    within(5, lambda: opened._threads.borrowed_tokens, lambda count: count == 0)
    assert len(opened._open) >= 150
    ends(standing, found, "end the agreement")
    for watch in watches:
        watch.ended()
