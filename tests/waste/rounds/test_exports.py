"""Rounds on devices: GPX and iCalendar."""

import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from havre_waste.rounds.exports import gpx, ical
from havre_waste.rounds.model import Window
from havre_waste.rounds.planning import Stopping, plan
from tests.waste.rounds.problems import LUNCH, problem, truck

MIDNIGHT = datetime.datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Paris"))
ROUND = plan(
    problem(6, vehicles=(truck("a<b,c", lunch=LUNCH, shift=Window(39000, 60000)),)),
    stop=Stopping(seconds=None, iterations=50),
).rounds[0]
WHERE = [(0.1 + n / 100, 49.5) for n in range(8)]
NAMES = {"plant": "Usine; « Énergie », " + "é" * 60}


def test_gpx_has_every_visit_in_its_order_at_its_time() -> None:
    route = etree.fromstring(gpx(ROUND, MIDNIGHT, WHERE, NAMES).encode())
    points = route.findall(".//{*}rtept")
    assert len(points) == len(ROUND.visits)
    assert points[0].findtext("{*}time") == "2026-03-02T09:50:00Z"
    assert [point.findtext("{*}type") for point in points] == [visit.kind for visit in ROUND.visits]
    assert float(points[0].get("lat", "")) == 49.5


def test_a_calendar_has_the_round_its_tips_and_its_lunch() -> None:
    told = ical(ROUND, MIDNIGHT, WHERE, NAMES)
    assert told.count("BEGIN:VEVENT") == 1 + 2 + 1
    assert "DTSTART:20260302T095000Z" in told
    assert "SUMMARY:a<b\\,c: lunch" in told


def test_lines_of_a_calendar_are_folded_and_come_together_again() -> None:
    told = ical(ROUND, MIDNIGHT, WHERE, NAMES)
    assert told.endswith("END:VCALENDAR\r\n")
    assert max(len(line.encode()) for line in told.split("\r\n")) <= 75
    assert "Usine\\; « Énergie »\\, " + "é" * 60 in told.replace("\r\n ", "")


def test_the_same_round_gives_the_same_file() -> None:
    assert ical(ROUND, MIDNIGHT, WHERE, NAMES) == ical(ROUND, MIDNIGHT, WHERE, NAMES)
