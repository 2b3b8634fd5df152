"""All measurements, one after the other: a table, and ``build/bench.json``."""

from pathlib import Path

from benchmarks import (
    ais,
    catalog,
    detection,
    follow,
    journey,
    live_map,
    loaded,
    negotiation,
    pages,
    rounds,
    rows,
    scenario,
    waste_levels,
)
from benchmarks.results import table, write

MODULES = (
    negotiation, loaded, rows, follow, live_map, catalog, ais, detection, scenario, journey, pages, waste_levels,
    rounds,
)  # fmt: skip

if __name__ == "__main__":
    results = [one for module in MODULES for one in module.measure()]
    print(table(results))
    write(results, Path("build/bench.json"))
