"""A filter held against a catalogue as it was received (pure): what other providers pass over, we look at ourselves.

``havre.catalog.store`` decides the same of our own datasets in SQL; a test compares the two. A catalogue tells times
without what is less than a second, and degrees in six digits: within that, a dataset has the benefit of the doubt.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from havre.catalog.filter import Box, Filter

Json = Mapping[str, Any]
SECOND = timedelta(seconds=1)
ROUNDED = 0.001
"""Degrees: what six digits leave of the third before the point."""
TITLE, DESCRIPTION = ("dct:title", "title"), ("dct:description", "description")
KEYWORD, THEME = ("dcat:keyword", "keyword"), ("dcat:theme", "theme")
WORDS = ("@id", *TITLE, *DESCRIPTION, *KEYWORD, *THEME)


def matching(catalog: Json, filters: Sequence[Filter], holder: str = "") -> dict[str, Any]:
    """The catalogue with those datasets alone, also of nested catalogues, that fit all filters."""
    if not filters:
        return dict(catalog)
    holder = str(catalog.get("participantId", holder))
    found = dict(catalog)
    if "dataset" in found:
        fitting = [one for one in objects(found["dataset"]) if all(fits(one, filter, holder) for filter in filters)]
        found["dataset"] = fitting
    if "catalog" in found:
        found["catalog"] = [matching(one, filters, holder) for one in objects(found["catalog"])]
    return found


def fits(dataset: Json, filter: Filter, holder: str) -> bool:
    """Whether a dataset of a participant (its DID) fits a filter."""
    return (
        _one_of(filter.dataset, (str(dataset.get("@id")),))
        and _one_of(filter.keyword, (one.lower() for one in _texts(dataset, *KEYWORD)))
        and _one_of(filter.theme, _texts(dataset, *THEME))
        and _one_of(filter.format, _formats(dataset))
        and _one_of(filter.holder, (holder,))
        and (filter.bbox is None or _meets(_box(dataset), filter.bbox))
        and (filter.since is filter.until is None or _overlaps(dataset, filter))
        and _holds_all(filter.words, dataset)
    )


def objects(value: Any) -> Iterator[Json]:
    """The objects of a list, or the one that stands in place of a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping):
            yield one


def _one_of(wanted: Sequence[str], found: Any) -> bool:
    return not wanted or not set(wanted).isdisjoint(found)


def _holds_all(words: Sequence[str], dataset: Json) -> bool:
    text = "\n".join(_texts(dataset, *WORDS)).lower() if words else ""
    return all(word in text for word in words)


def _texts(dataset: Json, *names: str) -> Iterator[str]:
    """The texts and identifiers of some members, of whatever language."""
    for value in (dataset[name] for name in names if name in dataset):
        for one in value if isinstance(value, list) else [value]:
            text = one.get("@value", one.get("@id")) if isinstance(one, Mapping) else one
            if isinstance(text, str):
                yield text


def _formats(dataset: Json) -> Iterator[str]:
    for distribution in objects(dataset.get("distribution")):
        yield from _texts(distribution, "format", "dct:format")


def _meets(found: Box | None, wanted: Box) -> bool:
    if found is None or found[1] > wanted[3] + ROUNDED or found[3] < wanted[1] - ROUNDED:
        return False
    west, east = found[0] <= wanted[2] + ROUNDED, found[2] >= wanted[0] - ROUNDED
    return west and east if wanted[0] <= wanted[2] else west or east


def _box(dataset: Json) -> Box | None:
    """Around the polygon or the points of a text in WKT; None where there is no such text."""
    text = next(_texts(dataset, "dcat:bbox"), "")
    try:
        pairs = [pair.split() for pair in text[text.index("(") :].strip("() ").split(",")]
        longitudes, latitudes = ([float(part) for part in axis] for axis in zip(*pairs, strict=True))
    except ValueError:
        return None
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _overlaps(dataset: Json, filter: Filter) -> bool:
    """Whether a period that a dataset says to cover overlaps the one that is wanted."""
    for period in objects(dataset.get("dct:temporal")):
        start, end = (_time(period, name) for name in ("dcat:startDate", "dcat:endDate"))
        begins = filter.until is None or (start is not None and start < filter.until)
        ends = filter.since is None or (end is not None and end + SECOND > filter.since)
        if begins and ends:
            return True
    return False


def _time(period: Json, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(next(_texts(period, name), ""))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
