"""How participants recognise each other: two implementations of one small interface.

``SelfIssued`` signs and checks tokens (``havre.participants.tokens``). ``FixedValue`` compares a configured
``Authorization`` value per counterparty, both ways: for tests, and for peers that send no bearer token.
``Identities`` asks the trust list which of them a counterparty uses.
"""

import logging
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from havre.context import Context
from havre.errors import NotFound
from havre.participants import keys, store, tokens
from havre.participants.did import Resolver
from havre.participants.model import Identified, Participant

log = logging.getLogger("havre.identity")


class Identity(Protocol):
    def authorization(self, sender: Participant, receiver: str) -> str:
        """The ``Authorization`` value of a request from ``sender`` to the participant ``receiver``."""
        ...

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        """Who sent that value. ``NotFound`` for a stranger; the reason is in the log. May ask the network."""
        ...


class SelfIssued:
    """Tokens signed with the sender's key."""

    def __init__(self, context: Context, resolver: Resolver) -> None:
        self._context = context
        self._resolver = resolver
        self._keys: dict[str, Ed25519PrivateKey] = {}

    def authorization(self, sender: Participant, receiver: str) -> str:
        token = tokens.issue(
            self._key(sender.slug),
            sender=sender.did,
            receiver=receiver,
            now=self._context.clock(),
            id=self._context.new_id(),
        )
        return f"Bearer {token}"

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        try:
            if not authorization or not authorization.startswith("Bearer "):
                raise tokens.Untrusted("no bearer token")
            token = authorization.removeprefix("Bearer ")
            issuer = tokens.issuer(token)
            with self._context.database.read() as conn:
                trusted = store.trusted(conn, issuer)
            if trusted is None or trusted.identity != "did":
                raise tokens.Untrusted(f"{issuer} is not on the trust list")
            claims = tokens.verify(
                token,
                receiver=receiver.did,
                now=self._context.clock(),
                resolve=lambda fresh: self._resolver.resolve(issuer, fresh=fresh),
            )
        except tokens.Untrusted as error:
            log.warning("a request to %s was not accepted: %s", receiver.slug, error)
            raise NotFound("stranger") from error
        return Identified(trusted.counterparty, claims.token_id, claims.expires)

    def _key(self, slug: str) -> Ed25519PrivateKey:
        if slug not in self._keys:
            with self._context.database.read() as conn:
                sealed = store.sealed_key(conn, slug)
            self._keys[slug] = keys.private_key(keys.unseal(keys.node_key(self._context.settings), sealed))
        return self._keys[slug]


class FixedValue:
    """A configured value per counterparty, compared by its hash."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def authorization(self, sender: Participant, receiver: str) -> str:
        with self._context.database.read() as conn:
            trusted = store.trusted(conn, receiver)
        if trusted is None or trusted.sends is None:
            raise NotFound(f"no value is configured for {receiver}")
        return keys.unseal(keys.node_key(self._context.settings), trusted.sends).decode()

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        with self._context.database.read() as conn:
            trusted = store.trusted_by_value(conn, store.fingerprint(authorization or ""))
        if trusted is None:
            raise NotFound("stranger")
        return Identified(trusted.counterparty, None, None)


class Identities:
    """What a node uses: each counterparty in its own way."""

    def __init__(self, context: Context, resolver: Resolver) -> None:
        self._context = context
        self._signed = SelfIssued(context, resolver)
        self._fixed = FixedValue(context)

    def authorization(self, sender: Participant, receiver: str) -> str:
        with self._context.database.read() as conn:
            trusted = store.trusted(conn, receiver)
        fixed = trusted is not None and trusted.identity == "fixed"
        return (self._fixed if fixed else self._signed).authorization(sender, receiver)

    def identify(self, receiver: Participant, authorization: str | None) -> Identified:
        looks_signed = authorization is not None and authorization.startswith("Bearer ey")
        if not looks_signed:
            return self._fixed.identify(receiver, authorization)
        return self._signed.identify(receiver, authorization)
