"""A DATEX II v3 ``SituationPublication`` of bridge openings, valid against the schemas 3.6; bytes of UTF-8.

``payload`` is the bare publication (root of D2Payload), ``container`` that of Exchange 2020 around it. The same
openings at the same time are the same bytes.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from havre_mobility.bridges.model import CANCELLED, ENDED, Bridge
from havre_mobility.datex.model import ACTIONS, KIND, TYPE, Published

KEEP = datetime.timedelta(minutes=15)
"""How long an opening that is over, or will not be, is still told of."""
BEFORE = datetime.timedelta(days=7)
LONGEST_TEXT = 1024
NAMESPACE = "http://datex2.eu/schema/3/"
PREFIXES = {
    "com": "common", "con": "messageContainer", "d2": "d2Payload", "ex": "exchangeInformation",
    "inf": "informationManagement", "loc": "locationReferencing", "sit": "situation",
}  # fmt: skip
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold."""


class Xml(str):
    """Text that is XML already."""


@dataclass(frozen=True)
class Publisher:
    """Two letters of the country, and the name by which it knows the publisher. ``language`` of the texts."""

    country: str
    identifier: str
    language: str = "fr"
    system: str = "havre"
    """Whose codes the ids of bridges are: ``isrs`` where they are those of inland waterways."""


def snapshot(messages: pl.DataFrame, bridges: Iterable[Bridge], at: datetime.datetime) -> list[Published]:
    """All openings that are planned, under way or just over at ``at``, by start; of ``MESSAGES`` said until then."""
    known = {bridge.id: bridge for bridge in bridges}
    last = (
        messages.filter((pl.col("said_at") <= at) & pl.col("bridge").is_in(list(known)))
        .sort("said_at", maintain_order=True)
        .group_by("bridge", "opening", maintain_order=True)
        .agg(pl.all().last(), version=pl.len(), created_at=pl.col("said_at").first())
        .filter(pl.col("starts_at") > at - BEFORE)
        .filter(~pl.col("status").is_in([ENDED, CANCELLED]) | (pl.col("said_at") > at - KEEP))
        .sort("starts_at", "bridge", "opening")
    )
    return [
        Published(
            row["opening"], known[row["bridge"]], row["status"], row["version"], row["created_at"], row["said_at"],
            row["starts_at"], row["ends_at"],
        )
        for row in last.iter_rows(named=True)
    ]  # fmt: skip


def payload(openings: Sequence[Published], publisher: Publisher, at: datetime.datetime) -> bytes:
    return _document("d2:payload", _publication(openings, publisher, at), _publication_attributes(publisher))


def container(
    openings: Sequence[Published],
    publisher: Publisher,
    at: datetime.datetime,
    *,
    protocol: str,
    gone: Iterable[tuple[str, str]] = (),
) -> bytes:
    """``protocol``: snapshotPull, snapshotPush or deltaPush. ``gone``: id of a situation, closed or cancelled."""
    publication = _element("con:payload", *_publication(openings, publisher, at), **_publication_attributes(publisher))
    context = _element(
        "ex:exchangeContext",
        _element("ex:codedExchangeProtocol", protocol),
        _element("ex:exchangeSpecificationVersion", "2020"),
        _element("ex:supplierOrCisRequester", _element("ex:internationalIdentifier", *_identifier(publisher))),
    )
    dynamic = _element(
        "ex:dynamicInformation",
        _element("ex:exchangeStatus", "online"),
        _element("ex:messageGenerationTimestamp", _time(at)),
    )
    exchange = _element(
        "con:exchangeInformation", _element("ex:messageType", "payloadDelivery"), context, dynamic, modelBaseVersion="3"
    )
    return _document("con:messageContainer", [publication, exchange, *_gone(list(gone))], {"modelBaseVersion": "3"})


def _gone(references: Sequence[tuple[str, str]]) -> list[Xml]:
    if not references:
        return []
    said = [
        _element(
            "inf:elementReference",
            _element("inf:managementStatus", status),
            _element("inf:reference", id=id),
        )
        for id, status in references
    ]
    return [_element("con:informationManagement", _element("inf:informationManagedResourceList", *said))]


