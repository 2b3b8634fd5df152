"""Sites and containers as Smart Data Models, out and in: WasteContainerIsle, WasteContainer, WasteContainerModel.

Source: smart-data-models/dataModel.WasteManagement. Entities are in the key-values form; ``normalized`` makes NGSI-LD
of them (ETSI GS CIM 009, 4.5.1), ``key_values`` makes them of NGSI-LD and of NGSI-v2. The models have no words for
three things that we keep: a flow is told by the code of the European list of waste (decision 2000/532/EC), what a litre
weighs by the maximum load of the model, the depth by its height; side, density and sensitive places are not told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from havre_waste.sites import hours
from havre_waste.sites.model import Access, Container, Flow, Site

Entity = dict[str, Any]
CONTEXT = (
    "https://raw.githubusercontent.com/smart-data-models/dataModel.WasteManagement/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
)
REGULATION = "2000/532/EC"
KINDS: dict[Flow, tuple[str, str]] = {
    # flow: storedWasteKind, code of the European list of waste
    Flow.RESIDUAL: ("other", "20 03 01"),
    Flow.PACKAGING: ("plastic", "15 01 06"),
    Flow.GLASS: ("glass", "15 01 07"),
    Flow.FOOD: ("organic", "20 01 08"),
    Flow.LITTER: ("other", "20 03 03"),
    Flow.SHIP: ("other", "20 03 99"),
}
CODES = {code: flow for flow, (_, code) in KINDS.items()}
OTHERS = {
    "organic": Flow.FOOD, "glass": Flow.GLASS, "plastic": Flow.PACKAGING, "metal": Flow.PACKAGING,
    "paper": Flow.PACKAGING, "inorganic": Flow.RESIDUAL, "other": Flow.RESIDUAL,
}  # fmt: skip
"""How a container without a code is taken; oil, batteries, electronics and hazardous waste are none of our flows."""
RELATIONS = ("refWasteContainer", "refWasteContainerIsle", "refWasteContainerModel", "refDevice")
GEOMETRIES = ("location",)
TIMES = ("dateLastEmptying", "dateModified", "dateServiceStarted", "nextActuationDeadline")


class NotUnderstood(ValueError):
    """An entity does not tell what we need; its identifier and attribute are in the message."""


def entities(sites: Iterable[Site], containers: Iterable[Container]) -> list[Entity]:
    """All of them in key-values: isles, then containers, then the models of these."""
    sites, containers = list(sites), list(containers)
    places = {one.id: one for one in sites}
    models = {model["id"]: model for model in map(waste_container_model, containers)}
    return [
        *(waste_container_isle(one, [each for each in containers if each.site == one.id]) for one in sites),
        *(waste_container(one, places[one.site]) for one in containers),
        *models.values(),
    ]


def waste_container_isle(site: Site, containers: Iterable[Container]) -> Entity:
    members = [urn("WasteContainer", one.id) for one in containers]
    address = {"streetAddress": site.street, "addressLocality": site.commune}
    return {
        "id": urn("WasteContainerIsle", site.id),
        "type": "WasteContainerIsle",
        "name": site.name,
        "location": _point(site),
        **({"address": {key: value for key, value in address.items() if value}} if any(address.values()) else {}),
        **({"refWasteContainer": members} if members else {}),
    }


def waste_container(
    container: Container,
    site: Site,
    *,
    fill: float | None = None,
    temperature: float | None = None,
    emptied_at: datetime | None = None,
) -> Entity:
    """``fill`` is told as at most 1, which is the most that the model knows."""
    kind, code = KINDS[container.flow]
    opening = hours.text(site.access.hours)
    told: Entity = {
        "fillingLevel": None if fill is None else round(min(1.0, max(0.0, fill)), 4),
        "temperature": temperature,
        "dateLastEmptying": None if emptied_at is None else _instant(emptied_at),
        "actuationHours": opening or None,
        "refDevice": [urn("Device", container.sensor)] if container.sensor else None,
    }
    return {
        "id": urn("WasteContainer", container.id),
        "type": "WasteContainer",
        "location": _point(site),
        "storedWasteKind": kind,
        "storedWasteCode": code,
        "storedWasteOrigin": "municipal" if container.flow is Flow.LITTER else "household",
        "regulation": REGULATION,
        "refWasteContainerIsle": urn("WasteContainerIsle", site.id),
        "refWasteContainerModel": model_urn(container),
        **{name: value for name, value in told.items() if value is not None},
    }


def waste_container_model(container: Container) -> Entity:
    """The model of this container; those of the same name and measures have the same."""
    return {
        "id": model_urn(container),
        "type": "WasteContainerModel",
        "name": container.model or model_urn(container).rpartition(":")[2],
        "cargoVolume": container.litres,
        "maximumLoad": round(container.litres * container.kg_per_litre, 3),
        "height": container.depth_mm / 1000,
    }


def model_urn(container: Container) -> str:
    measures = f"{container.litres}l-{container.depth_mm}mm-{container.kg_per_litre:g}"
    return urn("WasteContainerModel", f"{container.model}-{measures}" if container.model else measures)


def urn(kind: str, name: str) -> str:
    return f"urn:ngsi-ld:{kind}:{name}"


def normalized(entity: Mapping[str, Any]) -> Entity:
    """The entity in the normalized form of NGSI-LD, with its context."""
    told = {name: _attribute(name, value) for name, value in entity.items() if name not in ("id", "type", "@context")}
    return {"id": entity["id"], "type": entity["type"], **told, "@context": list(CONTEXT)}


def _attribute(name: str, value: Any) -> Entity:
    if name in RELATIONS:
        return {"type": "Relationship", "object": value}
    if name in GEOMETRIES:
        return {"type": "GeoProperty", "value": value}
    if name in TIMES:
        return {"type": "Property", "value": {"@type": "DateTime", "@value": value}}
    return {"type": "Property", "value": value}


def key_values(entity: Mapping[str, Any]) -> Entity:
    """The entity in key-values, of any form; what already is, stays. A GeoJSON feature of one is taken too."""
    told = dict(entity)
    if told.get("type") == "Feature":
        told = {"id": told["id"], **told["properties"]}
    return {name: _plain(value) for name, value in told.items() if name != "@context"}


def _plain(attribute: Any) -> Any:
    if not isinstance(attribute, Mapping) or not {"value", "object"} & set(attribute):
        return attribute
    value = attribute.get("value", attribute.get("object"))
    return value["@value"] if isinstance(value, Mapping) and "@value" in value else value


def read(found: Iterable[Mapping[str, Any]]) -> tuple[list[Site], list[Container]]:
    """Sites and containers from entities of any form, in any order.

    A container that names no isle has a site of its own. What a model does not tell is asked of ``NotUnderstood``.
    """
    plain = [key_values(one) for one in found]
    by_kind = {kind: {one["id"]: one for one in plain if one.get("type") == kind}
               for kind in ("WasteContainerIsle", "WasteContainer", "WasteContainerModel")}  # fmt: skip
    sites = {name: _site(one) for name, one in by_kind["WasteContainerIsle"].items()}
    members = {
        ref: name for name, one in by_kind["WasteContainerIsle"].items() for ref in _many(one, "refWasteContainer")
    }
    containers = []
    for name, one in by_kind["WasteContainer"].items():
        isle = one.get("refWasteContainerIsle") or members.get(name) or name
        if isle not in sites:
            sites[isle] = _site(one)
        if "actuationHours" in one and not sites[isle].access.hours:
            sites[isle] = _with_hours(sites[isle], one)
        containers.append(_container(one, sites[isle], by_kind["WasteContainerModel"]))
    return list(sites.values()), containers


def _site(one: Entity) -> Site:
    longitude, latitude = _centre(one)
    address = one.get("address", {})
    name = short(one["id"])
    return Site(
        name, one.get("name") or name, longitude, latitude, address.get("addressLocality", ""),
        address.get("streetAddress", ""),
    )  # fmt: skip


def _with_hours(site: Site, one: Entity) -> Site:
    try:
        access = Access(hours=hours.parse(one["actuationHours"]))
    except ValueError as error:
        raise NotUnderstood(f"{one['id']}, actuationHours: {error}") from error
    return Site(**{**site.__dict__, "access": access})


def _container(one: Entity, site: Site, models: Mapping[str, Entity]) -> Container:
    model = models.get(one.get("refWasteContainerModel", ""), {})
    litres = model.get("cargoVolume") or one.get("binCapacity")
    if not litres:
        raise NotUnderstood(f"{one['id']}, refWasteContainerModel: no model that tells cargoVolume")
    devices = _many(one, "refDevice")
    load = model.get("maximumLoad") or one.get("binMaxLoad")
    return Container(
        id=short(one["id"]), site=site.id, flow=_flow(one), litres=round(litres),
        depth_mm=round(model.get("height", 1.5) * 1000), sensor=short(devices[0]) if devices else None,
        kg_per_litre=load / litres if load else 0.1, model=model.get("name", ""),
    )  # fmt: skip


def _flow(one: Entity) -> Flow:
    code, kind = one.get("storedWasteCode", ""), one.get("storedWasteKind", "other")
    kinds = [kind] if isinstance(kind, str) else kind
    if code in CODES:
        return CODES[code]
    if len(kinds) == 1 and kinds[0] in OTHERS:
        return OTHERS[kinds[0]]
    raise NotUnderstood(f"{one['id']}, storedWasteKind: {', '.join(kinds)} is none of our flows")


def _many(one: Entity, name: str) -> Sequence[str]:
    value = one.get(name, ())
    return [value] if isinstance(value, str) else value


def _centre(one: Entity) -> tuple[float, float]:
    """Of a point the point; of what has more corners the mean of them."""
    try:
        location = one["location"]
        corners = location["coordinates"] if location["type"] != "Polygon" else location["coordinates"][0][:-1]
        points = [corners] if location["type"] == "Point" else corners
        return sum(x for x, *_ in points) / len(points), sum(y for _, y, *_ in points) / len(points)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise NotUnderstood(f"{one['id']}, location: a Point, a LineString or a Polygon is expected") from error


def _point(site: Site) -> Entity:
    return {"type": "Point", "coordinates": [site.longitude, site.latitude]}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def short(name: str) -> str:
    """The identifier without the part that all of its kind have."""
    return name.split(":", 3)[3] if name.startswith("urn:ngsi-ld:") and name.count(":") >= 3 else name
