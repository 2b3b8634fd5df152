"""What peers write in JSON-LD is read as the plain message that it stands for; what is plain costs next to nothing."""

import copy
import importlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre import policy
from havre.errors import Invalid
from havre.messages.jsonld import plain
from havre.messages.jsonld_fast import is_plain
from havre.messages.jsonld_terms import PINNED, PROFILE, pinned
from havre.messages.wire import load
from tests import standard
from tests.messages import dialects
from tests.messages.dialects import CONTEXT, DSPACE, INLINE, ODRL, said

CONTEXT_FILES = {CONTEXT: "dspace.jsonld", PROFILE: "odrl.jsonld"}
PIDS = {"providerPid": "urn:uuid:1", "consumerPid": "urn:uuid:2"}
RULES: dict[str, Any] = {
    "permission": [
        {
            "action": "use",
            "constraint": [
                {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["research", "statistics"]},
                {"leftOperand": "count", "operator": "lteq", "rightOperand": {"@value": 5}},
                {
                    "or": [
                        {"leftOperand": "dateTime", "operator": "lt", "rightOperand": "2027-01-01T00:00:00Z"},
                        {"and": [{"leftOperand": "membership", "operator": "eq", "rightOperand": "alliance"}]},
                    ]
                },
            ],
            "duty": [{"action": "odrl:attribute"}],
        }
    ],
    "prohibition": [{"action": "odrl:distribute"}],
}


def message(type_: str, **members: Any) -> dict[str, Any]:
    return {"@context": [CONTEXT], "@type": type_, **members}


OFFER = {"@id": "urn:offer:1", "@type": "Offer", "target": "ships", **RULES}
PARTIES = {"assigner": "did:web:a.example", "assignee": "did:web:b.example", "timestamp": "2026-03-02T12:00:00Z"}
ADDRESS = {
    "@type": "DataAddress",
    "endpointType": "https://w3id.org/idsa/v4.1/HTTP",
    "endpoint": "https://a.example/data",
    "endpointProperties": [{"@type": "EndpointProperty", "name": "authorization", "value": "a:token"}],
}
SERVICE = {"@id": "urn:service", "@type": "DataService", "endpointURL": "https://a.example/dsp"}
DATASET = {
    "@id": "ships",
    "@type": "Dataset",
    "hasPolicy": [{"@id": "urn:offer:1", "@type": "Offer", **RULES}],
    "distribution": [{"@type": "Distribution", "format": "HttpData-PULL", "accessService": SERVICE}],
}
MESSAGES = [
    message("CatalogRequestMessage", filter=[]),
    message("DatasetRequestMessage", dataset="ships"),
    message("CatalogError", code="not_found", reason=["nothing here", "for you"]),
    message(
        "Catalog", **{"@id": "urn:catalog"}, participantId="did:web:a.example", service=[SERVICE], dataset=[DATASET]
    ),
    message("ContractRequestMessage", consumerPid="2", offer=OFFER, callbackAddress="https://b.example/dsp"),
    message("ContractOfferMessage", **{"@id": "urn:message:7"}, **PIDS, offer=OFFER),
    message("ContractAgreementMessage", **PIDS, agreement={**OFFER, "@type": "Agreement", **PARTIES}),
    message("ContractAgreementVerificationMessage", **PIDS),
    message("ContractNegotiationEventMessage", **PIDS, eventType="FINALIZED"),
    message("ContractNegotiationTerminationMessage", **PIDS, code="no", reason=["too dear"]),
    message("ContractNegotiation", **PIDS, state="REQUESTED"),
    message(
        "TransferRequestMessage",
        consumerPid="2",
        agreementId="urn:agreement:1",
        format="HttpData-PULL",
        callbackAddress="https://b.example/dsp",
    ),
    message("TransferStartMessage", **PIDS, dataAddress=ADDRESS),
    message("TransferProcess", **PIDS, state="STARTED"),
]
each_message = pytest.mark.parametrize("one", MESSAGES, ids=lambda one: one["@type"])
official = pytest.mark.skipif(not standard.present(), reason=f"the standard's files are not at {standard.FOLDER}")


def examples() -> list[Any]:
    paths = sorted(standard.FOLDER.glob("*/example/*.json"))
    found = {path.name: json.loads(path.read_text()) for path in paths if path.parts[-3] != "common"}
    return [pytest.param(one, id=name) for name, one in found.items()]


