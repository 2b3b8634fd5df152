"""Plain messages, said in other forms of JSON-LD: what peers write, put together without what Havre reads it with.

The terms are transcribed by hand. A dialect is a choice at each place: ``pick`` is given what may be written there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

CONTEXT = "https://w3id.org/dspace/2025/1/context.jsonld"
DSPACE, ODRL = "https://w3id.org/dspace/2025/1/", "http://www.w3.org/ns/odrl/2/"
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
INLINE = {"dspace": DSPACE, "odrl": ODRL, "dcat": DCAT, "dct": DCT}
_WORDS = {
    "odrl": (
        "Offer Agreement permission prohibition obligation duty constraint and andSequence or xone hasPolicy profile "
        "target assigner assignee action leftOperand operator rightOperand use eq neq lt lteq gt gteq isA hasPart "
        "isPartOf isAllOf isAnyOf isNoneOf"
    ),
    "dcat": (
        "Catalog Dataset DataService Distribution service catalog dataset distribution endpointURL endpointDescription "
        "accessService"
    ),
    "dct": "format title description",
}
PREFIX = {word: prefix for prefix, words in _WORDS.items() for word in words.split()}
_LISTS = (
    "permission prohibition obligation duty constraint and andSequence or xone hasPolicy service catalog dataset "
    "distribution endpointProperties reason filter"
)
_IDENTIFIERS = "providerPid consumerPid agreementId target assigner assignee profile participantId"
LISTS, IDENTIFIERS = set(_LISTS.split()), set(_IDENTIFIERS.split())
TERMS = {"state", "eventType", "operator", "action"}
FREE = {"leftOperand", "format", "endpointType"}
"""Values of a vocabulary that the protocol's context does not have."""

Pick = Callable[[Sequence[str]], str]
NAMES = ("plain", "prefixed", "absolute")
OBJECT_FORMS = ("object", "[object]")
LIST_FORMS = ("list", "@list", "@set", "alone")
TEXT_FORMS = ("text", "@value", "[@value]", "[text]")
REFERENCE_FORMS = ("text", "@id", "[@id]", "[text]")
CONTEXTS = ("list", "url", "inline", "both", "vocabulary", "strangers", "none")


def prefer(*order: str) -> Pick:
    """The dialect that writes the first of these that is possible, else what is plain."""
    return lambda options: next((one for one in order if one in options), options[0])


prefixed = prefer("inline", "prefixed", "@id", "[@value]")
expanded = prefer("none", "absolute", "[@id]", "[@value]", "[object]", "list")
wrapped = prefer("strangers", "@value", "@id", "[object]", "@list")


def said(message: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    """The plain message in another form."""
    body = {name: value for name, value in message.items() if name != "@context"}
    context = _context(pick(CONTEXTS))
    return {**({} if context is None else {"@context": context}), **_object(body, pick)}


def _context(form: str) -> Any:
    return {
        "list": [CONTEXT],
        "url": CONTEXT,
        "inline": INLINE,
        "both": [CONTEXT, INLINE],
        "vocabulary": {"@vocab": DSPACE, **INLINE},
        "strangers": [CONTEXT, "https://w3id.org/edc/dspace/v0.0.1", {"@vocab": "https://w3id.org/edc/v0.0.1/ns/"}],
        "none": None,
    }[form]


def _object(value: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    type_ = value.get("@type")
    return {_name(name, type_, pick): _member(name, type_, member, pick) for name, member in value.items()}


def _name(name: str, type_: object, pick: Pick) -> str:
    if name.startswith(("@", "x-")) or ":" in name:
        return name
    # a dataset that is asked for is the protocol's, one in a catalogue is DCAT's
    return _spelled(name, pick, "dspace" if type_ == "DatasetRequestMessage" else PREFIX.get(name, "dspace"))


def _spelled(word: str, pick: Pick, prefix: str | None = None) -> str:
    prefix = prefix or PREFIX.get(word, "dspace")
    return {"plain": word, "prefixed": f"{prefix}:{word}", "absolute": INLINE[prefix] + word}[pick(NAMES)]


def _member(name: str, type_: object, value: Any, pick: Pick) -> Any:
    if name == "@type":
        word = _spelled(value, pick) if value in PREFIX or ":" not in value else value
        return [word] if pick(OBJECT_FORMS) == "[object]" else word
    if name == "@id" or ":" in name or name.startswith("x-"):
        return value
    if name in LISTS and isinstance(value, list):
        return _list([_one(name, one, pick) for one in value], pick)
    return _one(name, value, pick)


def _list(listed: list[Any], pick: Pick) -> Any:
    form = pick(LIST_FORMS if len(listed) == 1 and not isinstance(listed[0], list) else LIST_FORMS[:3])
    return {"list": listed, "@list": {"@list": listed}, "@set": {"@set": listed}, "alone": listed and listed[0]}[form]


def _one(name: str, value: Any, pick: Pick) -> Any:
    if isinstance(value, dict) and "@value" not in value:
        made = _object(value, pick)
        return [made] if name not in LISTS and pick(OBJECT_FORMS) == "[object]" else made
    if name == "rightOperand":
        return _operand(value, pick)
    if name in TERMS:
        return _wrapped(_spelled(value, pick), "@id", pick(REFERENCE_FORMS))
    if name in IDENTIFIERS or name in FREE:
        return _wrapped(value, "@id", pick(REFERENCE_FORMS))
    return _wrapped(value, "@value", pick(TEXT_FORMS[:2] if name in LISTS else TEXT_FORMS))


def _wrapped(value: Any, key: str, form: str) -> Any:
    made = {key: value} if key in form else value
    return [made] if form.startswith("[") else made


def _operand(value: Any, pick: Pick) -> Any:
    if isinstance(value, list):
        return [{"@value": one} if pick(TEXT_FORMS) == "@value" else one for one in value]
    if isinstance(value, dict):
        return [value] if pick(OBJECT_FORMS) == "[object]" else value
    return _wrapped(value, "@value", pick(TEXT_FORMS[:3]))
