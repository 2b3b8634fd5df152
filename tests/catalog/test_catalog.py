"""The catalogue: what a participant offers, to whom; and the catalogues of others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import puppet, standard
from tests.asgi import ask
from tests.network import answered
from tests.two_nodes import MEMBERS, USE, Hosted, Template, TwoNodes, join, running


def catalog(asking: Hosted, provider: Hosted, more: str = "") -> Any:
    return asking.client.get(f"/api/catalog?provider={provider.did}{more}")


def shown(asking: Hosted, provider: Hosted, more: str = "") -> dict[str, list[str]]:
    """The offers that are seen, by dataset."""
    found = catalog(asking, provider, more).get("dataset", [])
    return {one["@id"]: [offer["@id"] for offer in one["hasPolicy"]] for one in found}


def declare(hosted: Hosted, id: str, **more: Any) -> None:
    schema = {"fields": [{"name": "weight", "type": "number", "unit": "t"}]}
    hosted.client.post("/api/datasets", {"id": id, "title": id.capitalize(), "schema": schema, **more})


def test_an_offer_is_seen_by_those_who_are_trusted(nodes: TwoNodes) -> None:
    offer = nodes.offer()
    for asking in (nodes.town, nodes.startup, nodes.terminal, nodes.harbour):
        assert shown(asking, nodes.harbour) == {"ships": [offer]}


def test_an_offer_for_some_is_seen_by_those_alone(nodes: TwoNodes) -> None:
    members = nodes.offer(visible_to=[MEMBERS])
    town = nodes.offer(visible_to=[nodes.town.did, "another"])
    nodes.offer(visible_to=["another"])
    assert shown(nodes.town, nodes.harbour) == {"ships": [members, town]}
    assert shown(nodes.startup, nodes.harbour) == {"ships": [members]}
    assert len(shown(nodes.harbour, nodes.harbour)["ships"]) == 3


def test_an_offer_that_is_not_seen_cannot_be_asked_for(nodes: TwoNodes) -> None:
    hidden, removed = nodes.offer(visible_to=[nodes.town.did]), nodes.offer()
    nodes.harbour.client.delete(f"/api/offers/{removed}")
    consumer = puppet.puppet(nodes, nodes.startup)
    replies = [puppet.request(consumer, offer) for offer in (hidden, removed, "urn:none")]
    assert [reply.status for reply in replies] == [404, 404, 404]
    assert len({reply.body for reply in replies}) == 1


def test_a_catalogue_without_offers_is_one(nodes: TwoNodes) -> None:
    found = catalog(nodes.town, nodes.harbour)
    assert (found["@type"], found["participantId"]) == ("Catalog", nodes.harbour.did)
    assert "dataset" not in found


def test_what_is_said_of_a_dataset_is_in_the_catalogue(nodes: TwoNodes) -> None:
    declare(nodes.harbour, "cargo", description="What is on the quay", keywords=["cargo", "quay"], licence="CC-BY-4.0")
    nodes.harbour.client.post("/api/offers", {"dataset": "cargo", "policy": USE})
    nodes.offer()
    cargo, ships = catalog(nodes.town, nodes.harbour)["dataset"]
    assert (cargo["dct:title"], cargo["dct:description"]) == ("Cargo", "What is on the quay")
    assert cargo["dcat:keyword"] == ["cargo", "quay"]
    assert ships["dct:temporal"]["dcat:startDate"] == "2026-03-02T00:00:00Z"
    assert ships["dcat:bbox"].startswith("POLYGON((0 49,")
    columns = cargo["http://www.w3.org/ns/csvw#column"]
    assert columns == [{"name": "weight", "datatype": "number", "required": False, "unit": "t"}]


def test_words_find_datasets(nodes: TwoNodes) -> None:
    declare(nodes.harbour, "cargo", description="What is on the quay")
    offer = nodes.harbour.client.post("/api/offers", {"dataset": "cargo", "policy": USE})["id"]
    nodes.offer()
    assert shown(nodes.town, nodes.harbour, "&q=quay") == {"cargo": [offer]}
    assert shown(nodes.town, nodes.harbour, "&q=quay+ships") == {}
    assert nodes.town.client.ask("GET", "/api/catalog?q=").status == 400


def test_a_dataset_that_is_withdrawn_is_gone_and_what_was_agreed_stays(nodes: TwoNodes) -> None:
    nodes.offer()
    agreement = nodes.town.agreement_with(nodes.harbour)
    nodes.harbour.client.delete("/api/datasets/ships")
    assert shown(nodes.town, nodes.harbour) == {}
    assert nodes.harbour.client.ask("POST", "/api/offers", {"dataset": "ships", "policy": USE}).status == 409
    access = nodes.town.access(nodes.town.started(agreement))
    headers = {"authorization": f"Bearer {access['token']}"}
    assert ask(nodes.port.app, "GET", access["endpoint"], b"", headers).status == 200


def test_one_dataset_can_be_asked_for(nodes: TwoNodes) -> None:
    offer = nodes.offer(visible_to=[nodes.town.did])
    reply = nodes.town.look(nodes.harbour, "/catalog/datasets/ships")
    assert [one["@id"] for one in reply.json["hasPolicy"]] == [offer]
    assert nodes.startup.look(nodes.harbour, "/catalog/datasets/ships").status == 404


# Publishing


def test_the_same_offer_twice_is_one(nodes: TwoNodes) -> None:
    assert nodes.offer(id="use") == nodes.offer(id="use") == "use"
    other = {"dataset": "ships", "policy": {"permission": [{"action": "display"}]}, "id": "use"}
    reply = nodes.harbour.client.ask("POST", "/api/offers", other)
    assert (reply.status, reply.json["field"]) == (409, "id")
    assert len(nodes.harbour.client.get("/api/offers")) == 1


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({}, "permission"),
        ({"permission": []}, "permission"),
        ({"permission": [{}]}, "permission.0.action"),
        ({"permission": [{"action": "use", "constraint": [{"leftOperand": "count"}]}]}, "permission.0.constraint.0"),
        ({"permission": [{"action": "use", "constraint": [{"or": []}]}]}, "permission.0.constraint.0.or"),
    ],
)
def test_terms_that_cannot_be_read_are_not_published(standing: TwoNodes, policy: Any, field: str) -> None:
    reply = standing.harbour.client.ask("POST", "/api/offers", {"dataset": "ships", "policy": policy})
    assert reply.status == 400 and reply.json["field"].startswith(field)


@pytest.mark.parametrize(
    "policy",
    [
        {"permission": {"action": "use"}},
        {"odrl:permission": [{"odrl:action": {"@id": "odrl:use"}}]},
        {
            "permission": [
                {
                    "action": "use",
                    "constraint": {"leftOperand": "odrl:count", "operator": {"@id": "odrl:lteq"}, "rightOperand": 5},
                }
            ]
        },
    ],
    ids=["no list", "prefixed", "a number"],
)
def test_terms_however_they_were_written_are_published_as_the_standard_says(nodes: TwoNodes, policy: Any) -> None:
    nodes.offer(policy)
    assert standard.problems(catalog(nodes.town, nodes.harbour)) == []
    assert nodes.town.agreement_with(nodes.harbour)


# Pages


@pytest.fixture
def paged(template: Template, tmp_path: Path) -> Iterator[TwoNodes]:
    with running(join(template, tmp_path, catalog_page_size=2), template) as nodes:
        yield nodes


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_the_pages_of_a_catalogue_together_are_all_of_it(paged: TwoNodes, count: int) -> None:
    for index in range(count):
        declare(paged.harbour, f"set-{index}")
        paged.harbour.client.post("/api/offers", {"dataset": f"set-{index}", "policy": USE})
    assert list(shown(paged.town, paged.harbour)) == [f"set-{index}" for index in range(count)]


def test_a_page_elsewhere_is_not_followed(nodes: TwoNodes) -> None:
    from tests.asgi import Reply

    def elsewhere(forward: Any) -> Reply:
        return Reply(200, {"link": '<http://elsewhere.example/>; rel="next"'}, forward().body)

    nodes.network.fault("CatalogRequestMessage", elsewhere)
    reply = nodes.town.client.ask("GET", f"/api/catalog?provider={nodes.harbour.did}")
    assert (reply.status, reply.json["code"]) == (502, "unreachable")


def test_who_shows_us_nothing_is_told_as_what_it_is(standing: TwoNodes) -> None:
    standing.network.fault("CatalogRequestMessage", answered(404), answered(500))
    replies = [standing.town.client.ask("GET", f"/api/catalog?provider={standing.harbour.did}") for _ in range(2)]
    assert [reply.status for reply in replies] == [404, 502]
    assert "trust list" in replies[0].json["detail"]


def test_the_versions_are_told_to_everybody(standing: TwoNodes) -> None:
    reply = ask(standing.port.app, "GET", "/participants/harbour/.well-known/dspace-version")
    assert standard.problems(reply.json, standard.VERSIONS) == []
    assert reply.json["protocolVersions"][0]["path"] == "/dsp/2025-1"


@pytest.mark.parametrize(
    ("changes", "field"), [({"@type": "Catalog"}, "@type"), ({"@context": ["https://a.example/own"]}, "@context")]
)
def test_a_broken_request_is_told_which_field_is_wrong(standing: TwoNodes, changes: Any, field: str) -> None:
    reply = standing.town.send(
        standing.harbour, "/catalog/request", {**puppet.message("CatalogRequestMessage"), **changes}
    )
    assert (reply.status, reply.json["@type"]) == (400, "CatalogError")
    assert reply.json["reason"][0].startswith(f"{field}: ")
