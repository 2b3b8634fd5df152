"""What the network says: whether our addresses lead to us, and whether those whom we trust can be reached."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from havre.context import Context
from havre.doctor import rules
from havre.doctor.asking import ask
from havre.doctor.model import Finding, ok, problem, warning
from havre.errors import HavreError, Unreachable
from havre.participants import did
from havre.participants.did import Document
from havre.participants.keys import from_jwk, public_jwk
from havre.participants.model import Participant, Recognition, Trusted
from havre.participants.tokens import LEEWAY

REACH = "see that the node runs (`havre run`), that HAVRE_PUBLIC_URL is right, and the proxy before it"
SAME = "say the same here as to `havre run`: HAVRE_PUBLIC_URL, HAVRE_PORT"
THEIRS = "ask them: their node may be down; or see the way there from this machine (name, proxy, firewall)"
OFF = "see the DID with them, or take it off the list: `havre trust remove`"


def own_address(context: Context, hosted: Sequence[Participant]) -> list[Finding]:
    """Whether the addresses that we give to others as callbacks answer, as us."""
    if not hosted:
        return [_healthy(context)]
    return [_answers(context, participant) for participant in hosted]


def _healthy(context: Context) -> Finding:
    url = context.settings.url
    try:
        reply = ask(context, f"{url}/healthz")
    except Unreachable as error:
        return problem("our address", url, error.message, REACH)
    if reply.status != 200:
        return problem("our address", url, f"answers {reply.status}: it is not this node", REACH)
    return ok("our address", url, "answers")


def _answers(context: Context, participant: Participant) -> Finding:
    url = f"{participant.url}/.well-known/dspace-version"
    try:
        reply = ask(context, url)
    except Unreachable as error:
        return problem("our address", participant.url, error.message, REACH)
    if reply.status != 200 or f"{participant.url}/service" not in _services(reply.body):
        what = f"answers {reply.status}, but not as {participant.slug}: somebody else is there"
        return problem("our address", participant.url, what, REACH)
    if not participant.url.startswith(f"{context.settings.url}/"):
        what = f"answers; but by the settings here the node is at {context.settings.url}"
        return warning("our address", participant.url, what, SAME)
    return ok("our address", participant.url, f"answers as {participant.slug}")


def _services(body: bytes) -> list[object]:
    """The services of which a version document tells."""
    versions = _json(body)
    listed = versions.get("protocolVersions") if isinstance(versions, dict) else None
    return [one.get("serviceId") for one in listed or () if isinstance(one, dict)] if isinstance(listed, list) else []


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def own_document(context: Context, participant: Participant, public_key: bytes) -> Finding:
    """Whether the DID document that others find is ours: with our key, and the address of our protocol."""
    try:
        found, _ = _document(context, participant.did)
    except Unreachable as error:
        return problem("our DID", participant.did, error.message, REACH)
    if found.keys.get(did.key_id(participant.did)) != from_jwk(public_jwk(public_key)):
        what = "its document does not have the key that we sign with: nobody will accept our messages"
        return problem("our DID", participant.did, what, REACH)
    if found.protocol_url != participant.protocol_url:
        what = f"its document says that the protocol is at {found.protocol_url}, not {participant.protocol_url}"
        return problem("our DID", participant.did, what, REACH)
    return ok("our DID", participant.did, "its document has our key and our address")


def counterparty(context: Context, entry: Trusted) -> list[Finding]:
    """Somebody on the trust list: document, address and clock. Asked without a token: they learn nothing."""
    id = entry.counterparty.id
    if entry.recognition is Recognition.FIXED:
        return [ok("trust list", id, "is recognised by a fixed value: there is no document to look for")]
    try:
        document, difference = _document(context, id)
    except Unreachable as error:
        return [problem("trust list", id, error.message, f"{THEIRS}; {OFF}")]
    if not document.keys:
        return [problem("trust list", id, "its document has no key that it could sign with", OFF)]
    if document.protocol_url is None:
        what = "its document names no CatalogService: it can ask us, we cannot ask it"
        return [warning("trust list", id, what, OFF), _clock(id, difference)]
    found = ok("trust list", id, "its document has a key and an address")
    return [found, *_address(context, id, document.protocol_url)]


def _clock(id: str, ahead: timedelta | None) -> Finding:
    return rules.clock(id, ahead, LEEWAY)


def _address(context: Context, id: str, url: str) -> list[Finding]:
    """Any answer is one: without a token there is nothing to see. The time is that of the node, not of its document."""
    try:
        reply = ask(context, url)
    except Unreachable as error:
        return [problem("their address", id, error.message, THEIRS)]
    if reply.status >= 500:
        return [problem("their address", id, f"{url} answers {reply.status}", THEIRS), _clock(id, reply.ahead)]
    return [ok("their address", id, f"{url} answers"), _clock(id, reply.ahead)]


def _document(context: Context, id: str) -> tuple[Document, timedelta | None]:
    """The document of a DID and how far the clock where it stands is ahead; ``Unreachable`` says why there is none."""
    try:
        url = did.document_url(id, context.settings.allow_http_did)
        reply = ask(context, url)
        if reply.status != 200:
            raise Unreachable(f"{url} answers {reply.status} instead of a DID document")
        return did.read(id, _json(reply.body)), reply.ahead
    except Unreachable:
        raise
    except HavreError as error:
        raise Unreachable(f"its document cannot be used: {error}") from error
