"""Where a consumer wants the rows of a push (Dataspace Protocol 2025-1, section 9.2.1: ``dataAddress``; pure).

Rules that hold here: an address is an HTTP address with a host and without a user; what opens it is a property, and can
stand in a header as it is; an address and its properties may be secrets, so no error repeats them, and nothing shows
more of them than the host.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from havre.errors import Invalid

AUTHORIZATION, AUTH_TYPE, MEDIA_TYPE, PURPOSE = "authorization", "authType", "mediaType", "purpose"
NDJSON, ARROW = "application/x-ndjson", "application/vnd.apache.arrow.stream"
MEDIA_TYPES = (NDJSON, ARROW)
AUTH_TYPES = {"bearer": "Bearer", "basic": "Basic"}


@dataclass(frozen=True)
class Destination:
    """``properties`` are names and values as they were given; a name may be there more than once."""

    endpoint: str = field(repr=False)
    properties: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def value(self, name: str) -> str | None:
        return next((value for known, value in self.properties if known == name), None)

    @property
    def host(self) -> str:
        """What may be told of it."""
        return urlsplit(self.endpoint).netloc

    @property
    def authorization(self) -> str | None:
        """The ``Authorization`` header that opens it: the property as it is, or after the scheme that is its type."""
        value, type_ = self.value(AUTHORIZATION), self.value(AUTH_TYPE)
        if value is None or type_ is None:
            return value
        scheme = AUTH_TYPES[type_.lower()]
        return value if value.lower().startswith(f"{scheme.lower()} ") else f"{scheme} {value}"

    @property
    def media_type(self) -> str:
        """What the rows are sent as."""
        return self.value(MEDIA_TYPE) or NDJSON

    @property
    def purposes(self) -> frozenset[str]:
        """What the consumer says that the rows are for."""
        return frozenset(value for name, value in self.properties if name == PURPOSE and value)


def given(
    endpoint: str | None, authorization: str | None, properties: Iterable[tuple[str, str]], form: str
) -> Destination:
    """A destination as a person gives it, in the field ``form``; ``Invalid`` names the wrong one.

    What opens it is a bearer token where nothing else is said.
    """
    more = list(properties)
    if any(name == AUTHORIZATION for name, _ in more):
        raise Invalid("is no property", field=f"{form}.properties", expected=f"it as {form}.authorization")
    if authorization is not None:
        more.insert(0, (AUTHORIZATION, authorization))
        if not any(name == AUTH_TYPE for name, _ in more):
            more.insert(1, (AUTH_TYPE, "bearer"))
    return checked(Destination(_endpoint(endpoint, f"{form}.endpoint"), tuple(more)), f"{form}.properties", form)


def received(endpoint: str | None, properties: Iterable[tuple[str, str]]) -> Destination:
    """A destination as it stands in a message; ``Invalid`` names what we cannot push to."""
    fields, form = "dataAddress.endpointProperties", "dataAddress"
    found = checked(Destination(_endpoint(endpoint, f"{form}.endpoint"), tuple(properties)), fields, fields)
    if found.media_type not in MEDIA_TYPES:
        raise Invalid("is no form of rows here", field=f"{fields}.{MEDIA_TYPE}", expected=" or ".join(MEDIA_TYPES))
    return found


def checked(found: Destination, fields: str, opens: str) -> Destination:
    """``Invalid`` for properties that cannot open anything; ``fields`` and ``opens`` say where they stand."""
    type_ = found.value(AUTH_TYPE)
    if type_ is not None and type_.lower() not in AUTH_TYPES:
        raise Invalid("is not known", field=f"{fields}.{AUTH_TYPE}", expected=" or ".join(AUTH_TYPES))
    value = found.value(AUTHORIZATION)
    if value is not None and not _fits_a_header(value):
        raise Invalid("cannot stand in a header", field=f"{opens}.{AUTHORIZATION}", expected="printable ASCII")
    return found


def _endpoint(text: str | None, field: str) -> str:
    wanted = "an http or https address"
    if text is None:
        raise Invalid("is missing", field=field, expected=wanted)
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("is no such address", field=field, expected=wanted)
    if "@" in parts.netloc:
        raise Invalid("has a user in it", field=field, expected=f"{wanted}, and what opens it as {AUTHORIZATION}")
    return text


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return parts if _fits_a_header(text) and " " not in text and parts.port != 0 else None
    except ValueError:
        return None


def _fits_a_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and text == text.strip()
