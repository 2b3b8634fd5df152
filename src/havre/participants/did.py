"""did:web: identifiers, where their documents stand, and what is in them (DID Core 1.0; did:web method).

Pure: ``havre.participants.resolver`` does the fetching. Rules that hold here:

1. Only keys that the document lists under ``authentication`` and whose controller is the DID itself count.
2. The service entry follows Dataspace Protocol 2025-1, section 4.4: the endpoint of a ``CatalogService`` ends in
   ``/catalog``; what stands before is the base of the protocol.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from havre.errors import Invalid
from havre.participants.keys import PublicKey, from_jwk, public_jwk

LOCAL = ("localhost", "127.0.0.1")
CATALOG = "/catalog"
CONTEXT = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/dspace/2025/1/context.jsonld",
]
_HOST = re.compile(r"(?=.{1,253}(?::|$))[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_DECODED_PORT = re.compile(r"^did:web:([^:%]+):([0-9]{1,5})(?=:|$)")
_SEGMENT = re.compile(r"(?!\.{1,2}$)(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")


def did_of(url: str) -> str:
    """The did:web of a base address: ``http://localhost:80/a/b`` → ``did:web:localhost%3A80:a:b``."""
    parts = urlsplit(url)
    segments = [quote(segment, safe="") for segment in parts.path.split("/") if segment]
    did = ":".join(["did:web", quote(parts.netloc, safe=""), *segments])
    document_url(did)
    return did


def document_url(did: str, allow_http: bool = False) -> str:
    """Where the document of a did:web stands: over HTTPS, but for this machine itself or with ``allow_http``."""
    method, host, path = did[: len("did:web:")], *_parts(did)
    if method != "did:web:" or not _HOST.fullmatch(host) or not all(_SEGMENT.fullmatch(part) for part in path):
        raise Invalid(f"{did!r} is not a did:web", field="id", expected="did:web:<host>[%3A<port>][:<path>…]")
    local = host.partition(":")[0].lower() in LOCAL
    scheme = "http" if allow_http or local else "https"
    return "/".join([f"{scheme}://{host}", *(path or [".well-known"]), "did.json"])


def _parts(did: str) -> tuple[str, list[str]]:
    """Host (with its port decoded) and path segments (as they are), of anything that is said to be a did:web."""
    host, *path = did[len("did:web:") :].split(":")
    return unquote(host), path


def understood(text: str) -> str:
    """A DID whose ``%3A`` was decoded on its way through an address, with it again."""
    return _DECODED_PORT.sub(r"did:web:\1%3A\2", text)


def key_id(did: str) -> str:
    """The identifier of the one key of a hosted participant."""
    return f"{did}#key-1"


def document(did: str, raw_public: bytes, protocol_url: str) -> dict[str, Any]:
    """The DID document of a hosted participant: one key, and where its catalogue is.

    The key's type is the one that connectors in the field know, JsonWebKey2020.
    """
    key = key_id(did)
    return {
        "@context": CONTEXT,
        "id": did,
        "verificationMethod": [
            {"id": key, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": public_jwk(raw_public)}
        ],
        "authentication": [key],
        "assertionMethod": [key],
        "service": [{"id": f"{did}#catalog", "type": "CatalogService", "serviceEndpoint": protocol_url + CATALOG}],
    }


@dataclass(frozen=True)
class Document:
    """What we need of a DID document: its authentication keys by absolute identifier, and the protocol's base."""

    did: str
    keys: Mapping[str, PublicKey]
    protocol_url: str | None


def read(did: str, value: object) -> Document:
    """The parts of a document that we use. ``Invalid`` when it is not that of ``did``; the rest is passed over."""
    if not isinstance(value, dict) or value.get("id") != did:
        raise Invalid(f"the document is not that of {did}", field="id", expected=did)
    methods = {
        absolute(did, method["id"]): method
        for method in _objects(value.get("verificationMethod"))
        if isinstance(method.get("id"), str)
    }
    keys = {}
    for entry in _list(value.get("authentication")):
        found = methods.get(absolute(did, entry)) if isinstance(entry, str) else entry
        key = _key(did, found)
        if found is not None and key is not None:
            keys[absolute(did, found["id"])] = key
    return Document(did, keys, _protocol_url(value.get("service")))


def absolute(did: str, key: str) -> str:
    """A key's identifier in full: documents and headers may give the fragment alone."""
    return f"{did}{key}" if key.startswith("#") else key


def _key(did: str, method: Any) -> PublicKey | None:
    """The key of a verification method; None for one that is not used here."""
    if not isinstance(method, dict) or not isinstance(method.get("id"), str):
        return None
    jwk = method.get("publicKeyJwk")
    if method.get("controller") != did or not isinstance(jwk, dict):
        return None
    try:
        return from_jwk(jwk)
    except Invalid:
        return None


def _protocol_url(services: object) -> str | None:
    for service in _objects(services):
        endpoint = service.get("serviceEndpoint")
        if service.get("type") == "CatalogService" and isinstance(endpoint, str) and endpoint.startswith("http"):
            return endpoint.rstrip("/").removesuffix(CATALOG)
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, dict)]
