"""What happens by itself in each state of a negotiation or transfer (pure).

In JSON: ``{"REQUESTED": ["offer", {"act": "refuse", "reason": "sold out"}]}``. The first time that a process comes into
a state, the first of the list happens, then the second; the last one stays for all further times. An act that needs
nothing else is given by its name. What is not said is as ``USUAL`` says.

A reaction to a message of the other side is part of taking that message. One to a state that we have brought about
ourselves happens when the other side has heard of it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from havre.errors import Invalid

Json = Mapping[str, Any]


class Act(StrEnum):
    """``refuse`` terminates with a reason; ``ask`` and ``nothing`` leave it to a person, who is shown the first."""

    AGREE = "agree"
    OFFER = "offer"
    COUNTER = "counter"
    ACCEPT = "accept"
    VERIFY = "verify"
    FINALIZE = "finalize"
    START = "start"
    SUSPEND = "suspend"
    COMPLETE = "complete"
    REFUSE = "refuse"
    ASK = "ask"
    NOTHING = "nothing"


IDLE = frozenset({Act.ASK, Act.NOTHING})
_ALWAYS = IDLE | {Act.REFUSE}
POSSIBLE: Mapping[str, Mapping[str, Mapping[str, Set[Act]]]] = {
    "negotiation": {
        "provider": {
            "REQUESTED": _ALWAYS | {Act.AGREE, Act.OFFER},
            "OFFERED": _ALWAYS,
            "ACCEPTED": _ALWAYS | {Act.AGREE},
            "AGREED": _ALWAYS,
            "VERIFIED": _ALWAYS | {Act.FINALIZE},
        },
        "consumer": {
            "REQUESTED": _ALWAYS,
            "OFFERED": _ALWAYS | {Act.ACCEPT, Act.COUNTER},
            "ACCEPTED": _ALWAYS,
            "AGREED": _ALWAYS | {Act.VERIFY},
            "VERIFIED": _ALWAYS,
        },
    },
    "transfer": {
        "provider": {
            "REQUESTED": _ALWAYS | {Act.START},
            "STARTED": _ALWAYS | {Act.SUSPEND, Act.COMPLETE},
            "SUSPENDED": _ALWAYS | {Act.START},
        },
        "consumer": {
            "REQUESTED": _ALWAYS,
            "STARTED": _ALWAYS | {Act.SUSPEND, Act.COMPLETE},
            "SUSPENDED": _ALWAYS | {Act.START},
        },
    },
}
"""What can happen by itself, by process, our role and state."""

USUAL: Mapping[str, Mapping[str, Json]] = {
    "negotiation": {
        # who asks for other terms than those of the offer is answered by a person
        "provider": {"REQUESTED": ["agree", "ask"], "ACCEPTED": ["agree"], "VERIFIED": ["finalize"]},
        "consumer": {"OFFERED": ["ask"], "AGREED": ["verify"]},
    },
    "transfer": {"provider": {"REQUESTED": ["start"]}, "consumer": {}},
}
"""What happens where nothing else is said."""

BY_HAND: Json = {"negotiation": {"REQUESTED": ["ask"], "ACCEPTED": ["ask"]}}
"""The reactions of an offer on which a person decides."""


@dataclass(frozen=True)
class Reaction:
    """An act, with the reason of a refusal or suspension, and the policy of an offer or counter-offer."""

    act: Act
    reason: str | None = None
    policy: Json | None = None

    @property
    def consents(self) -> bool:
        """Whether it takes the terms on the table for ours: those must be what we have offered."""
        return self.act is Act.AGREE or (self.act is Act.OFFER and self.policy is None)

    @property
    def why(self) -> str:
        return self.reason or "the terms of the offer say so"


def first(reactions: Json, process: str, role: str, state: str) -> Reaction:
    """What happens on coming into ``state``."""
    listed = _of(reactions, process, role, state)
    return _reaction(listed[0]) if listed else Reaction(Act.NOTHING)


def rest(reactions: Json, process: str, role: str, state: str) -> Json:
    """The reactions that are left after the first one to ``state`` has happened."""
    listed = _of(reactions, process, role, state)
    if len(listed) < 2:
        return reactions
    return {**reactions, process: {**reactions.get(process, {}), state: listed[1:]}}


def _of(reactions: Json, process: str, role: str, state: str) -> list[Any]:
    said = reactions.get(process, {})
    found: list[Any] = said[state] if state in said else USUAL[process][role].get(state, [])
    return found


def checked(value: Json, role: str, field: str = "reactions") -> dict[str, Any]:
    """Reactions as a person gave them, by process and state; ``Invalid`` names what is wrong and what is possible."""
    return {
        process: _states(states, _known(POSSIBLE, process, field)[role], f"{field}.{process}")
        for process, states in value.items()
    }


def _states(value: Any, possible: Mapping[str, Set[Act]], field: str) -> dict[str, list[Any]]:
    if not isinstance(value, Mapping):
        raise Invalid("is not an object", field=field, expected="states with their reactions")
    return {state: _listed(given, _known(possible, state, field), f"{field}.{state}") for state, given in value.items()}


def _known(table: Mapping[str, Any], name: str, field: str) -> Any:
    if name not in table:
        raise Invalid(f"{name!r} is not known", field=field, expected=" or ".join(table))
    return table[name]


def _listed(value: Any, allowed: Set[Act], field: str) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    for one in listed:
        act = one.get("act") if isinstance(one, Mapping) else one
        if act not in allowed:
            raise Invalid(f"got {act!r}", field=field, expected=" or ".join(sorted(allowed)))
        if isinstance(one, Mapping) and not _complete(one):
            raise Invalid("is not a reaction", field=field, expected="act, reason (a text) and policy (an object)")
    return listed


def _complete(value: Json) -> bool:
    reason, policy = value.get("reason"), value.get("policy")
    texts = (reason is None or isinstance(reason, str)) and (policy is None or isinstance(policy, Mapping))
    return texts and set(value) <= {"act", "reason", "policy"}


def _reaction(value: Any) -> Reaction:
    if isinstance(value, str):
        return Reaction(Act(value))
    return Reaction(Act(value["act"]), value.get("reason"), value.get("policy"))
