"""The terms of the protocol's JSON-LD context, read from the files that are pinned in the package (decision 0037).

Standard: Dataspace Protocol 2025-1, ``context.jsonld`` with the ODRL profile that it imports. What the JSON schemas ask
for beyond the context is written here: which members hold objects, and that logical constraints are lists.
"""

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.resources import files
from typing import Any

from havre.messages.wire import CONTEXT

PROFILE = "https://w3id.org/dspace/2025/1/odrl-profile.jsonld"
_FILES = {CONTEXT: "context.jsonld", PROFILE: "odrl-profile.jsonld"}


def pinned(url: str) -> dict[str, Any]:
    """The context that is pinned for a URL. ``KeyError`` for any other."""
    path = files("havre.messages").joinpath("contexts", "dsp-2025-1", _FILES[url])
    return dict(json.loads(path.read_text("utf-8"))["@context"])


PINNED = frozenset(_FILES)


class Kind(Enum):
    """What stands in a member, in the form that the schemas ask for."""

    TEXT = "a text or number"
    IDENTIFIER = "an IRI as a text"
    TERM = "a term of a vocabulary, or an IRI, as a text"
    REFERENCE = "an IRI as a text, or an object"
    OBJECT = "an object"
    OBJECTS = "a list of objects"
    VALUES = "a list"
    OPERAND = "a text, a list, or an object with @value or @id"


LOGICAL = frozenset({"and", "andSequence", "or", "xone"})
RULES = frozenset({"permission", "prohibition", "obligation", "duty", "constraint"})
OBJECTS = LOGICAL | RULES | {"hasPolicy", "catalog", "dataset", "distribution", "service", "endpointProperties"}
OBJECT = frozenset({"offer", "agreement", "dataAddress"})
Definition = str | Mapping[str, Any]


def _definitions(context: Mapping[str, Any]) -> Iterator[tuple[str, Definition]]:
    """The terms of a context, without its keywords and its aliases of keywords."""
    for name, definition in context.items():
        id = definition if isinstance(definition, str) else definition["@id"] if name[0] != "@" else "@"
        if name[0] != "@" and id[0] != "@":
            yield name, definition


def _kind(name: str, definition: Definition) -> Kind:
    said = {} if isinstance(definition, str) else definition
    if name in OBJECT:
        return Kind.OBJECT
    # of a dataset in a request, which is not a set, there is only the identifier
    if name in LOGICAL or (name in OBJECTS and ("@container" in said or name == "hasPolicy")):
        return Kind.OBJECTS
    if name == "accessService":
        return Kind.REFERENCE
    if name == "rightOperand":
        return Kind.OPERAND
    if "@container" in said:
        return Kind.VALUES
    if name == "dataset":
        return Kind.IDENTIFIER
    return {"@id": Kind.IDENTIFIER, "@vocab": Kind.TERM}.get(str(said.get("@type")), Kind.TEXT)


_TOP = dict(_definitions(pinned(CONTEXT)))
_PROFILE = dict(_definitions(pinned(PROFILE)))
_SCOPED = {
    name: dict(_definitions(definition["@context"]))
    for name, definition in _TOP.items()
    if isinstance(definition, dict) and "@context" in definition
}

PREFIXES: Mapping[str, str] = {
    name: iri for name, iri in _TOP.items() if isinstance(iri, str) and iri.endswith(("/", "#"))
}
"""The prefixes of the protocol's context, as ``odrl``, with the namespaces that they stand for."""
NAMESPACES: Mapping[str, str] = {iri: name for name, iri in PREFIXES.items()} | {
    "https://www.w3.org/ns/odrl/2/": "odrl"
}
"""The way back; ODRL's namespace is met with ``https`` too."""


def _iri(definition: Definition) -> str:
    id = definition if isinstance(definition, str) else str(definition["@id"])
    prefix, _, local = id.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else id


def _own(definitions: Mapping[str, Definition]) -> dict[str, Kind]:
    """The kinds of those definitions that are members: what is written by itself, as ``"use"``, is a value."""
    values = {name for name, definition in (*_TOP.items(), *_PROFILE.items()) if isinstance(definition, str)}
    members = {
        name: one for name, one in definitions.items() if name not in values or name in LOGICAL | {"rightOperand"}
    }
    return {name: _kind(name, definition) for name, definition in members.items()}


def _kinds() -> dict[str, Kind]:
    """Members by name, wherever they stand. ``dataset`` is that of a catalogue."""
    found: dict[str, Kind] = {}
    for type_ in sorted(_SCOPED, key=lambda name: name == "Catalog"):
        found |= _own(_SCOPED[type_])
    return found | _own(_PROFILE)


KINDS: Mapping[str, Kind] = _kinds()
"""What stands in the members of any object."""
KINDS_OF: Mapping[str, Mapping[str, Kind]] = {
    "DatasetRequestMessage": {**KINDS, **_own(_SCOPED["DatasetRequestMessage"])}
}
"""What stands in the members of an object of a type, where this is not the same as elsewhere."""
TERMS: Mapping[str, str] = {
    _iri(definition): name
    for definitions in (_TOP, _PROFILE, *_SCOPED.values())
    for name, definition in definitions.items()
    if name not in PREFIXES
}
"""Members, types and values by their IRIs."""
NAMES = frozenset(TERMS.values())


def kinds(type_: object) -> Mapping[str, Kind]:
    """What stands in the members of an object of this type."""
    return KINDS_OF.get(type_, KINDS) if isinstance(type_, str) else KINDS


def short(iri: str) -> str:
    """The name for an IRI in the protocol's context: a term, else with its prefix, else the IRI as it is."""
    term = TERMS.get(iri)
    if term is not None:
        return term
    for namespace, prefix in NAMESPACES.items():
        if iri.startswith(namespace):
            return _in_namespace(prefix, iri[len(namespace) :])
    return iri


def _in_namespace(prefix: str, local: str) -> str:
    if prefix == "dspace" and local in NAMES:  # a peer whose @vocab is the protocol's says all its names so
        return local
    return TERMS.get(PREFIXES[prefix] + local, f"{prefix}:{local}")
