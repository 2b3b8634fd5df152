"""May an action be done, and if not, why (ODRL Information Model 2.2, sections 2.5 and 2.6; pure).

Rules that hold here:

1. What is not permitted is denied; a prohibition that may apply wins over any permission (``conflict: prohibit``).
2. What is not known does not hold: a permission that depends on an unknown operand does not permit, and a prohibition
   that depends on one applies.
3. While negotiating, some operands cannot be known yet (``undecided``). Then it is asked whether the action *can*
   become allowed: a decision for good is taken at each access.

A constraint has a truth of three values, ``None`` for unknown (Kleene). With undecided operands an expression has a set
of truths that it may yet take; without them the set has one member.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from havre.policy.model import And, Constraint, Expression, Or, Policy, Rule, Value, Xone

Truth = bool | None
Truths = frozenset[Truth]

DATE_TIME, PURPOSE, RECIPIENT, MEMBERSHIP, COUNT = "dateTime", "purpose", "recipient", "membership", "count"
UNKNOWN_WHEN_NEGOTIATING = frozenset({DATE_TIME, PURPOSE, COUNT})

INCLUDED_IN = {
    "read": "use",
    "display": "use",
    "stream": "use",
    "index": "use",
    "aggregate": "use",
    "derive": "use",
    "distribute": "use",
    "reproduce": "use",
}
"""An action is allowed, and prohibited, with the one that includes it (ODRL Vocabulary 2.2, ``odrl:includedIn``)."""

ANY: Truths = frozenset({True, False})


@dataclass(frozen=True)
class Facts:
    """What is known of a request. ``count`` is how often the action has been done, this time included.

    An empty ``purposes`` means that none was stated.
    """

    now: datetime
    recipient: str
    memberships: frozenset[str]
    purposes: frozenset[str] = frozenset()
    count: int = 1


@dataclass(frozen=True)
class Decision:
    """``reasons`` says why not; empty when it is allowed."""

    reasons: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


def decide(policy: Policy, action: str, facts: Facts, *, undecided: frozenset[str] = frozenset()) -> Decision:
    """May ``action`` be done. With ``undecided`` operands: may it, for some value of them."""
    for prohibition in policy.prohibitions:
        if _covers(prohibition, action) and False not in _all(prohibition.constraints, facts, undecided):
            return Decision(_why_prohibited(prohibition, facts, undecided))
    candidates = [rule for rule in policy.permissions if _covers(rule, action)]
    reasons: list[str] = []
    for permission in candidates:
        if True in _all(permission.constraints, facts, undecided):
            return Decision()
        for constraint in permission.constraints:
            reasons += failures(constraint, facts, undecided)
    return Decision(tuple(dict.fromkeys(reasons)) or (f"no permission covers the action {action!r}",))


def failures(expression: Expression, facts: Facts, undecided: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Why the expression does not hold; empty when it does, or may."""
    if True in truths(expression, facts, undecided):
        return ()
    match expression:
        case Constraint():
            return (_explain(expression, facts),)
        case And(operands):
            return tuple(why for operand in operands for why in failures(operand, facts, undecided))
        case Or(operands):
            return tuple(why for operand in operands for why in failures(operand, facts, undecided)) or ("an empty or",)
        case Xone(operands):
            found = tuple(why for operand in operands for why in failures(operand, facts, undecided))
            return found or ("not exactly one of the alternatives holds",)


def truths(expression: Expression, facts: Facts, undecided: frozenset[str]) -> Truths:
    """The truths that the expression may take."""
    match expression:
        case Constraint(left):
            return ANY if left in undecided else frozenset({_truth(expression, facts)})
        case And(operands):
            return _all(operands, facts, undecided)
        case Or(operands):
            return frozenset(_not(truth) for truth in _fold(map(_negated, _of(operands, facts, undecided))))
        case Xone(operands):
            return _exactly_one(_of(operands, facts, undecided))


def _of(operands: tuple[Expression, ...], facts: Facts, undecided: frozenset[str]) -> list[Truths]:
    return [truths(operand, facts, undecided) for operand in operands]


def _all(operands: tuple[Expression, ...], facts: Facts, undecided: frozenset[str]) -> Truths:
    return _fold(_of(operands, facts, undecided))


