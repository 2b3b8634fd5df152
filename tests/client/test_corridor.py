"""A data user's way: find, negotiate, agree, read."""

import io
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from havre.client import Exchange, ExchangeError, Refused
from havre.client.catalog import entries, parameters
from tests.client.simulator import CITY, OPERATOR, PORT, Simulator

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ROWS = pa.table({"_position": range(5000), "ship": [f"ship {number % 7}" for number in range(5000)]})


@pytest.fixture
def agreement(exchange: Exchange, node: Simulator) -> str:
    node.rows["calls"] = [ROWS]
    agreed = exchange.negotiate(exchange.offer(CITY, "calls")).agreement
    assert agreed is not None
    return agreed


def test_the_token_says_who_we_are(exchange: Exchange) -> None:
    me = exchange.me()
    assert (me.participant.did, me.member.role, me.scopes) == (PORT, "admin", ("admin", "read"))


def test_a_catalogue_is_read_into_entries(exchange: Exchange) -> None:
    calls, waste = exchange.catalog(CITY)
    assert (calls.title, calls.description, calls.provider) == ("Port calls", "Arrivals and departures", CITY)
    assert calls.keywords == ("ship", "berth")
    assert [one.id for one in calls.offers] == ["automatic"]
    assert calls.offers[0].policy["permission"][0]["action"] == "use"
    assert waste.title == "waste", "without a title it is called by its identifier"
    assert exchange.catalog()[0].provider == PORT


def test_a_catalogue_is_asked_for_what_is_wanted() -> None:
    asked = parameters(provider=CITY, hosted=True, keyword=["ais", "radar"], theme="TRAN", since=date(2026, 3, 2))
    assert asked == [
        ("provider", CITY),
        ("hosted", "true"),
        ("keyword", "ais"),
        ("keyword", "radar"),
        ("theme", "TRAN"),
        ("from", "2026-03-02"),
    ]
    assert parameters() == []
    with pytest.raises(ValueError, match="bbox: got 2 numbers"):
        parameters(bbox=(1, 2))


@pytest.mark.parametrize(("name", "count"), [("catalog.json", 1), ("nested-catalog.json", 0)])
def test_the_catalogues_of_the_standard_are_read(name: str, count: int) -> None:
    example = SHARED / "standards/dsp-2025-1/catalog/example" / name
    if not example.exists():
        pytest.skip(f"the standard's examples are not at {example}")
    found = entries(json.loads(example.read_text()))
    assert len(found) == count
    for entry in found:
        assert entry.provider == "urn:example:DataProviderA"
        assert entry.offers[0].id.startswith("urn:uuid:3dd1add8")


def test_a_catalogue_is_read_liberally() -> None:
    inner = {"participantId": {"@id": "did:web:b"}, "dataset": {"@id": "d", "hasPolicy": {"@id": "o"}, "title": "T"}}
    found = entries({"participantId": "did:web:a", "catalog": [inner], "dataset": [{"no": "identifier"}, "text"]})
    assert [(one.id, one.provider, one.title, one.offers[0].id) for one in found] == [("d", "did:web:b", "T", "o")]


def test_an_offer_is_found_or_the_choice_is_told(exchange: Exchange) -> None:
    assert exchange.offer(CITY, "waste", "human").id == "human"
    with pytest.raises(ExchangeError, match="3 offers") as several:
        exchange.offer(CITY, "waste")
    assert several.value.expected == "human or refused or counter"
    with pytest.raises(ExchangeError, match="no such offer"):
        exchange.offer(CITY, "nothing")


def test_an_automatic_offer_becomes_an_agreement(exchange: Exchange, node: Simulator) -> None:
    negotiation = exchange.negotiate(exchange.offer(CITY, "calls"))
    assert negotiation.state == "FINALIZED"
    assert [one.id for one in exchange.agreements()] == [negotiation.agreement]
    assert node.calls("POST", "/api/negotiations")[0].json["offer"]["@id"] == "automatic"


def test_a_refusal_says_why(exchange: Exchange) -> None:
    with pytest.raises(Refused) as refused:
        exchange.negotiate(exchange.offer(CITY, "waste", "refused"))
    assert refused.value.reasons == ("the count is used up",)


