"""The places as GeoJSON (RFC 7946): every feature says that it is schematic."""

from collections.abc import Iterator, Sequence

from havre_scenario import places
from havre_scenario.bins import DEAD_ZONE_MM, Container
from havre_scenario.places import Berth, Places
from havre_scenario.plane import Point, lon_lat

QUAY_EDGE = places.BERTH_WIDTH / 2


def collection(port: Places, containers: Sequence[Container]) -> dict[str, list[object] | str]:
    return {"type": "FeatureCollection", "features": [*_port(port), *(_container(one) for one in containers)]}


def _port(port: Places) -> Iterator[dict[str, object]]:
    for row in places.ROWS:
        yield _quay(row, [berth for berth in port.berths.values() if berth.row == row.name])
    for berth in port.berths.values():
        ring = [lon_lat(point) for point in berth.polygon()]
        yield _feature("Polygon", [ring], berth.name, "berth", quay=berth.row, length_m=berth.metres)
    for kind, marks in (("lock", places.LOCKS), ("bridge", places.BRIDGES)):
        for name, (label, point) in marks.items():
            yield _feature("Point", lon_lat(point), name, kind, label=label)
    for name, (label, point, lanes, _) in places.GATES.items():
        yield _feature("Point", lon_lat(point), name, "gate", label=label, lanes=lanes)
    yield _feature("Point", lon_lat(places.PILOT_POINT), places.PILOT, "pilot boarding place")
    yield _feature("Point", lon_lat(port.point(places.ANCHORAGE)), places.ANCHORAGE, "anchorage", radius_m=3500)
    yield _feature("Point", lon_lat(places.RECEIVER), "receiver", "AIS receiver")


def _quay(row: places.Row, berths: list[Berth]) -> dict[str, object]:
    side = QUAY_EDGE if row.aside > 0 else -QUAY_EDGE
    ends: list[Point] = [berths[0].corner(-row.metres / 2, side), berths[-1].corner(row.metres / 2, side)]
    return _feature("LineString", [lon_lat(end) for end in ends], row.name, "quay", depth_m=row.depth)


def _container(one: Container) -> dict[str, object]:
    what = {"stream": one.stream, "volume_l": one.litres, "depth_mm": one.depth_mm, "dead_zone_mm": DEAD_ZONE_MM}
    return _feature("Point", lon_lat(one.point), one.name, "container", **what)


def _feature(shape: str, coordinates: object, name: str, kind: str, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"name": name, "kind": kind, **properties, "schematic": True},
    }
