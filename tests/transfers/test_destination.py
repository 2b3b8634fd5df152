"""Where rows are to be pushed: who gets it wrong is told which field, and never sees a secret again."""

from typing import Any

import pytest

from havre.errors import Invalid
from havre.transfers.destination import Destination, given, received
from tests.puppet import Puppet
from tests.transfers.test_transferring import ask_for, consumer
from tests.two_nodes import TwoNodes

PUSH = "HttpData-PUSH"
SECRET = "s3cret"


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: none of them leaves more behind than a transfer that has ended."""
    return standing


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"format": PUSH}, "data_address"),
        ({"data_address": {"endpoint": "https://lab.example"}}, "data_address"),
        ({"format": PUSH, "data_address": {}}, "data_address.endpoint"),
        ({"format": PUSH, "data_address": {"endpoint": f"ftp://lab.example/{SECRET}"}}, "data_address.endpoint"),
        ({"format": PUSH, "data_address": {"endpoint": f"https://me:{SECRET}@lab.example"}}, "data_address.endpoint"),
        (
            {"format": PUSH, "data_address": {"endpoint": "https://lab.example", "authorization": f"{SECRET}\r\nX: y"}},
            "data_address.authorization",
        ),
        (
            {"format": PUSH, "data_address": {"endpoint": "https://lab.example", "properties": {"authorization": "x"}}},
            "data_address.properties",
        ),
        (
            {"format": PUSH, "data_address": {"endpoint": "https://lab.example", "properties": {"authType": "own"}}},
            "data_address.properties.authType",
        ),
        ({"format": PUSH, "data_address": {"endpoint": "https://lab.example", "more": 1}}, "data_address.more"),
    ],
)
def test_who_asks_for_a_push_is_told_what_is_wrong(
    nodes: TwoNodes, agreement: str, form: dict[str, Any], field: str
) -> None:
    reply = nodes.town.client.ask("POST", "/api/transfers", {"agreement": agreement, **form})
    assert (reply.status, reply.json["field"]) == (400, field), reply
    assert SECRET not in reply.body.decode()


def message_address(*properties: tuple[str, Any], **changes: Any) -> dict[str, Any]:
    listed = [{"@type": "EndpointProperty", "name": name, "value": value} for name, value in properties]
    whole = {
        "@type": "DataAddress",
        "endpointType": "https://w3id.org/idsa/v4.1/HTTP",
        "endpoint": "https://lab.example/in",
        "endpointProperties": listed,
        **changes,
    }
    return {name: value for name, value in whole.items() if value not in (None, [])}


def requested(nodes: TwoNodes, address: Any, format: str = PUSH) -> tuple[Puppet, Any]:
    """What the harbour answers to a request with that address."""
    made, members = consumer(nodes)
    members |= {"format": format, "consumerPid": f"{made.pid}:transfer"}
    if address is not None:
        members["dataAddress"] = address
    nodes.network.violations.clear()
    reply = ask_for(made, members)
    nodes.network.violations.clear()  # what is wrong here is wrong by the standard, too
    return made, reply


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (None, "dataAddress"),
        ("https://lab.example", "dataAddress"),
        (message_address(endpointType=None), "dataAddress.endpointType"),
        (message_address(endpoint=None), "dataAddress.endpoint"),
        (message_address(endpoint="lab.example"), "dataAddress.endpoint"),
        (message_address(endpoint="https:///in"), "dataAddress.endpoint"),
        (message_address(endpoint="http://[::1/in"), "dataAddress.endpoint"),
        (message_address(endpoint="https://lab.example:99999/in"), "dataAddress.endpoint"),
        (message_address(endpoint="https://lab.example/a b"), "dataAddress.endpoint"),
        (message_address(endpoint="file:///etc/passwd"), "dataAddress.endpoint"),
        (message_address(("authorization", "a\nb")), "dataAddress.endpointProperties.authorization"),
        (message_address(("authType", "magic")), "dataAddress.endpointProperties.authType"),
        (message_address(("mediaType", "text/csv")), "dataAddress.endpointProperties.mediaType"),
    ],
)
def test_a_request_for_a_push_is_told_which_field_of_its_address_is_wrong(
    nodes: TwoNodes, address: Any, field: str
) -> None:
    _, reply = requested(nodes, address)
    assert (reply.status, reply.json["@type"]) == (400, "TransferError"), reply
    assert reply.json["reason"][0].startswith(f"{field}: ")


def test_the_address_of_a_pull_is_passed_over(nodes: TwoNodes) -> None:
    made, reply = requested(nodes, {"@type": "DataAddress", "endpointType": "HttpProxy"}, "HttpData-PULL")
    assert reply.status == 201
    assert made.heard("TransferStartMessage")["dataAddress"]["endpoint"]


@pytest.mark.parametrize(
    ("properties", "header"),
    [
        ({}, None),
        ({"authorization": "abc"}, "abc"),
        ({"authorization": "abc", "authType": "bearer"}, "Bearer abc"),
        ({"authorization": "Bearer abc", "authType": "Bearer"}, "Bearer abc"),
        ({"authorization": "dXM6cHc=", "authType": "basic"}, "Basic dXM6cHc="),
    ],
)
def test_an_endpoint_is_opened_by_what_the_address_says(properties: dict[str, str], header: str | None) -> None:
    assert received("https://lab.example", properties.items()).authorization == header


def test_a_token_that_a_person_gives_is_a_bearer_token_unless_another_kind_is_said() -> None:
    assert given("https://lab.example", "abc", (), "f").authorization == "Bearer abc"
    assert given("https://lab.example", "abc", [("authType", "basic")], "f").authorization == "Basic abc"


def test_a_destination_shows_nothing_of_itself() -> None:
    found = received(f"https://lab.example/in?sig={SECRET}", [("authorization", SECRET)])
    assert SECRET not in repr(found) and found.host == "lab.example"
    with pytest.raises(Invalid) as raised:
        received(f"gopher://{SECRET}", ())
    assert SECRET not in str(raised.value)
    assert Destination("https://lab.example").media_type == "application/x-ndjson"