def _publication_attributes(publisher: Publisher) -> dict[str, str]:
    return {"xsi:type": "sit:SituationPublication", "lang": publisher.language, "modelBaseVersion": "3"}


def _publication(openings: Iterable[Published], publisher: Publisher, at: datetime.datetime) -> list[Xml]:
    return [
        _element("com:publicationTime", _time(at)),
        _element("com:publicationCreator", *_identifier(publisher)),
        *(_situation(one, publisher) for one in openings),
    ]


def _identifier(publisher: Publisher) -> tuple[Xml, Xml]:
    country = _element("com:country", publisher.country)
    return country, _element("com:nationalIdentifier", publisher.identifier)


def _situation(one: Published, publisher: Publisher) -> Xml:
    header = _element(
        "sit:headerInformation",
        _element("com:confidentiality", "noRestriction"),
        _element("com:informationStatus", "real"),
    )
    said = _element("sit:situationVersionTime", _time(one.said_at))
    return _element("sit:situation", said, header, _record(one, publisher), id=one.id)


def _record(one: Published, publisher: Publisher) -> Xml:
    action, probability = ACTIONS[one.status]
    ends = [] if one.ends_at is None else [_element("com:overallEndTime", _time(one.ends_at))]
    period = _element("com:validityTimeSpecification", _element("com:overallStartTime", _time(one.starts_at)), *ends)
    return _element(
        "sit:situationRecord",
        _element("sit:situationRecordCreationTime", _time(one.created_at)),
        _element("sit:situationRecordVersionTime", _time(one.said_at)),
        _element("sit:probabilityOfOccurrence", probability),
        _element("sit:validity", _element("com:validityStatus", "definedByValidityTimeSpec"), period),
        _element("sit:generalPublicComment", _element("sit:comment", _words(one.bridge.name, publisher))),
        _location(one.bridge, publisher),
        _element("sit:operatorActionStatus", action),
        _element("sit:complianceOption", "mandatory"),
        _element("sit:generalNetworkManagementType", KIND),
        **{"xsi:type": f"sit:{TYPE}", "id": f"{one.id}_01", "version": str(one.version)},
    )


def _location(bridge: Bridge, publisher: Publisher) -> Xml:
    degrees = (
        _element("loc:latitude", f"{bridge.latitude:.6f}"),
        _element("loc:longitude", f"{bridge.longitude:.6f}"),
    )
    code = _element(
        "loc:externalReferencing",
        _element("loc:externalLocationCode", bridge.id),
        _element("loc:externalReferencingSystem", publisher.system),
    )
    return _element(
        "sit:locationReference",
        code,
        _element("loc:coordinatesForDisplay", *degrees),
        _element("loc:pointByCoordinates", _element("loc:pointCoordinates", *degrees)),
        **{"xsi:type": "loc:PointLocation"},
    )


def _words(text: str, publisher: Publisher) -> Xml:
    return _element("com:values", _element("com:value", text, lang=publisher.language))


def _time(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(root: str, children: Sequence[Xml], attributes: Mapping[str, str]) -> bytes:
    names = {f"xmlns:{prefix}": NAMESPACE + name for prefix, name in PREFIXES.items()}
    names["xmlns:xsi"] = "http://www.w3.org/2001/XMLSchema-instance"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, *children, **names, **attributes)}\n'.encode()


def _element(name: str, *children: str, **attributes: str) -> Xml:
    """An element of XML and texts, which are escaped and cut to what the standard allows."""
    said = "".join(f" {key}={quoteattr(_clean(value))}" for key, value in attributes.items())
    inside = "".join(one if isinstance(one, Xml) else escape(_clean(one)) for one in children)
    return Xml(f"<{name}{said}>{inside}</{name}>")


def _clean(text: str) -> str:
    return _NO_CHARACTER.sub("", text)[:LONGEST_TEXT]
