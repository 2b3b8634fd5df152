"""What collecting emits: stated factors, with their source, that can be replaced.

Only the driving of rounds: what containers, plants and the making of trucks emit is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Factor:
    """kg of CO₂ equivalent for a ``unit`` of energy, from the well to the wheel."""

    kg: float
    unit: str
    source: str


FACTORS: Mapping[str, Factor] = {
    "diesel": Factor(
        3.17, "l", "arrêté du 26 avril 2017, annexe (gazole routier : amont 0,66 et fonctionnement 2,51 kg CO2e/l)"
    ),
    "electricity": Factor(
        0.048, "kWh", "arrêté du 26 avril 2017, annexe (électricité consommée en France métropolitaine hors Corse)"
    ),
}
"""Of the French order on what carriers say of their emissions. Newer values stand in ADEME's Base Empreinte; who
publishes gives those of the year."""


def of_rounds(rounds: pl.DataFrame, factors: Mapping[str, Factor] = FACTORS) -> pl.DataFrame:
    """The rounds with ``co2_kg``; null where neither litres nor kWh of the truck are known, for that is not 0."""
    km = pl.col("metres") / 1000
    litres = pl.when(pl.col("litres_per_100km") > 0).then(pl.col("litres_per_100km"))
    kwh = pl.when(pl.col("kwh_per_100km") > 0).then(pl.col("kwh_per_100km"))
    burnt, used = km * litres / 100 * factors["diesel"].kg, km * kwh / 100 * factors["electricity"].kg
    known = litres.is_not_null() | kwh.is_not_null()
    return rounds.with_columns(pl.when(known).then(burnt.fill_null(0.0) + used.fill_null(0.0)).alias("co2_kg"))
