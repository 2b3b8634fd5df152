"""The contract negotiation protocol as a table (Dataspace Protocol 2025-1, section 7.1; pure).

Rules that hold here:

1. Only the standard's states exist. A message that is not in the table for the present state and sender
   is a ``ProtocolError`` and changes nothing.
2. Either side may terminate in every state but the two final ones: the text of the standard says so,
   its figure draws fewer arrows (decision 0016).
"""

from enum import StrEnum

from havre.errors import ProtocolError


class State(StrEnum):
    REQUESTED = "REQUESTED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    AGREED = "AGREED"
    VERIFIED = "VERIFIED"
    FINALIZED = "FINALIZED"
    TERMINATED = "TERMINATED"


class Role(StrEnum):
    CONSUMER = "consumer"
    PROVIDER = "provider"

    @property
    def other(self) -> "Role":
        return Role.PROVIDER if self is Role.CONSUMER else Role.CONSUMER


class Message(StrEnum):
    REQUEST = "ContractRequestMessage"
    OFFER = "ContractOfferMessage"
    ACCEPT = "ContractNegotiationEventMessage:ACCEPTED"
    AGREEMENT = "ContractAgreementMessage"
    VERIFICATION = "ContractAgreementVerificationMessage"
    FINALIZE = "ContractNegotiationEventMessage:FINALIZED"
    TERMINATION = "ContractNegotiationTerminationMessage"


CONSUMER, PROVIDER = Role.CONSUMER, Role.PROVIDER
FINAL = frozenset({State.FINALIZED, State.TERMINATED})

TRANSITIONS: dict[tuple[State | None, Role, Message], State] = {
    (None, CONSUMER, Message.REQUEST): State.REQUESTED,
    (None, PROVIDER, Message.OFFER): State.OFFERED,
    (State.REQUESTED, PROVIDER, Message.OFFER): State.OFFERED,
    (State.REQUESTED, PROVIDER, Message.AGREEMENT): State.AGREED,
    (State.OFFERED, CONSUMER, Message.REQUEST): State.REQUESTED,
    (State.OFFERED, CONSUMER, Message.ACCEPT): State.ACCEPTED,
    (State.ACCEPTED, PROVIDER, Message.AGREEMENT): State.AGREED,
    (State.AGREED, CONSUMER, Message.VERIFICATION): State.VERIFIED,
    (State.VERIFIED, PROVIDER, Message.FINALIZE): State.FINALIZED,
} | {(state, role, Message.TERMINATION): State.TERMINATED for state in State if state not in FINAL for role in Role}


def after(state: State | None, sender: Role, message: Message) -> State:
    """The state after ``sender`` sent ``message``. ``ProtocolError`` where the standard has no such step."""
    following = TRANSITIONS.get((state, sender, message))
    if following is None:
        raise ProtocolError(f"a {sender} cannot send {message} in state {state or 'none'}", field="@type")
    return following
