"""What is asked of the journeys: two places, by name or coordinates, and a time (pure)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST = 100
"""Characters of a field."""
MOST_NAMED = 5
LATE = timedelta(minutes=5)
"""A page that was opened so long ago still asks for now."""


class BadQuery(ValueError):
    """``field`` is wrong; ``key`` and ``values`` are what to say of it, as a text of the pages."""

    def __init__(self, field: str, key: str, **values: object) -> None:
        super().__init__(f"{field}: {key} {values}")
        self.field, self.key, self.values = field, key, values


@dataclass(frozen=True)
class Named:
    """Degrees of WGS 84."""

    name: str
    latitude: float
    longitude: float

    @property
    def place(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Gazetteer:
    """Places by their folded names, those of one name in the middle of them."""

    places: Mapping[str, Named]

    @classmethod
    def of(cls, named: Iterable[Named]) -> "Gazetteer":
        groups: dict[str, list[Named]] = {}
        for one in named:
            groups.setdefault(folded(one.name), []).append(one)
        return cls({name: _middle(several) for name, several in sorted(groups.items()) if name})

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.places.values()]


@dataclass(frozen=True)
class Asked:
    start: Named
    end: Named
    at: datetime


def asked(
    given: Mapping[str, str], known: Gazetteer, now: datetime, ahead: timedelta, zone: ZoneInfo
) -> tuple[Asked | None, list[BadQuery]]:
    """``from``, ``to`` and ``at`` (empty: now; local where it has no offset), or all that is wrong with them."""
    found: dict[str, Named] = {}
    wrong = []
    at = now
    for name in ("from", "to", "at"):
        text = " ".join(given.get(name, "").split())
        try:
            if len(text) > LONGEST:
                raise BadQuery(name, "journeys.wrong.long", most=LONGEST)
            if name == "at":
                at = time(text, now, ahead, zone)
            else:
                found[name] = place(name, text, known)
        except BadQuery as error:
            wrong.append(error)
    return (None if wrong else Asked(found["from"], found["to"], at)), wrong


def place(field: str, text: str, known: Gazetteer) -> Named:
    """By coordinates (``49.49,0.12``), by its name, or by a part of it that no other has. ``BadQuery``."""
    if not text:
        raise BadQuery(field, "journeys.wrong.empty")
    pair = _numbers(text)
    if pair is not None:
        if not (-90 <= pair[0] <= 90 and -180 <= pair[1] <= 180):
            raise BadQuery(field, "journeys.wrong.coordinates", given=text)
        return Named(f"{pair[0]:.5f}, {pair[1]:.5f}", *pair)
    key = folded(text)
    if key in known.places:
        return known.places[key]
    like = [one for name, one in known.places.items() if key and key in name]
    if len(like) == 1:
        return like[0]
    if like:
        names = [one.name for one in like[:MOST_NAMED]]
        raise BadQuery(field, "journeys.wrong.several", given=text, names=", ".join(names))
    raise BadQuery(field, "journeys.wrong.unknown", given=text)


def time(text: str, now: datetime, ahead: timedelta, zone: ZoneInfo) -> datetime:
    """``BadQuery``: it is none, over, or too far ahead."""
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
        at = (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        raise BadQuery("at", "journeys.wrong.time", given=text) from None
    if at < now - LATE:
        raise BadQuery("at", "journeys.wrong.over", given=text)
    if at > now + ahead:
        raise BadQuery("at", "journeys.wrong.far", hours=ahead // timedelta(hours=1))
    return max(at, now)


def folded(name: str) -> str:
    """Without accents, case and signs."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(" " if not one.isalnum() else one for one in plain if not unicodedata.combining(one))
    return " ".join(letters.split())


def _numbers(text: str) -> tuple[float, float] | None:
    """Two decimal numbers with a comma between them; None where it is something else."""
    parts = text.split(",")
    try:
        latitude, longitude = map(float, parts)
    except ValueError:
        return None
    return (latitude, longitude) if all(one.strip(" +-.0123456789") == "" for one in parts) else None


def _middle(several: list[Named]) -> Named:
    count = len(several)
    latitude, longitude = sum(one.latitude for one in several) / count, sum(one.longitude for one in several) / count
    return Named(several[0].name, latitude, longitude)
