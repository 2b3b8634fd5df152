"""Where first, while only a part of the rounds runs: the ranking of the choice, in the words of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from havre_waste.choice import crisis
from havre_waste.field import model as shown
from havre_waste.field.model import Level, Why
from havre_waste.live.ground import Ground, place_of
from havre_waste.rounds.roads import Place

MOST = 40
"""Sites that are shown."""
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


def crisis_of(
    settings: Settings,
    ground: Ground,
    levels: Sequence[Level],
    rounds: Sequence[shown.Round],
    emptied: Mapping[str, datetime],
    now: datetime,
) -> shown.Crisis:
    """``emptied``: when each container was emptied last, where that is known."""
    standings = _standings(ground, levels, rounds, emptied, now)
    ranked = crisis.rank(standings, settings.temperature_c, settings.weights)[:MOST]
    sites = ground.city.sites
    ranking = tuple(
        shown.Priority(
            one.site, sites[one.site].name, (sites[one.site].longitude, sites[one.site].latitude), one.score,
            tuple(shown.Reason(shown.Ground(each.ground), each.share, each.value, each.name) for each in one.reasons),
        )
        for one in ranked
    )  # fmt: skip
    return shown.Crisis(settings.why, settings.since, settings.running, len(rounds), ranking)


def _standings(
    ground: Ground,
    levels: Sequence[Level],
    rounds: Sequence[shown.Round],
    emptied: Mapping[str, datetime],
    now: datetime,
) -> list[crisis.Standing]:
    by_site: dict[str, list[Level]] = {}
    for one in levels:
        by_site.setdefault(one.site, []).append(one)
    round_of = {container: one.id for one in rounds for step in one.steps for container in step.containers}
    depots = [Place(one.longitude, one.latitude) for one in ground.city.depots.values()]
    found = []
    for site, those in by_site.items():
        known = ground.city.sites[site]
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
                site, fills, max(one.overflow_p for one in those), known.density, known.sensitive, seconds / 60, days,
                rounds_here[0] if rounds_here else "",
            )
        )  # fmt: skip
    return found
