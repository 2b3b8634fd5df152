"""The transition table against a transcription by hand of the standard's figure."""

import pytest

from havre.contracts.negotiation import Role
from havre.errors import ProtocolError
from havre.transfers.process import TRANSITIONS, Message, State, after

# From the figure, arrow by arrow (C: consumer sends, P: provider sends, C/P: either); the message is the one that
# stands in the state where the arrow ends.
FIGURE = """
-          C    TransferRequestMessage      REQUESTED
REQUESTED  P    TransferStartMessage        STARTED
REQUESTED  C/P  TransferTerminationMessage  TERMINATED
STARTED    C/P  TransferCompletionMessage   COMPLETED
STARTED    C/P  TransferSuspensionMessage   SUSPENDED
STARTED    C/P  TransferTerminationMessage  TERMINATED
SUSPENDED  C/P  TransferStartMessage        STARTED
SUSPENDED  C/P  TransferTerminationMessage  TERMINATED
"""


def transcribed() -> dict[tuple[str, str, str], str]:
    steps = {}
    for line in FIGURE.strip().splitlines():
        state, senders, message, following = line.split()
        for sender in senders.split("/"):
            steps[(state, sender, message)] = following
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
    assert not [step for step in TRANSITIONS if step[0] in (State.COMPLETED, State.TERMINATED)]
