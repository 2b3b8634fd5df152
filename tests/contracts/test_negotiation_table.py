"""The transition table against a transcription by hand of the standard's figure and text."""

import pytest

from havre.contracts.negotiation import TRANSITIONS, Message, Role, State, after
from havre.errors import ProtocolError

# From the figure (C: consumer sends, P: provider sends), arrow by arrow, without termination.
FIGURE = """
-         C ContractRequestMessage                      REQUESTED
REQUESTED P ContractOfferMessage                        OFFERED
REQUESTED P ContractAgreementMessage                    AGREED
-         P ContractOfferMessage                        OFFERED
OFFERED   C ContractRequestMessage                      REQUESTED
OFFERED   C ContractNegotiationEventMessage:ACCEPTED    ACCEPTED
ACCEPTED  P ContractAgreementMessage                    AGREED
AGREED    C ContractAgreementVerificationMessage        VERIFIED
VERIFIED  P ContractNegotiationEventMessage:FINALIZED   FINALIZED
"""
# From the text: both sides may terminate, whatever the state, unless it is final.
MAY_TERMINATE = ["REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED"]


def transcribed() -> dict[tuple[str, str, str], str]:
    steps = {}
    for line in FIGURE.strip().splitlines():
        state, sender, message, following = line.split()
        steps[(state, sender, message)] = following
    for state in MAY_TERMINATE:
        for sender in "CP":
            steps[(state, sender, "ContractNegotiationTerminationMessage")] = "TERMINATED"
    return steps


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("sender", Role)
@pytest.mark.parametrize("message", Message)
def test_every_step_is_the_standards_and_every_other_is_refused(
    state: State | None, sender: Role, message: Message
) -> None:
    expected = transcribed().get((state or "-", sender[0].upper(), message.value))
    if expected is None:
        with pytest.raises(ProtocolError):
            after(state, sender, message)
    else:
        assert after(state, sender, message).value == expected


def test_nothing_leaves_a_final_state() -> None:
    assert not [step for step in TRANSITIONS if step[0] in (State.FINALIZED, State.TERMINATED)]
