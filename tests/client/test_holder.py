"""A data holder's way: declare, publish, offer, see what is used; and those who administer."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from havre.client import Exchange, ExchangeError, Field, Schema, SourceStatus
from havre.client import rows as encoding
from tests.client.simulator import CITY, OPERATOR, Simulator

ROWS = [{"ship": "Ever", "length": 400}, {"ship": "Zo", "length": 12}]
FORMS: dict[str, Callable[[], Any]] = {
    "dicts": lambda: ROWS,
    "table": lambda: pa.Table.from_pylist(ROWS),
    "batch": lambda: pa.RecordBatch.from_pylist(ROWS),
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas filtered": lambda: pd.DataFrame([*ROWS, {"ship": "gone", "length": 1}]).query("length > 1"),
    "pandas with an index": lambda: pd.DataFrame(ROWS).set_index("ship"),
    "polars": lambda: pl.DataFrame(ROWS),
    "polars lazy": lambda: pl.DataFrame(ROWS).lazy(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_rows_are_published_from_every_tool(exchange: Exchange, node: Simulator, form: Callable[[], Any]) -> None:
    done = exchange.publish("ships", form(), title="Ships")
    assert (done.rows, done.quarantined, done.version) == (2, 1, 1)
    assert node.rows["ships"][0].select(["ship", "length"]).to_pylist() == ROWS
    declared = exchange.dataset("ships")
    assert (declared.title, declared.statistics.rows) == ("Ships", 2)
    assert sorted((one.name, one.type) for one in declared.schema.fields) == [("length", "integer"), ("ship", "string")]


def test_a_given_schema_is_declared_and_a_known_dataset_is_not_declared_again(
    exchange: Exchange, node: Simulator
) -> None:
    schema = Schema((Field("ship", "string", nullable=False), Field("length", "number", unit="m")))
    exchange.publish("ships", ROWS, schema=schema)
    exchange.publish("ships", ROWS, schema=schema)
    assert exchange.dataset("ships").schema == schema
    assert len(node.calls("POST", "/api/datasets")) == 1
    assert not node.calls("POST", "/api/schema")


def test_many_datasets_are_declared_a_hundred_in_a_request(exchange: Exchange, node: Simulator) -> None:
    schema = Schema((Field("ship", "string"),))
    done = exchange.declare_all({"id": f"set-{index}", "schema": schema, "theme": "TRAN"} for index in range(201))
    assert [one.id for one in done] == [f"set-{index}" for index in range(201)]
    assert {(one.title == one.id, one.theme, one.schema) for one in done} == {(True, "TRAN", schema)}
    assert len(node.calls("POST", "/api/datasets")) == 3
    assert exchange.declare_all([]) == []


def test_many_rows_go_in_several_requests(exchange: Exchange, node: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PIECE_BYTES", 1000)
    table = pa.table({"n": range(1000)})
    assert exchange.publish("numbers", table).rows == 1000
    assert len(node.rows["numbers"]) == 8
    assert pa.concat_tables(node.rows["numbers"]).equals(table)


def test_with_a_source_and_an_offset_a_repeat_adds_nothing(
    exchange: Exchange, node: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "PIECE_BYTES", 1)
    monkeypatch.setattr(encoding, "PIECE_ROWS", 1)
    for rows in (ROWS, pa.Table.from_pylist(ROWS)):
        exchange.publish("ships", rows, source="register", offset=2)
    assert len(node.rows["ships"]) == 1
    assert exchange.dataset("ships").statistics.rows == 2


def test_nothing_to_publish_adds_nothing(exchange: Exchange) -> None:
    schema = {"fields": [{"name": "n", "type": "integer"}]}
    assert exchange.publish("numbers", [], schema=schema).rows == 0
    assert exchange.publish("numbers", pa.table({"n": pa.array([], pa.int64())})).rows == 0
    with pytest.raises(ValueError, match="schema"):
        exchange.publish("unknown", [])


def test_times_and_decimals_have_a_json_form_and_the_rest_is_refused() -> None:
    row = {"at": datetime(2026, 3, 2, tzinfo=UTC), "day": date(2026, 3, 2), "price": Decimal("1.5")}
    assert encoding.sample([row]).data == b'{"at": "2026-03-02T00:00:00Z", "day": "2026-03-02", "price": 1.5}\n'
    with pytest.raises(TypeError, match="set has no JSON form"):
        encoding.sample([{"a": {1}}])
    for wrong in (1, "text", [1], {"a": [1]}):
        with pytest.raises(TypeError, match="expected a list of dicts"):
            encoding.sample(wrong)


def test_own_rows_are_read_like_those_of_others(exchange: Exchange) -> None:
    exchange.publish("ships", ROWS)
    assert exchange.rows_of("ships").to_arrow().num_rows == 2
    assert list(exchange.rows_of("ships", columns=["ship"], limit=1).rows()) == [{"ship": "Ever"}]


def test_the_quarantine_is_shown_and_replayed(exchange: Exchange) -> None:
    exchange.publish("ships", ROWS)
    found = exchange.quarantine("ships", limit=1)
    assert (found.count, found.rows[0].reason) == (12, "berth: got 'x'")
    assert exchange.replay("ships").rows == 11


def test_sources_are_declared_run_and_removed(exchange: Exchange) -> None:
    added = exchange.add_source("ais", "ships", "tcp", "nmea", {"address": "localhost:10110"})
    assert added.options == {"address": "localhost:10110"}
    assert (added.status.state, added.status.lag) == ("idle", None)
    seen: list[SourceStatus] = []
    done = exchange.run_source("ais", lambda source: seen.append(source.status))
    assert (done.rows, done.quarantined) == (4, 1)
    assert [(status.done, status.lag) for status in seen] == [(0, 120), (60, 60)]
    assert exchange.source("ais") == exchange.sources()[0]
    exchange.remove_source("ais")
    assert exchange.sources() == []


def test_a_source_that_fails_says_why(exchange: Exchange, node: Simulator) -> None:
    exchange.add_source("calls", "calls", "http", "csv", {"url": "http://localhost:1/calls.csv"})
    node.source_error = "http://localhost:1/calls.csv does not answer"
    with pytest.raises(ExchangeError) as failed:
        exchange.run_source("calls")
    assert (failed.value.code, failed.value.detail) == ("failed", node.source_error)
    status = exchange.source("calls").status
    assert (status.state, status.error, status.rows, status.lag) == ("failed", node.source_error, 2, 60)
    node.source_error = None
    assert exchange.run_source("calls").rows == 4


def test_offers_are_published_and_removed(exchange: Exchange, node: Simulator) -> None:
    policy = {"permission": [{"action": "use"}]}
    offer = exchange.offer_dataset("ships", policy, decision="human", visible_to=[CITY])
    assert (offer.decision, offer.visible_to, offer.policy) == ("human", (CITY,), policy)
    assert [one.id for one in exchange.offers()] == [offer.id]
    exchange.remove_offer(offer.id)
    assert exchange.offers() == []


def test_use_is_shown(exchange: Exchange) -> None:
    assert [(line.consumer, line.rows) for line in exchange.usage()] == [(CITY, 10)]


def test_members_and_tokens_are_kept(exchange: Exchange) -> None:
    member = exchange.add_member("Lab", "reader", kind="machine")
    token = exchange.add_token(str(member.id), scopes=["read"], days=30)
    assert token.token == "hvr_secret"
    assert "hvr_secret" not in repr(token)
    assert exchange.tokens()[0].token is None
    exchange.revoke_token(token.id)
    exchange.remove_member(str(member.id))
    assert (exchange.tokens(), exchange.members()) == ([], [])


def test_the_operator_hosts_and_trusts(node: Simulator) -> None:
    operator = Exchange(node.url, OPERATOR)
    assert operator.add_participant("city", "City").token == "hvr_first"
    assert [one.slug for one in operator.participants()] == ["city"]
    operator.trust(CITY, "City", memberships=["convention:quay"])
    assert operator.trusted()[0].memberships == ("convention:quay",)
    operator.distrust(CITY)
    assert operator.trusted() == []


def test_the_log_is_read_and_proved(exchange: Exchange) -> None:
    assert [one.sequence for one in exchange.audit(after=7, limit=2)] == [8, 9]
    assert exchange.verify_audit().whole


def test_withdrawn_is_withdrawn(exchange: Exchange) -> None:
    exchange.publish("ships", ROWS)
    exchange.withdraw("ships")
    with pytest.raises(ExchangeError) as missing:
        exchange.dataset("ships")
    assert (missing.value.status, missing.value.code) == (404, "not_found")
