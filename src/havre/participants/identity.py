"""How participants recognise each other: two implementations of one small interface.

``SelfIssued`` signs and checks tokens (``havre.participants.tokens``). ``FixedValue`` compares a configured
``Authorization`` value per counterparty, both ways: for tests, and for peers that send no bearer token.
``Identities`` asks the trust list which of them a counterparty uses: it is what a node runs with.

Rules that hold here: only who is on the trust list is recognised, and for nobody else is anything fetched. Who is
not recognised learns nothing; the reason is in the log and in ``Stranger.why``, for the audit. Whose token seems good,
but whose key cannot be fetched now, is asked to come again: a peer that starts anew must not be refused for good.
"""

import hmac
import logging
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from havre.context import Context
from havre.errors import Early, NotFound
from havre.participants import keys, store, tokens
from havre.participants.model import Identified, Participant, Recognition, Stranger
from havre.participants.resolver import Resolver
from havre.participants.trust import TrustList

log = logging.getLogger("havre.identity")


def stranger(receiver: Participant, why: str) -> Stranger:
    """The refusal of a sender; the reason is in the log."""
    log.warning("a request to %s was not accepted: %s", receiver.slug, why[:500])
    return Stranger(why[:500])


class Identity(Protocol):
    """How requests between participants say who sent them."""

    def authorization(self, sender: Participant, receiver: str) -> str:
        """The ``Authorization`` value of a request from ``sender`` to the participant ``receiver`` (its id)."""
        ...

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        """Who sent that value. ``Stranger`` otherwise; ``Early`` when that cannot be found out at the moment.

        May ask the network: not to be called in a transaction.
        """
        ...

    def recognised(self, receiver: Participant, authorization: str | None) -> Identified | None:
        """Who sent that value, if that can be said without asking a database or the network; else None.

        None says nothing of the sender: ``identify`` finds out.
        """
        ...


class SelfIssued:
    """Tokens signed with the sender's key."""

    def __init__(self, context: Context, trust: TrustList, resolver: Resolver) -> None:
        self._context = context
        self._trust = trust
        self._resolver = resolver
        self._node_key = keys.node_key(context.settings)
        self._keys: dict[str, Ed25519PrivateKey] = {}

    def authorization(self, sender: Participant, receiver: str) -> str:
        now, id = self._context.clock(), self._context.new_id()
        token = tokens.issue(self._key(sender.slug), sender=sender.did, receiver=receiver, now=now, id=id)
        return f"Bearer {token}"

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        token = bearer(authorization)
        issuer = tokens.issuer(token)
        if issuer is None:
            raise stranger(receiver, "no token in the Authorization header")
        trusted = self._trust.find(issuer)
        if trusted is None or trusted.recognition is not Recognition.DID:
            raise stranger(receiver, f"{issuer!r} is not on the trust list as a signer of tokens")
        try:
            claims = tokens.verify(
                token,
                receiver=receiver.did,
                now=self._context.clock(),
                resolve=lambda fresh: self._resolver.resolve(issuer, fresh=fresh),
            )
        except tokens.Unchecked as error:
            log.warning(
                "a request to %s could not be checked: a token of %s: %s", receiver.slug, issuer, str(error)[:500]
            )
            raise Early("it cannot be found out now who sends this; the same again, a moment later") from error
        except tokens.Untrusted as error:
            raise stranger(receiver, f"a token of {issuer}: {error}") from error
        return Identified(trusted.counterparty, claims.token_id, claims.expires)

    def recognised(self, receiver: Participant, authorization: str | None) -> Identified | None:
        token = bearer(authorization)
        issuer = tokens.issuer(token) or ""
        trusted, document = self._trust.kept(issuer), self._resolver.kept(issuer)
        if trusted is None or trusted.recognition is not Recognition.DID or document is None:
            return None
        try:
            claims = tokens.verify(
                token, receiver=receiver.did, now=self._context.clock(), resolve=lambda fresh: document
            )
        except tokens.Untrusted:
            return None
        return Identified(trusted.counterparty, claims.token_id, claims.expires)

    def _key(self, slug: str) -> Ed25519PrivateKey:
        if slug not in self._keys:
            with self._context.database.read() as conn:
                sealed = store.sealed_key(conn, slug)
            self._keys[slug] = keys.private_key(keys.unseal(self._node_key, sealed, keys.signing_key_of(slug)))
        return self._keys[slug]


class FixedValue:
    """A configured value per counterparty, the whole header as it stands. It proves no more than a password does."""

    def __init__(self, context: Context, trust: TrustList) -> None:
        self._trust = trust
        self._node_key = keys.node_key(context.settings)

    def authorization(self, sender: Participant, receiver: str) -> str:
        trusted = self._trust.find(receiver)
        if trusted is None or trusted.sends is None:
            raise NotFound(f"the trust list has no Authorization value to send to {receiver}")
        return keys.unseal(self._node_key, trusted.sends, keys.value_for(receiver)).decode()

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        found = self.recognise(authorization)
        if found is None:
            raise stranger(receiver, "no value that the trust list knows")
        return found

    def recognised(self, receiver: Participant, authorization: str | None) -> Identified | None:
        return None

    def recognise(self, authorization: str | None) -> Identified | None:
        came = keys.keyed_hash(self._node_key, authorization or "")
        trusted = self._trust.find_by_value(came)
        # the search was for a keyed hash: how long it takes says nothing of the value
        if trusted is None or not hmac.compare_digest(trusted.receives or "", came):
            return None
        return Identified(trusted.counterparty, None, None)


class Identities:
    """Each counterparty in its own way."""

    def __init__(self, context: Context, resolver: Resolver) -> None:
        self._trust = TrustList(context)
        self._signed = SelfIssued(context, self._trust, resolver)
        self._fixed = FixedValue(context, self._trust)

    def authorization(self, sender: Participant, receiver: str) -> str:
        trusted = self._trust.find(receiver)
        fixed = trusted is not None and trusted.recognition is Recognition.FIXED
        return (self._fixed if fixed else self._signed).authorization(sender, receiver)

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        """A token of a trusted signer is judged as a token; anything else may be a configured value."""
        issuer = tokens.issuer(bearer(authorization))
        trusted = self._trust.find(issuer) if issuer else None
        signer = trusted is not None and trusted.recognition is Recognition.DID
        by_value = None if signer else self._fixed.recognise(authorization)
        return by_value or self._signed.identify(receiver, authorization)

    def recognised(self, receiver: Participant, authorization: str | None) -> Identified | None:
        return self._signed.recognised(receiver, authorization)


def bearer(authorization: str | None) -> str:
    """The token of a bearer header (RFC 6750, section 2.1); empty when it is none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
