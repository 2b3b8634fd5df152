"""All datasets of the waste service, field by field: what ``tables`` describes is described nowhere else.

Times are UTC; local times of day and weekdays are those of the place. A fill is a share of the usable volume.
"""

from havre_waste.sites.fields import Dataset
from havre_waste.sites.tables.figures import FIGURES
from havre_waste.sites.tables.made import MADE
from havre_waste.sites.tables.seen import SEEN
from havre_waste.sites.tables.still import STILL

__all__ = ["DATASETS", "FIGURES", "MADE", "SEEN", "STILL"]

DATASETS: dict[str, Dataset] = {one.name: one for one in (*STILL, *SEEN, *MADE, *FIGURES)}
