"""How full each container is, how sure that is, and what is wrong with its sensor.

Pure: rows and times are arguments, what comes back are new values. Levels are shares of a container's volume, more than
1 when it overflows; inside, times are seconds since 1970 UTC. Constants that are no fact of the outside world were
chosen in the scenario with seeds from 100 on; the seeds 1 to 10, on which the scores are told, were not looked at.
"""

from havre_waste.levels.calendar import Calendar
from havre_waste.levels.fleet import Fleet
from havre_waste.levels.projection import faulty, levels, projected
from havre_waste.levels.state import Basis, Fault, Levels, started
from havre_waste.levels.taking import Rows, Taken, take

__all__ = [
    "Basis", "Calendar", "Fault", "Fleet", "Levels", "Rows", "Taken", "faulty", "levels", "projected", "started",
    "take",
]  # fmt: skip