# Plain messages


@each_message
def test_a_plain_message_is_given_back_as_it_is(one: dict[str, Any]) -> None:
    assert standard.problems(one) == []
    before = copy.deepcopy(one)
    assert plain(one) is one and one == before


@official
@pytest.mark.parametrize("example", examples())
def test_the_examples_of_the_standard_are_plain(example: dict[str, Any]) -> None:
    assert plain(example) is example


@pytest.mark.parametrize(
    "context", [[CONTEXT, "https://w3id.org/edc/dspace/v0.0.1"], ["https://a.example/own.jsonld", CONTEXT]]
)
def test_further_contexts_beside_the_protocols_are_tolerated(context: list[str]) -> None:
    one = {**MESSAGES[4], "@context": context, "x-own": {"a": [1]}}
    assert plain(one) is one


def test_other_vocabularies_in_a_plain_catalogue_stay() -> None:
    told = {"dct:title": "Ships", "dcat:keyword": ["ship"], "dct:temporal": {"@type": "dct:PeriodOfTime"}, "own": None}
    one = message("Catalog", dataset=[{**DATASET, **told, "http://www.w3.org/ns/csvw#column": [{"name": "mmsi"}]}])
    assert plain(one) is one
    inline = {**one, "@context": [CONTEXT, {"a": "https://a.example/"}]}
    assert plain(inline) == one


# Every dialect


@each_message
@pytest.mark.parametrize("dialect", ["prefixed", "expanded", "wrapped"])
def test_a_dialect_is_read_as_the_plain_message(one: dict[str, Any], dialect: str) -> None:
    spoken = said(one, getattr(dialects, dialect))
    assert spoken != one and not is_plain(spoken)
    assert plain(spoken) == one


@given(st.sampled_from(MESSAGES), st.data())
def test_any_mix_of_forms_is_read_as_the_plain_message(one: dict[str, Any], data: st.DataObject) -> None:
    spoken = said(one, lambda options: data.draw(st.sampled_from(options)))
    before = copy.deepcopy(spoken)
    read = plain(spoken)
    assert spoken == before
    assert read == (one if read is not spoken else {**one, "@context": spoken["@context"]})
    assert plain(read) is read


@official
@pytest.mark.parametrize("example", examples())
@given(data=st.data())
def test_any_mix_of_forms_of_an_example_holds_by_the_schema(example: dict[str, Any], data: st.DataObject) -> None:
    read = plain(said(example, lambda options: data.draw(st.sampled_from(options))))
    assert {**read, "@context": [CONTEXT]} == example
    assert standard.problems({**read, "@context": [CONTEXT]}) == []


COMPACTED: dict[str, Any] = {
    "the protocol's context": [CONTEXT],
    "prefixes": INLINE,
    "other prefixes": {"d": DSPACE, "o": ODRL, "c": dialects.DCAT, "t": dialects.DCT, "id": "@id", "kind": "@type"},
    "a vocabulary": {"@vocab": ODRL, "dspace": DSPACE},
    "terms of its own": {
        **INLINE,
        "consumer": {"@id": "dspace:consumerPid", "@type": "@id"},
        "terms": {"@id": "dspace:offer", "@type": "@id"},
        "may": {"@id": "odrl:permission", "@container": "@set"},
        "verb": {"@id": "odrl:action", "@type": "@vocab"},
    },
}


