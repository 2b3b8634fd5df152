"""A policy from its JSON-LD form (ODRL 2.2, in the profile of Dataspace Protocol 2025-1, ``contract-schema.json``).

Read liberally: terms may be plain, prefixed (``odrl:use``) or absolute; a list of one may stand without its list;
values may be plain, ``{"@value": …}`` or ``{"@id": …}``. What a policy says is kept as it came: this reads it, and
nothing is written from what was read.
"""

from collections.abc import Mapping
from typing import Any

from havre.errors import Invalid
from havre.policy.model import And, Constraint, Expression, Or, Policy, Rule, Value, Xone

ODRL = ("http://www.w3.org/ns/odrl/2/", "https://www.w3.org/ns/odrl/2/", "odrl:")
OPERATORS = frozenset(
    (
        *("eq", "neq", "lt", "lteq", "gt", "gteq", "term-lteq"),
        *("isA", "hasPart", "isPartOf", "isAllOf", "isAnyOf", "isNoneOf"),
    )
)
DEEPEST = 16
_LOGICAL: dict[str, type[And] | type[Or] | type[Xone]] = {"and": And, "andSequence": And, "or": Or, "xone": Xone}


def parse(value: Mapping[str, Any]) -> Policy:
    """The rules of an offer or agreement. ``Invalid`` names the field, as in ``permission.0.constraint.1.operator``."""
    members = _terms(value)
    policy = Policy(
        permissions=_rules(members.get("permission"), "permission"),
        prohibitions=_rules(members.get("prohibition"), "prohibition"),
        obligations=_rules(members.get("obligation"), "obligation"),
    )
    if not policy.permissions and not policy.prohibitions:
        raise Invalid("a policy without rules", field="permission", expected="a permission or a prohibition")
    return policy


def same_rules(one: Policy, other: Policy) -> bool:
    """Whether two policies say the same, in whatever order."""
    return all(sorted(map(repr, getattr(one, part))) == sorted(map(repr, getattr(other, part))) for part in vars(one))


def _rules(value: Any, path: str) -> tuple[Rule, ...]:
    return tuple(_rule(item, where) for item, where in _items(value, path))


def _rule(value: Any, path: str) -> Rule:
    members = _object(value, path)
    given = members.get("action")
    if isinstance(given, Mapping) and "refinement" in _terms(given):  # dropped, it would allow more
        raise Invalid(
            "has a refinement, which is not evaluated here", field=f"{path}.action", expected="an action alone"
        )
    action = _term(given)
    if action is None:
        raise Invalid("is missing or not a text", field=f"{path}.action", expected="an action such as 'use'")
    constraints = tuple(
        _expression(item, where, 0) for item, where in _items(members.get("constraint"), f"{path}.constraint")
    )
    return Rule(action, constraints, _rules(members.get("duty"), f"{path}.duty"))


def _expression(value: Any, path: str, depth: int) -> Expression:
    members = _object(value, path)
    if depth > DEEPEST:
        raise Invalid("is nested too deeply", field=path, expected=f"at most {DEEPEST} levels")
    logical = [name for name in _LOGICAL if name in members]
    if len(logical) > 1:
        raise Invalid("has several logical operators", field=path, expected="one of and, andSequence, or, xone")
    if not logical:
        return _constraint(members, path)
    name = logical[0]
    listed = members[name]
    if isinstance(listed, Mapping) and "@list" in listed:
        listed = listed["@list"]
    if not listed:
        raise Invalid("is empty", field=f"{path}.{name}", expected="a list of constraints")
    return _LOGICAL[name](
        tuple(_expression(item, where, depth + 1) for item, where in _items(listed, f"{path}.{name}"))
    )


def _constraint(members: Mapping[str, Any], path: str) -> Constraint:
    left = _term(members.get("leftOperand"))
    if left is None:
        raise Invalid("is missing or not a text", field=f"{path}.leftOperand", expected="an operand such as 'purpose'")
    operator = _term(members.get("operator"))
    if operator not in OPERATORS:
        raise Invalid(f"got {operator!r}", field=f"{path}.operator", expected="one of " + ", ".join(sorted(OPERATORS)))
    if operator == "term-lteq":  # a slip of the standard's schema (decision 0018)
        operator = "lteq"
    if "rightOperand" not in members:
        raise Invalid("is missing", field=f"{path}.rightOperand", expected="a value or a list of values")
    right = members["rightOperand"]
    listed = right if isinstance(right, list) else [right]
    return Constraint(left, operator, tuple(_value(item, f"{path}.rightOperand") for item in listed))


def _value(value: Any, path: str) -> Value:
    if isinstance(value, Mapping):
        value = value.get("@value", value.get("@id"))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid("is not a value", field=path, expected="a text, a number, {'@value': …} or {'@id': …}")
    return value


def _items(value: Any, path: str) -> list[tuple[Any, str]]:
    """The members of a list with their paths; one alone stands for a list of one, nothing for an empty one."""
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    return [(item, f"{path}.{index}") for index, item in enumerate(listed)]


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid("is not an object", field=path, expected="a JSON object")
    return _terms(value)


def _terms(value: Mapping[str, Any]) -> dict[str, Any]:
    return {_short(name): member for name, member in value.items()}


def _term(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("@id", value.get("@value"))
    return _short(value) if isinstance(value, str) and value else None


def _short(name: str) -> str:
    for prefix in ODRL:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name
