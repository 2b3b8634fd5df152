"""Where first, while only a part of the rounds runs: the ranking of the choice, and the rounds that the crews that run
can drive of the day's plan, in the words of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from havre_waste.choice import crisis
from havre_waste.choice import model as choice
from havre_waste.choice.driving import Driven, Round
from havre_waste.choice.few import few
from havre_waste.field import model as shown
from havre_waste.field.model import Level, Why
from havre_waste.live.day import Day
from havre_waste.live.ground import Ground, place_of
from havre_waste.live.planning import Planner
from havre_waste.rounds.roads import Place
from havre_waste.sites.city import City
from havre_waste.sites.model import Flow

MOST = 40
"""Sites that are shown."""
MOST_LEFT = 10
"""Of what is left, the names that are told."""
MEMBERS = frozenset({"why", "since", "running", "temperature_c", "weights"})


@dataclass(frozen=True)
class Settings:
    """Since ``since`` only ``running`` rounds a day run. ``temperature_c``: of these days."""

    why: Why
    since: datetime
    running: int
    temperature_c: float = 18.0
    weights: crisis.Weights = field(default_factory=crisis.Weights)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Settings":
        """``ValueError`` names what is wrong."""
        for name in given.keys() - MEMBERS:
            raise ValueError(f"settings.crisis.{name} is not known; {', '.join(sorted(MEMBERS))} are")
        since, running = given.get("since"), given.get("running")
        if given.get("why") not in list(Why):
            raise ValueError(f"settings.crisis.why: got {given.get('why')!r}; expected one of {', '.join(Why)}")
        if not isinstance(since, datetime) or since.tzinfo is None:
            raise ValueError(f"settings.crisis.since: got {since!r}; expected a time with its offset")
        if not isinstance(running, int) or running < 0:
            raise ValueError(f"settings.crisis.running: got {running!r}; expected a number of rounds, 0 or more")
        weights = crisis.Weights(**{name: float(value) for name, value in given.get("weights", {}).items()})
        return cls(Why(given["why"]), since, running, float(given.get("temperature_c", 18.0)), weights)


@dataclass(frozen=True)
class Few:
    """What the crews that run can do of a day, for the pages."""

    rounds: tuple[shown.FirstRound, ...]
    left: tuple[str, ...]
    """Containers, what comes first first."""


@dataclass
class Crises:
    """The crisis of the settings as it stands. The rounds of the crews that run are planned once for each day's plan,
    which takes a second or two."""

    settings: Settings
    _few: tuple[Day, Few] | None = None

    def of(
        self,
        planner: Planner,
        day: Day | None,
        levels: Sequence[Level],
        rounds: Sequence[shown.Round],
        emptied: Mapping[str, datetime],
        now: datetime,
    ) -> shown.Crisis:
        """``emptied``: when each container was emptied last, where that is known."""
        found = crisis_of(self.settings, planner.ground, levels, rounds, emptied, now)
        if day is None or not levels:
            return found
        if self._few is None or self._few[0] is not day:
            each = _standings(planner.ground, {one.container: [one] for one in levels}, rounds, emptied, now)
            score = {
                one.site: one.score for one in crisis.rank(each, self.settings.temperature_c, self.settings.weights)
            }
            self._few = day, few_of(planner, day, score, self.settings.running)
        return _with(found, self._few[1], planner.ground)


def few_of(planner: Planner, day: Day, score: Mapping[str, float], running: int) -> Few:
    """Of the containers in the day's plan; ``score`` of each container."""
    city, known = planner.ground.city, planner.known()
    crews = {
        flow: [one for one in those if day.day.weekday() in city.trucks[one.id].shift.weekdays]
        for flow, those in known.crews.items()
    }
    known = replace(known, crews=crews)
    asked = {stop.id for one in day.flows for stop in one.problem.stops}
    fills = {id: fill for one in day.flows for id, fill in one.fills.items()}
    rows = np.array([row for row, id in enumerate(known.ids) if id in asked], np.int64)
    worth = np.array([score.get(id, 0.0) for id in known.ids])
    found = few(known, rows, worth, np.array([fills.get(id, 0.0) for id in known.ids]), running)
    left = sorted((known.ids[row] for row in found.left.tolist()), key=lambda id: (-score.get(id, 0.0), id))
    return Few(tuple(_round(city, known, *one) for one in found.rounds), tuple(left))


