"""Policies grant nothing by default, nothing by accident, and say why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre import policy
from havre.errors import Invalid
from havre.policy.evaluation import UNKNOWN_WHEN_NEGOTIATING, Facts, decide, failures
from havre.policy.model import And, Constraint, Expression, Or, Policy, Rule, Xone

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FACTS = Facts(
    now=NOW,
    recipient="did:web:a.example",
    memberships=frozenset({"convention-1"}),
    purposes=frozenset({"research"}),
    count=3,
)


def constraint(left: str, operator: str, right: Any) -> dict[str, Any]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def permission(*constraints: Any, action: str = "use") -> dict[str, Any]:
    return {"permission": [{"action": action, "constraint": list(constraints)}]}


def allowed(terms: dict[str, Any], facts: Facts = FACTS, undecided: frozenset[str] = frozenset()) -> bool:
    return decide(policy.parse(terms), "read", facts, undecided=undecided).allowed


HOLD = [
    constraint("purpose", "eq", "research"),
    constraint("purpose", "isAnyOf", ["research", "planning"]),
    constraint("odrl:purpose", "odrl:isAnyOf", [{"@value": "research"}]),
    constraint("http://www.w3.org/ns/odrl/2/purpose", "eq", {"@id": "research"}),
    constraint("purpose", "isNoneOf", ["advertising"]),
    constraint("purpose", "neq", "advertising"),
    constraint("recipient", "eq", "did:web:a.example"),
    constraint("recipient", "isAnyOf", ["did:web:b.example", "did:web:a.example"]),
    constraint("membership", "eq", "convention-1"),
    constraint("membership", "isAllOf", ["convention-1"]),
    constraint("dateTime", "lt", "2026-03-02T13:00:00+00:00"),
    constraint("dateTime", "lteq", {"@value": "2026-03-02T12:00:00Z", "@type": "xsd:dateTime"}),
    constraint("dateTime", "gteq", "2026-03-01"),
    constraint("dateTime", "term-lteq", "2026-03-02T12:00Z"),  # decisions 0018, 0025
    constraint("dateTime", "gt", "2026-03-02T12:30:00+01:00"),
    constraint("count", "lteq", "3"),
    constraint("count", "lt", {"@value": 4}),
    {"and": [constraint("count", "lteq", "3"), constraint("purpose", "eq", "research")]},
    {"or": [constraint("count", "gt", "3"), constraint("purpose", "eq", "research")]},
    {"or": [constraint("weather", "eq", "fair"), constraint("purpose", "eq", "research")]},
    {"xone": [constraint("count", "gt", "3"), constraint("purpose", "eq", "research")]},
]
FAIL = [
    constraint("purpose", "eq", "advertising"),
    constraint("recipient", "eq", "did:web:b.example"),
    constraint("membership", "isAllOf", ["convention-1", "convention-2"]),
    constraint("membership", "isAnyOf", []),
    constraint("membership", "eq", []),
    constraint("dateTime", "lt", "2026-03-02T12:00:00Z"),
    constraint("dateTime", "lt", "tomorrow"),
    constraint("dateTime", "isA", "2026-03-02T12:00:00Z"),
    constraint("count", "lteq", "2"),
    constraint("count", "lteq", ["3", "4"]),
    constraint("weather", "eq", "fair"),
    constraint("weather", "neq", "fair"),
    constraint("purpose", "isPartOf", "research"),
    {"and": [constraint("count", "lteq", "3"), constraint("weather", "eq", "fair")]},
    {"xone": [constraint("count", "lteq", "3"), constraint("purpose", "eq", "research")]},
    {"xone": [constraint("weather", "eq", "fair"), constraint("purpose", "eq", "research")]},
    {"or": [constraint("weather", "eq", "fair"), constraint("weather", "neq", "fair")]},
]


@pytest.mark.parametrize("one", HOLD, ids=str)
def test_a_constraint_that_holds_permits(one: dict[str, Any]) -> None:
    assert allowed(permission(one))


@pytest.mark.parametrize("one", FAIL, ids=str)
def test_a_constraint_that_fails_or_is_unknown_denies_and_says_why(one: dict[str, Any]) -> None:
    decision = decide(policy.parse(permission(one)), "read", FACTS)
    assert not decision.allowed
    assert all(decision.reasons)


def test_default_deny() -> None:
    assert not allowed({"prohibition": [{"action": "distribute"}]})
    assert not allowed(permission(action="distribute"))
    assert not decide(Policy(), "read", FACTS).allowed


def test_one_permission_is_enough() -> None:
    several = {"permission": [permission(one)["permission"][0] for one in (FAIL[0], HOLD[0])]}
    assert allowed(several)


@pytest.mark.parametrize("one", [*HOLD, constraint("weather", "eq", "fair"), {"or": [FAIL[10], FAIL[1]]}], ids=str)
def test_a_prohibition_that_holds_or_may_hold_wins(one: dict[str, Any]) -> None:
    assert not allowed({**permission(), "prohibition": [{"action": "use", "constraint": [one]}]})


def test_a_prohibition_that_does_not_hold_lets_pass() -> None:
    for one in (FAIL[0], FAIL[1], FAIL[8]):
        assert allowed({**permission(), "prohibition": [{"action": "use", "constraint": [one]}]})


def test_no_stated_purpose_is_not_the_right_purpose() -> None:
    silent = replace(FACTS, purposes=frozenset())
    for one in (constraint("purpose", "eq", "research"), constraint("purpose", "neq", "advertising")):
        decision = decide(policy.parse(permission(one)), "read", silent)
        assert "no purpose was stated" in decision.reasons[0]


def test_while_negotiating_only_what_can_never_be_allowed_is_refused() -> None:
    before = Facts(now=NOW, recipient="did:web:a.example", memberships=frozenset())
    purpose = constraint("purpose", "eq", "research")
    assert allowed(permission(purpose), before, UNKNOWN_WHEN_NEGOTIATING)
    assert allowed(permission({"and": [purpose, HOLD[6]]}), before, UNKNOWN_WHEN_NEGOTIATING)
    assert allowed(permission({"xone": [purpose, HOLD[6]]}), before, UNKNOWN_WHEN_NEGOTIATING)
    assert not allowed(permission({"and": [purpose, HOLD[8]]}), before, UNKNOWN_WHEN_NEGOTIATING)
    assert not allowed(permission(constraint("weather", "eq", "fair")), before, UNKNOWN_WHEN_NEGOTIATING)
    prohibited = {"prohibition": [{"action": "use", "constraint": [purpose]}]}
    assert allowed({**permission(), **prohibited}, before, UNKNOWN_WHEN_NEGOTIATING)
    assert not allowed({**permission(), "prohibition": [{"action": "use"}]}, before, UNKNOWN_WHEN_NEGOTIATING)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({}, "permission"),
        ({"permission": []}, "permission"),
        ({"permission": "use"}, "permission.0"),
        ({"permission": [{}]}, "permission.0.action"),
        ({"permission": [{"action": ""}]}, "permission.0.action"),
        ({"permission": [{"action": {"@id": "use", "refinement": [HOLD[0]]}}]}, "permission.0.action"),
        (permission("x"), "permission.0.constraint.0"),
        (permission({}), "permission.0.constraint.0.leftOperand"),
        (permission(constraint("count", "<", "1")), "permission.0.constraint.0.operator"),
        (permission({"leftOperand": "count", "operator": "lt"}), "permission.0.constraint.0.rightOperand"),
        (permission(constraint("count", "lt", None)), "permission.0.constraint.0.rightOperand"),
        (permission(constraint("count", "lt", [True])), "permission.0.constraint.0.rightOperand"),
        (permission({"or": []}), "permission.0.constraint.0.or"),
        (permission({"or": [HOLD[0]], "and": [HOLD[0]]}), "permission.0.constraint.0"),
    ],
)
def test_a_wrong_policy_is_refused_by_the_name_of_its_field(terms: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        policy.parse(terms)
    assert caught.value.field == field


def test_a_policy_nested_without_end_is_refused() -> None:
    nested: dict[str, Any] = HOLD[0]
    for _ in range(500):
        nested = {"and": [nested]}
    with pytest.raises(Invalid, match="nested"):
        policy.parse(permission(nested))


def test_the_same_rules_in_another_order_are_the_same() -> None:
    one = policy.parse({"permission": [*permission(HOLD[0])["permission"], *permission(HOLD[6])["permission"]]})
    other = policy.parse(
        {"permission": [*permission(HOLD[6])["permission"], *permission(HOLD[2] | HOLD[0])["permission"]]}
    )
    assert policy.same_rules(one, other)
    assert not policy.same_rules(one, policy.parse(permission(HOLD[0])))


LEAVES = st.sampled_from(
    [
        (Constraint("count", "lteq", (3,)), True),
        (Constraint("count", "gt", (3,)), False),
        (Constraint("weather", "eq", ("fair",)), None),
    ]
)


def kleene(operation: type[And] | type[Or] | type[Xone], values: list[bool | None]) -> bool | None:
    """By trying every value that the unknown could have: true or false only when all agree (an oracle of its own)."""
    outcomes = set()
    unknown = values.count(None)
    for bits in range(2**unknown):
        filled, used = [], 0
        for value in values:
            filled.append(bool(bits >> used & 1) if value is None else value)
            used += value is None
        outcomes.add({And: all(filled), Or: any(filled), Xone: filled.count(True) == 1}[operation])
    return outcomes.pop() if len(outcomes) == 1 else None


@given(st.sampled_from([And, Or, Xone]), st.lists(LEAVES, max_size=5))
def test_unknown_never_counts_as_holding(
    operation: type[And] | type[Or] | type[Xone], leaves: list[tuple[Constraint, bool | None]]
) -> None:
    expression: Expression = operation(tuple(leaf for leaf, _ in leaves))
    expected = kleene(operation, [value for _, value in leaves])
    holds = not failures(expression, FACTS)
    # two unknown in a xone beside two true are false for sure; to call that unknown is allowed, to call it true is not
    assert holds == (expected is True)
    prohibited = Policy(permissions=(Rule("use"),), prohibitions=(Rule("use", (expression,)),))
    if expected is not False:
        assert not decide(prohibited, "read", FACTS).allowed


@given(st.integers(-5, 5))
def test_a_count_ends_exactly_at_its_bound(offset: int) -> None:
    terms = permission(constraint("count", "lteq", "10"))
    assert allowed(terms, replace(FACTS, count=10 + offset)) == (offset <= 0)


def test_time_is_compared_as_an_instant() -> None:
    terms = permission(constraint("dateTime", "lt", "2026-03-02T13:00:00+01:00"))
    assert allowed(terms, replace(FACTS, now=NOW - timedelta(microseconds=1)))
    assert not allowed(terms, FACTS)
