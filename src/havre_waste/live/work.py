"""What the frame of a service calls: rows in, products out, and the view of the moment for the pages.

Rules that hold here:

1. What stands in the city is read whole each time that a row of it comes; while it does not fit together, what was
   known before goes on, and what is wrong is said.
2. Levels are estimated every few minutes, once the past has been told; a day's rounds are planned beside the work, in a
   thread of their own, once a day.
3. A view is never changed: a new one takes its place.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from havre.client.frames import Intake
from havre_waste.choice.model import Terms
from havre_waste.field.events import OLDEST, Event, crew_notes
from havre_waste.field.model import Cause, View
from havre_waste.field.store import Book
from havre_waste.live import changes, expected, report, ships, view
from havre_waste.live import crisis as crises
from havre_waste.live import day as days
from havre_waste.live.again import again, waits, with_extra
from havre_waste.live.counts import PRODUCT as COUNTS
from havre_waste.live.counts import Counts
from havre_waste.live.day import Day
from havre_waste.live.ground import Ground, ground
from havre_waste.live.intake import HISTORY, KINDS, NOTIFICATIONS, STILL
from havre_waste.live.later import Later
from havre_waste.live.planning import SECONDS, Planner
from havre_waste.live.seen import Published, Seen
from havre_waste.live.traced import PRODUCT as FORMS
from havre_waste.live.traced import Traced
from havre_waste.live.watch import EVERY, Watch
from havre_waste.ships.desk import Desk
from havre_waste.ships.pickups import Carrier
from havre_waste.sites.model import Flow
from havre_waste.sites.rows import NotAccepted

log = logging.getLogger("havre.waste")

Row = Mapping[str, Any]
Loading = Callable[[str], bool]


MADE = ("container-levels", "sensor-faults", "container-emptyings", "collection-rounds")
KEPT = timedelta(days=30)
"""What crews and residents told stays in the book for so long."""
CHECKS = timedelta(minutes=2)
"""Between two looks at whether the rounds should be changed."""


@dataclass(frozen=True)
class Settings:
    """``plan_seconds`` are for each flow's plan; ``terms`` those of the choice; ``collectors`` the names of who
    collects ships' waste, by what they come with."""

    zone: ZoneInfo
    terms: Mapping[Flow, Terms] = field(default_factory=dict)
    plan_seconds: float = SECONDS
    example: bool = False
    crisis: crises.Settings | None = None
    collectors: Mapping[Carrier, str] = field(default_factory=dict)
    deposit_counts: bool = False


