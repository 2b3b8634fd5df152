"""A catalogue in DCAT JSON-LD (Dataspace Protocol 2025-1, section 5), as entries.

Read liberally: a single object where a list may stand, terms of DCAT and Dublin Core under any of their usual
prefixes, nested catalogues with their own participants. What cannot be used without an identifier is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from havre.client import query
from havre.client.model import CatalogEntry, Offer

TERMS = {
    "title": ("dct:title", "dcterms:title", "title", "http://purl.org/dc/terms/title"),
    "description": ("dct:description", "dcterms:description", "description", "http://purl.org/dc/terms/description"),
    "keyword": ("dcat:keyword", "keyword", "http://www.w3.org/ns/dcat#keyword"),
}


def parameters(
    *,
    provider: str | None = None,
    hosted: bool = False,
    q: str | None = None,
    dataset: str | Iterable[str] = (),
    keyword: str | Iterable[str] = (),
    theme: str | Iterable[str] = (),
    format: str | Iterable[str] = (),
    holder: str | Iterable[str] = (),
    since: query.Moment | None = None,
    until: query.Moment | None = None,
    bbox: Sequence[float] | None = None,
) -> list[tuple[str, str]]:
    """What is asked of a catalogue, as the API takes it. All must hold; of several values one is enough.

    ``bbox`` is west, south, east, north, in degrees: datasets meet it, and the period ``since`` ``until``, with some of
    their rows.
    """
    single = {"provider": provider, "hosted": "true" if hosted else None, "q": q}
    several = {"dataset": dataset, "keyword": keyword, "theme": theme, "format": format, "holder": holder}
    return [
        *((name, value) for name, value in single.items() if value is not None),
        *((name, one) for name, values in several.items() for one in ([values] if isinstance(values, str) else values)),
        *query.parameters(since=since, until=until, bbox=bbox),
    ]


def entries(catalog: Mapping[str, Any], provider: str = "") -> list[CatalogEntry]:
    """The datasets of a catalogue and of those nested in it; ``provider`` holds where a catalogue names none."""
    provider = _id(catalog.get("participantId")) or provider
    found = [_entry(one, provider) for one in _objects(catalog.get("dataset")) if _id(one)]
    for nested in _objects(catalog.get("catalog")):
        found += entries(nested, provider)
    return found


def _entry(dataset: Mapping[str, Any], provider: str) -> CatalogEntry:
    id = _id(dataset)
    policies = [one for one in _objects(dataset.get("hasPolicy", dataset.get("odrl:hasPolicy"))) if _id(one)]
    return CatalogEntry(
        id=id,
        title=_first(dataset, "title") or id,
        description=_first(dataset, "description"),
        provider=provider,
        offers=tuple(Offer(_id(one), provider, id, one) for one in policies),
        keywords=tuple(_texts(dataset, "keyword")),
        raw=dataset,
    )


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping):
            yield one


def _id(value: object) -> str:
    """An identifier, written as text or as an object with ``@id``."""
    if isinstance(value, Mapping):
        value = value.get("@id")
    return value if isinstance(value, str) else ""


def _first(dataset: Mapping[str, Any], term: str) -> str:
    return next(_texts(dataset, term), "")


def _texts(dataset: Mapping[str, Any], term: str) -> Iterator[str]:
    """The texts of a term, of whatever language."""
    value = next((dataset[name] for name in TERMS[term] if name in dataset), None)
    for one in value if isinstance(value, list) else [value]:
        text = one.get("@value") if isinstance(one, Mapping) else one
        if isinstance(text, str) and text:
            yield text
