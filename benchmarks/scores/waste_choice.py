"""What choosing saves: weeks of a city with fixed rounds, with levels from sensors, and with counts alone.

Protocol: ``LEARNED`` days with the fixed rounds, of which the service learns, then ``DAYS`` in which each policy
decides each midnight from what had been told until then. All four courses have the same order of stops, the same crews
and the same luck. Every container has a sensor (of litter bins half), 5 % of them faulty at any time; with counts
alone, each container counts its deposits, and none has a sensor; with cards alone only those of residual waste,
packaging and food do, and of glass and litter only crews and passes tell.
Rounds that are chosen are driven with the driver's page, so each of their stops is told to be done or blocked; of the
fixed rounds, and of how full a container was, only some notes tell.

Service is the share of the time of all containers in which they do not overflow; ``service_days_pct`` is stricter, the
share of container-days without any. Fill is of the volume that was emptied. The truth is read by the score alone.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.scores import waste_frames as frames
from benchmarks.scores.results import Said, Score, over_seeds
from havre_scenario.waste.city import Waste, city
from havre_scenario.waste.columns import joined, part
from havre_scenario.waste.crews import STATES, Notes
from havre_scenario.waste.model import FLOWS, Network
from havre_scenario.waste.network import CARDS, network
from havre_scenario.waste.play import Emptied, Play
from havre_scenario.waste.visits import NO_WORK, Visits
from havre_waste.choice import fixed, weeks
from havre_waste.choice.driving import Round
from havre_waste.choice.model import COUNTS, USUAL, Crew, Floats, Ground
from havre_waste.choice.outlook import Outlook, outlook
from havre_waste.choice.weeks import Found, Policy, Totals
from havre_waste.levels import Levels, projected, started, take
from havre_waste.rounds.roads import Graph, Place, from_graph
from havre_waste.sites.model import Side

LEARNED, DAYS = 28, 28
ZONE = ZoneInfo("Europe/Paris")
DAY = 86400.0
LEAVES, FOUND_AFTER = 10, 180
"""Minutes from the beginning of a shift to the first leg, and to the middle of a round."""
AFTER_STOP = 60.0
"""Seconds from the truck's coming to a note of it, as the scenario has it."""

SCORES: Said = {
    "km_saved_pct": ("%", ">= 25"),
    "km_saved_counts_only_pct": ("%", ">= 25"),
    "km_saved_cards_only_pct": ("%", ""),
    "service_pct": ("%", ">= 99.5"),
    "service_counts_only_pct": ("%", ">= 99.5"),
    "service_cards_only_pct": ("%", ""),
    "service_fixed_pct": ("%", ""),
    "service_days_pct": ("%", ""),
    "service_days_fixed_pct": ("%", ""),
    "fill_at_emptying_pct": ("%", ">= 75"),
    "fill_at_emptying_counts_only_pct": ("%", ">= 75"),
    "fill_at_emptying_cards_only_pct": ("%", ""),
    "fill_at_emptying_fixed_pct": ("%", ""),
    "fill_at_emptying_mean_pct": ("%", ""),
    "hours_saved_pct": ("%", ""),
    "eur_saved_pct": ("%", ""),
    "fixed_km_a_day": ("km", ""),
}


