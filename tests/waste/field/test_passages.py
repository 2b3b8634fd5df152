"""When a container is emptied next: of the day's plan or of the fixed rounds, and said which, in both languages."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from havre_ui.texts import Texts
from havre_waste.field import words
from havre_waste.field.events import Event, Kind, progress
from havre_waste.field.model import View
from havre_waste.field.passages import Passage, Turn, passages
from tests.asgi import ask
from tests.waste.field import towns
from tests.waste.field.served import Stage
from tests.waste.field.test_words import ENGLISH, FRENCH, TEXTS, plain
from tests.waste.field.towns import NOW, after

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)
GLASS = towns.busy().rounds[0]
STEP = next(one for one in GLASS.steps if "c-9-glass" in one.containers)
"""At 10:55 in Paris, 75 minutes from now."""


def told(view: View, *events: Event, minutes: float = 0) -> Passage:
    now = after(minutes=minutes)
    return passages(replace(view, at=now), progress(view, events), now, PARIS)["c-9-glass"]


def said(minutes: float, kind: Kind, step: str = STEP.id) -> Event:
    return Event(f"event-{minutes:06}", GLASS.id, step, kind, after(minutes=minutes))


def clocks(one: Passage) -> tuple[str, ...]:
    return tuple(f"{at.astimezone(PARIS):%H:%M}" for at in (one.starts_at, one.ends_at) if at is not None)


def test_a_plan_is_told_as_a_span_around_its_time() -> None:
    one = told(towns.busy())
    assert (one.turn, one.day, clocks(one)) == (Turn.PLANNED, TODAY, ("10:40", "11:20"))


def test_what_a_round_is_late_is_added_and_what_it_is_early_is_not() -> None:
    first = next(one for one in GLASS.steps if one.containers)
    late = replace(said(0, Kind.DONE, first.id), at=first.at + timedelta(minutes=30))
    assert clocks(told(towns.busy(), late)) == ("11:10", "11:50")
    early = replace(late, at=first.at - timedelta(minutes=30))
    assert clocks(told(towns.busy(), early)) == ("10:40", "11:20")


@pytest.mark.parametrize(
    ("kind", "turn"), [(Kind.DONE, Turn.DONE), (Kind.BLOCKED, Turn.FAILED), (Kind.UNDONE, Turn.PLANNED)]
)
def test_what_the_crew_said_is_told_without_its_time(kind: Kind, turn: Turn) -> None:
    one = told(towns.busy(), said(70, kind), minutes=75)
    assert one.turn is turn
    assert bool(clocks(one)) is (turn is Turn.PLANNED)


def test_a_time_that_is_over_is_no_promise_any_more() -> None:
    assert told(towns.busy(), minutes=100).turn is Turn.PLANNED
    assert told(towns.busy(), minutes=101).turn is Turn.PASSED


def test_an_old_view_tells_the_plan_and_no_progress() -> None:
    view = towns.busy()
    of = progress(view, [said(-1, Kind.DONE)])
    assert passages(view, of, NOW + timedelta(minutes=2), PARIS)["c-9-glass"].turn is Turn.PLANNED


def test_what_is_in_no_plan_has_its_fixed_round_and_no_plan_of_yesterday_counts() -> None:
    view = towns.busy()
    one = passages(view, progress(view, []), NOW, PARIS)["c-8-residual"]
    assert (one.turn, one.day) == (Turn.PASSED, TODAY)
    without = replace(view, rounds=view.rounds[:1])
    one = passages(without, progress(without, []), NOW, PARIS)["c-8-residual"]
    assert (one.turn, one.day, one.ends_at) == (Turn.USUAL, TODAY, None)
    yesterday = replace(view, day=date(2026, 11, 24))
    found = passages(yesterday, progress(yesterday, []), NOW, PARIS)
    assert {one.turn for one in found.values()} == {Turn.USUAL} and {one.day for one in found.values()} == {None}


@pytest.mark.parametrize(
    ("say", "passage", "line"),
    [
        (FRENCH, Passage(Turn.PLANNED, after(minutes=-30), NOW, TODAY),
         "vidé aujourd’hui entre 9 h 10 et 9 h 40, selon le plan du jour"),
        (ENGLISH, Passage(Turn.PLANNED, after(minutes=-30), NOW, TODAY),
         "emptied today between 09:10 and 09:40, by today’s plan"),
        (FRENCH, Passage(Turn.PLANNED, after(hours=23.5), after(hours=24), date(2026, 11, 26)),
         "vidé jeudi 26 novembre entre 9 h 10 et 9 h 40, selon le plan de ce jour"),
        (FRENCH, Passage(Turn.USUAL, after(days=1), None, TODAY),
         "absent du plan du jour ; jour habituel : jeudi 26 novembre"),
        (ENGLISH, Passage(Turn.USUAL, after(days=2), None, date(2026, 11, 26)),
         "not in the plan of Thursday 26 November; usual day: Friday 27 November"),
        (FRENCH, Passage(Turn.USUAL, after(days=1)), "jour habituel : jeudi 26 novembre"),
    ],
)  # fmt: skip
def test_it_is_said_which_of_both_it_is(say: Texts, passage: Passage, line: str) -> None:
    assert plain(words.next_line(passage, NOW, say)) == line


@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("day", [None, TODAY, date(2026, 11, 26)])
def test_every_turn_has_its_words(turn: Turn, day: date | None) -> None:
    times = (NOW, NOW) if turn in (Turn.PLANNED, Turn.PASSED) else (NOW, None) if turn is Turn.USUAL else (None, None)
    for say in TEXTS.values():
        assert words.next_line(Passage(turn, *times, day), NOW, say)


def test_a_street_tells_its_plan_first_then_the_fixed_rounds_of_later_days(tmp_path: Path) -> None:
    stage = Stage(towns.busy(), tmp_path)
    page = plain(ask(stage.application(), "GET", "/fr/streets/street-9").body.decode())
    assert "Rue" not in towns.NAMES[9] and f"{towns.NAMES[9]} : vidé aujourd’hui entre 10 h 40 et 11 h 20" in page
    assert page.index('id="plan"') < page.index('id="next"')
    nothing = plain(ask(stage.application(), "GET", "/fr/streets/street-19").body.decode())
    assert "Aucun conteneur d’ici n’y figure" in nothing
    stage.view = replace(stage.view, day=date(2026, 11, 26))
    later = plain(ask(stage.application(), "GET", "/fr/streets/street-1").body.decode())
    assert "26 novembre, 6" not in later  # the plan of that day stands for its fixed rounds
    stage.view = replace(stage.view, day=None)
    without = plain(ask(stage.application(), "GET", "/fr/streets/street-1").body.decode())
    assert 'id="plan"' not in without and "26 novembre, 6" in without


def test_a_container_on_the_map_tells_it_too(tmp_path: Path) -> None:
    stage = Stage(towns.busy(), tmp_path)
    lines = ask(stage.application(), "GET", "/en/containers/c-9-glass").json["lines"]
    assert any("between 10:40 and 11:20, by today’s plan" in plain(one) for one in lines)
