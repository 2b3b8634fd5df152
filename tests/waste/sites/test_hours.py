"""Opening hours are read as OpenStreetMap writes them, and written so that they are read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_waste.sites import hours
from havre_waste.sites.model import Hours
from havre_waste.sites.tables.words import OPENING

EVERY_DAY = frozenset(range(7))

spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda one: one[0] < one[1])
rules = st.builds(
    lambda span, days: Hours(*span, frozenset(days)), spans, st.sets(st.integers(0, 6), min_size=1, max_size=7)
)


@given(st.lists(rules, max_size=4).map(tuple))
def test_what_is_written_is_read_again(told: tuple[Hours, ...]) -> None:
    assert hours.parse(hours.text(told)) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ()),
        ("06:00-12:00", (Hours(360, 720, EVERY_DAY),)),
        ("Mo-Fr 06:00-12:00; Sa 08:00-24:00", (Hours(360, 720, frozenset(range(5))), Hours(480, 1440, frozenset({5})))),
        ("Mo,We 06:00-07:30", (Hours(360, 450, frozenset({0, 2})),)),
        ("Sa-Mo 10:00-11:00", (Hours(600, 660, frozenset({5, 6, 0})),)),
        ("Su 22:00-05:00", (Hours(1320, 1440, frozenset({6})), Hours(0, 300, frozenset({0})))),
        ("Fr 22:00-00:00", (Hours(1320, 1440, frozenset({4})),)),
    ],
)
def test_hours_are_those_of_the_text(text: str, told: tuple[Hours, ...]) -> None:
    assert hours.parse(text) == told


@given(st.from_regex(OPENING, fullmatch=True))
def test_what_the_schema_allows_is_read(text: str) -> None:
    assert hours.parse(text)


@pytest.mark.parametrize("text", ["Mo", "Lu 06:00-12:00", "25:00-26:00", "06:00", "06:60-07:00", "Mo-Xx 06:00-07:00"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|is not"):
        hours.parse(text)
