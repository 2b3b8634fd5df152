"""What is drawn of the next hour lies in it, and is what the picture says."""

from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.pages import timeline
from havre_mobility.picture.model import Line, Mode, Slot
from tests.mobility.pages import pictures
from tests.mobility.pages.pictures import FORECAST, NOW, after
from tests.mobility.pages.served import PARIS


def test_an_opening_has_a_body_and_a_tail() -> None:
    marks = {mark.kind: mark for mark in timeline.bridge_marks(pictures.bridges()[0], NOW, PARIS)}
    assert (marks["closed"].x, marks["closed"].width) == (12, 14)
    assert (marks["tail"].x, marks["tail"].width) == (26, 6)


def test_an_opening_that_began_is_drawn_from_now() -> None:
    (closed,) = (one for one in timeline.bridge_marks(pictures.bridges()[3], NOW, PARIS) if one.kind == "closed")
    assert (closed.x, closed.width) == (0, 7)


def test_a_likelihood_is_not_drawn_where_the_opening_is() -> None:
    marks = timeline.bridge_marks(pictures.bridges()[0], NOW, PARIS)
    assert not [one for one in marks if one.kind == "likely" and 10 <= one.x < 32]


def test_a_reserved_slot_is_drawn_in_local_time() -> None:
    bridge = pictures.bridges()[2]
    slotted = type(bridge)(**{**vars(bridge), "reserved": (Slot(time(9), time(9, 30)),), "likelihood": ()})
    (mark,) = timeline.bridge_marks(slotted, NOW, PARIS)
    assert (mark.kind, mark.x, mark.width) == ("reserved", 18, 30)


def test_a_gate_without_forecast_has_no_marks() -> None:
    gate = pictures.gates()[0]
    assert timeline.gate_marks(type(gate)(**{**vars(gate), "waits": ()}), NOW) == []
    assert len(timeline.gate_marks(gate, NOW)) == 6


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_no_mark_leaves_the_hour(begins: float, length: float) -> None:
    line = Line("A", "A", Mode.TRAM, FORECAST, "x", after(begins), after(begins + length), timedelta(0))
    for mark in timeline.line_marks(line, NOW):
        assert 0 <= mark.x < mark.x + mark.width <= timeline.HOUR
