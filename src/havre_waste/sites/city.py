"""What a city has to collect waste with, from rows of its datasets, checked across: each name is somebody's."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from havre_waste.sites import hours
from havre_waste.sites.datasets import DATASETS
from havre_waste.sites.model import Access, Container, Depot, Flow, Plant, Side, Site, Truck
from havre_waste.sites.rows import NotAccepted, Problem, Row


@dataclass(frozen=True)
class Stop:
    """A container on the list of a fixed round; ``weeks`` is all, even or odd (ISO weeks)."""

    round: str
    weekday: int
    weeks: str
    truck: str
    order: int
    container: str


@dataclass(frozen=True)
class City:
    sites: Mapping[str, Site]
    containers: Mapping[str, Container]
    depots: Mapping[str, Depot]
    plants: Mapping[str, Plant]
    trucks: Mapping[str, Truck]
    rounds: Sequence[Stop] = ()

    def at(self, site: str) -> list[Container]:
        return [one for one in self.containers.values() if one.site == site]


def city(rows: Mapping[str, Sequence[Row]]) -> City:
    """Build it from rows by dataset (``sites``, ``containers``, …); ``NotAccepted`` when they do not fit together."""
    if problems := [*_dangling(rows), *_doubled(rows), *_unserved(rows)]:
        raise NotAccepted(problems)

    def of(name: str) -> Sequence[Row]:
        return rows.get(name, ())

    return City(
        sites={row["id"]: site(row) for row in of("sites")},
        containers={row["id"]: container(row) for row in of("containers")},
        depots={row["id"]: Depot(**row) for row in of("depots")},
        plants={row["id"]: plant(row) for row in of("plants")},
        trucks={row["id"]: truck(row) for row in of("trucks")},
        rounds=tuple(Stop(**row) for row in of("fixed_rounds")),
    )


def site(row: Row) -> Site:
    access = Access(Side(row["side"]), row["reversing"], hours.parse(row["hours"] or ""), row["heaviest_t"])
    return Site(
        row["id"], row["name"], row["longitude"], row["latitude"], row["commune"] or "", row["street"] or "", access,
        row["density"], row["sensitive"] or "",
    )  # fmt: skip


def container(row: Row) -> Container:
    return Container(**{**row, "flow": Flow(row["flow"]), "model": row["model"] or ""})


def plant(row: Row) -> Plant:
    return Plant(**{**row, "flows": _flows(row["flows"]), "hours": hours.parse(row["hours"] or "")})


def truck(row: Row) -> Truck:
    """Its shift is the first that is told."""
    lunch = hours.span(row["lunch"]) if row["lunch"] else None
    return Truck(**{**row, "flows": _flows(row["flows"]), "shift": hours.parse(row["shift"])[0], "lunch": lunch})


def _flows(text: str) -> frozenset[Flow]:
    return frozenset(Flow(word) for word in text.split())


def site_rows(sites: Iterable[Site]) -> list[Row]:
    """Rows of the dataset ``sites``, as ``site`` reads them."""
    return [
        {
            "id": one.id, "name": one.name, "longitude": one.longitude, "latitude": one.latitude,
            "commune": one.commune or None, "street": one.street or None, "side": str(one.access.side),
            "reversing": one.access.reversing, "hours": hours.text(one.access.hours) or None,
            "heaviest_t": one.access.heaviest_t, "density": one.density, "sensitive": one.sensitive or None,
        }
        for one in sites
    ]  # fmt: skip


def container_rows(containers: Iterable[Container]) -> list[Row]:
    return [{**one.__dict__, "flow": str(one.flow), "model": one.model or None} for one in containers]


def geojson(sites: Iterable[Site]) -> str:
    """The sites as a FeatureCollection that ``read_geojson`` reads without a layout."""
    features = []
    for row in site_rows(sites):
        point = {"type": "Point", "coordinates": [row.pop("longitude"), row.pop("latitude")]}
        told = {name: value for name, value in row.items() if value is not None and name != "id"}
        features.append({"type": "Feature", "id": row["id"], "geometry": point, "properties": told})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _dangling(rows: Mapping[str, Sequence[Row]]) -> Iterable[Problem]:
    """Values that should be of another dataset, and are not; only where that one is given too."""
    for name, found in rows.items():
        for field in DATASETS[name].fields:
            if field.refers is None or field.refers[0] not in rows:
                continue
            other, key = field.refers
            known = {row[key] for row in rows[other]}
            for number, row in enumerate(found, 1):
                if row[field.name] is not None and row[field.name] not in known:
                    yield Problem(name, number, field.name, f"a value of {key} in {other}", repr(row[field.name]))


def _doubled(rows: Mapping[str, Sequence[Row]]) -> Iterable[Problem]:
    """A sensor cannot hang in two containers."""
    first: dict[str, str] = {}
    for number, row in enumerate(rows.get("containers", ()), 1):
        sensor = row["sensor"]
        if sensor is not None and first.setdefault(sensor, row["id"]) != row["id"]:
            yield Problem("containers", number, "sensor", "a sensor of its own", f"{sensor!r} of {first[sensor]!r}")
    for number, row in enumerate(rows.get("containers", ()), 1):
        if row["dead_zone_mm"] >= row["depth_mm"]:
            yield Problem("containers", number, "dead_zone_mm", f"less than depth_mm {row['depth_mm']}",
                          f"{row['dead_zone_mm']}")  # fmt: skip


def _unserved(rows: Mapping[str, Sequence[Row]]) -> Iterable[Problem]:
    """Flows that no truck takes, or no plant; only where trucks or plants are given."""
    flows = sorted({row["flow"] for row in rows.get("containers", ())})
    for name in ("trucks", "plants"):
        taken = {word for row in rows.get(name, ()) for word in row["flows"].split()}
        if name in rows:
            yield from (
                Problem(name, 0, "flows", f"one that takes {flow}", "none") for flow in flows if flow not in taken
            )
