"""A port city in motion, seeded: feeds in the wire formats of the field, and the truth kept aside.

It knows nothing of the exchange: whoever reads its files learns from them only what a real receiver, gate or sensor
would tell. Places are schematic; ships, firms and numbers are invented.
"""

from havre_scenario.city import DEFAULT_START, City, city

__all__ = ["DEFAULT_START", "City", "city"]
