"""``datex2``: a DATEX II SituationPublication, of version 2 or 3, each of its situation records a row.

1. Bare, in a SOAP envelope or in the container of Exchange 2020: names count without their namespace, for real feeds
   mix and forget them. A publication of another kind is ``Invalid``; one without situations has no rows.
2. The document is read as it streams and each situation forgotten when its records are rows. A document type (and with
   it every entity) is refused, and so is a situation that is larger or deeper than any real one.
3. Columns: ``havre.sources.formats.datex2_records``. Positions count the records.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from havre.errors import Invalid
from havre.lake.parsed import Parsed
from havre.sources.formats import Options, datex2_records, records
from havre.sources.formats.datex2_records import Found, local

OPTIONS: Mapping[str, str] = {}
BLOCK_BYTES = 64 * 1024
LARGEST_SITUATION = 16 * 1024 * 1024
"""Bytes between the ends of two situations: what lies between them has to be kept."""
DEEPEST = 100
PIECE_RECORDS = 1024
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_WANTED = "a SituationPublication of DATEX II 2 or 3"


def pieces(document: BinaryIO, options: Options) -> Iterator[Parsed]:
    """See ``DocumentFormat``. ``Invalid``: not XML, no DATEX II situations, or out of the bounds above."""
    waiting: list[tuple[int, Found]] = []
    count = 0
    for found in _found(document):
        waiting.append((count, found))
        count += 1
        if len(waiting) == PIECE_RECORDS:
            yield _parsed(waiting)
            waiting = []
    if waiting or not count:
        yield _parsed(waiting)


def _parsed(waiting: list[tuple[int, Found]]) -> Parsed:
    return records.parsed(waiting, datex2_records.columns, datex2_records.raw, "datex2")


def _found(document: BinaryIO) -> Iterator[Found]:
    """The situation records of a document, in its order."""
    situations = _Situations()
    parser = ET.XMLParser(target=situations)
    since = 0
    try:
        while block := document.read(BLOCK_BYTES):
            parser.feed(block)
            since = 0 if situations.ended else since + len(block)
            if since > LARGEST_SITUATION:
                raise Invalid(f"a situation of more than {LARGEST_SITUATION} bytes", expected="smaller ones")
            yield from situations.take()
        parser.close()
    except (ET.ParseError, LookupError, ValueError) as error:  # LookupError: an encoding that nobody has
        raise Invalid(f"is not XML: {str(error)[:200]}", expected=_WANTED) from None
    yield from situations.take()
    if not situations.seen:
        raise Invalid("there is no publication in the document", expected=_WANTED)


class _Situations:
    """What the parser tells of the document (a target of ``XMLParser``): situations are kept until they are taken."""

    def __init__(self) -> None:
        self.ended: list[ET.Element] = []
        self.seen = False
        self._depth = 0
        self._published: str | None = None
        self._creator = ""
        self._text: list[str] = []
        self._building: ET.TreeBuilder | None = None
        self._inside = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Invalid("the document has a document type, by which files could be read", expected="XML without DOCTYPE")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Invalid(f"elements are nested deeper than {DEEPEST}", expected=_WANTED)
        name = local(tag)
        if self._building is None and name == "situation":
            self._building, self._inside = ET.TreeBuilder(), self._depth
        elif self._building is None and name in ("payloadPublication", "payload"):
            self._publication(attributes.get(TYPE, ""))
        self._text = []
        if self._building is not None:
            self._building.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._building is not None:
            self._building.data(text)
        elif self._depth:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._building is not None:
            element = self._building.end(tag)
            if self._depth == self._inside:
                self.ended.append(element)
                self._building = None
        elif local(tag) == "publicationTime":
            self._published = "".join(self._text).strip()
        elif local(tag) == "nationalIdentifier":
            self._creator = "".join(self._text).strip()
        self._depth -= 1

    def close(self) -> None:
        pass

    def take(self) -> list[Found]:
        """The records of the situations that have ended since."""
        found = [
            Found(record, situation, self._published, self._creator)
            for situation in self.ended
            for record in situation
            if local(record.tag) == "situationRecord"
        ]
        self.ended = []
        return found

    def _publication(self, kind: str) -> None:
        if kind.rpartition(":")[2] != "SituationPublication":
            raise Invalid(f"the publication is a {kind[:100] or 'thing of no type'}", field="type", expected=_WANTED)
        self.seen = True
