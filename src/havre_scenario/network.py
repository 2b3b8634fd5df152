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
    "canal-est": ("Canal est", at(49.4757, 0.2230)),
    "vallee": ("Vallée", at(49.5030, 0.1980)),
    "falaise": ("Falaise", at(49.5130, 0.0960)),
}


@dataclass(frozen=True)
class Leg:
    """From one stop to the next, over a movable bridge or none."""

    minutes: int
    to: str
    bridge: str = ""


@dataclass(frozen=True)
class Line:
    name: str
    label: str
    mode: int
    headway: int
    """Minutes between two vehicles on a weekday; half as much again at the weekend."""
    colour: str
    first: str
    legs: tuple[Leg, ...]

    @property
    def stops(self) -> tuple[str, ...]:
        return self.first, *(leg.to for leg in self.legs)

    def points(self) -> list[Point]:
        """The way of a vehicle, with the bridges."""
        found = [STOPS[self.first][1]]
        for leg in self.legs:
            found += [places.BRIDGES[leg.bridge][1]] if leg.bridge else []
            found.append(STOPS[leg.to][1])
        return found


_WEST = (Leg(4, "hotel-de-ville"), Leg(5, "gares"))
_ROUGE = (Leg(6, "docks"), Leg(4, "presquile", "bridge-rouge"))
_PORT = (Leg(3, "francois-1er"), Leg(5, "port-2000"))
LINES = (
    Line("A", "Plage – Hôpital", TRAM, 8, "0B6E4F", "plage", (*_WEST, Leg(6, "stade"), Leg(5, "hopital"))),
    Line("B", "Plage – Écoles du port", TRAM, 10, "1B4F9C", "plage", (*_WEST, *_ROUGE, Leg(2, "ecoles-du-port"))),
    Line(
        "10", "Gares – Terminal à marée", BUS, 20, "B8570F", "gares",
        (*_ROUGE, Leg(6, "quai-sud", "bridge-5"), Leg(3, "terminal-maree")),
    ),
    Line(
        "11", "Gares – Port 2000", BUS, 30, "7A3E9D", "gares",
        (*_ROUGE, Leg(7, "ilot", "bridge-6"), Leg(5, "pont-sept", "bridge-7"), *_PORT),
    ),
    Line(
        "12", "Vallée – Port 2000", BUS, 30, "A01C3B", "vallee",
        (Leg(8, "canal-nord"), Leg(6, "pont-sept", "bridge-7bis"), *_PORT),
    ),
    Line(
        "13", "Port 2000 – Canal", BUS, 30, "4B5563", "port-2000",
        (Leg(5, "francois-1er"), Leg(8, "canal-nord", "bridge-7bis"), Leg(8, "canal-est")),
    ),
    Line(
        "20", "Falaise – Hôpital", BUS, 15, "0F766E", "falaise",
        (Leg(10, "hotel-de-ville"), Leg(6, "gares"), Leg(12, "hopital")),
    ),
)  # fmt: skip


def crossing(bridge: str) -> list[Line]:
    """The lines that the bridge can hold up."""
    return [line for line in LINES if any(leg.bridge == bridge for leg in line.legs)]
