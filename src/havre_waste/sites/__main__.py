"""``python -m havre_waste.sites --out FOLDER`` writes the Table Schemas of all datasets, and the page about them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from havre_waste.sites.schemas import described, files


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m havre_waste.sites", description="Write the schemas of the datasets."
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    folder: Path = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**files(), "waste-datasets.md": described()}.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
