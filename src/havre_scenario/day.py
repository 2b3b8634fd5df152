"""One day of the city: everything that moves, and the files that it leaves behind.

The same seed, date and density give the same bytes on the same numpy. All times are UTC.
"""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from havre_scenario import bins, calls, gates, geojson, log, places, traffic, truth, uplinks
from havre_scenario.bins import Container, Reading
from havre_scenario.chance import stream
from havre_scenario.gates import Pass
from havre_scenario.log import Log
from havre_scenario.passages import Passage
from havre_scenario.places import Places
from havre_scenario.ships import Registry, Vessel

DEFAULT_DATE = datetime.date(2026, 3, 2)


@dataclass(frozen=True)
class Written:
    """How many things each file holds: lines, or for ``truth`` rows without the header."""

    ais_sentences: int
    gate_passes: int
    bin_uplinks: int
    places: int
    port_calls: int
    faults: int


@dataclass(frozen=True)
class Day:
    seed: int
    date: datetime.date
    port: Places = field(repr=False)
    vessels: tuple[Vessel, ...] = field(repr=False)
    passages: tuple[Passage, ...] = field(repr=False)
    ais: Log = field(repr=False)
    gate_passes: tuple[Pass, ...] = field(repr=False)
    containers: tuple[Container, ...] = field(repr=False)
    uplinks: tuple[tuple[Reading, str | None, str], ...] = field(repr=False)
    """Each reading, its line of JSON if it arrived, and what happened to it."""

    def write(self, folder: Path) -> Written:
        """Write the feeds into ``folder`` and the truth into ``folder/truth``; both are made when missing."""
        aside = folder / "truth"
        aside.mkdir(parents=True, exist_ok=True)
        (folder / "ais.nmea").write_bytes(b"".join(self.ais.lines))
        features = geojson.collection(self.port, self.containers)
        (folder / "places.geojson").write_text(json.dumps(features, ensure_ascii=False, indent=1), encoding="utf-8")
        lines = [line for _, line, _ in self.uplinks if line is not None]
        (folder / "bins.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        passed = (
            (truth.stamp(self.date, one.time), one.gate, one.direction, one.kind, one.lane) for one in self.gate_passes
        )
        truth.gate_counts(aside / "gate_counts.csv", self.date, self.gate_passes)
        read = [one for one, _, what in self.uplinks if what != "repeated"]
        truth.bin_levels(aside / "bin_levels.csv", self.date, read)
        return Written(
            ais_sentences=len(self.ais.lines),
            gate_passes=truth.write(folder / "gates.csv", ("time", "gate", "direction", "kind", "lane"), passed),
            bin_uplinks=len(lines),
            places=len(features["features"]),
            port_calls=truth.port_calls(aside / "port_calls.csv", self.date, self.passages),
            faults=truth.faults(aside / "faults.csv", self.date, self.ais.faults, self._bin_faults()),
        )

    def _bin_faults(self) -> Iterator[tuple[float, int, str, str]]:
        line = 0
        for reading, text, what in self.uplinks:
            line += text is not None
            kind = what or (reading.container.state if reading.container.state != "ok" else "")
            if kind:
                yield reading.time, line if text is not None else 0, reading.container.name, kind


def day(seed: int = 1, date: datetime.date = DEFAULT_DATE, *, density: float = 1.0) -> Day:
    """The whole day; ``density`` scales the traffic that only passes, and with it the number of AIS sentences."""
    port = places.build()
    ships = stream(seed, date, "ships")
    registry = Registry(ships)
    planned = calls.plan(port, date, ships, registry)
    others = traffic.craft(port, planned.passages, registry, stream(seed, date, "traffic"), calls.DAY, density)
    vessels = (*planned.vessels, *others)
    wrong = next(vessel for vessel in planned.vessels if vessel.ship.length > 100)
    waste = stream(seed, date, "bins")
    containers = bins.containers(waste)
    return Day(
        seed=seed,
        date=date,
        port=port,
        vessels=vessels,
        passages=planned.passages,
        ais=log.record(vessels, wrong, date, calls.DAY, stream(seed, date, "ais")),
        gate_passes=gates.passes(date, stream(seed, date, "gates")),
        containers=containers,
        uplinks=tuple(uplinks.messages(bins.readings(containers, waste), date, waste)),
    )