def test_when_a_person_must_decide_the_negotiation_is_given_back(exchange: Exchange) -> None:
    waiting = exchange.negotiate(exchange.offer(CITY, "waste", "human"), wait=0.05)
    assert (waiting.state, waiting.final, waiting.ours) == ("REQUESTED", False, False)
    countered = exchange.negotiate(exchange.offer(CITY, "waste", "counter"), wait=30)
    assert (countered.state, countered.ours) == ("OFFERED", True)
    assert exchange.accept(countered.pid).state == "ACCEPTED"
    assert [one.pid for one in exchange.negotiations(state="ACCEPTED")] == [countered.pid]
    assert exchange.terminate_negotiation(waiting.pid, "too slow").reason == "too slow"


def test_terms_that_are_agreed_on_are_agreed_on_once_unless_it_is_wanted_anew(
    exchange: Exchange, node: Simulator, agreement: str
) -> None:
    offer = exchange.offer(CITY, "calls")
    assert exchange.negotiate(offer).agreement == agreement
    assert exchange.negotiate(offer, anew=True).agreement != agreement
    assert [one.json["reuse"] for one in node.calls("POST", "/api/negotiations")] == [True, True, False]


def test_a_provider_may_begin_and_either_side_may_counter(exchange: Exchange, node: Simulator) -> None:
    proposed = exchange.propose_offer(CITY, "ships", "offer-1")
    assert (proposed.role, proposed.state, proposed.counterparty, proposed.ours) == ("provider", "OFFERED", CITY, False)
    terms = {"permission": [{"action": "use"}]}
    assert exchange.counter(proposed.pid, terms).ours
    assert node.calls("POST", f"/api/negotiations/{proposed.pid}/counter".replace(":", "%3A"))[0].json == {
        "policy": terms
    }


def test_a_trace_tells_what_was_said_and_what_it_waits_for(exchange: Exchange, agreement: str) -> None:
    found = exchange.negotiation_trace("urn:uuid:n0")
    assert (found.waits_for, [step.direction for step in found.steps]) == (
        "delivery of RequestMessage",
        ["received", "sent"],
    )
    assert found.steps[1].next_try is not None and found.steps[1].next_try.tzinfo is not None
    pid = exchange.start_transfer(agreement).pid
    assert exchange.transfer_trace(pid).pid == pid
    assert exchange.give_access(pid).state == "STARTED"
    with pytest.raises(ExchangeError, match="no such thing"):
        exchange.negotiation_trace("urn:uuid:other")


def test_what_the_node_finds_when_it_examines_itself_is_the_operators(exchange: Exchange, node: Simulator) -> None:
    assert [one.check for one in Exchange(node.url, OPERATOR).examine()] == ["node key"]
    with pytest.raises(ExchangeError, match="nothing here"):
        exchange.examine()


def test_an_agreement_can_be_ended(exchange: Exchange, agreement: str) -> None:
    ended = exchange.end(exchange.agreement(agreement), "no longer needed")
    assert ended.ended is not None and ended.ended.tzinfo is not None
    assert ended.reason == "no longer needed"


def test_rows_open_in_every_tool(exchange: Exchange, agreement: str) -> None:
    reading = exchange.open(agreement)
    assert reading.to_arrow().equals(ROWS)
    assert len(reading.to_pandas()) == 5000
    assert reading.to_polars().shape == (5000, 2)
    assert [batch.num_rows for batch in reading.batches()] == [1000] * 5


def test_one_transfer_is_enough(exchange: Exchange, node: Simulator, agreement: str) -> None:
    exchange.open(agreement).to_arrow()
    exchange.open(exchange.agreement(agreement)).to_arrow()
    assert len(node.calls("POST", "/api/transfers")) == 1


def test_a_push_says_where_to_and_is_no_transfer_to_read_from(
    exchange: Exchange, node: Simulator, agreement: str
) -> None:
    exchange.transfer(exchange.start_push(agreement, "https://lab.example/in", "s3cret", {"purpose": "x"}).pid, wait=1)
    assert node.calls("POST", "/api/transfers")[0].json == {
        "agreement": agreement,
        "format": "HttpData-PUSH",
        "data_address": {
            "endpoint": "https://lab.example/in",
            "authorization": "s3cret",
            "properties": {"purpose": "x"},
        },
    }
    exchange.open(agreement).to_arrow()
    assert len(node.calls("POST", "/api/transfers")) == 2


def test_a_transfer_that_does_not_start_says_why(exchange: Exchange, node: Simulator, agreement: str) -> None:
    node.of("refusing")[agreement] = {}
    with pytest.raises(ExchangeError, match=r"is TERMINATED: the agreement has ended"):
        exchange.open(agreement)


