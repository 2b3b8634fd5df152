"""A city's network of waste, as large as Le Havre's: sites with containers, depots, plants, trucks. All invented.

Sites stand along the streets of neighbourhoods; about one in eight lies beyond the basins, so that rounds must cross
the movable bridges. On a main street a truck has what it serves on its right (R437: never both sides at once).
"""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from havre_scenario.chance import Chance, stream
from havre_scenario.plane import Floats, Point, at, degrees
from havre_scenario.waste import fixed, fleet, streets
from havre_scenario.waste.model import FLOWS, WORKDAYS, Container, Hours, Network, Site
from havre_scenario.waste.streets import Ground

BEGINS = datetime.date(2026, 1, 1)
SITES = 420
"""With containers; each litter bin has one of its own beside them."""
ROADSIDE = 7.0
"""Metres from the middle of the street to where containers stand."""


class Neighbourhood(NamedTuple):
    name: str
    centre: Point
    spread: float
    """Metres."""
    density: float
    """Inhabitants a km²."""
    kind: str
    share: float
    """Of the sites."""


class Type(NamedTuple):
    containers: int
    litres: tuple[int, ...]
    """Sizes that there are."""
    depth_mm: int
    kg_per_litre: float
    fill: float
    """Share of its volume that comes on a mean day."""
    model: str
    dead_zone_mm: int = 250


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
    "residual": Type(360, (5000, 4000, 3000), 2100, 0.10, 0.21, "buried-residual"),
    "packaging": Type(240, (5000, 4000), 2100, 0.035, 0.19, "buried-packaging"),
    "glass": Type(170, (4000, 3000), 1750, 0.30, 0.055, "bank-glass"),
    "food": Type(110, (1000, 660), 1150, 0.35, 0.19, "shelter-food"),
    "litter": Type(120, (240, 120), 900, 0.06, 0.30, "bin-litter", 150),
}
SPREAD_OF_RATES, MOST = 0.45, 0.4
"""Deviation of the logarithm between containers, and the share of a volume of which no mean day brings more: where more
comes, a city gives more room."""
CROWD, USUAL_DENSITY = 0.35, 5500
"""The rate grows with this power of the density by the usual one."""
CARDS = ("residual", "packaging", "food")
"""Flows with containers that a card opens. Others can count by a light beam in the opening."""
MORNING: Hours = (300, 660, tuple(range(7)))
"""Streets of the centre that are closed to cars later."""
DAYTIME: Hours = (330, 1320, WORKDAYS)
"""Quiet streets, and Sundays."""
SENSITIVE = ("école", "crèche", "hôpital", "marché", "résidence de personnes âgées")
NOUNS = (
    "Mâts", "Voiles", "Phares", "Cormorans", "Galets", "Régates", "Cordiers", "Tonneliers", "Épices", "Armateurs",
    "Charpentiers", "Vigies", "Goélettes", "Ancres", "Hunes", "Alizés", "Embruns", "Marées", "Ormes", "Tilleuls",
    "Jardins", "Carrières", "Sources", "Moulins", "Vergers", "Remparts", "Ateliers", "Forges", "Pavés", "Écluses",
    "Balises", "Étraves", "Cabestans", "Avirons", "Drisses", "Haubans", "Falaises", "Bruyères", "Genêts", "Sables",
)  # fmt: skip
WAYS = ("rue", "allée", "passage", "chemin", "sente")
MAIN_WAYS = ("boulevard", "avenue", "cours", "mail", "esplanade")


def network(seed: int = 1, *, sensors: float = 0.8, counts: float = 0.4, counted: Collection[str] = CARDS) -> Network:
    """The same for the same arguments. ``sensors`` is the share of the containers that have one (of litter bins
    half of it), ``counts`` the share of those for the flows ``counted`` that count deposits."""
    ground = streets.build(stream(seed, BEGINS, "waste streets"))
    chance = stream(seed, BEGINS, "waste network")
    sites = _sites(ground, chance)
    containers, daily = _containers(sites, sensors, counts, counted, chance)
    stands = {one.site for one in containers}
    sites = tuple(one for one in sites if one.id in stands)
    depots, trucks = fleet.depots(ground.streets), fleet.trucks()
    rounds = fixed.rounds(sites, containers, trucks, depots, daily, stream(seed, BEGINS, "waste rounds"))
    plants = fleet.plants(ground.streets)
    return Network(seed, sites, containers, depots, plants, trucks, rounds, ground.streets, daily)


