"""Asking for a catalogue over the protocol: filters, pages, gzip, and the catalogues of all whom a node hosts."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from havre.catalog.gzipped import accepts_gzip
from havre.messages import asking as messages
from tests import puppet, standard
from tests.asgi import Reply, ask
from tests.network import answered
from tests.two_nodes import MEMBERS, USE, Hosted, Template, TwoNodes, join, running

SCHEMA = {"fields": [{"name": "weight", "type": "number", "unit": "t"}]}


def publish(by: Hosted, id: str, *visible_to: str, **more: Any) -> None:
    by.client.post("/api/datasets", {"id": id, "title": id.capitalize(), "schema": SCHEMA, **more})
    by.client.post("/api/offers", {"dataset": id, "policy": USE, "visible_to": list(visible_to)})


def catalog(asking: Hosted, provider: Hosted, more: str = "") -> Any:
    found = asking.client.get(f"/api/catalog?provider={quote(provider.did)}{more}")
    assert standard.problems({**found, "dataset": found.get("dataset") or [DATASET]}) == []
    return found


DATASET = {
    "@id": "d",
    "hasPolicy": [{"@id": "o", "@type": "Offer", **USE}],
    "distribution": [{"format": "f", "accessService": "s"}],
}


def shown(catalog: Any) -> list[str]:
    return [one["@id"] for one in catalog.get("dataset", [])]


def request(filter: Any) -> dict[str, Any]:
    return {**puppet.message("CatalogRequestMessage"), "filter": filter}


def asked(asking: Hosted, provider: Hosted, filter: Any, place: str = "/catalog/request") -> Reply:
    return asking.send(provider, place, request(filter))


@pytest.fixture
def filled(nodes: TwoNodes) -> TwoNodes:
    nodes.offer()
    publish(nodes.harbour, "cargo", description="What is on the quay", keywords=["quay", "cargo"], theme="TRAN")
    publish(nodes.harbour, "pilots", nodes.startup.did, keywords=["quay"])
    publish(nodes.terminal, "cranes", keywords=["quay"], theme="TRAN")
    publish(nodes.terminal, "yard", MEMBERS)
    return nodes


# Filters


def test_a_filter_is_the_providers_to_answer(filled: TwoNodes) -> None:
    town, harbour = filled.town, filled.harbour
    assert shown(asked(town, harbour, []).json) == ["cargo", "ships"]
    assert shown(asked(town, harbour, [{"keyword": "quay", "theme": ["TRAN"]}]).json) == ["cargo"]
    assert shown(asked(town, harbour, ["quay"]).json) == ["cargo"]
    assert shown(asked(town, harbour, [{"bbox": [-1, 48, 1, 50], "period": {"from": "2026-03-02"}}]).json) == ["ships"]
    assert "dataset" not in asked(town, harbour, [{"dataset": "pilots"}]).json, "it is not for this one"


def test_a_filter_that_is_not_supported_is_refused_with_the_reason(filled: TwoNodes) -> None:
    reply = asked(filled.town, filled.harbour, [{"colour": "red"}])
    assert (reply.status, reply.json["@type"], reply.json["code"]) == (400, "CatalogError", "invalid")
    assert reply.json["reason"][0].startswith("filter.0.colour: is not supported (expected some of dataset, keyword")


def test_what_a_person_looks_for_is_asked_of_the_provider(filled: TwoNodes) -> None:
    town, harbour = filled.town, filled.harbour
    assert shown(catalog(town, harbour, "&keyword=quay&keyword=none&theme=TRAN")) == ["cargo"]
    assert shown(catalog(town, harbour, "&bbox=-1,48,1,50&from=2026-03-02&to=2026-03-02")) == ["ships"]
    assert shown(catalog(town, harbour, f"&holder={quote(harbour.did)}&dataset=cargo&format=HttpData-PULL")) == [
        "cargo"
    ]
    assert shown(harbour.client.get("/api/catalog?keyword=quay&q=pilots")) == ["pilots"]
    sent = [one.body["filter"] for one in filled.network.of("CatalogRequestMessage")]
    assert sent[0] == [{"keyword": ["quay", "none"], "theme": ["TRAN"]}]
    assert sent[1] == [{"bbox": [-1, 48, 1, 50], "period": {"from": "2026-03-02", "to": "2026-03-02"}}]


@pytest.mark.parametrize(
    ("more", "field"), [("q=", "q"), ("bbox=1,2", "bbox"), ("bbox=a,1,2,3", "bbox"), ("from=now", "period.from")]
)
def test_what_cannot_be_looked_for_is_told_without_asking(standing: TwoNodes, more: str, field: str) -> None:
    before = len(standing.network.sent)
    for provider in (standing.town.did, standing.harbour.did):
        reply = standing.town.client.ask("GET", f"/api/catalog?provider={quote(provider)}&{more}")
        assert (reply.status, reply.json["field"]) == (400, field)
    assert len(standing.network.sent) == before


def test_a_provider_that_refuses_or_passes_over_filters_is_searched_all_the_same(filled: TwoNodes) -> None:
    whole = asked(filled.town, filled.harbour, []).json
    error = {"@context": whole["@context"], "@type": "CatalogError", "code": "filter", "reason": ["no filters here"]}
    filled.network.fault("CatalogRequestMessage", answered(400, error))
    assert shown(catalog(filled.town, filled.harbour, "&keyword=quay")) == ["cargo"]
    assert [one.body["filter"] for one in filled.network.of("CatalogRequestMessage")] == [[{"keyword": ["quay"]}], []]
    filled.network.fault("CatalogRequestMessage", answered(200, whole))
    assert shown(catalog(filled.town, filled.harbour, "&keyword=quay")) == ["cargo"]


def test_a_contract_asks_for_the_one_dataset_alone(filled: TwoNodes) -> None:
    filled.town.agreement_with(filled.harbour)
    (sent,) = filled.network.of("CatalogRequestMessage")
    assert sent.body["filter"] == [{"dataset": ["ships"]}]


# Pages


@pytest.fixture
def paged(template: Template, tmp_path: Path) -> Iterator[TwoNodes]:
    with running(join(template, tmp_path, catalog_page_size=2), template) as nodes:
        for index in range(5):
            publish(nodes.harbour, f"set-{index}", keywords=["even" if index % 2 == 0 else "odd"])
        yield nodes


def test_the_next_page_is_where_the_link_says_and_asked_for_with_the_same_message(paged: TwoNodes) -> None:
    place, found = "/catalog/request", []
    base = paged.harbour.participant.protocol_url
    while place:
        reply = asked(paged.town, paged.harbour, [{"keyword": "even"}], place)
        found.append(shown(reply.json))
        link = reply.headers.get("link", "")
        assert not link or (link.startswith(f"<{base}/catalog/request?") and link.endswith('>; rel="next"'))
        place = link.removeprefix(f"<{base}").partition(">")[0]
    assert found == [["set-0", "set-2"], ["set-4"]]


def test_who_asks_says_how_long_a_page_is(paged: TwoNodes) -> None:
    long, short = (asked(paged.town, paged.harbour, [], f"/catalog/request?limit={size}") for size in (4, 1))
    assert (shown(long.json), shown(short.json)) == (["set-0", "set-1", "set-2", "set-3"], ["set-0"])
    assert "limit=4&after=set-3" in long.headers["link"] and "limit=1&after=set-0" in short.headers["link"]
    assert "link" not in asked(paged.town, paged.harbour, [], "/catalog/request?limit=1000").headers


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "1e3", "9" * 5000, ""])
def test_a_page_cannot_have_any_length(standing: TwoNodes, limit: str) -> None:
    reply = asked(standing.town, standing.harbour, [], f"/catalog/request?limit={limit}")
    assert (reply.status, reply.json["@type"]) == (400, "CatalogError")
    assert reply.json["reason"][0].startswith("limit: ")


def test_a_catalogue_without_end_is_left(paged: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    from havre.catalog import asking

    monkeypatch.setattr(asking, "PAGES", 2)
    monkeypatch.setattr(asking, "PAGE_SIZE", 2)
    reply = paged.town.client.ask("GET", f"/api/catalog?provider={quote(paged.harbour.did)}")
    assert (reply.status, reply.json["code"]) == (502, "unreachable") and "no end" in reply.json["detail"]


# Gzip


def test_a_long_catalogue_goes_in_gzip_to_who_takes_it(filled: TwoNodes) -> None:
    for index in range(10):
        publish(filled.harbour, f"set-{index}")
    plain = asked(filled.town, filled.harbour, [])
    url = f"{filled.harbour.participant.protocol_url}/catalog/request"
    headers = {"authorization": filled.town.token_for(filled.harbour), "accept-encoding": "br, gzip;q=0.5"}
    packed = ask(filled.port.app, "POST", url, json.dumps(request([])).encode(), headers)
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body) / 3
    assert gzip.decompress(packed.body) == plain.body and "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        *[(header, True) for header in ("gzip", "br;q=1, GZIP ; q=0.1", "*", "identity, *;q=0.5")],
        *[(header, False) for header in ("", "br", "xgzip", "gzip;q=0", "*;q=0", "gzip; q=0.000, *")],
    ],
)
def test_gzip_is_taken_by_those_who_say_so(header: str, taken: bool) -> None:
    assert accepts_gzip(header) is taken


def test_we_take_gzip_and_no_more_of_it_than_of_the_plain(filled: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(10):
        publish(filled.harbour, f"set-{index}", description="The same once more. " * 100)
    assert len(shown(catalog(filled.town, filled.harbour))) == 12
    monkeypatch.setattr(messages, "LARGEST_ANSWER", 10_000)
    reply = filled.town.client.ask("GET", f"/api/catalog?provider={quote(filled.harbour.did)}")
    assert (reply.status, reply.json["code"]) == (502, "unreachable") and "longer than 10000" in reply.json["detail"]


# The catalogues of all whom a node hosts


def hosted(catalog: Any) -> dict[str, list[str]]:
    return {one["participantId"]: shown(one) for one in catalog.get("catalog", [])}


def test_one_request_shows_what_all_hosted_participants_offer(filled: TwoNodes) -> None:
    harbour, terminal = filled.harbour, filled.terminal
    reply = asked(filled.town, harbour, [], "/hosted/catalog/request")
    assert hosted(reply.json) == {harbour.did: ["cargo", "ships"], terminal.did: ["cranes", "yard"]}
    assert reply.json["participantId"] == harbour.did and "dataset" not in reply.json
    bases = [one["service"][0]["endpointURL"] for one in reply.json["catalog"]]
    assert bases == [one.participant.protocol_url for one in (harbour, terminal)]


def test_who_may_see_nothing_of_a_participant_is_not_told_that_it_is_hosted(filled: TwoNodes) -> None:
    filled.operator(filled.port).post("/api/node/trust", {"id": filled.town.did, "name": "Town"})
    for id in [one["id"] for one in filled.terminal.client.get("/api/offers") if one["dataset"] == "cranes"]:
        filled.terminal.client.delete(f"/api/offers/{id}")
    seen = asked(filled.town, filled.harbour, [], "/hosted/catalog/request")
    assert hosted(seen.json) == {filled.harbour.did: ["cargo", "ships"]}
    assert filled.terminal.did not in seen.body.decode()


def test_nothing_for_anybody_is_a_catalogue_too(standing: TwoNodes) -> None:
    reply = asked(standing.town, standing.terminal, [{"q": "not to be found"}], "/hosted/catalog/request")
    assert reply.status == 200 and "catalog" not in reply.json


def test_all_that_a_node_hosts_is_filtered_and_paged(filled: TwoNodes) -> None:
    quay = [{"keyword": "quay"}]
    reply = asked(filled.startup, filled.harbour, quay, "/hosted/catalog/request")
    assert hosted(reply.json) == {filled.harbour.did: ["cargo", "pilots"], filled.terminal.did: ["cranes"]}
    only = asked(filled.startup, filled.harbour, [{"holder": filled.terminal.did}], "/hosted/catalog/request")
    assert hosted(only.json) == {filled.terminal.did: ["cranes", "yard"]}
    pages, place, base = [], "/hosted/catalog/request?limit=1", filled.harbour.participant.protocol_url
    while place:
        reply = asked(filled.startup, filled.harbour, quay, place)
        pages += [id for ids in hosted(reply.json).values() for id in ids]
        place = reply.headers.get("link", "").removeprefix(f"<{base}").partition(">")[0]
    assert pages == ["cargo", "pilots", "cranes"]


def test_a_person_looks_through_a_whole_node(filled: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    from havre.catalog import asking

    monkeypatch.setattr(asking, "PAGE_SIZE", 1)
    found = catalog(filled.startup, filled.harbour, "&hosted=true")
    assert hosted(found) == {filled.harbour.did: ["cargo", "pilots", "ships"], filled.terminal.did: ["cranes", "yard"]}
    assert hosted(catalog(filled.startup, filled.harbour, "&hosted=true&keyword=quay")) == {
        filled.harbour.did: ["cargo", "pilots"],
        filled.terminal.did: ["cranes"],
    }