def test_rows_come_in_pages(exchange: Exchange, node: Simulator, agreement: str) -> None:
    rows = list(exchange.open(agreement).rows(page=2000))
    assert rows == ROWS.to_pylist()
    data = node.calls("GET", "/participants/city/data/calls")
    assert [one.one("limit") for one in data] == ["2000", "2000", "2000"]
    assert [len(list(exchange.open(agreement, limit=2500).rows(page=page))) for page in (1000, 9999)] == [2500, 2500]


def test_a_reading_that_is_left_early_harms_no_other(exchange: Exchange, agreement: str) -> None:
    batches = exchange.open(agreement).batches()
    assert next(batches).num_rows == 1000
    batches.close()  # type: ignore[attr-defined]
    assert exchange.open(agreement).to_arrow().num_rows == 5000


def test_what_is_asked_for_reaches_the_data_plane(exchange: Exchange, node: Simulator, agreement: str) -> None:
    from datetime import datetime, timedelta, timezone

    paris = timezone(timedelta(hours=1))
    reading = exchange.open(
        agreement,
        purpose=["planning", "safety"],
        columns=["ship"],
        filters=["ship:ne:x", ("ship", "in", ["ship 1", "ship 2"]), ("moored", "eq", True)],
        since=datetime(2026, 3, 2, 1, tzinfo=paris),
        until="2026-03-03",
        bbox=(4, 51.5, 5, 52),
        order="-ship",
        limit=10,
    )
    assert reading.to_arrow().column_names == ["ship"]
    asked = node.calls("GET", "/participants/city/data/calls")[-1].parameters
    assert asked == [
        ("columns", "ship"),
        ("from", "2026-03-02T00:00:00Z"),
        ("to", "2026-03-03"),
        ("bbox", "4.0,51.5,5.0,52.0"),
        ("order", "-ship"),
        ("limit", "10"),
        ("filter", "ship:ne:x"),
        ("filter", "ship:in:ship 1,ship 2"),
        ("filter", "moored:eq:true"),
        ("purpose", "planning"),
        ("purpose", "safety"),
        ("format", "arrow"),
    ]


def test_a_value_that_has_no_form_in_a_filter_is_refused_here(exchange: Exchange, agreement: str) -> None:
    with pytest.raises(ValueError, match="comma"):
        exchange.open(agreement, filters=[("ship", "in", ["a,b"])])
    with pytest.raises(ValueError, match="west, south, east, north"):
        exchange.open(agreement, bbox=(1, 2, 3))


def test_a_refused_token_is_renewed_once(exchange: Exchange, node: Simulator, agreement: str) -> None:
    reading = exchange.open(agreement)
    node.good_token = "hva_2"
    assert reading.to_arrow().num_rows == 5000
    tokens = [one.headers["authorization"] for one in node.calls("GET", "/participants/city/data/calls")]
    assert tokens == ["Bearer hva_1", "Bearer hva_2"]


def test_the_api_token_never_reaches_the_provider(exchange: Exchange, node: Simulator, agreement: str) -> None:
    exchange.open(agreement).to_arrow()
    for asked in node.calls("GET", "/participants/city/data/calls"):
        assert "hvr_" not in str(asked.headers)


def test_a_denial_has_reasons_and_is_not_tried_again(exchange: Exchange, node: Simulator, agreement: str) -> None:
    with pytest.raises(ExchangeError, match="purpose must be planning") as denied:
        exchange.open(agreement, purpose="resale").to_arrow()
    assert (denied.value.status, denied.value.reasons) == (403, ("purpose must be planning",))
    assert len(node.calls("GET", "/participants/city/data/calls")) == 1


@pytest.mark.parametrize("framed", [False, True], ids=["connection lost", "ended politely"])
@pytest.mark.parametrize("missing", [1, 8, 9, 5000])
def test_a_cut_stream_is_never_taken_for_a_whole_one(
    exchange: Exchange, node: Simulator, agreement: str, missing: int, framed: bool
) -> None:
    node.cut, node.broken_framing = missing, not framed
    for read in (lambda one: one.to_arrow(), lambda one: list(one.batches()), lambda one: list(one.chunks("arrow"))):
        with pytest.raises(ExchangeError, match="broke off"):
            read(exchange.open(agreement))


def test_rows_can_go_to_a_file_as_they_come(exchange: Exchange, agreement: str) -> None:
    text = b"".join(exchange.open(agreement, limit=3).chunks("csv"))
    assert text.splitlines()[0] == b'"_position","ship"'
    stream = io.BytesIO(b"".join(exchange.open(agreement).chunks("arrow")))
    assert pa.ipc.open_stream(stream).read_all().equals(ROWS)
