"""All measurements, one after the other: a table, and ``build/bench.json``."""

from pathlib import Path

from benchmarks import ais, catalog, follow, journey, loaded, negotiation, pages, rows, scenario
from benchmarks.results import table, write

if __name__ == "__main__":
    results = [one for module in (negotiation, loaded, rows, follow, catalog, ais, scenario, journey, pages) for one in module.measure()]
    print(table(results))
    write(results, Path("build/bench.json"))
