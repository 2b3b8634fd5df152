"""From a DID to its document: from our own database for participants hosted here, over HTTP for all others.

Rules that hold here:

1. A document is kept for ten minutes. Who finds that a signature does not fit asks for a fresh one, and gets it
   at once, but not more than once in five seconds: forged tokens must not make us ask a peer again and again.
2. A failure is kept for five seconds.
3. No redirection is followed, and no more than 64 KB are read.
"""

import json
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import urllib3

from havre.context import Context
from havre.errors import Invalid, Unreachable
from havre.participants import did as web
from havre.participants import keys, store
from havre.participants.did import Document

LARGEST_DOCUMENT = 64 * 1024
FRESH = timedelta(minutes=10)
PAUSE = timedelta(seconds=5)
MOST_KEPT = 10_000


@dataclass(frozen=True)
class _Kept:
    found: Document | Unreachable
    at: datetime
    asked_again: datetime | None


class Resolver:
    """Resolves DIDs for many threads. Does I/O: not to be called inside a transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def resolve(self, did: str, *, fresh: bool = False) -> Document:
        """The document of ``did``; with ``fresh`` a new one, within rule 1. ``Unreachable`` says why there is none."""
        now = self._context.clock()
        kept = self._kept.get(did)
        if kept is None or not _good(kept, now, fresh):
            kept = _renewed(kept, self._ask(did), now, fresh)
            self._keep(did, kept)
        if isinstance(kept.found, Unreachable):
            raise Unreachable(kept.found.message)
        return kept.found

    def kept(self, did: str) -> Document | None:
        """The document of ``did`` if it is at hand and still good. Asks nobody."""
        kept = self._kept.get(did)
        good = kept is not None and _good(kept, self._context.clock(), fresh=False)
        return kept.found if good and kept is not None and isinstance(kept.found, Document) else None

    def protocol_url(self, did: str) -> str:
        """The base address of a participant's Dataspace Protocol, from its DID document."""
        found = self.resolve(did).protocol_url
        if found is None:
            raise Unreachable(f"the DID document of {did} names no CatalogService")
        return found

    def _keep(self, did: str, kept: _Kept) -> None:
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[did] = kept

    def _ask(self, did: str) -> Document | Unreachable:
        try:
            return self._hosted(did) or self._fetch(did)
        except Unreachable as error:
            return error

    def _hosted(self, did: str) -> Document | None:
        with self._context.database.read() as conn:
            found = store.participant_by_did(conn, did)
            if found is None:
                return None
            jwk = keys.public_jwk(store.public_key(conn, found.slug))
        return Document(did, {web.key_id(did): keys.from_jwk(jwk)}, found.protocol_url)

    def _fetch(self, did: str) -> Document:
        url = web.document_url(did, self._context.settings.allow_http_did)
        try:
            status, raw = self._get(url)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(f"the DID document of {did} cannot be fetched from {url}: {error}") from error
        if status != 200:
            raise Unreachable(f"{url} answered {status} instead of a DID document")
        if len(raw) > LARGEST_DOCUMENT:
            raise Unreachable(f"the DID document at {url} is longer than {LARGEST_DOCUMENT} bytes")
        try:
            return web.read(did, json.loads(raw))
        except (ValueError, RecursionError, Invalid) as error:
            raise Unreachable(f"{url} is not the DID document of {did}: {error}") from error

    def _get(self, url: str) -> tuple[int, bytes]:
        response = self._context.http.request(
            "GET",
            url,
            timeout=self._context.settings.peer_timeout_seconds,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            raw = response.read(LARGEST_DOCUMENT + 1)
        except BaseException:
            response.close()
            raise
        if len(raw) > LARGEST_DOCUMENT:
            response.close()  # the rest would be read by the next request on this connection
        response.release_conn()
        return response.status, raw


def _renewed(kept: _Kept | None, found: Document | Unreachable, now: datetime, fresh: bool) -> _Kept:
    """What to keep now. A document that is still good is not lost because its successor could not be fetched."""
    if fresh and isinstance(found, Unreachable) and kept is not None and isinstance(kept.found, Document):
        return replace(kept, asked_again=now)
    return _Kept(found, now, now if fresh else None)


def _good(kept: _Kept, now: datetime, fresh: bool) -> bool:
    """Whether what is kept may still be used."""
    limit = FRESH if isinstance(kept.found, Document) and not fresh else PAUSE
    since = kept.asked_again if isinstance(kept.found, Document) and fresh else kept.at
    return since is not None and timedelta(0) <= now - since < limit
