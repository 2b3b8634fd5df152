"""The truth of a period as rows: what a reader of the feeds should find out, and what was done to the feeds."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from havre_scenario.bins import Reading
from havre_scenario.bookings import HOUR, Bookings
from havre_scenario.calls import Movement
from havre_scenario.gates import Pass, counts
from havre_scenario.log import Fault
from havre_scenario.openings import Opening
from havre_scenario.places import GATES
from havre_scenario.ships import Vessel
from havre_scenario.tables import Stamp
from havre_scenario.transit import Run
from havre_scenario.trucks import REASONS, Trucks, waiting

QUEUE_EVERY = 300
Row = tuple[object, ...]

MOVEMENTS = (
    "movement", "mmsi", "name", "ship_kind", "length_m", "draught_m", "kind", "from", "berth",
    "wished_at", "started_at", "roads_at", "anchored_at", "anchor_up_at", "pilot_at", "entrance_at",
    "lock", "lock_in_at", "lock_out_at", "ended_at",
)  # fmt: skip
OPENINGS = ("opening", "bridge", "opened_at", "closed_at", "cause", "movement")
TRUCKS = (
    "booking", "gate", "lane", "slot_starts_at", "planned_at", "arrived_at", "gate_in_at", "out_at", "late_s", "why",
    *(f"{reason}_s" for reason in REASONS), "opening", "bridges",
)  # fmt: skip
QUEUES = ("time", "gate", "waiting")
TRIPS = (
    "trip", "date", "line", "direction", "stop_sequence", "stop", "scheduled_at", "arrived_at", "waited_s", "opening",
)  # fmt: skip
GATE_COUNTS = ("hour", "gate", "direction", "kind", "count")
BIN_LEVELS = ("time", "container", "stream", "fill", "sensor", "collected_at")
FAULTS = ("file", "line", "time", "until", "source", "fault", "detail")


def movements(found: Iterable[Movement], stamp: Stamp) -> Iterator[Row]:
    """``berth`` is where it ends, or for a departure where it begins; ``roads_at`` is before any anchoring."""
    for one in found:
        ship, passage = one.ship, one.passage
        what = one.name, ship.mmsi, ship.name, ship.kind.name.lower(), ship.length, ship.draught, one.kind
        anchored = one.anchored[1:] if one.anchored else (None, None)
        before = (one.wished_at, passage.left_at, one.roads_at, *anchored, passage.pilot_at, passage.entrance_at)
        lock = passage.lock or "", stamp(passage.lock_in_at), stamp(passage.lock_out_at)
        yield *what, passage.start_at, one.berth, *(stamp(at) for at in before), *lock, stamp(passage.ended_at)


def openings(found: Iterable[Opening], stamp: Stamp) -> Iterator[Row]:
    for one in found:
        movement = one.movement.name if one.movement else ""
        yield one.name, one.bridge, stamp(one.opened_at), stamp(one.closed_at), one.cause, movement


def trucks(found: Trucks, booked: Bookings, end: float, stamp: Stamp) -> Iterator[Row]:
    """Those that arrived in the period, in order of arrival. ``late_s``: seconds after the end of the slot, or 0."""
    gates = list(GATES)
    for at in range(len(found.gate)):
        if 0 <= found.arrived_at[at] < end:
            late = max(0, int(found.gate_in_at[at] - found.slot[at] - HOUR))
            times = (found.slot[at], found.planned_at[at], found.arrived_at[at], found.gate_in_at[at], found.out_at[at])
            yield (
                booked.name(int(found.booking[at])), gates[found.gate[at]], found.lane[at],
                *(stamp(float(time)) for time in times), late, found.why(at),
                *(int(seconds) for seconds in found.delays[at]), found.opening[at],
                " ".join(bridge for bridge, _ in found.ways[at]),
            )  # fmt: skip


def queues(found: Trucks, end: float, stamp: Stamp) -> Iterator[Row]:
    times = np.arange(0, end, QUEUE_EVERY)
    lengths = waiting(found, times)
    for at, time in enumerate(times):
        for number, gate in enumerate(GATES):
            yield stamp(float(time)), gate, int(lengths[number, at])


def trips(found: Iterable[Run], end: float, stamp: Stamp) -> Iterator[Row]:
    """Each stop of each run that left in the period; the waits before openings stand at the stop after them."""
    for run in found:
        if not 0 <= run.actual[0] < end:
            continue
        trip = run.trip
        for at, stop in enumerate(trip.stops):
            opening, waited = run.waited_at.get(at, ("", 0.0))
            yield (
                trip.name, f"{run.date:%Y%m%d}", trip.line.name, trip.direction, at + 1, stop, stamp(run.scheduled[at]),
                stamp(run.actual[at]), round(waited), opening,
            )  # fmt: skip


def gate_counts(passes: Sequence[Pass], stamp: Stamp) -> Iterator[Row]:
    return ((stamp(hour * 3600), *where, number) for (hour, *where), number in counts(passes).items())


def bin_levels(readings: Iterable[Reading], stamp: Stamp) -> Iterator[Row]:
    """The true fill at each reading, told or not, how the sensor does, and when it was last collected."""
    for one in readings:
        last = max((at for at in one.container.collected if at <= one.time), default=None)
        where = one.container.name, one.container.stream
        yield stamp(one.time), *where, f"{one.true_fill:.4f}", one.container.state, stamp(last)


def ais_faults(found: Iterable[Fault], before: int, stamp: Stamp) -> Iterator[Row]:
    """``before`` lines of the file come before those of which the faults speak."""
    for one in found:
        line = one.line + before if one.line else ""
        yield "ais.nmea", line, stamp(one.time), stamp(one.until), one.mmsi or "", one.kind, one.detail


def told_wrong(vessels: Iterable[Vessel], end: float, stamp: Stamp) -> Iterator[Row]:
    """Ships of the period that tell the data of another, or never another status."""
    for one in vessels:
        if one.track.end <= 0 or one.track.start >= end:
            continue
        begins = "ais.nmea", "", stamp(max(0.0, one.track.start)), stamp(min(end, one.track.end)), one.ship.mmsi
        if one.told is not None:
            detail = f"tells {one.told.name!r} of {one.told.length} m, is {one.ship.name!r} of {one.ship.length} m"
            yield *begins, "wrong static data", detail
        if one.stuck_status is not None:
            yield *begins, "wrong status", f"always {one.stuck_status}"


def bin_faults(uplinks: Iterable[tuple[Reading, str | None, str]], stamp: Stamp) -> Iterator[Row]:
    """What happened to a reading on its way, or else how its sensor does."""
    line = 0
    for reading, text, happened in uplinks:
        line += text is not None
        state = reading.container.state
        kind = happened or (state if state != "ok" else "")
        if kind:
            place = line if text is not None else ""
            yield "bins.ndjson", place, stamp(reading.time), "", reading.container.name, kind, ""
