"""A city's network of waste, as large as Le Havre's: sites with containers, depots, plants, trucks. All invented.

Sites stand along the streets of neighbourhoods; about one in eight lies beyond the basins, so that rounds must cross
the movable bridges. On a main street a truck serves the side on which it drives (R437: never both sides at once).
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance, stream
from havre_scenario.plane import Floats, Ints, Point, at, degrees
from havre_scenario.waste import fixed, streets
from havre_scenario.waste.model import (
    FLOWS,
    WORKDAYS,
    Container,
    Depot,
    Hours,
    Network,
    Plant,
    Site,
    Streets,
    Truck,
)

BEGINS = datetime.date(2026, 1, 1)
SITES = 420
"""With containers; each litter bin beside has a site of its own."""


@dataclass(frozen=True)
class Neighbourhood:
    name: str
    centre: Point
    spread: float
    density: float
    kind: str
    share: float


NEIGHBOURHOODS = (
    Neighbourhood("Centre", at(49.4945, 0.1070), 620, 9500, "centre", 0.19),
    Neighbourhood("Plage", at(49.4985, 0.0905), 450, 6200, "beach", 0.07),
    Neighbourhood("Gares", at(49.4950, 0.1265), 560, 8200, "centre", 0.12),
    Neighbourhood("Falaise", at(49.5095, 0.0950), 850, 5200, "homes", 0.15),
    Neighbourhood("Plateau", at(49.5120, 0.1300), 850, 4700, "homes", 0.14),
    Neighbourhood("Vallée", at(49.5015, 0.1600), 760, 5600, "homes", 0.12),
    Neighbourhood("Hauteurs", at(49.5160, 0.1700), 650, 4100, "homes", 0.08),
    Neighbourhood("Îlot", at(49.4815, 0.1730), 520, 4800, "port", 0.055),
    Neighbourhood("Quai Sud", at(49.4787, 0.1530), 260, 3600, "port", 0.030),
    Neighbourhood("Bassin Sud", at(49.4766, 0.1720), 380, 3900, "port", 0.045),
)
TYPES = {
    # flow: containers, litres, depth, kg a litre, fill of a mean day, model
    "residual": (360, (5000, 4000, 3000), 2100, 0.10, 0.21, "buried-residual"),
    "packaging": (240, (5000, 4000), 2100, 0.035, 0.19, "buried-packaging"),
    "glass": (170, (4000, 3000), 1750, 0.30, 0.055, "bank-glass"),
    "food": (110, (1000, 660), 1150, 0.35, 0.19, "shelter-food"),
    "litter": (120, (240, 120), 900, 0.06, 0.30, "bin-litter"),
}
SPREAD_OF_RATES = 0.45
COUNTED = ("residual", "packaging", "food")
WIDE = (330, 1320, WORKDAYS)
"""Streets of the centre where cars may drive in the morning only."""
MORNING = (300, 660, tuple(range(7)))
SENSITIVE = ("école", "crèche", "hôpital", "marché", "résidence de personnes âgées")
NOUNS = (
    "Mâts", "Voiles", "Phares", "Cormorans", "Galets", "Régates", "Cordiers", "Tonneliers", "Épices", "Armateurs",
    "Charpentiers", "Vigies", "Goélettes", "Ancres", "Hunes", "Alizés", "Embruns", "Marées", "Ormes", "Tilleuls",
    "Jardins", "Carrières", "Sources", "Moulins", "Vergers", "Remparts", "Ateliers", "Forges", "Pavés", "Écluses",
    "Balises", "Étraves", "Cabestans", "Avirons", "Drisses", "Haubans", "Falaises", "Bruyères", "Genêts", "Sables",
)  # fmt: skip
WAYS = ("rue", "allée", "passage", "chemin", "impasse")


def network(seed: int = 1, *, sensors: float = 0.8, counts: float = 0.4) -> Network:
    """The same for the same arguments. ``sensors`` is the share of the containers that have one (of litter bins
    half of it), ``counts`` the share of those for residual waste, packaging and food that count deposits."""
    graph, main, beyond = streets.build(stream(seed, BEGINS, "waste streets"))
    chance = stream(seed, BEGINS, "waste network")
    sites, kinds = _sites(graph, main, beyond, chance)
    containers, daily = _containers(sites, kinds, sensors, counts, chance)
    stands = {one.site for one in containers}
    sites = tuple(one for one in sites if one.id in stands)
    depots, plants = _depots(graph), _plants(graph)
    trucks = _trucks()
    rounds = fixed.rounds(sites, containers, trucks, depots, daily, stream(seed, BEGINS, "waste rounds"))
    return Network(seed, sites, containers, depots, plants, trucks, rounds, graph, daily)


def _sites(
    graph: Streets, main: streets.Mask, beyond: streets.Mask, chance: Chance
) -> tuple[tuple[Site, ...], list[str]]:
    """The sites, those of litter bins last, and of each whether it stands for containers or a litter bin."""
    count = SITES + TYPES["litter"][0]
    half = len(graph.start) // 2
    xy = np.array([at(lat, lon) for lat, lon in zip(graph.latitude, graph.longitude, strict=True)])
    middle = (xy[graph.start[:half]] + xy[graph.end[:half]]) / 2
    free = np.array([not name for name in graph.bridge[:half]])
    found: list[Site] = []
    wanted = np.rint(np.array([one.share for one in NEIGHBOURHOODS]) * count).astype(int)
    wanted[0] += count - wanted.sum()
    for number, place in enumerate(NEIGHBOURHOODS):
        here = free & (beyond[graph.start[:half]] == (place.kind == "port"))
        weight = here * np.exp(-0.5 * (np.hypot(*(middle - place.centre).T) / place.spread) ** 2)
        for edge in chance.choice(half, int(wanted[number]), replace=False, p=weight / weight.sum()).tolist():
            free[edge] = False
            found.append(_site(graph, xy, edge, bool(main[edge]), place, chance))
    order = chance.permutation(len(found)).tolist()
    return (
        tuple(_numbered(found[at], number) for number, at in enumerate(order, 1)),
        ["containers"] * SITES + ["litter"] * (count - SITES),
    )


def _site(graph: Streets, xy: Floats, edge: int, main: bool, place: Neighbourhood, chance: Chance) -> Site:
    a, b = int(graph.start[edge]), int(graph.end[edge])
    part = float(chance.uniform(0.25, 0.75))
    x, y = xy[a] + part * (xy[b] - xy[a])
    latitude, longitude = degrees(np.array(x), np.array(y))
    density = place.density * float(np.exp(chance.normal(0, 0.2)))
    hours: tuple[Hours, ...] = ()
    if place.kind == "centre" and chance.random() < 0.15:
        hours = (MORNING,)
    elif place.kind == "homes" and chance.random() < 0.05:
        hours = (WIDE,)
    side = ("left", "right")[int(chance.integers(2))] if main else "both"
    return Site(
        id="", name="", longitude=round(float(longitude), 6), latitude=round(float(latitude), 6), commune="Le Havre",
        street=_street(a, b, chance), side=side, hours=hours, heaviest_t=19.0 if chance.random() < 0.03 else None,
        density=round(density), sensitive=str(chance.choice(SENSITIVE)) if chance.random() < 0.06 else "",
        neighbourhood=place.name, beyond=place.kind == "port", node=a if part < 0.5 else b,
    )  # fmt: skip


def _street(a: int, b: int, chance: Chance) -> str:
    name = NOUNS[(a * 7 + b * 3) % len(NOUNS)]
    return f"{WAYS[(a + b) % len(WAYS)]} des {name}"


def _numbered(site: Site, number: int) -> Site:
    fields = {**site.__dict__, "id": f"site-{number:03}", "name": f"{site.neighbourhood} {number}, {site.street}"}
    return Site(**fields)


def _containers(
    sites: Sequence[Site], kinds: Sequence[str], sensors: float, counts: float, chance: Chance
) -> tuple[tuple[Container, ...], Floats]:
    where = _places(sites, kinds, chance)
    found, daily = [], []
    for number, (flow, site) in enumerate(where, 1):
        _, sizes, depth, dense, fill, model = TYPES[flow]
        litres = int(chance.choice(sizes))
        crowd = (site.density / 5500) ** 0.35
        usual = fill * crowd * float(np.exp(chance.normal(0, SPREAD_OF_RATES) - SPREAD_OF_RATES**2 / 2))
        has = chance.random() < (sensors / 2 if flow == "litter" else sensors)
        counted = bool(flow in COUNTED and chance.random() < counts)
        found.append(Container(
            id=f"c-{number:04}", site=site.id, flow=flow, litres=litres, depth_mm=depth,
            dead_zone_mm=150 if flow == "litter" else 250, sensor=f"s-{number:04}" if has else None, counts=counted,
            kg_per_litre=dense, model=f"{model}-{litres}",
        ))  # fmt: skip
        daily.append(min(usual, 0.6) * litres)
    return tuple(found), np.array(daily)


def _places(sites: Sequence[Site], kinds: Sequence[str], chance: Chance) -> list[tuple[str, Site]]:
    """The flow and the site of each container: every site has residual waste or packaging before it has more."""
    shared = [site for site, kind in zip(sites, kinds, strict=True) if kind == "containers"]
    own = [site for site, kind in zip(sites, kinds, strict=True) if kind == "litter"]
    found: list[tuple[str, Site]] = []
    for flow in FLOWS[:-1]:
        count = TYPES[flow][0]
        chosen = chance.permutation(len(shared))[:count]
        found += [(flow, shared[at]) for at in chosen.tolist()]
    found += [("litter", site) for site in own]
    return found


def _near(graph: Streets, latitude: float, longitude: float) -> int:
    return int(np.argmin((graph.latitude - latitude) ** 2 + ((graph.longitude - longitude) * 0.65) ** 2))


def _depots(graph: Streets) -> tuple[Depot, ...]:
    places = (("depot-north", 49.5000, 0.1850), ("depot-south", 49.4800, 0.1700))
    return tuple(Depot(name, lon, lat, _near(graph, lat, lon)) for name, lat, lon in places)


def _plants(graph: Streets) -> tuple[Plant, ...]:
    """The plant that burns the rest lies beyond the basins, as in many a port."""
    every: tuple[Hours, ...] = ((300, 1260, WORKDAYS), (480, 1080, (6,)))
    places = (
        ("plant-energy", "Usine d’incinération", 49.4770, 0.1750, ("residual", "litter")),
        ("plant-sorting", "Centre de tri", 49.4990, 0.1960, ("packaging",)),
        ("plant-glass", "Plate-forme du verre", 49.4870, 0.2010, ("glass",)),
        ("plant-food", "Plate-forme des biodéchets", 49.5060, 0.1930, ("food",)),
    )
    return tuple(
        Plant(name, label, lon, lat, flows, every, 12.0, _near(graph, lat, lon))
        for name, label, lat, lon, flows in places
    )


def _trucks() -> tuple[Truck, ...]:
    early: Hours = (300, 780, tuple(range(7)))
    late: Hours = (480, 960, tuple(range(7)))
    fleet = (
        # flow, number, kg, tonnes
        ("residual", 6, 9500, 26.0), ("packaging", 4, 4500, 26.0), ("glass", 2, 11000, 26.0),
        ("food", 2, 6500, 19.0), ("litter", 2, 2800, 7.5),
    )  # fmt: skip
    found: list[Truck] = []
    for flow, number, kg, tonnes in fleet:
        for at_ in range(number):
            small = at_ == number - 1
            found.append(Truck(
                id=f"truck-{len(found) + 1:02}", depot="depot-south" if small and number > 2 else "depot-north",
                flows=(flow,), kg=round(kg * (0.7 if small else 1)), shift=late if small else early,
                tonnes=min(tonnes, 19.0) if small else tonnes, litres_per_100km=25.0 if flow == "litter" else 60.0,
            ))  # fmt: skip
    return tuple(found)


def site_nodes(found: Network) -> Ints:
    """The node of each site, in the order of ``sites``."""
    return np.array([one.node for one in found.sites])
