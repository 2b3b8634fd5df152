"""The picture as JSON: positions for the map (GeoJSON, RFC 7946), and everything about a bridge in both languages."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

from havre_mobility.picture import words
from havre_mobility.picture.model import Bridge, Gate, Picture, Ship
from havre_mobility.picture.standing import is_last_seen, is_old
from havre_ui.languages import Language
from havre_ui.texts import Texts


def positions(picture: Picture, now: datetime, say: Texts) -> dict[str, Any]:
    """Ships, bridges and gates as features, with what the map writes beside them in the language of ``say``."""
    features = [
        *(_ship(ship, now, say, is_old(picture, now)) for ship in picture.ships),
        *(_bridge_point(bridge, now, say) for bridge in picture.bridges),
        *(_gate(gate, say) for gate in picture.gates),
    ]
    return {"type": "FeatureCollection", "at": instant(picture.at), "features": features}


def _ship(ship: Ship, now: datetime, say: Texts, old: bool) -> dict[str, Any]:
    state = "doubted" if ship.doubted else "last_seen" if old or is_last_seen(ship, now) else "now"
    return _feature(
        (ship.longitude, ship.latitude),
        kind="ship",
        id=str(ship.mmsi),
        name=ship.name or say("ship.unknown_name", mmsi=ship.mmsi),
        ship_kind=ship.kind,
        course=ship.course,
        speed=ship.speed,
        moving=(ship.speed or 0) >= 0.5 and ship.course is not None,
        age=round((now - ship.seen_at).total_seconds()),
        state=state,
        line=words.ship_line(ship, now, say),
    )


def _bridge_point(bridge: Bridge, now: datetime, say: Texts) -> dict[str, Any]:
    at = (bridge.longitude, bridge.latitude)
    line = words.bridge_line(bridge, now, say)
    return _feature(at, kind="bridge", id=bridge.id, name=bridge.name, state=bridge.road, line=line)


def _gate(gate: Gate, say: Texts) -> dict[str, Any]:
    at = (gate.longitude, gate.latitude)
    return _feature(at, kind="gate", id=gate.id, name=gate.name, line=words.gate_line(gate, say))


def _feature(at: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": properties}


def bridge(one: Bridge, picture: Picture, now: datetime, texts: Mapping[Language, Texts]) -> dict[str, Any]:
    """All that is known of a bridge; ``text`` has the sentence in each language."""
    text = {str(language): words.bridge_sentence(one, now, say) for language, say in texts.items()}
    warnings = {str(language): words.warnings(picture, now, say) for language, say in texts.items()}
    return {"at": said_at(picture.at), **plain(asdict(one)), "text": text, "warnings": warnings}


def whole(picture: Picture, now: datetime, texts: Mapping[Language, Texts]) -> dict[str, Any]:
    """The whole picture, and its announcement in each language."""
    text = {str(language): words.announcement(picture, now, say) for language, say in texts.items()}
    return {**plain(asdict(picture)), "text": text}


def said_at(at: datetime) -> str:
    """RFC 3339, in UTC."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def instant(at: datetime) -> str:
    """RFC 3339 to the millisecond, in UTC: it tells pictures of the same second apart."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """As JSON has it: times RFC 3339, durations in seconds."""
    match value:
        case datetime():
            return said_at(value)
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    return value
