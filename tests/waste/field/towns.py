"""A day of an invented town, to look at its pages: streets, containers, rounds, collections, changes, a crisis."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from havre_waste.field.model import (
    Basis,
    Cause,
    Change,
    Collection,
    Crisis,
    Crossing,
    Do,
    Doubt,
    Fault,
    FirstRound,
    Ground,
    Level,
    Priority,
    Reason,
    Replan,
    Round,
    Step,
    Street,
    View,
    Why,
)
from havre_waste.sites.model import Flow, Side

NOW = datetime(2026, 11, 25, 8, 40, tzinfo=UTC)
"""A Wednesday; 09:40 in Paris."""
DAY = "20261125"
NAMES = (
    "Rue des Galets", "Rue du Sémaphore", "Avenue des Embruns", "Rue de l’Estran", "Place du Vieux-Phare",
    "Rue des Filets", "Boulevard des Dunes", "Rue du Cabestan", "Rue de la Corderie", "Quai des Brisants",
    "Rue du Varech", "Rue des Haubans", "Allée des Mouettes", "Rue de la Balise", "Rue du Gréement",
    "Impasse du Goémon", "Rue des Calfats", "Rue de la Dérive", "Place des Voiles", "Rue du Fanal",
)  # fmt: skip
DEPOT = (0.137, 49.4935)
PLANT = (0.205, 49.4815)
SOUTH = (0.176, 49.4722)


def after(**length: float) -> datetime:
    return NOW + timedelta(**length)


def _place(number: int, chance: random.Random) -> tuple[float, float]:
    row, column = divmod(number, 5)
    return (round(0.092 + 0.016 * column + chance.uniform(-0.004, 0.004), 5),
            round(49.4945 + 0.006 * row + chance.uniform(-0.002, 0.002), 5))  # fmt: skip


def streets() -> tuple[Street, ...]:
    return tuple(Street(f"street-{n}", name, "Port-l’Estran", "zone-a" if n % 2 else "zone-b", (f"site-{n}",))
                 for n, name in enumerate(NAMES))  # fmt: skip


def levels() -> tuple[Level, ...]:
    chance = random.Random(6)
    flows = (Flow.GLASS, Flow.PACKAGING, Flow.RESIDUAL)
    found = []
    for n, name in enumerate(NAMES):
        place = SOUTH if name == "Quai des Brisants" else _place(n, chance)
        for k, flow in enumerate(flows[: 1 + n % 3]):
            basis = list(Basis)[(n + k) % 3]
            middle = chance.uniform(0.05, 0.85)
            spread = {Basis.SENSOR: 0.05, Basis.COUNTS: 0.12, Basis.MODEL: 0.24}[basis]
            days = (1 - middle) / chance.uniform(0.08, 0.3)
            found.append(Level(
                container=f"c-{n}-{flow}", site=f"site-{n}", name=name, place=(place[0] + 0.0007 * k, place[1]),
                flow=flow, at=after(minutes=-20), p10=max(0.0, middle - spread), p50=middle, p90=middle + spread,
                overflow_p=round(max(0.0, middle - 0.6) / 3, 3), basis=basis,
                full_at=(after(days=days * 0.6), after(days=days), after(days=days * 1.8)),
                seen_at=None if basis is Basis.MODEL else after(hours=-3), usual_at=after(days=1 + n % 3),
            ))  # fmt: skip
    found[0] = replace(found[0], p10=0.5, p50=0.62, p90=0.75, basis=Basis.SENSOR, overflow_p=0.14,
                       full_at=(after(days=1.2), after(days=2.1), after(days=3.8)),
                       seen_at=after(hours=-4))  # fmt: skip
    found[3] = replace(found[3], p10=0.88, p50=0.97, p90=1.1, overflow_p=0.71, basis=Basis.COUNTS,
                       full_at=(NOW, after(hours=5), after(hours=14)), usual_at=after(hours=2))  # fmt: skip
    stuck = Fault(Doubt.STUCK, after(days=-3))
    found[6] = replace(found[6], p10=0.2, p50=0.55, p90=0.85, basis=Basis.MODEL, fault=stuck,
                       full_at=(after(days=1), after(days=3), None), seen_at=after(days=-3))  # fmt: skip
    found[9] = replace(found[9], fault=Fault(Doubt.BAG, after(hours=-7)), basis=Basis.COUNTS)
    return tuple(found)


def _stops(number: int, those: list[int], start: datetime, flow: Flow) -> list[Step]:
    chance = random.Random(number)
    at = {one.site: one.place for one in levels()}
    return [
        Step(f"{DAY}:site-{n}:{flow}", Do.COLLECT, NAMES[n], at[f"site-{n}"], start + timedelta(minutes=9 * k),
             (f"c-{n}-{flow}",) * (1 + n % 2), flow, list(Side)[n % 3], n % 4 == 0, round(chance.uniform(0.6, 1), 2))
        for k, n in enumerate(those)
    ]  # fmt: skip


def glass() -> Round:
    """It crosses Pont VII, tips and has its lunch."""
    start = after(minutes=-70)
    first = _stops(1, [0, 1, 2, 7, 6, 5], start, Flow.GLASS)
    south = [replace(one, at=after(minutes=75)) for one in _stops(1, [9], start, Flow.GLASS)]
    rest = _stops(1, [10, 11, 12, 13, 14], after(minutes=170), Flow.GLASS)
    id = f"{DAY}-r1"
    steps = (
        Step(f"{id}:out", Do.DEPOT, "Dépôt des Ormes", DEPOT, after(minutes=-85)), *first, *south,
        Step(f"{id}:tip-1", Do.TIP, "Centre de tri du Fanal", PLANT, after(minutes=95), minutes=12),
        Step(f"{id}:lunch", Do.LUNCH, "Pause", PLANT, after(minutes=110), minutes=45), *rest,
        Step(f"{id}:tip-2", Do.TIP, "Centre de tri du Fanal", PLANT, after(minutes=225), minutes=12),
        Step(f"{id}:in", Do.DEPOT, "Dépôt des Ormes", DEPOT, after(minutes=250)),
    )  # fmt: skip
    seven, red = (after(minutes=30), after(minutes=45)), (after(minutes=82), after(minutes=92))
    crossings = (
        Crossing("Pont VII", south[0].id, after(minutes=60), seven),
        Crossing("Pont Rouge", f"{id}:tip-1", after(minutes=84), red, timedelta(minutes=8)),
    )  # fmt: skip
    return Round(id, "Tournée 1", "truck-1", Flow.GLASS, steps, crossings)


def plain_round(number: int, flow: Flow, those: list[int]) -> Round:
    id = f"{DAY}-r{number}"
    stops = _stops(number, those, after(minutes=-100), flow)
    out = Step(f"{id}:out", Do.DEPOT, "Dépôt des Ormes", DEPOT, after(minutes=-115))
    tip = Step(f"{id}:tip", Do.TIP, "Centre de tri du Fanal", PLANT, stops[-1].at + timedelta(minutes=25), minutes=12)
    home = Step(f"{id}:in", Do.DEPOT, "Dépôt des Ormes", DEPOT, tip.at + timedelta(minutes=30))
    return Round(id, f"Tournée {number}", f"truck-{number}", flow, (out, *stops, tip, home))


def replanned(round: Round) -> Round:
    """Two stops of a truck that broke down came to it."""
    more = tuple(
        replace(one, at=after(minutes=200 + 8 * k)) for k, one in enumerate(_stops(1, [16, 19], NOW, round.flow))
    )
    replan = Replan(after(minutes=-3), Cause.BREAKDOWN, "Camion 3", added=2)
    return replace(round, steps=(*round.steps[:-2], *more, *round.steps[-2:]), replans=(replan,))


def collections() -> tuple[Collection, ...]:
    found = []
    for zone, shift in (("zone-a", 0), ("zone-b", 1)):
        for week in range(4):
            for flow, weekday, hour in ((Flow.RESIDUAL, 3, 5), (Flow.PACKAGING, 4, 5), (Flow.FOOD, 5, 6)):
                starts = datetime(2026, 11, 23, hour, tzinfo=UTC) + timedelta(days=weekday - 1 + shift, weeks=week)
                found.append(Collection(zone, flow, starts, starts + timedelta(hours=6)))
    found[1] = replace(found[1], instead_of=date(2026, 11, 25))
    found[3] = replace(found[3], cancelled=True)
    return tuple(found)


def changes() -> tuple[Change, ...]:
    return (
        Change("c1", after(days=-9), Why.HOLIDAY, date(2026, 12, 25), date(2026, 12, 25), date(2026, 12, 26),
               flows=(Flow.RESIDUAL, Flow.FOOD)),
        Change("c2", after(hours=-2), Why.STRIKE, date(2026, 11, 26), date(2026, 11, 27), zones=("zone-a",),
               said={"fr": "Gardez vos bacs chez vous.", "en": "Keep your bins in."}),
    )  # fmt: skip


def crisis() -> Crisis:
    def one(n: int, score: float, *reasons: Reason, rounds: tuple[int, ...] = ()) -> Priority:
        return Priority(f"site-{n}", NAMES[n], _place(n, random.Random(n)), score, reasons, rounds)

    ways = (FirstRound(Flow.RESIDUAL, (NAMES[4], NAMES[7], NAMES[3]), ("c-4-residual", "c-7-residual", "c-3-residual"),
                       31.4, timedelta(hours=5, minutes=20)),
            FirstRound(Flow.GLASS, (NAMES[7],), ("c-7-glass",), 12.0, timedelta(hours=1)))  # fmt: skip
    return Crisis(Why.STRIKE, after(days=-2), 2, 7, (
        one(4, 0.91, Reason(Ground.HEALTH, 0.38, name="Hôpital du Large"), Reason(Ground.OVERFLOW, 0.33, 84),
            Reason(Ground.WAITED, 0.2, 5)),
        one(7, 0.74, Reason(Ground.OVERFLOW, 0.4, 96), Reason(Ground.DENSITY, 0.24, 11_400),
            Reason(Ground.WAITED, 0.1, 1), rounds=(1, 2)),
        one(12, 0.52, Reason(Ground.HEALTH, 0.3, name="École des Haubans"), Reason(Ground.ACCESS, 0.22, 4)),
        one(15, 0.31, Reason(Ground.DENSITY, 0.21, 8_200), Reason(Ground.OVERFLOW, 0.1, 22)),
    ), ways, 23, (NAMES[12], NAMES[15]))  # fmt: skip


def busy() -> View:
    rounds = (
        glass(),
        plain_round(2, Flow.PACKAGING, [1, 2, 4, 5, 7, 8]),
        plain_round(3, Flow.RESIDUAL, [2, 5, 8, 11, 14]),
    )
    return View(NOW, rounds, levels(), streets(), collections(), changes(), day=date(2026, 11, 25), example=True)


def striking() -> View:
    return replace(busy(), crisis=crisis())


def empty() -> View:
    return View(NOW)


def levels_past() -> View:
    return replace(busy(), levels=tuple(replace(one, at=after(hours=-5)) for one in levels()))


ALL = {one.__name__: one for one in (busy, striking, empty, levels_past)}
