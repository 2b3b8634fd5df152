"""Is a message in plain form already? Most are: this is what each of them costs.

A message is plain when its context is a list of URLs with the protocol's among them, its members have the protocol's
terms, and in them stands what the JSON schemas ask for. What it has beside that is nobody's business here.
"""

from typing import Any

from havre.messages.jsonld_terms import KINDS, KINDS_OF, NAMESPACES, TERMS, Kind
from havre.messages.wire import CONTEXT

_NAMESPACES = tuple(NAMESPACES)
_PREFIXED = frozenset(
    f"{prefix}:{iri[len(namespace) :]}"
    for namespace, prefix in NAMESPACES.items()
    for iri in TERMS
    if iri.startswith(namespace)
)
_WRAPPED = frozenset({"@value", "@list", "@set"})


def is_plain(message: dict[str, Any]) -> bool:
    """Whether a message can be read as it stands."""
    return _is_plain_context(message.get("@context")) and _is_plain_object(message)


def _is_plain_context(context: object) -> bool:
    if context == [CONTEXT]:
        return True
    return isinstance(context, list) and CONTEXT in context and all(isinstance(one, str) for one in context)


def _is_plain_object(value: dict[str, Any]) -> bool:
    type_ = value.get("@type", "")
    if type(type_) is not str or not _is_short(type_):
        return False
    known = KINDS_OF.get(type_, KINDS)
    for name, member in value.items():
        kind = known.get(name)
        if not (_is_other(name, member) if kind is None else _CHECKS[kind](member)):
            return False
    return True


def _is_other(name: str, value: Any) -> bool:
    """Whether a member that has no term of the protocol can stay as it is."""
    if ":" in name:
        return _is_short(name) and not _is_wrapped(value)
    return name not in ("@graph", "@list", "@set", "@value") and (name != "@id" or type(value) is str)


def _is_wrapped(value: Any) -> bool:
    one = value[0] if type(value) is list and value else value
    return type(one) is dict and not _WRAPPED.isdisjoint(one)


def _is_short(name: str) -> bool:
    """Whether there is no shorter name."""
    if ":" not in name:
        return True
    if name in _PREFIXED or name.startswith("dspace:"):
        return False
    return not name.startswith(_NAMESPACES)


def _is_text(value: Any) -> bool:
    return type(value) is not dict and type(value) is not list


def _is_term(value: Any) -> bool:
    return type(value) is str and _is_short(value)


def _is_object(value: Any) -> bool:
    return type(value) is dict and "@context" not in value and _is_plain_object(value)


def _is_reference(value: Any) -> bool:
    return type(value) is str or (_is_object(value) and value.keys() != {"@id"})


def _is_objects(value: Any) -> bool:
    return type(value) is list and all(_is_object(one) for one in value)


def _is_values(value: Any) -> bool:
    return type(value) is list and all(type(one) is not dict for one in value)


def _is_operand(value: Any) -> bool:
    if type(value) is dict:
        return len(value) == 1 and type(value.get("@value")) in (int, float, bool)
    return type(value) is str or (type(value) is list and all(type(one) is str for one in value))


_CHECKS = {
    Kind.TEXT: _is_text,
    Kind.IDENTIFIER: _is_text,
    Kind.TERM: _is_term,
    Kind.REFERENCE: _is_reference,
    Kind.OBJECT: _is_object,
    Kind.OBJECTS: _is_objects,
    Kind.VALUES: _is_values,
    Kind.OPERAND: _is_operand,
}
