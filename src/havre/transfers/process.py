"""The transfer process protocol as a table (Dataspace Protocol 2025-1, section 9.1; pure).

Only the standard's states exist. A message that is not in the table for the present state and sender is a
``ProtocolError`` and changes nothing. Either side may start a suspended transfer again: the figure and the binding say
so, the table of the message names the provider alone (decision 0017).
"""

from enum import StrEnum

from havre.contracts.negotiation import Role
from havre.errors import ProtocolError


class State(StrEnum):
    REQUESTED = "REQUESTED"
    STARTED = "STARTED"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Message(StrEnum):
    REQUEST = "TransferRequestMessage"
    START = "TransferStartMessage"
    SUSPENSION = "TransferSuspensionMessage"
    COMPLETION = "TransferCompletionMessage"
    TERMINATION = "TransferTerminationMessage"


CONSUMER, PROVIDER = Role.CONSUMER, Role.PROVIDER
FINAL = frozenset({State.COMPLETED, State.TERMINATED})

TRANSITIONS: dict[tuple[State | None, Role, Message], State] = {
    (None, CONSUMER, Message.REQUEST): State.REQUESTED,
    (State.REQUESTED, PROVIDER, Message.START): State.STARTED,
    (State.REQUESTED, CONSUMER, Message.TERMINATION): State.TERMINATED,
    (State.REQUESTED, PROVIDER, Message.TERMINATION): State.TERMINATED,
    (State.STARTED, CONSUMER, Message.SUSPENSION): State.SUSPENDED,
    (State.STARTED, PROVIDER, Message.SUSPENSION): State.SUSPENDED,
    (State.STARTED, CONSUMER, Message.COMPLETION): State.COMPLETED,
    (State.STARTED, PROVIDER, Message.COMPLETION): State.COMPLETED,
    (State.STARTED, CONSUMER, Message.TERMINATION): State.TERMINATED,
    (State.STARTED, PROVIDER, Message.TERMINATION): State.TERMINATED,
    (State.SUSPENDED, CONSUMER, Message.START): State.STARTED,
    (State.SUSPENDED, PROVIDER, Message.START): State.STARTED,
    (State.SUSPENDED, CONSUMER, Message.TERMINATION): State.TERMINATED,
    (State.SUSPENDED, PROVIDER, Message.TERMINATION): State.TERMINATED,
}


def after(state: State | None, sender: Role, message: Message) -> State:
    """The state after ``sender`` sent ``message``. ``ProtocolError`` where the standard has no such step."""
    following = TRANSITIONS.get((state, sender, message))
    if following is None:
        raise ProtocolError(f"a {sender} cannot send {message} in state {state or 'none'}", field="@type")
    return following
