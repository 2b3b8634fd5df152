"""What pages say: how sure a level is, what a bridge does, what changes, in both languages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from havre_ui.languages import Language
from havre_ui.texts import Texts, load
from havre_waste.field import words
from havre_waste.field.events import RoundProgress
from havre_waste.field.model import Basis, Cause, Crossing, Doubt, Fault, Level, Replan, Why
from havre_waste.field.routes import HERE
from tests.waste.field import towns
from tests.waste.field.served import PARIS
from tests.waste.field.towns import NOW, after

TEXTS = load([HERE / "texts"], PARIS)
FRENCH, ENGLISH = TEXTS[Language.FRENCH], TEXTS[Language.ENGLISH]
GALETS = towns.levels()[0]


def plain(line: str) -> str:
    return line.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "")


def full(say: Texts, *days: float | None, p50: float = 0.5) -> str:
    at = tuple(None if one is None else after(days=one) for one in days)
    return plain(words.when_full(replace(GALETS, p50=p50, full_at=at), NOW, say))  # type: ignore[arg-type]


def test_a_level_is_never_said_without_how_sure_it_is() -> None:
    said = "62% full (between 50% and 75%), full in about 2 days, between 1 and 4"
    assert plain(words.level_line(GALETS, NOW, ENGLISH)) == said
    said = "rempli à 62 % (entre 50 % et 75 %), plein dans 2 jours environ, entre 1 et 4"
    assert plain(words.level_line(GALETS, NOW, FRENCH)) == said


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        ((1.2, 2.1, 3.8), "full in about 2 days, between 1 and 4", "plein dans 2 jours environ, entre 1 et 4"),
        ((0.05, 0.2, 0.5), "full in about 5 hours, between 1 and 12", "plein dans 5 h environ, entre 1 et 12"),
        ((0, 0.04, 0.1), "full in about 1 hour, 3 at most", "plein dans 1 h environ, 3 au plus"),
        ((2, 2, 2), "full in about 2 days", "plein dans 2 jours environ"),
        ((1.5, 4, None), "full in about 4 days, 1 at least", "plein dans 4 jours environ, 1 au moins"),
        ((0.2, 3, None), "full in about 3 days, with little certainty",
         "plein dans 3 jours environ, sans grande certitude"),
        ((6, None, None), "not full within 6 days", "pas plein avant 6 jours"),
        ((None, None, None), "not full in the days to come", "pas plein dans les jours qui viennent"),
    ],
)  # fmt: skip
def test_when_it_is_full_is_said_with_its_limits(days: tuple[float | None, ...], english: str, french: str) -> None:
    assert (full(ENGLISH, *days), full(FRENCH, *days)) == (english, french)


def test_the_limits_of_when_it_is_full_hold_what_is_likely() -> None:
    for hours in range(1, 400, 7):
        for low, high in ((0.3, 2.5), (0.99, 1.01), (1, 1)):
            found = full(ENGLISH, hours * low / 24, hours / 24, hours * high / 24)
            numbers = [int(one) for one in found.replace(",", " ").split() if one.isdigit()]
            assert numbers == [numbers[0], *sorted(numbers[1:])]
            assert not numbers[1:] or numbers[-1] >= numbers[0]


def test_what_is_full_is_not_said_to_become_it() -> None:
    assert full(ENGLISH, 0, 0, 1, p50=1.05) == "probably full already"


def test_an_estimate_that_is_over_is_told_as_what_it_was() -> None:
    past = replace(GALETS, at=after(hours=-5))
    assert (
        plain(words.level_line(past, NOW, ENGLISH))
        == "about 62% full, as estimated at 04:40; that is no longer up to date"
    )


@pytest.mark.parametrize("doubt", Doubt)
def test_a_doubted_sensor_is_told_with_since_when(doubt: Doubt) -> None:
    level = replace(GALETS, fault=Fault(doubt, after(days=-3)))
    line = plain(words.fault_line(level, NOW, ENGLISH))
    assert line.startswith("sensor doubted: ")
    assert line.endswith("since Sunday 22 November; the estimate goes on without it")
    assert "depuis le dimanche 22 novembre ; l’estimation continue sans lui" in plain(
        words.fault_line(level, NOW, FRENCH)
    )
    assert words.fault_line(GALETS, NOW, FRENCH) == ""


@pytest.mark.parametrize("basis", Basis)
def test_a_level_says_what_it_is_made_of_and_how_old_that_is(basis: Basis) -> None:
    level: Level = replace(GALETS, basis=basis, seen_at=after(hours=-4))
    assert plain(words.basis_line(level, NOW, ENGLISH)).endswith("; last data at 05:40")


def test_a_bridge_is_told_with_when_the_round_crosses() -> None:
    closed = after(minutes=30), after(minutes=45)
    crossing = Crossing("Pont VII", "x", after(minutes=60), closed)
    assert words.crossing_line(crossing, ENGLISH) == "Pont VII closes 10:10 to 10:25: the round crosses at 10:40"
    waits = replace(crossing, at=after(minutes=37), wait=timedelta(minutes=8))
    assert plain(words.crossing_line(waits, FRENCH)) == (
        "Pont VII ferme de 10 h 10 à 10 h 25 : la tournée y est à 10 h 17, attente prévue 8 min"
    )


def test_a_new_plan_is_told_with_what_changed_and_why() -> None:
    line = words.replan_line(Replan(NOW, Cause.BREAKDOWN, "Camion 3", added=2, removed=1), FRENCH)
    assert plain(line) == "Tournée modifiée à 9 h 40 (panne de Camion 3) : 2 arrêts ajoutés et 1 arrêt retiré."
    assert plain(words.replan_line(Replan(NOW, Cause.BRIDGE), ENGLISH)) == (
        "Round changed at 09:40 (a bridge closes): the order of the stops changes."
    )


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("moved", [False, True])
def test_every_change_has_its_sentence(why: Why, moved: bool) -> None:
    change = replace(towns.changes()[0], why=why, moved_to=towns.changes()[0].moved_to if moved else None)
    for say in TEXTS.values():
        assert say(f"why.{why}") in words.change_line(change, say)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_words(cause: Cause) -> None:
    for say in TEXTS.values():
        assert "X" in words.replan_line(Replan(NOW, cause, "X"), say)
        assert words.replan_line(Replan(NOW, cause), say)


def test_progress_is_told_with_what_could_not_be_done_and_how_late() -> None:
    step = towns.glass().steps[5]
    said = RoundProgress(3, 1, 12, step, timedelta(minutes=12))
    assert plain(words.progress_line(said, ENGLISH)) == "3 of 12 stops done, 1 could not be, about 12 min late"
    assert (
        plain(words.progress_line(replace(said, troubled=0, late=timedelta(minutes=2)), FRENCH))
        == "arrêts faits : 3 sur 12"
    )


def test_reasons_are_told_with_their_measures() -> None:
    first, second, *_ = towns.crisis().ranking
    assert plain(words.reasons_line(first.reasons, ENGLISH)) == (
        "next to Hôpital du Large, 84% risk of overflow, waiting for 5 days"
    )
    assert plain(words.reasons_line(second.reasons, FRENCH)) == (
        "96 % de risque de débordement, 11 400 habitants au km², 1 jour d’attente"
    )


def test_french_has_its_spaces() -> None:
    for key, text in FRENCH.entries.items():
        for at, sign in enumerate(text):
            if sign in ":;!?»" and at and text[at - 1] not in "\u00a0\u202f":
                assert sign == ":" and text[at + 1 : at + 2].isdigit(), (key, text)
