"""The places as GeoJSON (RFC 7946): every feature has ``id``, ``kind`` and ``name``, and says that it is schematic."""

from collections.abc import Iterator, Sequence

from havre_scenario import areas, land, network, places
from havre_scenario.bins import DEAD_ZONE_MM, Container
from havre_scenario.places import Berth, Places
from havre_scenario.plane import Point, lon_lat

QUAY_EDGE = places.BERTH_WIDTH / 2
Feature = dict[str, object]


def collection(port: Places, containers: Sequence[Container]) -> dict[str, str | list[Feature]]:
    found = [_land(), *_water(port), *_roads(), *_lines(), *(_container(one) for one in containers)]
    return {"type": "FeatureCollection", "features": found}


def _land() -> Feature:
    rings = [[lon_lat(point) for point in ring] for ring in land.rings()]
    return _feature("Polygon", rings, "land", "coast", "Terre", {})


def _water(port: Places) -> Iterator[Feature]:
    yield _area(areas.closed(areas.APPROACH), "approach", "approach", "Chenal d’accès")
    yield _area(areas.closed(areas.ANCHORAGE), places.ANCHORAGE, "anchorage", "Zone de mouillage")
    for row in places.ROWS:
        yield _quay(row, [berth for berth in port.berths.values() if berth.row == row.name])
    for berth in port.berths.values():
        yield _area(berth.polygon(), berth.name, "berth", berth.name, quay=berth.row, length_m=berth.metres)
    for name, (label, _) in places.LOCKS.items():
        yield _area(areas.lock(port, name), name, "lock", label)
    yield _point(places.PILOT_POINT, places.PILOT, "pilot boarding place", "Embarquement du pilote")
    yield _point(places.RECEIVER, "receiver", "AIS receiver", "Récepteur AIS")


def _roads() -> Iterator[Feature]:
    for name, (label, point) in places.BRIDGES.items():
        yield _point(point, name, "bridge", label, road=areas.road_of(name))
    for name, (label, points) in areas.ROADS.items():
        yield _line(points, name, "road", label)
    for name, (label, point, lanes, _) in places.GATES.items():
        yield _point(point, name, "gate", label, lanes=lanes)


def _lines() -> Iterator[Feature]:
    for line in network.LINES:
        if line.mode == network.TRAM:
            yield _line(line.points(), f"tram-{line.name}", "tram", f"Tram {line.name}", colour=f"#{line.colour}")
    for name, (label, point) in network.STOPS.items():
        yield _point(point, name, "stop", label)


def _quay(row: places.Row, berths: list[Berth]) -> Feature:
    side = QUAY_EDGE if row.aside > 0 else -QUAY_EDGE
    ends = [berths[0].corner(-row.metres / 2, side), berths[-1].corner(row.metres / 2, side)]
    return _line(ends, row.name, "quay", row.name, depth_m=row.depth)


def _container(one: Container) -> Feature:
    what = {"stream": one.stream, "volume_l": one.litres, "depth_mm": one.depth_mm, "dead_zone_mm": DEAD_ZONE_MM}
    return _point(one.point, one.name, "container", one.name, **what)


def _area(ring: Sequence[Point], name: str, kind: str, label: str, **more: object) -> Feature:
    return _feature("Polygon", [[lon_lat(point) for point in ring]], name, kind, label, more)


def _line(points: Sequence[Point], name: str, kind: str, label: str, **more: object) -> Feature:
    return _feature("LineString", [lon_lat(point) for point in points], name, kind, label, more)


def _point(point: Point, name: str, kind: str, label: str, **more: object) -> Feature:
    return _feature("Point", lon_lat(point), name, kind, label, more)


def _feature(shape: str, coordinates: object, name: str, kind: str, label: str, more: dict[str, object]) -> Feature:
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"id": name, "kind": kind, "name": label, **more, "schematic": True},
    }