def _round(city: City, known: choice.Ground, flow: str, round: Round, driven: Driven) -> shown.FirstRound:
    containers = [known.ids[row] for row in round.stops.tolist()]
    names = [city.sites[city.containers[id].site].name for id in containers]
    stops = [name for name, _ in groupby(names)]
    length = timedelta(seconds=driven.seconds)
    return shown.FirstRound(Flow(flow), tuple(stops), tuple(containers), driven.metres / 1000, length)


def _with(found: shown.Crisis, few: Few, ground: Ground) -> shown.Crisis:
    site_of = {id: one.site for id, one in ground.city.containers.items()}
    come: dict[str, set[int]] = {}
    for number, one in enumerate(few.rounds, 1):
        for id in one.containers:
            come.setdefault(site_of[id], set()).add(number)
    ranking = tuple(replace(one, rounds=tuple(sorted(come.get(one.site, ())))) for one in found.ranking)
    names = dict.fromkeys(ground.city.sites[site_of[id]].name for id in few.left)
    return replace(
        found, ranking=ranking, rounds=few.rounds, left=len(few.left), left_first=tuple(names)[:MOST_LEFT]
    )  # fmt: skip


def crisis_of(
    settings: Settings,
    ground: Ground,
    levels: Sequence[Level],
    rounds: Sequence[shown.Round],
    emptied: Mapping[str, datetime],
    now: datetime,
) -> shown.Crisis:
    """``emptied``: when each container was emptied last, where that is known."""
    by_site: dict[str, list[Level]] = {}
    for one in levels:
        by_site.setdefault(one.site, []).append(one)
    standings = _standings(ground, by_site, rounds, emptied, now)
    ranked = crisis.rank(standings, settings.temperature_c, settings.weights)[:MOST]
    sites = ground.city.sites
    ranking = tuple(
        shown.Priority(
            each.site, sites[each.site].name, (sites[each.site].longitude, sites[each.site].latitude), each.score,
            tuple(shown.Reason(shown.Ground(why.ground), why.share, why.value, why.name) for why in each.reasons),
        )
        for each in ranked
    )  # fmt: skip
    return shown.Crisis(settings.why, settings.since, settings.running, len(rounds), ranking)


def _standings(
    ground: Ground,
    levels: Mapping[str, Sequence[Level]],
    rounds: Sequence[shown.Round],
    emptied: Mapping[str, datetime],
    now: datetime,
) -> list[crisis.Standing]:
    """``levels`` by what is ranked: a site or a container."""
    round_of = {container: one.id for one in rounds for step in one.steps for container in step.containers}
    depots = [Place(one.longitude, one.latitude) for one in ground.city.depots.values()]
    found = []
    for id, those in levels.items():
        known = ground.city.sites[those[0].site]
        fills: dict[str, float] = {}
        for one in those:
            fills[str(one.flow)] = max(fills.get(str(one.flow), 0.0), one.p50)
        here = ground.places[place_of(known)]
        seconds = min((int(ground.matrix.seconds[ground.places[each], here]) for each in depots), default=0)
        last = [emptied[one.container] for one in those if one.container in emptied]
        days = (now - min(last)).total_seconds() / 86400 if last else None
        rounds_here = [round_of[one.container] for one in those if one.container in round_of]
        found.append(
            crisis.Standing(
                id, fills, max(one.overflow_p for one in those), known.density, known.sensitive, seconds / 60, days,
                rounds_here[0] if rounds_here else "",
            )
        )  # fmt: skip
    return found
