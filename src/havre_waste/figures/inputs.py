"""What figures are made of: frames with where each is from.

A frame that is not there, or has no rows, makes what rests on it *missing*, never 0. No column here is about a person:
deposits, badges and addresses have no place in figures (``privacy``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

TIME = pl.Datetime("us", "UTC")
ZONE = "Europe/Paris"
"""Of a year."""


class Stage(StrEnum):
    """Of the accounts, after the cost matrix of ADEME (Matrice des coûts)."""

    PRE_COLLECTION = "pre_collection"
    COLLECTION = "collection"
    TRANSPORT = "transport"
    TREATMENT = "treatment"
    OTHER = "other"


class Treatment(StrEnum):
    """Where a weighed load goes: recycling, composting or digestion, burning with or without use, landfill."""

    MATERIAL = "material"
    ORGANIC = "organic"
    ENERGY = "energy"
    INCINERATION = "incineration"
    LANDFILL = "landfill"


RECOVERED = (Treatment.MATERIAL, Treatment.ORGANIC, Treatment.ENERGY)
TEXT, WHOLE, NUMBER = pl.String(), pl.Int64(), pl.Float64()
SCHEMAS: Mapping[str, pl.Schema] = {
    "weighings": pl.Schema({"time": TIME, "plant": TEXT, "flow": TEXT, "treatment": TEXT, "kg": NUMBER}),
    "rounds": pl.Schema(
        {
            "date": pl.Date(), "round": TEXT, "truck": TEXT, "flow": TEXT, "metres": NUMBER, "seconds": NUMBER,
            "litres_per_100km": NUMBER, "kwh_per_100km": NUMBER,
        }
    ),
    "emptyings": pl.Schema({"time": TIME, "container": TEXT, "flow": TEXT, "fill_before": NUMBER, "kg": NUMBER}),
    "levels": pl.Schema({"time": TIME, "container": TEXT, "flow": TEXT, "p50": NUMBER}),
    "accounts": pl.Schema(
        {"year": WHOLE, "flow": TEXT, "stage": TEXT, "kind": TEXT, "item": TEXT, "supplier": TEXT, "eur": NUMBER}
    ),
    "territory": pl.Schema({"year": WHOLE, "commune": TEXT, "inhabitants": WHOLE}),
    "services": pl.Schema(
        {"year": WHOLE, "flow": TEXT, "mode": TEXT, "inhabitants": WHOLE, "a_week": NUMBER, "run_by": TEXT}
    ),
    "recycling_centres": pl.Schema({"year": WHOLE, "name": TEXT, "commune": TEXT, "accepts": TEXT}),
    "plants": pl.Schema({"year": WHOLE, "plant": TEXT, "commune": TEXT, "treatment": TEXT, "r1": NUMBER}),
    "reference_2010": pl.Schema({"measure": TEXT, "kg": NUMBER, "inhabitants": WHOLE}),
    "professionals": pl.Schema({"year": WHOLE, "flow": TEXT, "kg": NUMBER, "most_litres_a_week": NUMBER}),
    "sorting": pl.Schema({"year": WHOLE, "flow": TEXT, "sorted_kg": NUMBER, "refused_kg": NUMBER}),
}  # fmt: skip
"""The frames by name. ``weighings``: at the plants; ``levels``: hourly, with each container's flow; ``accounts``:
``kind`` is charge, sale, support (of eco-organisations), aid, financing (a tax or fee), each ``eur`` before VAT
and positive; ``services``: ``mode`` is door or bring, ``run_by`` is régie, marché …; ``reference_2010``:
``measure`` is household (household and similar waste) or landfilled."""


@dataclass(frozen=True)
class Provenance:
    """Which rows of whom, by which right: dataset and agreement are identifiers of the exchange, where it was there."""

    dataset: str
    provider: str = ""
    agreement: str = ""
    version: str = ""
    read_at: datetime | None = None


@dataclass(frozen=True)
class Input:
    """``ValueError``: the frame has not the columns of its name in ``SCHEMAS``."""

    name: str
    frame: pl.DataFrame = field(repr=False)
    provenance: Provenance

    def __post_init__(self) -> None:
        wanted = SCHEMAS[self.name]
        lacking = [column for column in wanted if column not in self.frame.columns]
        if lacking:
            raise ValueError(f"{self.name}: {', '.join(lacking)} is missing; it has {', '.join(self.frame.columns)}")


Inputs = Mapping[str, Input]


def frame(inputs: Inputs, name: str, year: int) -> pl.DataFrame | None:
    """The rows of a year (all, where the frame has no time); None where there are none."""
    given = inputs.get(name)
    if given is None:
        return None
    rows = given.frame
    if "year" in rows.columns:
        rows = rows.filter(pl.col("year") == year)
    elif "time" in rows.columns:
        rows = rows.filter(pl.col("time").dt.convert_time_zone(ZONE).dt.year() == year)
    elif "date" in rows.columns:
        rows = rows.filter(pl.col("date").dt.year() == year)
    return rows if rows.height else None
