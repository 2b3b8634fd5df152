"""Messages in any form of JSON-LD, in the plain form that the standard's JSON schemas ask for.

Standard: Dataspace Protocol 2025-1, section 4 (messages are JSON-LD in compacted form), and JSON-LD 1.1 for what peers
send: prefixed or absolute names, ``{"@value": …}``, ``{"@id": …}``, ``{"@list": …}``, lists of one, a graph of one.

Rules that hold here:

1. A message that is plain already is given back as it is: this is looked for first.
2. What is not the protocol's is kept: under its own name when that has no prefix, else under the name that means the
   same in the protocol's context.
3. A member that is given twice, under two names, is one list where lists stand; else both must say the same.
"""

from collections.abc import Mapping
from typing import Any

from havre.errors import Invalid
from havre.messages.jsonld_fast import is_plain
from havre.messages.jsonld_names import PLAIN, Names
from havre.messages.jsonld_terms import Kind, kinds, short
from havre.messages.wire import CONTEXT

TOO_DEEP = "is nested too deeply"


def plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message in plain form. ``Invalid`` when its context is not known or its members contradict each other."""
    try:
        if isinstance(message, dict) and is_plain(message):
            return message
        return _message(message)
    except RecursionError as error:
        raise Invalid(TOO_DEEP) from error


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    names = PLAIN
    if "@context" in message:
        names = names.within(message["@context"])
    if "@graph" in message:
        message = _only(message["@graph"])
    return {"@context": [CONTEXT], **_object(message, names)}


def _only(graph: Any) -> Mapping[str, Any]:
    listed = graph if isinstance(graph, list) else [graph]
    if len(listed) != 1 or not isinstance(listed[0], Mapping):
        raise Invalid("is not one object", field="@graph", expected="the message alone")
    return listed[0]


def _object(value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """An object with its members in plain form."""
    if "@context" in value:
        names = names.within(value["@context"])
    members = [(names.member(name), member) for name, member in value.items() if name != "@context"]
    types = [_type(member, names) for name, member in members if name == "@type"]
    known = kinds(types[0] if types else None)
    made: dict[str, Any] = {}
    for name, member in members:
        formed = _member(name, known.get(name), member, names)
        made[name] = _both(name, made[name], formed) if name in made else formed
    return made


def _both(name: str, one: Any, other: Any) -> Any:
    if isinstance(one, list) and isinstance(other, list):
        return one + other
    if one != other:
        raise Invalid("is given twice", field=name, expected="one value")
    return one


def _member(name: str, kind: Kind | None, value: Any, names: Names) -> Any:
    match kind:
        case None if name == "@type":
            return _type(value, names)
        case None if name == "@id":
            return names.identifier(value) if isinstance(value, str) else value
        case None:
            return _foreign(value, names) if ":" in name else value
        case Kind.OBJECT:
            return _single([_nested(one, names) for one in _listed(value)])
        case Kind.OBJECTS:
            return [_nested(one, names) for one in _listed(value)]
        case Kind.OPERAND:
            return _operand(value, names)
        case Kind.VALUES:
            return [_leaf(kind, one, names) for one in _listed(value)]
        case _:
            return _single([_leaf(kind, one, names) for one in _listed(value)])


def _type(value: Any, names: Names) -> Any:
    """A type as its term. Of several the one that the protocol knows."""
    listed = [short(names.iri(one)) if isinstance(one, str) else one for one in _listed(value)]
    ours = [one for one in listed if isinstance(one, str) and ":" not in one]
    return ours[0] if len(ours) == 1 else _single(listed)


def _nested(value: Any, names: Names) -> Any:
    return _object(value, names) if isinstance(value, Mapping) else value


def _leaf(kind: Kind, value: Any, names: Names) -> Any:
    """A text: as it stands, out of its ``@value``, or the identifier that an object consists of."""
    if isinstance(value, Mapping):
        made = _object(value, names)
        if "@value" in made:
            value = made["@value"]
        elif made.keys() == {"@id"}:
            value = made["@id"]
        else:
            return made
    if not isinstance(value, str):
        return value
    if kind is Kind.TERM:
        return names.term(value)
    return names.identifier(value) if kind is Kind.IDENTIFIER else value


def _operand(value: Any, names: Names) -> Any:
    """A right operand: the schema takes no bare number, and a list of several says more than its members."""
    listed = [_literal(one, names) for one in _listed(value)]
    if len(listed) != 1 or (isinstance(value, list) and not isinstance(value[0], Mapping)):
        return listed
    return listed[0] if isinstance(listed[0], str | Mapping) else {"@value": listed[0]}


def _foreign(value: Any, names: Names) -> Any:
    """The value of a member that is not the protocol's."""
    if isinstance(value, list):
        made = [_foreign(one, names) for one in value]
        return _single(made) if value and _is_expanded(value[0]) else made
    return _literal(value, names)


def _is_expanded(value: Any) -> bool:
    return isinstance(value, Mapping) and any(name.startswith("@") for name in value)


def _literal(value: Any, names: Names) -> Any:
    """Without its ``@value`` when that is all it says."""
    if not isinstance(value, Mapping):
        return value
    made = _object(value, names)
    return made["@value"] if made.keys() == {"@value"} else made


def _listed(value: Any) -> list[Any]:
    """The members of a list, or of an object that says that it is one; one alone is a list of one."""
    if isinstance(value, Mapping) and value.keys() & {"@list", "@set"}:
        value = value.get("@list", value.get("@set"))
    return value if isinstance(value, list) else [value]


def _single(listed: list[Any]) -> Any:
    return listed[0] if len(listed) == 1 else listed