def ground(made: Network) -> Ground:
    """As the choice sees the network."""
    streets = made.streets
    graph = Graph(
        streets.longitude, streets.latitude, streets.start, streets.end, streets.metres, streets.seconds, streets.bridge
    )
    spots = {one.id: Place(one.longitude, one.latitude, Side(one.side)) for one in made.sites}
    spots |= {one.id: Place(one.longitude, one.latitude) for one in made.depots}
    spots |= {one.id: Place(one.longitude, one.latitude) for one in made.plants}
    matrix = from_graph(graph, list(spots.values()))
    row = {id: number for number, id in enumerate(spots)}
    tips = {flow: row[one.id] for one in made.plants for flow in one.flows}
    crews: dict[str, list[Crew]] = {}
    for one in made.trucks:
        for flow in one.flows:
            seconds = (one.shift[1] - one.shift[0] - one.lunch_minutes) * 60
            crews.setdefault(flow, []).append(
                Crew(one.id, row[one.depot], tips[flow], one.kg, seconds, one.shift[0],
                     litres_per_100km=one.litres_per_100km)
            )  # fmt: skip
    return Ground(
        ids=tuple(one.id for one in made.containers),
        flow=tuple(one.flow for one in made.containers),
        place=np.array([row[one.site] for one in made.containers], np.int64),
        litres=made.litres,
        full_kg=np.array([one.litres * one.kg_per_litre for one in made.containers]),
        metres=matrix.metres.astype(float),
        seconds=matrix.seconds.astype(float),
        crews=crews,
    )