def _fold(members: Iterable[Truths]) -> Truths:
    """Kleene's conjunction, for each combination of what the members may be; of nothing it is true."""
    result: Truths = frozenset({True})
    for member in members:
        result = frozenset(_and(one, other) for one, other in product(result, member))
    return result


def _and(one: Truth, other: Truth) -> Truth:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _negated(members: Truths) -> Truths:
    return frozenset(_not(truth) for truth in members)


def _exactly_one(members: list[Truths]) -> Truths:
    """How many are true, counted up to two; ``None`` once one of them is unknown."""
    counts: frozenset[int | None] = frozenset({0})
    for member in members:
        counts = frozenset(
            None if count is None or truth is None else min(count + truth, 2)
            for count, truth in product(counts, member)
        )
    return frozenset(None if count is None else count == 1 for count in counts)


def _covers(rule: Rule, action: str) -> bool:
    return rule.action in (action, INCLUDED_IN.get(action))


# One constraint


def _truth(constraint: Constraint, facts: Facts) -> Truth:
    match constraint.left:
        case "dateTime":
            return _ordered(constraint, facts.now, _instant)
        case "count":
            return _ordered(constraint, facts.count, _number)
        case "recipient":
            return _member(constraint, frozenset({facts.recipient}))
        case "membership":
            return _member(constraint, facts.memberships)
        case "purpose":
            return _member(constraint, facts.purposes) if facts.purposes else None
        case _:
            return None


def _ordered(constraint: Constraint, value: object, read: Callable[[Value], object | None]) -> Truth:
    bound = read(constraint.right[0]) if len(constraint.right) == 1 else None
    compare = _ORDER.get(constraint.operator)
    return None if bound is None or compare is None else compare(value, bound)


_ORDER: dict[str, Callable[[object, object], bool]] = {
    "eq": lambda one, other: one == other,
    "neq": lambda one, other: one != other,
    "lt": lambda one, other: one < other,  # type: ignore[operator]
    "lteq": lambda one, other: one <= other,  # type: ignore[operator]
    "gt": lambda one, other: one > other,  # type: ignore[operator]
    "gteq": lambda one, other: one >= other,  # type: ignore[operator]
}


def _instant(value: Value) -> datetime | None:
    """An xsd:dateTime or xsd:date, without a zone in UTC; None when it is none."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _number(value: Value) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _member(constraint: Constraint, values: frozenset[str]) -> Truth:
    wanted = frozenset(str(value) for value in constraint.right)
    match constraint.operator:
        case "eq" | "isAllOf":
            return wanted <= values if wanted else None
        case "isAnyOf" | "isA":
            return bool(wanted & values)
        case "neq" | "isNoneOf":
            return not wanted & values
        case _:
            return None


def _explain(constraint: Constraint, facts: Facts) -> str:
    known = {
        DATE_TIME: f"it is {facts.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        COUNT: f"this would be access {facts.count}",
        RECIPIENT: f"the recipient is {facts.recipient}",
        MEMBERSHIP: f"the recipient's memberships are {', '.join(sorted(facts.memberships)) or 'none'}",
        PURPOSE: f"the purpose is {', '.join(sorted(facts.purposes))}" if facts.purposes else "no purpose was stated",
    }
    if constraint.left not in known:
        return f"{constraint.left} is not known here, so {constraint} does not hold"
    if _truth(constraint, facts) is None and (constraint.left != PURPOSE or facts.purposes):
        return f"{constraint} cannot be evaluated"
    return f"{constraint} is required, {known[constraint.left]}"


def _why_prohibited(prohibition: Rule, facts: Facts, undecided: frozenset[str]) -> tuple[str, ...]:
    if not prohibition.constraints:
        return (f"{prohibition.action} is prohibited",)
    return tuple(f"{prohibition.action} is prohibited: {_text(one)}" for one in prohibition.constraints)


def _text(expression: Expression) -> str:
    match expression:
        case Constraint():
            return str(expression)
        case And(operands):
            return "(" + " and ".join(map(_text, operands)) + ")"
        case Or(operands):
            return "(" + " or ".join(map(_text, operands)) + ")"
        case Xone(operands):
            return "exactly one of (" + ", ".join(map(_text, operands)) + ")"
