"""``python -m havre_scenario --seed 1 --out DIR`` writes a day and tells how much is in it."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from havre_scenario.day import DEFAULT_DATE, day


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m havre_scenario", description="Write one day of a port city.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--date", type=datetime.date.fromisoformat, default=DEFAULT_DATE, help="YYYY-MM-DD, in UTC")
    parser.add_argument("--density", type=float, default=1.0, help="of the ships that only pass")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    given = parser.parse_args(arguments)
    written = day(given.seed, given.date, density=given.density).write(given.out)
    for name, count in asdict(written).items():
        sys.stdout.write(f"{name:<14} {count:>8}\n")


if __name__ == "__main__":
    main()
