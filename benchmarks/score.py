"""How good the answers are: a table, and ``build/score.json``.

Protocol: each part of the scenario is measured with the seeds 1 to ``--seeds``, each real record once; a record that
does not lie beside the checkout is left out, and that is said. What is found in the scenario and in a real record never
goes into one score.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.scores import (
    bridges,
    calls,
    eta,
    real_feeds,
    real_gates,
    real_lifts,
    real_ships,
    trucks,
    waste_bridges,
    waste_choice,
    waste_edinburgh,
    waste_kim,
    waste_levels,
    waste_privacy,
    waste_real_levels,
    waste_ships,
)
from benchmarks.scores.results import Record, Said, Score, table, write


@dataclass(frozen=True)
class Part:
    """A part of the service that is scored against the truth of the scenario."""

    said: Said
    measure: Callable[[Sequence[int]], list[Score]]


SCENARIO: Mapping[str, Part] = {
    "calls": Part(calls.SCORES, calls.measure),
    "eta": Part(eta.SCORES, eta.measure),
    "bridges": Part(bridges.SCORES, bridges.measure),
    "trucks": Part(trucks.SCORES, trucks.measure),
    "waste levels": Part(waste_levels.SCORES, waste_levels.measure),
    "waste choice": Part(waste_choice.SCORES, waste_choice.measure),
    "waste bridges": Part(waste_bridges.SCORES, waste_bridges.measure),
    "waste ships": Part(waste_ships.SCORES, waste_ships.measure),
    "waste privacy": Part(waste_privacy.SCORES, waste_privacy.measure),
}
REAL: Mapping[str, Record] = {
    "New York": real_ships.NEW_YORK,
    "English Channel": real_ships.CHANNEL,
    "Tower Bridge": real_lifts.TOWER_BRIDGE,
    "Thessaloniki": real_gates.THESSALONIKI,
    "Brest": real_feeds.BREST,
    "Netherlands": real_feeds.NETHERLANDS,
    "Edinburgh": waste_edinburgh.EDINBURGH,
    "Wyndham": waste_real_levels.WYNDHAM,
    "DTU": waste_real_levels.DTU,
    "Kim 2006": waste_kim.KIM,
    "CVRP X": waste_kim.X_RECORD,
    "Montevideo": waste_kim.MONTEVIDEO,
}


def collected(seeds: Sequence[int], scenario: Mapping[str, Part], real: Mapping[str, Record]) -> list[Score]:
    """The scores of all parts; how long each took, and what is left out, is told on the way."""
    found = []
    for name, part in scenario.items():
        found += _timed(f"{name}, {len(seeds)} seeds", partial(part.measure, seeds))
    for name, record in real.items():
        if record.path.exists():
            found += _timed(name, record.measure)
        else:
            _tell(f"!! {name} is LEFT OUT: there is no {record.path}. Missing: {', '.join(record.said)}")
    return found


def _timed(name: str, measure: Callable[[], list[Score]]) -> list[Score]:
    wall, worked = time.perf_counter(), time.process_time()
    found = measure()
    _tell(f"{name}: {time.perf_counter() - wall:.0f} s, {time.process_time() - worked:.0f} s of them on a processor")
    return found


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds of the scenario (10)")
    seeds = parser.parse_args().seeds
    if seeds < 1:
        parser.error(f"--seeds: got {seeds}, expected 1 or more")
    found = collected(range(1, seeds + 1), SCENARIO, REAL)
    print(table(found))
    write(found, Path("build/score.json"))


if __name__ == "__main__":
    main()
