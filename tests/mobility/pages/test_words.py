"""The sentences are those that a driver, a screen reader and the radio need, in both languages."""

import re
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from havre_mobility import pages
from havre_mobility.picture import words
from havre_mobility.picture.model import Bridge, Expected, Health, Opening, Picture, Road, Slot
from havre_mobility.picture.standing import standing
from havre_ui.languages import Language
from havre_ui.texts import Texts, load
from tests.mobility.pages import pictures
from tests.mobility.pages.pictures import MESSAGE, NOW, after, expected, with_feed
from tests.mobility.pages.served import PARIS

HERE = Path(pages.__file__).parent
TEXTS = load([HERE / "texts"], PARIS)
FR, EN = TEXTS[Language.FRENCH], TEXTS[Language.ENGLISH]
QUIET = (0.0,) * 12


def typed(text: str) -> str:
    """With ordinary spaces, to be read here."""
    return re.sub("[\u00a0\u202f]", " ", text).replace("\u2060", "")


def bridge(road: Road = Road.OPEN, **changed: object) -> Bridge:
    made = Bridge("one", "Pont Un", 0.15, 49.48, road, MESSAGE, likelihood=QUIET, likelihood_said=MESSAGE)
    return replace(made, **changed)  # type: ignore[arg-type]


def opening(begins: float, ends: float, more: float = 2) -> Opening:
    return Opening(expected(begins), expected(ends, more=more), MESSAGE)


SHUT = bridge(Road.SHUT, reason="hit_by_barge", detour=("Pont VI", "Écluse Vétillard"))
LIKELY = (0.0,) * 4 + (0.45,) + (0.1,) * 7

LINES = {
    "announced": (
        bridge(Road.ANNOUNCED, opening=opening(12, 26)),
        "closed to road in about 12 min, for about 14 min",
        "fermé à la route dans environ 12 min, pendant environ 14 min",
    ),
    "any moment": (
        bridge(Road.ANNOUNCED, opening=opening(0.4, 14.4)),
        "closed to road any moment now, for about 14 min",
        "fermé à la route d’un instant à l’autre, pendant environ 14 min",
    ),
    "far": (
        bridge(opening=opening(75, 90)),
        "open to road, no closing expected within the hour",
        "ouvert à la route, pas de fermeture prévue dans l’heure",
    ),
    "closed": (
        bridge(Road.CLOSED, opening=opening(-6, 7)),
        "closed to road, reopening in about 7 min",
        "fermé à la route, réouverture dans environ 7 min",
    ),
    "ending": (
        bridge(Road.CLOSED, opening=opening(-15, 0.5)),
        "closed to road, reopening any moment now",
        "fermé à la route, réouverture d’un instant à l’autre",
    ),
    "late": (
        bridge(Road.CLOSED, opening=opening(-20, -5)),
        "closed to road, its reopening expected at 08:37 is late",
        "fermé à la route, la réouverture attendue à 8 h 37 tarde",
    ),
    "no end": (
        bridge(Road.CLOSED),
        "closed to road, time of reopening not yet known",
        "fermé à la route, heure de réouverture pas encore connue",
    ),
    "possible": (
        bridge(likelihood=LIKELY),
        "open to road, may close around 09:02 (45%)",
        "ouvert à la route, fermeture possible vers 9 h 02 (45 %)",
    ),
    "reserved": (
        bridge(reserved=(Slot(time(8), time(9)),)),
        "open to road, reserved for the road until 09:00",
        "ouvert à la route, créneau réservé à la route jusqu’à 9 h",
    ),
    "no forecast": (
        bridge(likelihood=()),
        "open to road, no forecast for the next hour",
        "ouvert à la route, pas de prévision pour l’heure qui vient",
    ),
    "shut": (
        SHUT,
        "out of service until further notice, hit by a barge, take Pont VI and Écluse Vétillard",
        "hors service jusqu’à nouvel ordre, heurté par une barge, passer par Pont VI et Écluse Vétillard",
    ),
    "unknown": (
        bridge(Road.UNKNOWN, said=None, reserved=(Slot(time(7, 15), time(8, 15)),)),
        "state unknown; reserved for the road today: 07:15–08:15",
        "état inconnu ; réservé à la route aujourd’hui : 7 h 15–8 h 15",
    ),
}


@pytest.mark.parametrize(("one", "english", "french"), LINES.values(), ids=LINES)
def test_a_line_tells_what_is_then_what_comes(one: Bridge, english: str, french: str) -> None:
    assert typed(words.bridge_line(one, NOW, EN)) == english
    assert typed(words.bridge_line(one, NOW, FR)) == french


@pytest.mark.parametrize("one", [line[0] for line in LINES.values()], ids=LINES)
def test_a_card_has_a_figure_and_what_it_is_for_in_every_state(one: Bridge) -> None:
    for say in (FR, EN):
        figure = words.figure(one, NOW, say)
        assert figure.value and figure.caption


