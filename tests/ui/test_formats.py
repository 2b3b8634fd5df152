"""Numbers, times and texts stand as readers of each language write them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from havre_ui import formats
from havre_ui.languages import Language, preferred
from havre_ui.texts import Texts
from havre_ui.typography import spaced

FR, EN = Language.FRENCH, Language.ENGLISH
PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 3, 1, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "french", "english"),
    [
        (1600, 0, "1\u202f600", "1,600"),
        (2.5, 1, "2,5", "2.5"),
        (1234567.891, 2, "1\u202f234\u202f567,89", "1,234,567.89"),
        (-3, 0, "-3", "-3"),
    ],
)
def test_numbers(value: float, decimals: int, french: str, english: str) -> None:
    assert formats.number(value, FR, decimals) == french
    assert formats.number(value, EN, decimals) == english


def test_times_are_local_and_days_are_named() -> None:
    assert formats.clock(AT, FR, PARIS) == "8\u00a0h\u00a005"
    assert formats.clock(AT.replace(minute=0), FR, PARIS) == "8\u00a0h"
    assert formats.clock(AT, EN, PARIS) == "08:05"
    assert formats.day(AT, FR, PARIS) == "dimanche 1er\u00a0mars"
    assert formats.day(AT, EN, PARIS) == "Sunday 1\u00a0March"


@pytest.mark.parametrize(
    ("seconds", "short", "spoken_french", "spoken_english"),
    [
        (20, "0\u00a0min", "0\u00a0minute", "0\u00a0minute"),
        (60, "1\u00a0min", "1\u00a0minute", "1\u00a0minute"),
        (12 * 60 + 29, "12\u00a0min", "12\u00a0minutes", "12\u00a0minutes"),
        (12 * 60 + 30, "13\u00a0min", "13\u00a0minutes", "13\u00a0minutes"),
        (7200, "2\u00a0h", "2\u00a0heures", "2\u00a0hours"),
        (-90, "0\u00a0min", "0\u00a0minute", "0\u00a0minute"),
    ],
)
def test_durations(seconds: int, short: str, spoken_french: str, spoken_english: str) -> None:
    length = timedelta(seconds=seconds)
    assert formats.duration(length, FR) == formats.duration(length, EN) == short
    assert formats.duration(length, FR, spoken=True) == spoken_french
    assert formats.duration(length, EN, spoken=True) == spoken_english


def test_a_duration_of_hours_and_minutes() -> None:
    length = timedelta(minutes=65)
    assert formats.duration(length, FR) == "1\u00a0h\u00a005"
    assert formats.duration(length, EN) == "1\u00a0h\u00a05\u00a0min"
    assert formats.duration(length, FR, spoken=True) == "1\u00a0heure 5\u00a0minutes"


def test_percentages_have_a_narrow_space_in_french_alone() -> None:
    assert formats.percent(0.45, FR) == "45\u202f%"
    assert formats.percent(0.45, EN) == "45%"


@pytest.mark.parametrize(
    ("typed", "french"),
    [
        ("Quoi ?", "Quoi\u202f?"),
        ("ouvert ; fermé", "ouvert\u202f; fermé"),
        ("Pont : fermé", "Pont\u00a0: fermé"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("environ 12 min", "environ 12\u00a0min"),
        ("{level} m", "{level}\u00a0m"),
        ("{count} minutes", "{count}\u00a0minutes"),
        ("12 mars", "12 mars"),
    ],
)
def test_french_spaces_do_not_break(typed: str, french: str) -> None:
    assert spaced(typed, french=True) == french


def test_english_punctuation_keeps_its_spaces() -> None:
    assert spaced("at 12 min: why ?", french=False) == "at 12\u00a0min: why ?"


def test_the_plural_begins_at_two_in_french_and_after_one_in_english() -> None:
    entries = {"truck.one": "{count} truck", "truck.other": "{count} trucks"}
    french, english = Texts(FR, PARIS, entries), Texts(EN, PARIS, entries)
    assert [french.count("truck", n) for n in (0, 1, 2)] == ["0 truck", "1 truck", "2 trucks"]
    assert [english.count("truck", n) for n in (0, 1, 2)] == ["0 trucks", "1 truck", "2 trucks"]


def test_hours_from_and_to_stay_in_one_piece() -> None:
    texts = Texts(FR, PARIS, {})
    assert " " not in texts.hours(time(7, 15), time(8, 15))
    assert texts.hours(time(7, 15), time(12)).replace("\u2060", "") == "7\u00a0h\u00a015–12\u00a0h"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", FR),
        ("de", FR),
        ("en", EN),
        ("en-GB,en;q=0.9,fr;q=0.8", EN),
        ("fr;q=0.3, en;q=0.7", EN),
        ("de, en;q=0.5, fr;q=0.6", FR),
        ("en;q=0, fr", FR),
        ("en;q=0", FR),
        ("en;q=nonsense", FR),
        (", ,;q=1,*", FR),
    ],
)
def test_the_browser_s_preference_is_followed(header: str, language: Language) -> None:
    assert preferred(header) is language