@dataclass
class Course:
    """The city as a policy meets it; without ``sensors`` only deposits, notes and passes tell of it."""

    waste: Waste
    known: Ground
    sensors: bool
    play: Play = field(init=False)
    levels: Levels = field(init=False)
    _until: float = 0.0
    _confirmed: list[Notes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.play = Play(self.waste)
        self.play.empty(self.waste.planned.of(0, LEARNED * DAY))
        fleet = frames.fleet(self.waste.network)
        if not self.sensors:
            fleet = replace(fleet, sensed=np.zeros(len(fleet.ids), bool), row_of_sensor={})
        begin = frames.begin(self.waste)
        self.levels = started(fleet, frames.calendar(self.waste, 0), begin.timestamp())

    def outlook(self, day: datetime.date, after: Mapping[str, datetime.date]) -> Outlook:
        self._hear(day)
        begins = np.array([self.known.crews[flow][0].begins for flow in self.known.flow]) + FOUND_AFTER
        midnight = np.array([_midnight(after[flow]) for flow in self.known.flow])
        today = _midnight(day) + begins * 60.0
        return outlook(lambda at: projected(self.levels, at), today, midnight + begins * 60.0)

    def _hear(self, day: datetime.date) -> None:
        """A day at a time, as the service does."""
        last = (day - self.waste.start).days
        while self._until < last * DAY:
            to = self._until + DAY
            notes = part(joined([self.play.crew_notes(self._until, to), *self._confirmed]), self._until, to)
            rows = frames.told(
                self.waste, self.play.readings(self._until, to), self.play.deposits(self._until, to), notes,
                self.play.truck_passes(self._until, to),
            )  # fmt: skip
            now = frames.begin(self.waste) + datetime.timedelta(seconds=to)
            known = frames.calendar(self.waste, round(to / DAY))
            self.levels = take(self.levels, rows, now, known).levels
            self._until = to

    def empty(self, day: datetime.date, rounds: Sequence[Round], times: Sequence[Floats]) -> list[Found]:
        if not rounds:
            return []
        trucks = {one.id: row for row, one in enumerate(self.waste.network.trucks)}
        begin = _midnight(day) - frames.begin(self.waste).timestamp()
        visits = Visits(
            np.concatenate([one.stops for one in rounds]),
            np.concatenate(
                [begin + (one.crew.begins + LEAVES) * 60 + each for one, each in zip(rounds, times, strict=True)]
            ),
            np.concatenate([np.full(len(one.stops), trucks[one.crew.id]) for one in rounds]),
        )
        done = self.play.empty(visits)
        self._confirm(done)
        fill = dict(zip(done.container.tolist(), np.where(done.done, done.fill, np.nan).tolist(), strict=True))
        kg = dict(zip(done.container.tolist(), done.kg.tolist(), strict=True))
        return [
            Found(
                np.array([fill[row] for row in one.stops.tolist()]), np.array([kg[row] for row in one.stops.tolist()])
            )
            for one in rounds
        ]

    def _confirm(self, visits: Emptied) -> None:
        """On the driver's page each stop is marked as done or blocked; how full it was, only a note tells."""
        written = self.play.crew_notes(visits.at.min(), visits.at.max() + 2 * AFTER_STOP)
        noted = set(zip(written.container.tolist(), written.at.tolist(), strict=True))
        at = visits.at + AFTER_STOP
        rest = np.array([one not in noted for one in zip(visits.container.tolist(), at.tolist(), strict=True)])
        state = np.where(visits.done, STATES.index("emptied"), STATES.index("blocked"))
        unseen = np.full(len(at), np.nan)
        self._confirmed.append(Notes(*(column[rest] for column in (visits.container, at, visits.truck, state, unseen))))


def _midnight(day: datetime.date) -> float:
    return datetime.datetime.combine(day, datetime.time(), ZONE).timestamp()


@dataclass(frozen=True)
class Outcome:
    """``service``: of the time of all containers, that without overflow; ``days``: of container-days, those without
    any; both per cent."""

    totals: Totals
    service: float
    days: float

    @classmethod
    def of(cls, totals: Totals, over: npt.NDArray[np.bool_]) -> "Outcome":
        """``over``: whether each container (rows) is more than full, at each hour."""
        days = over.reshape(len(over), -1, 24).any(axis=2)
        return cls(totals, 100 * (1 - float(over.mean())), 100 * (1 - float(days.mean())))


def outcome(waste: Waste, known: Ground, policy: Policy, *, sensors: bool = True) -> Outcome:
    course = Course(waste, known, sensors)
    first = waste.start + datetime.timedelta(days=LEARNED)
    driven = weeks.course(known, course, policy, first, DAYS)
    return Outcome.of(weeks.totals(known, driven), course.play.levels(LEARNED * 24) > 1)


def scored(seed: int) -> Mapping[str, float]:
    made = network(seed, sensors=1.0)
    known = ground(made)
    waste = _weeks(made)
    dates = [waste.start + datetime.timedelta(days=one) for one in range(waste.days)]
    off = frozenset(one for one in dates if (one.month, one.day) in NO_WORK)
    always = fixed.Fixed(known, tuple(fixed.Stop(one.weekday, one.container, one.weeks) for one in made.rounds), off)
    before = outcome(waste, known, lambda day, _: (always.of(day), 0))
    chosen = outcome(waste, known, weeks.dynamic(known, USUAL, off))
    by_counts, by_cards = (
        outcome(
            _weeks(network(seed, sensors=1.0, counts=1.0, counted=counted)), known,
            weeks.dynamic(known, COUNTS, off), sensors=False,
        )
        for counted in (FLOWS, CARDS)
    )  # fmt: skip
    return {
        "km_saved_pct": _less(chosen.totals.km, before.totals.km),
        "km_saved_counts_only_pct": _less(by_counts.totals.km, before.totals.km),
        "km_saved_cards_only_pct": _less(by_cards.totals.km, before.totals.km),
        "service_pct": chosen.service,
        "service_counts_only_pct": by_counts.service,
        "service_cards_only_pct": by_cards.service,
        "service_fixed_pct": before.service,
        "service_days_pct": chosen.days,
        "service_days_fixed_pct": before.days,
        "fill_at_emptying_pct": chosen.totals.fill_pct,
        "fill_at_emptying_counts_only_pct": by_counts.totals.fill_pct,
        "fill_at_emptying_cards_only_pct": by_cards.totals.fill_pct,
        "fill_at_emptying_fixed_pct": before.totals.fill_pct,
        "fill_at_emptying_mean_pct": chosen.totals.mean_fill_pct,
        "hours_saved_pct": _less(chosen.totals.hours, before.totals.hours),
        "eur_saved_pct": _less(chosen.totals.eur, before.totals.eur),
        "fixed_km_a_day": before.totals.km / DAYS,
    }


def _weeks(made: Network) -> Waste:
    return city(made.seed, days=LEARNED + DAYS, network=made)


def _less(value: float, than: float) -> float:
    return 100 * (1 - value / than)


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [scored(seed) for seed in seeds])