def test_an_unknown_bridge_is_never_said_to_be_open_or_closed() -> None:
    unknown = bridge(Road.UNKNOWN, said=None, opening=opening(12, 26), likelihood=LIKELY)
    said = [words.bridge_line(unknown, NOW, say) + str(words.figure(unknown, NOW, say)) for say in (EN, FR)]
    assert not re.search("open to|closed to|12", said[0])
    assert not re.search("ouvert à|fermé à|12", said[1])


def test_what_is_spoken_has_no_abbreviation() -> None:
    for say in (FR, EN):
        spoken = words.announcement(pictures.busy(), NOW, say)
        assert "minutes" in spoken
        assert not re.search(r"\bmin\b", spoken)


def test_the_radio_hears_closed_bridges_first_then_those_that_close_then_the_rest() -> None:
    spoken = typed(words.announcement(pictures.busy(), NOW, EN))
    order = ["It is 08:42", "Pont VII:", "Pont Rouge:", "Pont V:", "Pont VI and Pont VII bis are open", "Port 2000:"]
    assert [spoken.index(one) for one in order] == sorted(spoken.index(one) for one in order)


def test_the_radio_hears_nothing_of_a_picture_that_is_old() -> None:
    late = NOW + timedelta(minutes=2)
    spoken = words.announcement(standing(pictures.busy(), late), late, EN)
    assert spoken == "It is 08:44. The state of the bridges is not known at the moment."


def test_every_ill_feed_is_named_with_what_follows() -> None:
    stale = standing(pictures.ais_stale(), NOW)
    (warning,) = words.warnings(stale, NOW, FR)
    assert typed(warning).startswith("Positions des navires (AIS) : plus rien depuis 7 min. Pas de prévision")
    falsified = standing(pictures.falsified(), NOW)
    assert "falsified" in words.warnings(falsified, NOW, EN)[0]
    dead = standing(pictures.all_dead(), NOW)
    assert len(words.warnings(dead, NOW, EN)) == len(pictures.FEEDS)
    never = standing(with_feed(pictures.busy(), "gates", last_input=None), NOW)
    assert words.warnings(never, NOW, EN)[0].startswith("Passages at the gates: nothing received.")
    assert words.warnings(pictures.busy(), NOW, EN) == []


def test_an_unknown_feed_is_named_by_its_identifier() -> None:
    feed = replace(pictures.FEEDS[0], id="drones", health=Health.DEAD)
    (warning,) = words.warnings(Picture(NOW, feeds=(feed,)), NOW, EN)
    assert warning.startswith("Drones: no answer, last input at 08:41.")


def test_what_may_take_longer_is_counted_from_now() -> None:
    closed = opening(-6, 7, more=5)
    assert typed(words.uncertainty(closed, NOW, EN) or "") == "at most 12 min (9 times in 10)"
    assert words.uncertainty(opening(12, 26), NOW, EN) is None


def test_a_statement_of_another_day_tells_the_day() -> None:
    assert typed(words.said_line(replace(MESSAGE, at=after(-9000)), NOW, FR)).endswith("le jeudi 26 février.")
    assert typed(words.said_line(MESSAGE, NOW, EN)) == "Said by the operator at 08:31."


@pytest.mark.parametrize("make", pictures.ALL.values(), ids=pictures.ALL)
@pytest.mark.parametrize("say", [FR, EN], ids=["fr", "en"])
def test_every_picture_can_be_told(make: object, say: Texts) -> None:
    assert callable(make)
    picture = standing(make(), NOW)
    told = [words.announcement(picture, NOW, say), *words.headline(picture, NOW, say)]
    told += [words.ship_line(ship, NOW, say) for ship in picture.ships]
    assert all(told)
    assert not any("{" in one for one in told)


def test_no_french_text_breaks_before_its_punctuation() -> None:
    broken = {key: text for key, text in FR.entries.items() if re.search(r" [;:!?»]|« |\d (min|h|m|km|%)\b", text)}
    assert broken == {}


def test_no_text_is_unused() -> None:
    root = HERE.parents[1]
    rooms = ("havre_ui", "havre_mobility")
    sources = [path for room in rooms for ending in ("py", "html") for path in root.glob(f"{room}/**/*.{ending}")]
    used = "\n".join(path.read_text("utf-8") for path in sources)
    computed = (
        "road.",
        "figure.",
        "health.",
        "kind.",
        "feed.",
        "consequence.",
        "ship.",
        "said.",
        "line.",
        "error.",
        "opening.",
        "reason.",
        "side.",
        "cost.",
        "obstacle.",
        "weight.",
    )
    keys = {re.sub(r"\.(one|other)$", "", key) for key in FR.entries if not key.startswith(computed)}
    assert {key for key in keys if not re.search(f"[\"']{re.escape(key)}\\b", used)} == set()


def test_a_known_time_has_no_spread() -> None:
    at = Expected.known(NOW)
    assert at.p10 == at.p50 == at.p90 == NOW