def _sites(ground: Ground, chance: Chance) -> tuple[Site, ...]:
    """In no order; the first ``SITES`` are for containers, the others for litter bins."""
    count = SITES + TYPES["litter"].containers
    graph = ground.streets
    half = len(graph.start) // 2
    xy = np.array([at(lat, lon) for lat, lon in zip(graph.latitude, graph.longitude, strict=True)])
    middle = (xy[graph.start[:half]] + xy[graph.end[:half]]) / 2
    free = np.array([not name for name in graph.bridge[:half]])
    wanted = np.rint(np.array([one.share for one in NEIGHBOURHOODS]) * count).astype(int)
    wanted[0] += count - wanted.sum()
    found: list[Site] = []
    for place, number in zip(NEIGHBOURHOODS, wanted.tolist(), strict=True):
        here = free & (ground.beyond[graph.start[:half]] == (place.kind == "port"))
        weight = here * np.exp(-0.5 * (np.hypot(*(middle - place.centre).T) / place.spread) ** 2)
        for edge in chance.choice(half, number, replace=False, p=weight / weight.sum()).tolist():
            free[edge] = False
            found.append(_site(ground, xy, edge, place, chance))
    return tuple(_numbered(found[at_], number) for number, at_ in enumerate(chance.permutation(count).tolist(), 1))


def _site(ground: Ground, xy: Floats, edge: int, place: Neighbourhood, chance: Chance) -> Site:
    a, b = int(ground.streets.start[edge]), int(ground.streets.end[edge])
    main = bool(ground.main[edge])
    part = float(chance.uniform(0.25, 0.75))
    density = place.density * float(np.exp(chance.normal(0, 0.2)))
    hours: tuple[Hours, ...] = ()
    if place.kind == "centre" and chance.random() < 0.15:
        hours = (MORNING,)
    elif place.kind == "homes" and chance.random() < 0.05:
        hours = (DAYTIME,)
    aside = ROADSIDE * (2 * int(chance.integers(2)) - 1 if main else 1)
    along = (xy[b] - xy[a]) / np.hypot(*(xy[b] - xy[a]))
    x, y = xy[a] + part * (xy[b] - xy[a]) + aside * np.array([along[1], -along[0]])
    latitude, longitude = degrees(np.array(x), np.array(y))
    return Site(
        id="", name="", longitude=round(float(longitude), 6), latitude=round(float(latitude), 6), commune="Le Havre",
        street=_street(int(ground.line[edge]), main), side="right" if main else "both", hours=hours,
        heaviest_t=19.0 if chance.random() < 0.03 else None, density=round(density),
        sensitive=str(chance.choice(SENSITIVE)) if chance.random() < 0.06 else "",
        neighbourhood=place.name, beyond=place.kind == "port", node=a if part < 0.5 else b,
    )  # fmt: skip


def _street(line: int, main: bool) -> str:
    """Each line of the grid has a name of its own."""
    kind, noun = divmod(line, len(NOUNS))
    return f"{(MAIN_WAYS if main else WAYS)[kind]} des {NOUNS[noun]}"


def _numbered(site: Site, number: int) -> Site:
    return replace(site, id=f"site-{number:03}", name=f"{site.neighbourhood} {number}, {site.street}")


def _containers(
    sites: Sequence[Site], sensors: float, counts: float, counted: Collection[str], chance: Chance
) -> tuple[tuple[Container, ...], Floats]:
    """The containers, and litres that come into each on a mean day."""
    found, daily = [], []
    for number, (flow, site) in enumerate(_places(sites, chance), 1):
        kind = TYPES[flow]
        litres = int(chance.choice(kind.litres))
        crowd = (site.density / USUAL_DENSITY) ** CROWD
        usual = kind.fill * crowd * float(np.exp(chance.normal(0, SPREAD_OF_RATES) - SPREAD_OF_RATES**2 / 2))
        sensed = chance.random() < (sensors / 2 if flow == "litter" else sensors)
        found.append(Container(
            id=f"c-{number:04}", site=site.id, flow=flow, litres=litres, depth_mm=kind.depth_mm,
            dead_zone_mm=kind.dead_zone_mm, sensor=f"s-{number:04}" if sensed else None,
            counts=bool(flow in counted and chance.random() < counts), kg_per_litre=kind.kg_per_litre,
            model=f"{kind.model}-{litres}",
        ))  # fmt: skip
        daily.append(min(usual, MOST) * litres)
    return tuple(found), np.array(daily)


def _places(sites: Sequence[Site], chance: Chance) -> list[tuple[str, Site]]:
    """The flow and the site of each container: each flow once at as many sites as it has containers."""
    found: list[tuple[str, Site]] = []
    for flow in FLOWS[:-1]:
        found += [(flow, sites[at_]) for at_ in chance.permutation(SITES)[: TYPES[flow].containers].tolist()]
    return found + [("litter", site) for site in sites[SITES:]]
