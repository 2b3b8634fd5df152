"""A port city over a period: everything that moves, and the files that it leaves behind.

The same seed, dates and density give the same bytes on the same numpy. All times are UTC; inside they are seconds
after the first midnight. What moves is planned for the whole period, in little memory; what ships and vehicles say of
it is worked out and written day by day.
"""

import calendar
import datetime
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from havre_scenario import (
    bins,
    bookings,
    calls,
    closures,
    feeds,
    gates,
    geojson,
    gtfs_rt,
    impostors,
    log,
    openings,
    places,
    slots,
    tables,
    timetable,
    traffic,
    transit,
    trucks,
    truth,
    uplinks,
)  # fmt: skip
from havre_scenario.bins import Container, Reading
from havre_scenario.bookings import Bookings
from havre_scenario.calls import Call, Movement
from havre_scenario.chance import Chance, stream
from havre_scenario.closures import Closure
from havre_scenario.gates import Pass
from havre_scenario.log import Log
from havre_scenario.openings import Opening
from havre_scenario.places import Places
from havre_scenario.ships import Vessel
from havre_scenario.transit import Run
from havre_scenario.trucks import Trucks

DAY = 86400
DEFAULT_START = datetime.date(2026, 3, 2)


@dataclass(frozen=True)
class City:
    """What is true, for the whole period; ``write`` makes the feeds of it."""

    seed: int
    start: datetime.date
    days: int
    port: Places = field(repr=False)
    closures: tuple[Closure, ...] = field(repr=False)
    calls: tuple[Call, ...] = field(repr=False)
    vessels: tuple[Vessel, ...] = field(repr=False)
    """All craft with an AIS transponder, those that call among them."""
    openings: tuple[Opening, ...] = field(repr=False)
    booked: Bookings = field(repr=False)
    trucks: Trucks = field(repr=False)
    gate_passes: tuple[Pass, ...] = field(repr=False)
    runs: tuple[Run, ...] = field(repr=False)
    containers: tuple[Container, ...] = field(repr=False)
    uplinks: tuple[tuple[Reading, str | None, str], ...] = field(repr=False)
    """Each reading, its line of JSON if it arrived, and what happened to it."""

    @property
    def end(self) -> float:
        return float(self.days * DAY)

    @property
    def epoch(self) -> int:
        """Unix time of second 0."""
        return calendar.timegm(self.start.timetuple())

    @cached_property
    def movements(self) -> list[Movement]:
        """Those that begin or end in the period, in order of their beginning."""
        found = [one for call in self.calls for one in call.movements]
        return sorted(
            (one for one in found if one.passage.left_at < self.end and one.passage.ended_at > 0),
            key=lambda one: one.passage.left_at,
        )

    def chance(self, part: str, day: int = 0) -> Chance:
        return stream(self.seed, self.start + datetime.timedelta(days=day), part)

    def ais(self, day: int) -> Log:
        """What the receiver hears on one day; times are seconds of the period."""
        begins, ends = float(day * DAY), float((day + 1) * DAY)
        active = [one for one in self.vessels if one.track.start < ends - 30 and one.track.end > begins + 30]
        chance = self.chance("ais", day)
        calling = {call.vessel.ship.mmsi for call in self.calls}
        heard, false = impostors.of_day(day, active, calling, chance, begins, ends)
        found = log.record(heard, self.epoch, begins, ends, chance)
        return replace(found, faults=(*false, *found.faults))

    def write(self, folder: Path) -> dict[str, int]:
        """Write the feeds into ``folder`` and the truth into ``folder/truth``; gives how much is in each file."""
        aside = folder / "truth"
        aside.mkdir(parents=True, exist_ok=True)
        written = {**self._ais_and_faults(folder), **self._tables(folder), **self._truth(aside)}
        timetable.write(folder / "gtfs.zip", self.start, self.days)
        features = geojson.collection(self.port, self.containers)
        (folder / "places.geojson").write_text(json.dumps(features, ensure_ascii=False, indent=1), encoding="utf-8")
        lines = [line for _, line, _ in self.uplinks if line is not None]
        (folder / "bins.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        real_time = self._real_time(folder / "gtfs_rt")
        return {**written, "bins.ndjson": len(lines), "places.geojson": len(features["features"]), "gtfs_rt": real_time}

    def _ais_and_faults(self, folder: Path) -> dict[str, int]:
        stamp, lines = tables.stamper(self.start), 0
        rows: list[tuple[object, ...]] = []
        with (folder / "ais.nmea").open("wb") as file:
            for day in range(self.days):
                heard = self.ais(day)
                file.writelines(heard.lines)
                rows += truth.ais_faults(heard.faults, lines, stamp)
                lines += len(heard.lines)
        rows += truth.told_wrong(self.vessels, self.end, stamp)
        rows += truth.bin_faults(self.uplinks, stamp)
        return {"ais.nmea": lines, "truth/faults.csv": tables.write(folder / "truth/faults.csv", truth.FAULTS, rows)}

    def _tables(self, folder: Path) -> dict[str, int]:
        stamp, end = tables.stamper(self.start), self.end
        told = [one for call in self.calls for one in call.movements]
        berths = list(self.port.berths)
        written = {
            "movements": (feeds.MOVEMENTS, feeds.movements(told, berths, end, stamp, self.chance("announcements"))),
            "bridge_messages": (
                feeds.BRIDGE_MESSAGES, feeds.bridge_messages(self.openings, end, stamp, self.chance("messages"))
            ),
            "reserved_slots": (feeds.RESERVED_SLOTS, slots.rows()),
            "closures": (feeds.CLOSURES, feeds.closures(self.closures, end, stamp)),
            "tide": (feeds.TIDE, feeds.tides(self.start, self.days, stamp)),
            "appointments": (feeds.APPOINTMENTS, feeds.appointments(self.booked, end, stamp)),
            "gates": (feeds.GATE_PASSES, feeds.gate_passes(self.gate_passes, stamp)),
        }  # fmt: skip
        return {
            f"{name}.csv": tables.write(folder / f"{name}.csv", columns, rows)
            for name, (columns, rows) in written.items()
        }

    def _truth(self, aside: Path) -> dict[str, int]:
        stamp, end = tables.stamper(self.start), self.end
        happened = [one for one in self.openings if one.closed_at > 0 and one.opened_at < end]
        read = [one for one, _, what in self.uplinks if what != "repeated"]
        written = {
            "movements": (truth.MOVEMENTS, truth.movements(self.movements, stamp)),
            "openings": (truth.OPENINGS, truth.openings(happened, stamp)),
            "trucks": (truth.TRUCKS, truth.trucks(self.trucks, self.booked, end, stamp)),
            "queues": (truth.QUEUES, truth.queues(self.trucks, end, stamp)),
            "trips": (truth.TRIPS, truth.trips(self.runs, end, stamp)),
            "gate_counts": (truth.GATE_COUNTS, truth.gate_counts(self.gate_passes, stamp)),
            "bin_levels": (truth.BIN_LEVELS, truth.bin_levels(read, stamp)),
        }
        return {
            f"truth/{name}.csv": tables.write(aside / f"{name}.csv", columns, rows)
            for name, (columns, rows) in written.items()
        }

    def _real_time(self, folder: Path) -> int:
        folder.mkdir(exist_ok=True)
        written = 0
        for second, feed in gtfs_rt.feeds(self.runs, self.closures, self.epoch, 0, self.days * DAY):
            (folder / gtfs_rt.file_name(self.start, second)).write_bytes(feed)
            written += 1
        return written


def city(seed: int = 1, start: datetime.date = DEFAULT_START, days: int = 1, *, density: float = 1.0) -> City:
    """The whole period; ``density`` scales the traffic that only passes, and with it the number of AIS sentences."""
    port = places.build()
    shut = closures.closures(days, stream(seed, start, "closures"))
    called, registry, harbour = calls.plan(port, start, days, shut, stream(seed, start, "ships"))
    moved = [one for call in called for one in call.movements]
    opened = openings.openings(moved, harbour, days, stream(seed, start, "openings"))
    seen = tuple(call.vessel for call in called)
    passages = [one.passage for one in moved if one.passage.ended_at > 0 and one.passage.left_at < days * DAY]
    others = traffic.craft(port, passages, registry, stream(seed, start, "traffic"), days, density)
    barriers = openings.Barriers(opened)
    booked = bookings.book(start, days, moved, stream(seed, start, "bookings"))
    driven = trucks.drive(days, booked, barriers, shut, stream(seed, start, "trucks"))
    waste = stream(seed, start, "bins")
    containers = bins.containers(waste, days)
    return City(
        seed=seed, start=start, days=days, port=port, closures=shut, calls=called, vessels=(*seen, *others),
        openings=opened, booked=booked, trucks=driven,
        gate_passes=gates.passes(start, days, booked, driven, stream(seed, start, "gates")),
        runs=transit.runs(start, days, barriers, shut, stream(seed, start, "transit")),
        containers=containers,
        uplinks=tuple(uplinks.messages(bins.readings(containers, waste, days), start, waste)),
    )  # fmt: skip
