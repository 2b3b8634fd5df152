"""A city's waste, seeded: its network, what truly comes into each container, and what sensors, cards and crews tell."""

from havre_scenario.waste.city import Waste, city
from havre_scenario.waste.model import Network
from havre_scenario.waste.network import network
from havre_scenario.waste.play import Play, fixed, play
from havre_scenario.waste.visits import Visits

__all__ = ["Network", "Play", "Visits", "Waste", "city", "fixed", "network", "play"]
