"""The transition tables against the standard's figures themselves, beside the transcriptions of them by hand.

The figures are data beside the repository. Where they are not, this is skipped: the transcriptions stand alone then.
"""

import re
from collections.abc import Iterable

import pytest

from havre.contracts import negotiation
from havre.transfers import process
from tests import standard
from tests.contracts.test_negotiation_table import transcribed as negotiation_by_hand
from tests.transfers.test_process_table import transcribed as transfer_by_hand

NEGOTIATION, TRANSFER = "contract.negotiation.state.machine.puml", "transfer-process-state-machine.puml"
ARROW = re.compile(r"^(\[\*\]|[A-Z]+) -+> *([A-Z]+): *([CP/]+)$")
LABEL = re.compile(r"^state ([A-Z]+)\b.*: *<color:\$darkGray>(\S+)$")
Step = tuple[str, str, str, str]
"""State before, sender, message, state after; the message is the one that stands in the state where an arrow ends."""


def drawn(name: str) -> set[Step]:
    path = standard.FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the table is held against the transcription by hand alone")
    lines = [re.sub(r" +", " ", line.strip()) for line in path.read_text().splitlines()]
    labels = {found[1]: found[2] for line in lines if (found := LABEL.match(line))}
    arrows = [found.groups() for line in lines if (found := ARROW.match(line))]
    # a line that is no arrow to this reading would be lost unseen
    into_the_end = [line for line in lines if re.match(r"^[A-Z]+ -+> ?\[\*\]$", line)]
    assert len(arrows) + len(into_the_end) == len([line for line in lines if ">" in line and "-" in line.split(">")[0]])
    return {
        ("-" if before == "[*]" else before, sender, spelled(labels[after]), after)
        for before, after, senders in arrows
        for sender in senders.split("/")
    }


def spelled(message: str) -> str:
    """The figure writes the type of an event in small letters."""
    name, _, event = message.partition(":")
    return f"{name}:{event.upper()}" if event else name


def in_steps(table: Iterable[tuple[tuple[object, object, object], object]]) -> set[Step]:
    return {
        (str(state or "-"), str(sender)[0].upper(), str(kind), str(after)) for (state, sender, kind), after in table
    }


def test_the_negotiation_is_as_drawn_but_for_terminations() -> None:
    """The text lets both sides terminate in every state, the figure draws fewer arrows (decision 0016)."""
    figure, ours = drawn(NEGOTIATION), in_steps(negotiation.TRANSITIONS.items())
    assert len(figure) == 16
    assert figure <= ours
    assert {step for step in ours - figure if step[3] != "TERMINATED"} == set()


def test_the_transfer_is_as_drawn() -> None:
    figure = drawn(TRANSFER)
    assert len(figure) == 14
    assert in_steps(process.TRANSITIONS.items()) == figure


def test_the_transcriptions_by_hand_are_of_these_figures() -> None:
    negotiations, transfers = in_steps(negotiation_by_hand().items()), in_steps(transfer_by_hand().items())
    assert {step for step in negotiations if step[3] != "TERMINATED"} == {
        step for step in drawn(NEGOTIATION) if step[3] != "TERMINATED"
    }
    assert transfers == drawn(TRANSFER)
