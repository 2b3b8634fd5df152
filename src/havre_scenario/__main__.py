"""``python -m havre_scenario --seed 1 --days 7 --out DIR`` writes a period and tells how much is in it."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from havre_scenario.city import DEFAULT_START, city


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m havre_scenario", description="Write days of a port city.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=datetime.date.fromisoformat, default=DEFAULT_START, help="YYYY-MM-DD, in UTC")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--density", type=float, default=1.0, help="of the ships that only pass")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    given = parser.parse_args(arguments)
    written = city(given.seed, given.start, given.days, density=given.density).write(given.out)
    for name, count in written.items():
        sys.stdout.write(f"{name:<24} {count:>9}\n")


if __name__ == "__main__":
    main()
