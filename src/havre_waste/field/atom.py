"""The changes of collections as a feed (Atom, RFC 4287; pure)."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as xml

from havre_ui.texts import Texts
from havre_waste.field import words
from havre_waste.field.model import Change
from havre_waste.field.wire import rfc3339

NAMESPACE = "http://www.w3.org/2005/Atom"


def feed(changes: Sequence[Change], address: str, title: str, now: datetime, say: Texts) -> bytes:
    """``address`` is where the feed is: its id."""
    root = xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": str(say.language)})
    newest = max((one.said_at for one in changes), default=now)
    _add(root, "id", address)
    _add(root, "title", title)
    _add(root, "updated", rfc3339(newest))
    xml.SubElement(root, "link", {"rel": "self", "href": address})
    _add(xml.SubElement(root, "author"), "name", say("page.name"))
    for one in sorted(changes, key=lambda one: one.said_at, reverse=True):
        entry = xml.SubElement(root, "entry")
        line = f"{words.change_line(one, say)}."
        own = (one.said or {}).get(say.language)
        _add(entry, "id", f"{address}#{one.id}")
        _add(entry, "title", line)
        _add(entry, "updated", rfc3339(one.said_at))
        _add(entry, "content", f"{line} {own}" if own else line, type="text")
    whole: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def _add(parent: xml.Element, name: str, text: str, **attributes: str) -> None:
    xml.SubElement(parent, name, attributes).text = text
