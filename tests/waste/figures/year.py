"""A year of an invented city, small enough to be computed by hand."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from havre_waste.figures.inputs import SCHEMAS, Input, Provenance

YEAR = 2025


def at(month: int, day: int = 1, hour: int = 12) -> datetime:
    return datetime(YEAR, month, day, hour, tzinfo=UTC)


def given(name: str, *rows: tuple[Any, ...]) -> Input:
    frame = pl.DataFrame(rows, SCHEMAS[name], orient="row")
    return Input(name, frame, Provenance(f"urn:{name}", "did:web:city.example", "urn:agreement:7", "12"))


def everything() -> dict[str, Input]:
    found = [
        given(
            "weighings",
            (at(1), "burner", "residual", "energy", 60_000.0),
            (at(2), "burner", "residual", "energy", 20_000.0),
            (at(3), "tip", "residual", "landfill", 10_000.0),
            (at(3), "sorter", "packaging", "material", 30_000.0),
            (at(4), "glassworks", "glass", "material", 20_000.0),
            (at(5), "compost", "food", "organic", 10_000.0),
            (at(6), "compost", "food", "organic", None),
            (datetime(2024, 12, 31, 12, tzinfo=UTC), "tip", "residual", "landfill", 999_000.0),
        ),
        given(
            "rounds",
            (date(YEAR, 1, 2), "r1", "t1", "residual", 50_000.0, 18_000.0, 60.0, None),
            (date(YEAR, 1, 3), "r2", "t1", "residual", 30_000.0, 9_000.0, 60.0, None),
            (date(YEAR, 1, 3), "r3", "t2", "glass", 40_000.0, 7_200.0, 0.0, 200.0),
            (date(YEAR, 1, 4), "r4", "t3", "glass", 10_000.0, 1_800.0, 0.0, None),
        ),
        given(
            "emptyings",
            (at(1), "c1", "glass", 0.8, 400.0),
            (at(2), "c1", "glass", 0.4, 200.0),
            (at(3), "c2", "glass", None, None),
        ),
        given(
            "levels",
            *((at(1, 1, hour), "c1", "glass", level) for hour, level in enumerate((0.9, 1.1, 1.2, 0.1, 1.05, None))),
        ),
        given(
            "accounts",
            (YEAR, "residual", "collection", "charge", "tournées", "Invented Haulage", 9_000.0),
            (YEAR, "residual", "treatment", "charge", "four", "Invented Furnace", 9_000.0),
            (YEAR, "glass", "collection", "charge", "tournées", None, 3_000.0),
            (YEAR, "glass", "treatment", "sale", "calcin", None, 1_000.0),
            (YEAR, "glass", "treatment", "support", "eco-organisme", None, 500.0),
            (YEAR, "residual", "other", "financing", "TEOM", None, 20_000.0),
        ),
        given("territory", (YEAR, "Port-Inventé", 900), (YEAR, "Ville-Inventée", 100)),
        given("services", (YEAR, "residual", "door", 900, 2.0, "régie"), (YEAR, "glass", "bring", 1000, 0.5, "marché")),
        given("recycling_centres", (YEAR, "Nord", "Port-Inventé", "encombrants, gravats")),
        given("plants", (YEAR, "burner", "Port-Inventé", "energy", 0.71), (YEAR, "tip", "Loin", "landfill", None)),
        given("reference_2010", ("household", 200_000.0, 1000), ("landfilled", 40_000.0, 1000)),
        given("professionals", (YEAR, "residual", 5_000.0, 1_100.0)),
        given("sorting", (YEAR, "packaging", 20_000.0, 10_000.0)),
    ]
    return {one.name: one for one in found}