@official
@pytest.mark.parametrize("context", [None, *COMPACTED.values()], ids=["expanded", *COMPACTED])
@pytest.mark.parametrize("example", examples())
def test_what_a_processor_of_json_ld_makes_of_an_example_is_read(example: dict[str, Any], context: Any) -> None:
    processor = pytest.importorskip("pyld.jsonld", reason="PyLD is not installed")
    folder = standard.FOLDER / "context"
    documents = {url: json.loads((folder / name).read_text()) for url, name in CONTEXT_FILES.items()}

    def load_document(url: str, options: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": documents[url]}

    def options() -> dict[str, Any]:
        # what the processor keeps between two documents is not always right: each begins anew
        resolver = importlib.import_module("pyld.context_resolver").ContextResolver({}, load_document)
        return {"documentLoader": load_document, "base": None, "contextResolver": resolver}

    spoken = processor.expand(example, options())
    if context is not None:
        spoken = processor.compact(spoken, {"@context": context}, options())
    read = plain(load(json.dumps(spoken).encode()))
    assert read == {"@context": [CONTEXT], **example}
    assert standard.problems(read) == []


# Particular forms


def test_a_graph_of_one_is_the_message() -> None:
    one = MESSAGES[8]
    graph = {"@context": INLINE, "@graph": [said(one, dialects.expanded)]}
    assert plain(graph) == one
    with pytest.raises(Invalid, match="@graph"):
        plain({"@context": INLINE, "@graph": [{}, {}]})


def test_an_expanded_message_alone_in_a_list_is_loaded() -> None:
    spoken = said(MESSAGES[4], dialects.expanded)
    assert plain(load(json.dumps([spoken]).encode())) == MESSAGES[4]
    with pytest.raises(Invalid):
        load(json.dumps([spoken, spoken]).encode())


def test_an_identifier_of_a_message_survives() -> None:
    spoken = {"@context": {**INLINE, "id": "@id", "m": "urn:messages:"}, "id": "m:1", "@type": "dspace:TransferProcess"}
    assert plain(spoken)["@id"] == "urn:messages:1"
    assert plain(said(MESSAGES[5], dialects.expanded))["@id"] == "urn:message:7"


@pytest.mark.parametrize("left", ["odrl:dateTime", ODRL + "dateTime", {"@id": ODRL + "dateTime"}, "dateTime"])
@pytest.mark.parametrize("action", ["odrl:read", ODRL + "read", [{"@id": "odrl:read"}], "read"])
def test_words_of_odrl_that_the_protocol_does_not_define_are_understood(left: Any, action: Any) -> None:
    constraint = {"odrl:leftOperand": left, "operator": "odrl:lt", "rightOperand": {"@value": "2027-01-01"}}
    offer = {"@id": "1", "permission": {"action": action, "odrl:constraint": constraint}}
    read = plain(message("ContractRequestMessage", offer=offer))["offer"]
    assert str(policy.parse(read).permissions[0].constraints[0]) == "dateTime lt 2027-01-01"
    assert policy.parse(read).permissions[0].action == "read"


def test_a_bare_number_becomes_what_the_schema_takes() -> None:
    limit = {"leftOperand": "count", "operator": "lteq", "rightOperand": 5}
    offer = {**OFFER, "permission": [{"action": "use", "constraint": [limit]}]}
    read = plain(message("ContractOfferMessage", providerPid="1", offer=offer, callbackAddress="https://a.example"))
    assert read["offer"]["permission"][0]["constraint"][0]["rightOperand"] == {"@value": 5}
    assert standard.problems(read) == []


def test_a_refinement_is_not_lost() -> None:
    action = {"@id": "odrl:use", "odrl:refinement": [{"odrl:leftOperand": {"@id": "odrl:count"}}]}
    spoken = message("ContractRequestMessage", offer={**OFFER, "permission": [{"odrl:action": [action]}]})
    with pytest.raises(Invalid, match="refinement"):
        policy.parse(plain(spoken)["offer"])


def test_what_is_not_the_protocols_is_kept_under_a_name_that_means_the_same() -> None:
    context = [CONTEXT, {"ex": "https://example.org/ns#", "shade": "ex:colour"}]
    own = {"ex:flag": {"@value": True}, "shade": "red", "bare": [1], "dct:title": [{"@value": "Terms"}]}
    read = plain({**message("ContractOfferMessage", offer={**OFFER, **own}), "@context": context})
    kept = {name: value for name, value in read["offer"].items() if name not in OFFER}
    assert kept == {
        "https://example.org/ns#flag": True,
        "https://example.org/ns#colour": "red",
        "bare": [1],
        "dct:title": "Terms",
    }


def test_a_name_of_another_vocabulary_is_not_taken_for_the_protocols() -> None:
    spoken = {"@context": {"@vocab": "https://example.org/", "dspace": DSPACE}, "@type": "dspace:TransferError"}
    read = plain({**spoken, "code": 5, "dspace:code": "a"})
    assert read["code"] == "a" and read["https://example.org/code"] == 5


def test_a_value_object_of_another_vocabulary_is_unwrapped_in_a_plain_message() -> None:
    read = plain(message("Catalog", dataset=[{**DATASET, "dct:title": [{"@value": "Ships"}]}]))
    assert read["dataset"][0]["dct:title"] == "Ships"


def test_a_context_beside_the_protocols_does_not_change_its_terms() -> None:
    inline = {"offer": "https://example.org/offer", "state": "https://example.org/state"}
    assert plain({**MESSAGES[5], "@context": [CONTEXT, inline]}) == MESSAGES[5]
    alone = {"@context": {**INLINE, **inline}, "@type": "dspace:TransferProcess", "state": "on"}
    assert "state" not in plain(alone)


def test_a_policy_may_bring_its_own_context() -> None:
    offer = {"@context": {"o": ODRL}, "@id": "1", "@type": "o:Offer", "o:permission": {"o:action": "o:use"}}
    read = plain(message("ContractRequestMessage", offer=offer))
    assert read["offer"] == {"@id": "1", "@type": "Offer", "permission": [{"action": "use"}]}


def test_lists_under_two_names_are_one_and_texts_must_agree() -> None:
    offer = {"permission": [{"action": "use"}], "odrl:permission": {"action": "odrl:use"}}
    assert len(plain(message("ContractRequestMessage", offer=offer))["offer"]["permission"]) == 2
    assert plain(message("TransferProcess", **{"state": "STARTED", "dspace:state": "dspace:STARTED"}))["state"]
    with pytest.raises(Invalid, match="providerPid: is given twice"):
        plain(message("TransferProcess", **{"providerPid": "1", "dspace:providerPid": "2"}))


# What is not understood


@pytest.mark.parametrize(
    "url", ["https://w3id.org/dspace/2024/1/context.json", "https://evil.example/c", ["nested"], 5]
)
def test_an_unknown_context_alone_is_refused_and_what_is_known_is_said(url: Any) -> None:
    with pytest.raises(Invalid) as caught:
        plain({**MESSAGES[8], "@context": url if isinstance(url, list) else [url]})
    assert caught.value.field == "@context" and CONTEXT in str(caught.value.expected)


def test_nobody_means_something_else_by_a_prefix_of_the_protocol() -> None:
    spoken = {"@context": [{"odrl": "https://evil.example/"}, CONTEXT], "@type": "Offer"}
    with pytest.raises(Invalid, match="'odrl' cannot be"):
        plain(spoken)
    alone = {"@context": {"odrl": "https://evil.example/"}, "@type": "Offer", "odrl:permission": []}
    assert "permission" not in plain(alone)


@pytest.mark.parametrize("context", [{"a": "b:x", "b": "a:y"}, {"a": "b", "b": "a"}, {"@vocab": "a"}])
def test_a_context_that_goes_round_in_a_circle_is_refused(context: Any) -> None:
    with pytest.raises(Invalid, match="@context"):
        plain({"@context": context, "@type": "x", "a:z": 1, "a": 2})


def test_short_names_do_not_become_long_ones_without_end() -> None:
    context = {"a": "https://example.org/" + "x" * 2000}
    with pytest.raises(Invalid, match="characters"):
        plain({"@context": context, **{f"a:{number}": 1 for number in range(10)}})


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = {"and": []}
    for _ in range(600):
        value = {"odrl:and": value}
    with pytest.raises(Invalid, match="too deeply"):
        plain(message("ContractRequestMessage", offer={"odrl:constraint": value}))


WORDS = [
    "@id",
    "@type",
    "@value",
    "@list",
    "@set",
    "@graph",
    "@context",
    "offer",
    "odrl:permission",
    "reason",
    "dataset",
]
NAMES = st.text(max_size=2) | st.sampled_from(WORDS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["odrl:use", "@id", "urn:a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_whatever_comes_is_read_or_refused(value: dict[str, Any]) -> None:
    try:
        read = plain(value)
    except Invalid:
        return
    assert isinstance(read, dict)
    json.dumps(read)


# The pinned files


@official
@pytest.mark.parametrize("url", sorted(PINNED))
def test_the_pinned_contexts_are_the_official_ones(url: str) -> None:
    official_file = standard.FOLDER / "context" / CONTEXT_FILES[url]
    assert pinned(url) == json.loads(official_file.read_text())["@context"]


def test_the_licence_stands_beside_the_pinned_files() -> None:
    folder = Path(__file__).parents[2] / "src/havre/messages/contexts"
    notice = (folder / "NOTICE.md").read_text()
    assert "Apache License 2.0" in notice
    assert [path.name for path in folder.glob("*/*.jsonld") if path.name not in notice] == []


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for one in MESSAGES:
        assert plain(said(one, dialects.prefixed)) == one
