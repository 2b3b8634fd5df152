"""An offer's terms in the form that the standard's schema asks for (DSP 2025-1, ``contract-schema.json``; pure).

``havre.policy`` reads policies in many forms; what we publish has this one, so that a strict reader takes it too: lists
are lists, terms are texts, a number stands as ``{"@value": 5}``. What is not ODRL's stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from havre.policy.wire import ODRL

RULES = frozenset({"permission", "prohibition", "obligation"})
LISTS = RULES | {"constraint", "duty", "and", "andSequence", "or", "xone"}
TERMS = frozenset({"action", "leftOperand", "operator"})


def standard_form(value: Mapping[str, Any]) -> dict[str, Any]:
    """The terms in ``value``, which ``havre.policy.parse`` has read. A list without members is left out."""
    members = {_short(name): member for name, member in value.items()}
    formed = {name: _member(name, member) for name, member in members.items()}
    return {name: member for name, member in formed.items() if name not in LISTS or member}


def _member(name: str, value: Any) -> Any:
    if name in LISTS:
        return [standard_form(one) for one in _listed(value)]
    if name in TERMS:
        term = value.get("@id", value.get("@value")) if isinstance(value, Mapping) else value
        return _short(term) if name == "operator" else term
    if name == "rightOperand" and isinstance(value, int | float):
        return {"@value": value}
    return value


def _listed(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and "@list" in value:
        value = value["@list"]
    return value if isinstance(value, list) else [] if value is None else [value]


def _short(name: str) -> str:
    """Without the prefix of the ODRL vocabulary."""
    return next((name[len(prefix) :] for prefix in ODRL if name.startswith(prefix)), name)
