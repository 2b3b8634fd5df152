"""What may be asked for in a catalogue request's ``filter`` (pure).

Standard: Dataspace Protocol 2025-1, section 5: the filter is a list whose entries are the provider's to define, and
what is not supported is a bad request. Ours are objects with the members of ``Filter``, and texts, which are words to
look for. Rules that hold here:

1. All entries hold, and of an entry all members; of a member's several values one is enough.
2. What is not understood is refused by the name of its place, as in ``filter.0.bbox``: nothing is passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from havre.errors import Invalid

Box = tuple[float, float, float, float]
MOST_ENTRIES, MOST_VALUES, LONGEST_TEXT = 10, 100, 1000


@dataclass(frozen=True)
class Filter:
    """One entry of a filter; what is empty or None asks for nothing.

    ``dataset`` are identifiers, ``keyword`` is in lower case, ``format`` is that of a distribution, ``holder`` the DID
    of a participant. ``bbox`` is west, south, east, north in degrees (WGS 84), across the 180th meridian where west is
    greater than east: the dataset's own box must meet it. ``since`` (with) and ``until`` (without) are a period that
    must overlap the dataset's own. ``words`` are in lower case, and all stand somewhere in what describes the dataset.
    """

    dataset: tuple[str, ...] = ()
    keyword: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    holder: tuple[str, ...] = ()
    bbox: Box | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[str, ...] = ()


def read(entries: Sequence[Any]) -> tuple[Filter, ...]:
    """The filter of a request. ``Invalid`` names the place of what is not supported."""
    if len(entries) > MOST_ENTRIES:
        raise Invalid(f"has {len(entries)} entries", field="filter", expected=f"at most {MOST_ENTRIES}")
    return tuple(_entry(entry, f"filter.{index}") for index, entry in enumerate(entries))


def members(given: Mapping[str, Any], place: str = "") -> Filter:
    """An entry that is an object; ``place`` is where it stands, for what is said of errors."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{place}.{name}" if place else name
        if name not in _MEMBERS:
            raise Invalid("is not supported", field=where, expected=f"some of {', '.join(_MEMBERS)}")
        found |= _MEMBERS[name](value, where)
    return Filter(**found)


def _entry(entry: Any, place: str) -> Filter:
    if isinstance(entry, str):
        return Filter(words=_words(entry, place))
    if not isinstance(entry, Mapping):
        raise Invalid(f"got {_kind(entry)}", field=place, expected="an object, or a text to look for")
    return members(entry, place)


def _texts(value: Any, place: str) -> tuple[str, ...]:
    """A text, or one or several in a list."""
    listed = value if isinstance(value, list) else [value]
    if not 1 <= len(listed) <= MOST_VALUES:
        raise Invalid(f"has {len(listed)} values", field=place, expected=f"1 to {MOST_VALUES}")
    return tuple(_text(one, place) for one in listed)


def _text(value: Any, place: str) -> str:
    # a line break would stand in no keyword, and a NUL in no database
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= LONGEST_TEXT:
        raise Invalid(f"got {_kind(value)}", field=place, expected=f"printable text of 1 to {LONGEST_TEXT} characters")
    return value


def _words(value: Any, place: str) -> tuple[str, ...]:
    words = tuple(_text(value, place).lower().split())
    if not words:
        raise Invalid("is empty", field=place, expected="one or more words")
    return words


def _bbox(value: Any, place: str) -> Box:
    wanted = "west, south, east, north in degrees, south not above north"
    if not isinstance(value, list) or len(value) != 4 or not all(type(one) in (int, float) for one in value):
        raise Invalid(f"got {_kind(value)}", field=place, expected=wanted)
    west, south, east, north = value
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(f"got {value}", field=place, expected=wanted)
    return float(west), float(south), float(east), float(north)


def _period(value: Any, place: str) -> dict[str, datetime]:
    if not isinstance(value, Mapping) or not value or not value.keys() <= {"from", "to"}:
        raise Invalid(f"got {_kind(value)}", field=place, expected='{"from": …, "to": …}, one or both')
    found: dict[str, datetime] = {}
    if "from" in value:
        found["since"] = _instant(value["from"], f"{place}.from")
    if "to" in value:
        found["until"] = _instant(value["to"], f"{place}.to", whole_day=True)
    if len(found) == 2 and found["since"] >= found["until"]:
        raise Invalid("ends before it begins", field=place, expected="from before to")
    return found


def _instant(value: Any, place: str, *, whole_day: bool = False) -> datetime:
    """An ISO 8601 date or time, in UTC where it has no zone; a period to a day ends with that day."""
    try:
        found = datetime.fromisoformat(value)
        if whole_day and "T" not in value and found.time() == time():
            found += timedelta(days=1)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        wanted = "a date or time as in 2026-03-02T12:00:00Z"
        raise Invalid(f"got {_kind(value)}", field=place, expected=wanted) from None


_MEMBERS: Mapping[str, Callable[[Any, str], Mapping[str, Any]]] = {
    "dataset": lambda value, place: {"dataset": _texts(value, place)},
    "keyword": lambda value, place: {"keyword": tuple(one.lower() for one in _texts(value, place))},
    "theme": lambda value, place: {"theme": _texts(value, place)},
    "format": lambda value, place: {"format": _texts(value, place)},
    "holder": lambda value, place: {"holder": _texts(value, place)},
    "bbox": lambda value, place: {"bbox": _bbox(value, place)},
    "period": _period,
    "q": lambda value, place: {"words": _words(value, place)},
}


def _kind(value: Any) -> str:
    match value:
        case str():
            return repr(value[:100])
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return "an object"
        case _:
            return repr(value)
