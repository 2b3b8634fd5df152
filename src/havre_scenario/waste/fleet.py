"""Where trucks begin, where they are emptied, and which there are. All invented."""

from typing import NamedTuple

import numpy as np

from havre_scenario.waste.model import WORKDAYS, Depot, Hours, Plant, Streets, Truck

EVERY_DAY = tuple(range(7))
DEPOTS = (("depot-north", 49.5000, 0.1850), ("depot-south", 49.4800, 0.1700))
PLANTS = (
    ("plant-energy", "Usine d’incinération", 49.4770, 0.1750, ("residual", "litter")),
    ("plant-sorting", "Centre de tri", 49.4990, 0.1960, ("packaging",)),
    ("plant-glass", "Plate-forme du verre", 49.4870, 0.2010, ("glass",)),
    ("plant-food", "Plate-forme des biodéchets", 49.5060, 0.1930, ("food",)),
)
"""The one that burns the rest lies beyond the basins, as in many a port."""
OPEN: tuple[Hours, ...] = ((300, 1260, WORKDAYS), (480, 1080, (6,)))
AT_TIP = 12.0
"""Minutes."""
EARLY: Hours = (300, 780, EVERY_DAY)
LATE: Hours = (480, 960, EVERY_DAY)


class Fleet(NamedTuple):
    """The last truck of each flow is smaller, and begins later; of a larger fleet it stands in the south."""

    flow: str
    trucks: int
    kg: int
    tonnes: float
    litres_per_100km: float = 60.0


FLEETS = (
    Fleet("residual", 6, 9500, 26.0), Fleet("packaging", 4, 4500, 26.0), Fleet("glass", 2, 11000, 26.0),
    Fleet("food", 2, 6500, 19.0), Fleet("litter", 2, 2800, 7.5, 25.0),
)  # fmt: skip


def depots(streets: Streets) -> tuple[Depot, ...]:
    return tuple(Depot(name, lon, lat, _near(streets, lat, lon)) for name, lat, lon in DEPOTS)


def plants(streets: Streets) -> tuple[Plant, ...]:
    return tuple(
        Plant(name, label, lon, lat, flows, OPEN, AT_TIP, _near(streets, lat, lon))
        for name, label, lat, lon, flows in PLANTS
    )


def trucks() -> tuple[Truck, ...]:
    every = [(fleet, number) for fleet in FLEETS for number in range(1, fleet.trucks + 1)]
    return tuple(_truck(f"T{at:02}", fleet, number == fleet.trucks) for at, (fleet, number) in enumerate(every, 1))


def _truck(name: str, fleet: Fleet, last: bool) -> Truck:
    return Truck(
        name, "depot-south" if last and fleet.trucks > 2 else "depot-north", (fleet.flow,),
        kg=round(fleet.kg * 0.7) if last else fleet.kg, shift=LATE if last else EARLY,
        tonnes=min(fleet.tonnes, 19.0) if last else fleet.tonnes, litres_per_100km=fleet.litres_per_100km,
    )  # fmt: skip


def _near(streets: Streets, latitude: float, longitude: float) -> int:
    return int(np.argmin((streets.latitude - latitude) ** 2 + ((streets.longitude - longitude) * 0.65) ** 2))
