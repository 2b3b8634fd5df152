"""did:web: from identifiers to addresses, documents and keys (W3C DID 1.0; did:web method specification)."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import urllib3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from havre.errors import Invalid, Unreachable
from havre.participants.keys import from_jwk, public_jwk
from havre.settings import Settings

LARGEST_DOCUMENT = 64 * 1024
FRESH_SECONDS = 600.0
NEGATIVE_SECONDS = 5.0
LOCAL = ("localhost", "127.0.0.1")


def did_of(url: str) -> str:
    """The did:web of a base address: ``http://localhost:80/a/b`` → ``did:web:localhost%3A80:a:b``."""
    parts = urlsplit(url)
    segments = [quote(segment, safe="") for segment in parts.path.split("/") if segment]
    return ":".join(["did:web", quote(parts.netloc, safe=""), *segments])


def document_url(did: str, allow_http: bool = False) -> str:
    """Where the document of a did:web stands; HTTPS but for this machine itself."""
    parts = did.split(":")
    if len(parts) < 3 or parts[:2] != ["did", "web"] or not all(parts[2:]):
        raise Invalid(f"{did!r} is not a did:web", field="id", expected="did:web:<host>[:<path>…]")
    host, path = unquote(parts[2]), [unquote(part) for part in parts[3:]]
    if "/" in host or any("/" in part for part in path):
        raise Invalid(f"{did!r} is not a did:web", field="id", expected="did:web:<host>[:<path>…]")
    scheme = "http" if allow_http or host.split(":")[0] in LOCAL else "https"
    return f"{scheme}://{host}/{'/'.join([*path, 'did.json'] if path else ['.well-known', 'did.json'])}"


def document(did: str, raw_public: bytes, protocol_url: str) -> dict[str, Any]:
    """The DID document of a hosted participant: one key, and where its catalogue is."""
    key = f"{did}#key-1"
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
            "https://w3id.org/dspace/2025/1/context.jsonld",
        ],
        "id": did,
        "verificationMethod": [
            {"id": key, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": public_jwk(raw_public)}
        ],
        "authentication": [key],
        "assertionMethod": [key],
        "service": [{"id": f"{did}#catalog", "type": "CatalogService", "serviceEndpoint": protocol_url}],
    }


@dataclass(frozen=True)
class Document:
    """What we need of a DID document."""

    did: str
    keys: Mapping[str, Ed25519PublicKey]
    protocol_url: str | None


def read(did: str, value: Any) -> Document:
    """The parts of a document that we use: authentication keys of kinds we know, and the catalogue's address."""
    if not isinstance(value, dict) or value.get("id") != did:
        raise Invalid(f"the document is not that of {did}", field="id", expected=did)
    methods = {method["id"]: method for method in value.get("verificationMethod", []) if "id" in method}
    keys = {}
    for entry in value.get("authentication", []):
        method = methods.get(entry) if isinstance(entry, str) else entry
        if not isinstance(method, dict) or method.get("controller") != did:
            continue
        try:
            keys[_absolute(did, method["id"])] = from_jwk(method.get("publicKeyJwk", {}))
        except Invalid:
            continue  # a key of a kind we do not use
    services = [service for service in value.get("service", []) if service.get("type") == "CatalogService"]
    return Document(did, keys, services[0]["serviceEndpoint"].rstrip("/") if services else None)


def _absolute(did: str, key: str) -> str:
    return f"{did}{key}" if key.startswith("#") else key


class Resolver:
    """Fetches DID documents and keeps them for ten minutes; a failure is kept for a few seconds."""

    def __init__(self, settings: Settings, http: urllib3.PoolManager) -> None:
        self._settings = settings
        self._http = http
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Document | Unreachable]] = {}

    def resolve(self, did: str, *, fresh: bool = False) -> Document:
        """The document of ``did``; ``fresh`` asks again, for instance after a key was not found in it."""
        with self._lock:
            at, known = self._known.get(did, (0.0, None))
        age = time.monotonic() - at
        if isinstance(known, Unreachable) and age < NEGATIVE_SECONDS:
            raise Unreachable(known.message)
        if isinstance(known, Document) and age < (NEGATIVE_SECONDS if fresh else FRESH_SECONDS):
            return known
        try:
            found: Document | Unreachable = self._fetch(did)
        except Unreachable as error:
            found = error
        with self._lock:
            self._known[did] = (time.monotonic(), found)
        if isinstance(found, Unreachable):
            raise found
        return found

    def protocol_url(self, did: str) -> str:
        """The base address of a participant's Dataspace Protocol."""
        found = self.resolve(did).protocol_url
        if found is None:
            raise Unreachable(f"the DID document of {did} names no CatalogService")
        return found

    def _fetch(self, did: str) -> Document:
        url = document_url(did, self._settings.allow_http_did)
        try:
            response = self._http.request(
                "GET",
                url,
                timeout=self._settings.peer_timeout_seconds,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            raw = response.read(LARGEST_DOCUMENT + 1)
            response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"the DID document of {did} cannot be fetched from {url}: {error}") from error
        if response.status != 200 or len(raw) > LARGEST_DOCUMENT:
            raise Unreachable(f"{url} answered {response.status} with {len(raw)} bytes instead of a DID document")
        try:
            return read(did, json.loads(raw))
        except (ValueError, Invalid, KeyError, TypeError, AttributeError) as error:
            raise Unreachable(f"{url} is not the DID document of {did}: {error}") from error
