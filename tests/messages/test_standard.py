"""The schemas that every message between the nodes of the tests is held against: do they find anything at all?"""

import json
from typing import Any

import pytest

from tests import standard

pytestmark = pytest.mark.skipif(not standard.present(), reason=f"the standard's schemas are not at {standard.FOLDER}")
# a contradiction of the standard with itself: the pattern of the endpoint does not fit
CONTRADICTORY = {"catalogservice-did-service.json", "dataservice-did-service.json"}


def examples() -> list[Any]:
    found = sorted(standard.FOLDER.glob("*/example/*.json"))
    return [pytest.param(path, id=path.name) for path in found if path.name not in CONTRADICTORY]


@pytest.mark.parametrize("path", examples())
def test_the_examples_of_the_standard_hold(path: Any) -> None:
    message = json.loads(path.read_text())
    schema = standard.VERSIONS if "protocolVersions" in message else None
    assert standard.problems(message, schema) == []


@pytest.mark.parametrize("path", examples())
def test_an_example_without_its_context_does_not_hold(path: Any) -> None:
    message = json.loads(path.read_text())
    removed = message.pop("protocolVersions" if "protocolVersions" in message else "@context")
    schema = standard.VERSIONS if path.name == "protocol-version.json" else None
    assert removed and standard.problems(message, schema)


def test_what_is_no_message_of_the_standard_is_found() -> None:
    assert standard.problems({"@type": "ContractCancelMessage"})
