"""The standard's own description (DCSA JIT 2.0.0, OpenAPI), as JSON schemas to judge messages by."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FILE = Path(__file__).parents[4] / "shared/data/dcsa_jit_portcall/openapi/JIT_v2.0.0.yaml"

AGREEING = {"classifierCode": "REQ", "portCallServiceEventTypeCode": "ARRI"}
"""The examples of single fields contradict each other: only a request has a place, and no ship starts a berth. Those of
``moves`` are left: the standard's schemas cannot tell them apart (oneOf)."""


@cache
def description() -> dict[str, Any]:
    """The test is skipped where the description, or what reads it, is missing."""
    yaml = pytest.importorskip("yaml", reason="there is no PyYAML: this promise is NOT tested here")
    if not FILE.exists():
        pytest.skip(f"there is no {FILE}: this promise is NOT tested here")
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def validate(name: str, value: Any) -> None:
    """Against a schema of the standard, with nothing in it that the standard does not know."""
    components = description()["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)
    if isinstance(value, dict):
        assert set(value) <= set(components["schemas"][name]["properties"])


def examples(name: str) -> list[dict[str, Any]]:
    """The messages of this schema that the standard gives as examples, and one made of those of its fields."""
    made = _example({"$ref": f"#/components/schemas/{name}"})
    found = [{field: AGREEING.get(field, value) for field, value in made.items() if field != "moves"}]
    for path in description()["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if content.get("schema", {}).get("$ref", "").endswith(f"/{name}"):
                found += [one["value"] for one in content.get("examples", {}).values()]
    return found


def _example(schema: Any) -> Any:
    if "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "example" in schema:
        return schema["example"]
    if schema["type"] == "array":
        return [_example(schema["items"])]
    properties = schema.get("properties", {}).items()
    return {field: _example(one) for field, one in properties if not one.get("readOnly")}