class Live:
    """The work of the service. ``view`` is the newest one."""

    def __init__(self, settings: Settings, book: Book, places: Mapping[str, Any]) -> None:
        self.settings, self.book, self.places = settings, book, places
        self._now = datetime.now(UTC)
        self.ships = Desk(
            settings.zone, lambda: self._now, self._told("port_call_timestamps"), self._told("ship_etas"),
            planned=lambda: ships.planned(self._day),
        )  # fmt: skip
        self._berths = ships.berths(places)
        self.loading: Loading = lambda need: False
        """Whether a need has still to tell what lies in the past."""
        self.said: Callable[[str], Sequence[Row]] | None = None
        """What was said of ships before this start, by product; asked until it was told, once."""
        self.published: Published | None = None
        """What was published before this start, for the yearly report; asked until it was told, once."""
        self.traced: Traced | None = None
        """Forms of hazardous waste, where they are asked for."""
        self.counts = Counts() if settings.deposit_counts else None
        self.problem: str | None = None
        """What does not fit together in what stands in the city."""
        self._still: dict[str, list[pl.DataFrame]] = {}
        self._intake = Intake({**KINDS, **report.KINDS, changes.NEED: changes.KIND})
        self.seen = Seen()
        self._ground: Ground | None = None
        self._planner: Planner | None = None
        self._watch: Watch | None = None
        self._crises = crises.Crises(settings.crisis) if settings.crisis else None
        self._stale = False
        self._looks_at = datetime.min.replace(tzinfo=UTC)
        self._day: Day | None = None
        self._planning: threading.Thread | None = None
        self._planned: Day | None = None
        self._broken: set[str] = set()
        self._out: set[str] = set()
        """Of the broken trucks, those without which it was planned."""
        self._checked_at = datetime.min.replace(tzinfo=UTC)
        self._faults, self._emptied, self._noted = (
            Later(timedelta(hours=1)),
            Later(timedelta(hours=6)),
            Later(timedelta()),
        )
        self.emptied_at: dict[str, datetime] = {}
        """When each container was emptied last, where that is known."""
        self._residents = Later(timedelta())
        self._reported: datetime | None = None
        self._known_notes: dict[tuple[str, datetime], datetime] = {}
        self._view: View | None = None

    def view(self, now: datetime) -> View:
        """The newest; an empty one before the first."""
        return self._view or View(now, example=self.settings.example)

    def figures(self, now: datetime) -> dict[str, int | str | None]:
        """How much there is of what pages show. Of the rounds that cross bridges, how many wait for none; ``round`` is
        the first of the day."""
        view = self.view(now)
        crossing = [one for one in view.rounds if one.crossings]
        stops = [step for one in view.rounds for step in one.steps if step.flow is Flow.SHIP]
        return {
            "levels": len(view.levels),
            "faults": sum(one.fault is not None for one in view.levels),
            "rounds": len(view.rounds),
            "waits_for_no_bridge": sum(all(not each.wait for each in one.crossings) for one in crossing),
            "ship_stops": len(stops),
            "round": view.rounds[0].id if view.rounds else None,
        }

    @property
    def day(self) -> Day | None:
        """The day that is planned."""
        return self._day

    @property
    def ground(self) -> Ground | None:
        return self._ground

    def take(self, need: str, rows: pl.DataFrame) -> None:
        if need == NOTIFICATIONS:
            ships.taken(self.ships, rows)
        elif need in STILL:
            self._still.setdefault(need, []).append(rows)
            self._stale = True
        else:
            if need == "port_call_timestamps" and need not in self._intake.heard:
                self._checked_at = datetime.min.replace(tzinfo=UTC)  # where ships lie: their stops are not waited for
            self._intake.add(need, rows)
        if need == "deposits" and self.counts is not None:
            self.counts.take(rows)

    def results(self, now: datetime) -> Mapping[str, Sequence[Row]]:
        self._now = now
        if self.said is not None:
            ships.restore(self.ships, self.said)
            self.said = None
        if self._stale and not any(map(self.loading, STILL)):
            self._read_city()
        if self.published is not None and self._ground is not None:
            self.seen.recall(self.published, self._ground.city, now)
            self.published = None
        found: dict[str, Sequence[Row]] = {}
        if self._watch is not None and now - self._looks_at >= EVERY and not any(map(self.loading, KINDS)):
            self._looks_at = now
            found = self._look(now)
        if self._planned is not None:
            self._day, self._planned = self._planned, None
            rounds = days.rows(self._day, now)
            if self._ground is not None:
                self.seen.drive(pl.DataFrame(rounds, infer_schema_length=None), self._ground.city)
            found = {**found, "collection-rounds": rounds}
            self._show(now)
        self._plan(now)
        if self._view is not None:
            self._view = replace(self._view, at=now)
        nothing: dict[str, Sequence[Row]] = dict.fromkeys(MADE, ())
        events = self.book.events(now - OLDEST) if self._view is not None else ()
        return {
            **nothing,
            **found,
            "crew-notes": self._notes(events, now),
            **self._of_ships(events, now),
            "resident-reports": self._reports(now),
            **({} if self.traced is None else {FORMS: self.traced.news(now)}),
            **self._counted(now),
        }

    def _of_ships(self, events: Sequence[Event], now: datetime) -> Mapping[str, Sequence[Row]]:
        """What is told of ships since the last time; with receipts of what crews took."""
        if self._view is not None:
            facility = self.settings.collectors.get(Carrier.TRUCK, "")
            for one in ships.collected(self.ships, self._view, events, facility, now):
                self.ships.give(one)
        return ships.news(self.ships, now)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with what stands in the city, with Trackdéchets, with counts of deposits."""
        known = (self.problem, self.traced and self.traced.problem, self.counts and self.counts.problem)
        return tuple(one for one in known if one)

    def _counted(self, now: datetime) -> dict[str, Sequence[Row]]:
        """Of deposits that leave, once the past has been told."""
        if self.counts is None or self.loading("deposits"):
            return {}
        found = self.counts.due(now)
        return {COUNTS: found} if found else {}

    def frame(self, need: str) -> pl.DataFrame:
        """What was told of a need that is kept as it is."""
        return self._intake.frame(need)

    def _told(self, need: str) -> Callable[[], list[dict[str, Any]]]:
        return lambda: self._intake.frame(need).to_dicts()

    # What stands in the city

    def _read_city(self) -> None:
        self._stale = False
        frames = {name: pl.concat(parts, how="diagonal_relaxed") for name, parts in self._still.items()}
        try:
            known = ground(frames)
        except (NotAccepted, ValueError) as error:
            self.problem = str(error)
            log.warning("what stands in the city: %s", error)
            return
        self.problem = None
        if known is not None:
            self._ground = known
            self._planner = Planner(known, self.settings.zone, self.settings.terms, self.settings.plan_seconds)
            self._watch = Watch(known.fleet, known.city.containers)
            self._looks_at = datetime.min.replace(tzinfo=UTC)

    # Levels

    def _look(self, now: datetime) -> dict[str, Sequence[Row]]:
        watch, known = self._watch, self._ground
        assert watch is not None and known is not None
        frames = {name: self._intake.frame(name) for name in HISTORY}
        self._intake.clear(HISTORY)
        found = watch.look(frames, self._intake.frame("weather"), self._intake.frame("holidays"), now)
        self._intake.forget(now)
        if watch.state is not None:
            self._show(now)
        self.book.forget(now - KEPT)
        self.emptied_at.update((row["container"], row["time"]) for row in found.emptyings)
        self._faults.add(found.faults)
        self._emptied.add(found.emptyings)
        emptied = self._emptied.due(now)
        self.seen.empty(pl.DataFrame(emptied, infer_schema_length=None))
        if found.levels is not None:
            self.seen.fill(found.levels, known.city)
        self.seen.forget(now)
        return {
            "container-levels": found.levels.to_dicts() if found.levels is not None else [],
            "sensor-faults": self._faults.due(now),
            "container-emptyings": emptied,
        }

    # Rounds

    def _plan(self, now: datetime) -> None:
        """Begin to plan the day, or what is left of it, when there is a cause."""
        planner, watch = self._planner, self._watch
        if planner is None or watch is None or watch.state is None or not planner.ground.city.trucks:
            return
        if self._planning is not None and self._planning.is_alive():
            return
        state, day = watch.state, planner.day_of(now)
        told = {name: self._intake.frame(name) for name in ("bridge_messages", "bridge_forecasts", "reserved_slots")}
        closures = expected.expected(told, day, self.settings.zone, now)
        known = self._day
        if known is None or known.day != day:
            extra = ships.stops(self.ships, planner.ground, self._berths, day)
            self._broken.clear()
            self._start(lambda: planner.plan(state, day, closures, now, extra))
        elif self._broken - self._out:
            broken = frozenset(self._broken)
            self._out, name = set(broken), ", ".join(sorted(broken - self._out))
            self._start(lambda: again(planner, known, now, closures, Cause.BREAKDOWN, name, broken))
        elif now - self._checked_at >= CHECKS:
            self._checked_at = now
            extra = ships.stops(self.ships, planner.ground, self._berths, day)
            longer = with_extra(planner, known, extra)
            broken = frozenset(self._out)
            if len(longer.titles) > len(known.titles):
                name = _in_short(sorted(longer.titles[one] for one in longer.titles.keys() - known.titles.keys()))
                self._start(lambda: again(planner, longer, now, closures, Cause.SHIP, name, broken))
            elif waits(known, now, closures):
                self._start(lambda: again(planner, known, now, closures, Cause.BRIDGE, "", broken))

    def breaks_down(self, truck: str) -> None:
        """The truck does nothing more today."""
        self._broken.add(truck)

    def _start(self, plan: Callable[[], Day]) -> None:
        def run() -> None:
            try:
                self._planned = plan()
                log.info(
                    "planned %s: %d rounds", self._planned.day, sum(len(x.plan.rounds) for x in self._planned.flows)
                )
            except InterruptedError:
                log.info("no rounds: the process ends")
            except Exception:
                log.exception("no rounds; that is tried again")

        # no daemon: the solver must not be cut off by the end of the process; the planner looks for it between flows
        self._planning = threading.Thread(target=run, name="planning")
        self._planning.start()

    # What is shown and told

    def _show(self, now: datetime) -> None:
        known, watch, planner = self._ground, self._watch, self._planner
        assert known is not None and watch is not None and planner is not None
        visits = self._day.visits if self._day else {}
        watch.next_visit = visits
        streets = view.streets(known.city)
        today = now.astimezone(self.settings.zone).date()
        rounds = days.rounds(self._day, known.city) if self._day else ()
        opens = {one.id: one.shift.opens for one in known.city.trucks.values()}
        planned = self._day.day if self._day else None
        usual = view.next_fixed(known.city.rounds, opens, self.settings.zone, now, planned)
        levels = (
            view.levels(known.city, watch.state, watch.current(now), watch.faults, usual, now)
            if watch.state is not None
            else ()
        )
        asked = self._crises
        self._view = View(
            now,
            rounds=rounds,
            levels=levels,
            streets=streets,
            collections=view.collections(known.city, streets, self.settings.zone, today),
            changes=changes.changes(self._intake.frame(changes.NEED), today),
            crisis=asked.of(planner, self._day, levels, rounds, self.emptied_at, now) if asked else None,
            day=planned,
            example=self.settings.example,
        )

    def _reports(self, now: datetime) -> Sequence[Row]:
        """What residents reported since the last time."""
        since, self._reported = self._reported or now - KEPT, now
        found = [one for one in self.book.reports(since) if since < one.at <= now]
        self._residents.add({"time": one.at, "container": one.container, "seen": str(one.seen)} for one in found)
        return self._residents.due(now)

    def _notes(self, events: Sequence[Event], now: datetime) -> Sequence[Row]:
        """What crews told since the last time; the service takes its own word as any other's."""
        if self._view is None:
            return ()
        told = crew_notes(self._view, events)
        rows = [row for row in told if (row["container"], row["time"]) not in self._known_notes]
        self._known_notes = {key: at for key, at in self._known_notes.items() if now - at < 2 * OLDEST}
        if rows:
            self._known_notes.update(((row["container"], row["time"]), now) for row in rows)
            self._intake.add("crew_notes", pl.DataFrame(rows, infer_schema_length=None))
            self._noted.add(rows)
        return self._noted.due(now)


def _in_short(names: Sequence[str]) -> str:
    """Two of them, and how many more: ``A, B + 6``."""
    return ", ".join(names[:2]) + (f" + {len(names) - 2}" if len(names) > 2 else "")
