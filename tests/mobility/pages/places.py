"""A ground for the map, drawn by hand and schematic, in the form that the scenario writes (places.geojson)."""

from typing import Any

LAND = (
    [[0.05, 49.53], [0.05, 49.508], [0.085, 49.4965], [0.0995, 49.4905], [0.104, 49.4868], [0.13, 49.4858],
     [0.131, 49.4825], [0.113, 49.482], [0.1135, 49.4765], [0.16, 49.4762], [0.185, 49.4745], [0.186, 49.4752],
     [0.17, 49.4805], [0.14, 49.482], [0.1405, 49.4843], [0.19, 49.4832], [0.2, 49.474], [0.27, 49.4715],
     [0.27, 49.53], [0.05, 49.53]],
    [[0.106, 49.4745], [0.112, 49.4705], [0.135, 49.4675], [0.21, 49.4655], [0.225, 49.463], [0.21, 49.459],
     [0.13, 49.462], [0.11, 49.4665], [0.104, 49.4715], [0.106, 49.4745]],
    [[0.112, 49.4738], [0.14, 49.4695], [0.22, 49.4673], [0.27, 49.464], [0.27, 49.4702], [0.19, 49.4725],
     [0.15, 49.4742], [0.112, 49.4738]],
    [[0.05, 49.44], [0.27, 49.43], [0.27, 49.45], [0.12, 49.452], [0.05, 49.445], [0.05, 49.44]],
)  # fmt: skip
QUAYS = ([[0.135, 49.4675], [0.21, 49.4655]], [[0.14, 49.4695], [0.22, 49.4673]], [[0.115, 49.4765], [0.158, 49.4762]])
ROADS = (
    [[0.11, 49.493], [0.13, 49.491], [0.151, 49.489], [0.151, 49.4835], [0.152, 49.4785], [0.15, 49.4765]],
    [[0.151, 49.489], [0.163, 49.486], [0.163, 49.479], [0.176, 49.4775], [0.18, 49.479], [0.2, 49.4805]],
    [[0.2, 49.4805], [0.182, 49.479], [0.18, 49.476], [0.176, 49.4722], [0.176, 49.469]],
    [[0.163, 49.486], [0.21, 49.484], [0.27, 49.48]],
)
TRAM = [[0.1, 49.4985], [0.12, 49.4925], [0.151, 49.4888], [0.163, 49.4868], [0.21, 49.492]]
MARKS = {
    "bridge": {"bridge-rouge": (0.151, 49.487), "bridge-7": (0.180, 49.478)},
    "gate": {"gate-1": (0.176, 49.469)},
    "lock": {"lock-francois-1er": (0.187, 49.473)},
}


def collection() -> dict[str, Any]:
    features = [
        *(_feature("coast", "Polygon", [ring]) for ring in LAND),
        *(_feature("quay", "LineString", line) for line in QUAYS),
        *(_feature("road", "LineString", line) for line in ROADS),
        _feature("tram", "LineString", TRAM),
        *(_feature(kind, "Point", at, name) for kind, marks in MARKS.items() for name, at in marks.items()),
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(kind: str, shape: str, coordinates: Any, name: str = "") -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"id": name, "kind": kind, "name": name, "schematic": True},
    }
