"""The lines of tram and bus: stops, legs, headways, and which legs cross a movable bridge. Schematic and invented."""

from dataclasses import dataclass

from havre_scenario import places
from havre_scenario.plane import Point, at

TRAM, BUS = 0, 3
STOPS: dict[str, tuple[str, Point]] = {
    "plage": ("Plage", at(49.4935, 0.0940)),
    "hotel-de-ville": ("Hôtel de Ville", at(49.4942, 0.1075)),
    "gares": ("Gares", at(49.4930, 0.1245)),
    "stade": ("Stade", at(49.4985, 0.1460)),
    "hopital": ("Hôpital", at(49.5060, 0.1620)),
    "docks": ("Docks", at(49.4905, 0.1420)),
    "presquile": ("Presqu’île", at(49.4858, 0.1535)),
    "ecoles-du-port": ("Écoles du port", at(49.4853, 0.1585)),
    "quai-sud": ("Quai Sud", at(49.4785, 0.1535)),
    "terminal-maree": ("Terminal à marée", at(49.4787, 0.1490)),
    "ilot": ("Îlot", at(49.4812, 0.1700)),
    "pont-sept": ("Pont VII sud", at(49.4768, 0.1812)),
    "francois-1er": ("Porte François 1er", at(49.4745, 0.1850)),
    "port-2000": ("Port 2000", at(49.4690, 0.1770)),
    "canal-nord": ("Canal nord", at(49.4870, 0.1990)),
    "canal-sud": ("Canal sud", at(49.4757, 0.2230)),
    "vallee": ("Vallée", at(49.5030, 0.1980)),
    "falaise": ("Falaise", at(49.5130, 0.0960)),
}


@dataclass(frozen=True)
class Line:
    """``minutes`` and ``bridges`` (or nothing) are of the legs between two stops."""

    name: str
    label: str
    mode: int
    stops: tuple[str, ...]
    minutes: tuple[int, ...]
    bridges: tuple[str, ...]
    headway: int
    """Minutes between two vehicles on a weekday; half as much again at the weekend."""
    colour: str

    def points(self) -> list[Point]:
        """The way of a vehicle, with the bridges."""
        found = [STOPS[self.stops[0]][1]]
        for bridge, stop in zip(self.bridges, self.stops[1:], strict=True):
            found += [places.BRIDGES[bridge][1]] if bridge else []
            found.append(STOPS[stop][1])
        return found


LINES = (
    Line("A", "Plage – Hôpital", TRAM, ("plage", "hotel-de-ville", "gares", "stade", "hopital"), (4, 5, 6, 5),
         ("", "", "", ""), 8, "0B6E4F"),
    Line("B", "Plage – Écoles du port", TRAM, ("plage", "hotel-de-ville", "gares", "docks", "presquile", "ecoles-du-port"),
         (4, 5, 5, 4, 2), ("", "", "", "bridge-rouge", ""), 10, "1B4F9C"),
    Line("10", "Gares – Terminal à marée", BUS, ("gares", "docks", "presquile", "quai-sud", "terminal-maree"), (6, 4, 6, 3),
         ("", "bridge-rouge", "bridge-5", ""), 20, "B8570F"),
    Line("11", "Gares – Port 2000", BUS, ("gares", "docks", "presquile", "ilot", "pont-sept", "francois-1er", "port-2000"),
         (6, 4, 7, 5, 3, 5), ("", "bridge-rouge", "bridge-6", "bridge-7", "", ""), 30, "7A3E9D"),
    Line("12", "Vallée – Port 2000", BUS, ("vallee", "canal-nord", "pont-sept", "francois-1er", "port-2000"), (8, 6, 3, 5),
         ("", "bridge-7bis", "", ""), 30, "A01C3B"),
    Line("13", "Vallée – Canal sud", BUS, ("vallee", "canal-nord", "francois-1er", "canal-sud"), (8, 8, 7),
         ("", "bridge-7bis", ""), 30, "4B5563"),
    Line("20", "Falaise – Hôpital", BUS, ("falaise", "hotel-de-ville", "gares", "hopital"), (10, 6, 12), ("", "", ""), 15,
         "0F766E"),
)  # fmt: skip
