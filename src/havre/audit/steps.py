"""The steps of a negotiation or transfer as a person looks at them, and what it waits for (pure).

Rules that hold here:

1. An entry of the audit log that says that a message was sent, and the message in the outbox, are one step: they were
   written in the same transaction, at the same time.
2. What it waits for is, first, the delivery of what was not delivered yet; then what its last step leads to.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from havre.audit.chain import Entry

PENDING = "pending"

KINDS: Mapping[str, str] = {
    "negotiation:request": "ContractRequestMessage",
    "negotiation:offer": "ContractOfferMessage",
    "negotiation:accepted": "ContractNegotiationEventMessage",
    "negotiation:agreement": "ContractAgreementMessage",
    "negotiation:verification": "ContractAgreementVerificationMessage",
    "negotiation:finalized": "ContractNegotiationEventMessage",
    "negotiation:termination": "ContractNegotiationTerminationMessage",
    "transfer:request": "TransferRequestMessage",
    "transfer:start": "TransferStartMessage",
    "transfer:suspension": "TransferSuspensionMessage",
    "transfer:completion": "TransferCompletionMessage",
    "transfer:termination": "TransferTerminationMessage",
}
"""The messages that the events of the audit log are about."""

FAILED = "failed"
"""The event that says that a message of ours was refused for good, or given up."""

OVER = "nothing: it is over"
WAITS: Mapping[str, str] = {
    "negotiation:request:sent": "the provider's answer",
    "negotiation:request:received": "a decision of ours: agree, counter or refuse",
    "negotiation:offer:sent": "the consumer's answer to our offer",
    "negotiation:offer:received": "a decision of ours: accept, counter or terminate",
    "negotiation:accepted:sent": "the provider's agreement",
    "negotiation:accepted:received": "a decision of ours: agree or refuse",
    "negotiation:agreement:sent": "the consumer's verification of the agreement",
    "negotiation:agreement:received": "a decision of ours: verify or terminate",
    "negotiation:verification:sent": "the provider, who makes the agreement hold",
    "negotiation:verification:received": "a decision of ours: finalize or refuse",
    "negotiation:finalized:sent": OVER,
    "negotiation:finalized:received": OVER,
    "negotiation:termination:sent": OVER,
    "negotiation:termination:received": OVER,
    "transfer:request:sent": "the provider, who gives access",
    "transfer:request:received": "a decision of ours: give access or terminate",
    "transfer:start:sent": "nothing: it runs, until a side suspends, completes or terminates it",
    "transfer:start:received": "nothing: it runs, until a side suspends, completes or terminates it",
    "transfer:suspension:sent": "a decision of either side: resume or terminate",
    "transfer:suspension:received": "a decision of either side: resume or terminate",
    "transfer:completion:sent": OVER,
    "transfer:completion:received": OVER,
    "transfer:termination:sent": OVER,
    "transfer:termination:received": OVER,
}
"""What a negotiation or transfer waits for after a step, once the other side has what we sent.

A state in which something happens by itself is never the last step: what follows was done in the same transaction.
"""


@dataclass(frozen=True)
class Message:
    """A message of ours in the outbox, as far as a trace shows it."""

    kind: str
    url: str
    created: datetime
    attempts: int
    answer: str | None
    next_try: datetime
    outcome: str | None
    settled: datetime | None


@dataclass(frozen=True)
class Step:
    """``direction`` is sent, received, or noted: what was not told to the other side, or not as a message.

    ``attempts`` to ``settled`` are of what was sent; ``outcome`` is pending, delivered, refused or given up.
    """

    at: datetime
    direction: str
    message: str
    attempts: int | None = None
    answer: str | None = None
    next_try: datetime | None = None
    outcome: str | None = None
    settled: datetime | None = None
    reasons: tuple[str, ...] = ()


def events(process: str) -> list[str]:
    """The events of the audit log that a trace is made of. What was read under a transfer is not among them."""
    sent = [f"{what}:{direction}" for what in KINDS for direction in ("sent", "received")]
    return [*(event for event in sent if event.startswith(f"{process}:")), f"{process}:{FAILED}"]


def steps(entries: Sequence[Entry], messages: Sequence[Message]) -> list[Step]:
    """What happened, in the order of time: ``entries`` are of the audit log, ``messages`` of the outbox."""
    left = list(messages)
    found = [_noted(entry, _taken(entry, left)) for entry in entries]
    found += [_sent(message) for message in left]
    return sorted(found, key=lambda step: step.at)


def _taken(entry: Entry, left: list[Message]) -> Message | None:
    """The message that an entry tells of, taken out of those that are left."""
    what, _, direction = entry.event.rpartition(":")
    for message in left:
        if direction == "sent" and message.created == entry.at and message.kind == KINDS.get(what):
            left.remove(message)
            return message
    return None


def _noted(entry: Entry, message: Message | None) -> Step:
    what, _, direction = entry.event.rpartition(":")
    data = json.loads(entry.data)
    reasons = tuple(str(reason) for reason in data.get("reasons", ()))
    if message is not None:
        return _sent(message, _name(what), reasons)
    if direction == "received" and what in KINDS:
        return Step(entry.at, direction, _name(what), reasons=reasons)
    return Step(entry.at, "noted", entry.event.partition(":")[2].removesuffix(":sent"), reasons=reasons)


def _name(what: str) -> str:
    """A message by its type; the two events of a negotiation with what they say, as in the table of the protocol."""
    event = what.rpartition(":")[2].upper()
    return f"{KINDS[what]}:{event}" if event in ("ACCEPTED", "FINALIZED") else KINDS[what]


def _sent(message: Message, name: str | None = None, reasons: tuple[str, ...] = ()) -> Step:
    pending = message.outcome is None
    return Step(
        at=message.created,
        direction="sent",
        message=name or message.kind,
        attempts=message.attempts,
        answer=message.answer,
        next_try=message.next_try if pending else None,
        outcome=message.outcome or PENDING,
        settled=message.settled,
        reasons=reasons,
    )


def waits_for(entries: Sequence[Entry], messages: Sequence[Message]) -> str:
    """What has to happen next, and by whom, in one sentence."""
    undelivered = [message for message in messages if message.outcome is None]
    if undelivered:
        return _delivery(undelivered[0], len(undelivered) - 1)
    said = [WAITS[entry.event] for entry in entries if entry.event in WAITS]
    return said[-1] if said else "nothing that the log knows of"


def _delivery(first: Message, behind: int) -> str:
    where = f"delivery of {first.kind} to {first.url}"
    if first.attempts == 0:
        how = "it was not answered yet"
    else:
        at = f"{first.next_try:%Y-%m-%d %H:%M:%S} UTC"
        how = f"{first.attempts} attempts, last answer {first.answer!r}, next try at {at}"
    more = f"; {behind} more behind it" if behind else ""
    return f"{where}: {how}{more}"
