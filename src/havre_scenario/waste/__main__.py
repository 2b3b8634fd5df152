"""``python -m havre_scenario.waste --seed 1 --days 56 --out DIR`` writes a period and tells how much is in it."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from havre_scenario.waste.city import DEFAULT_START, city


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m havre_scenario.waste", description="Write days of a city's waste.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=datetime.date.fromisoformat, default=DEFAULT_START, help="YYYY-MM-DD, in UTC")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--faulty", type=float, default=0.05, help="share of the sensors that lie at any moment")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    given = parser.parse_args(arguments)
    for name, count in city(given.seed, given.start, given.days, faulty=given.faulty).write(given.out).items():
        sys.stdout.write(f"{name:<28} {count:>9}\n")


if __name__ == "__main__":
    main()
