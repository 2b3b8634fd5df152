"""Tokens between participants: a stranger and every defect are refused, a token is good once."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from havre.context import Context
from havre.database import Database
from havre.errors import Denied, Invalid, NotFound, Unreachable
from havre.participants import did, keys, store, tokens, usecases
from havre.participants.model import Counterparty, Identified, Role, Scope
from havre.participants.resolver import Resolver
from havre.settings import Settings

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALICE, BOB = "did:web:port.example:alice", "did:web:city.example:bob"
KEY = keys.new_signing_key()
OTHER_KEY = keys.new_signing_key()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    database = Database(f"sqlite:///{tmp_path / 'havre.db'}")
    yield Context(Settings(home=tmp_path), database, clock=lambda: NOW)
    database.close()


def document(raw: bytes = KEY) -> did.Document:
    return did.read(ALICE, did.document(ALICE, keys.public_bytes(raw), "http://localhost/dsp"))


def signed(raw: bytes = KEY, *, algorithm: str = "EdDSA", kid: str = f"{ALICE}#key-1", **changes: Any) -> str:
    at = int(NOW.timestamp())
    claims = {"iss": ALICE, "sub": ALICE, "aud": BOB, "jti": "1", "iat": at, "exp": at + 120, **changes}
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, keys.private_key(raw), algorithm=algorithm, headers={"kid": kid})


def test_a_good_token_is_accepted() -> None:
    token = tokens.issue(keys.private_key(KEY), sender=ALICE, receiver=BOB, now=NOW, id="x")
    claims = tokens.verify(token, receiver=BOB, now=NOW, resolve=lambda fresh: document())
    assert (claims.issuer, claims.token_id) == (ALICE, "x")


AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(OTHER_KEY), id="another's key"),
        pytest.param(signed(kid=f"{ALICE}#key-2"), id="unknown key"),
        pytest.param(signed(aud="did:web:third.example"), id="for somebody else"),
        pytest.param(signed(aud=[BOB, "did:web:third.example"]), id="for several"),
        pytest.param(signed(sub=BOB), id="subject is not the issuer"),
        pytest.param(signed(iss=BOB), id="issuer is not the document's"),
        pytest.param(signed(exp=AT - 31), id="expired"),
        pytest.param(signed(iat=AT + 31, exp=AT + 90), id="from the future"),
        pytest.param(signed(exp=AT + 301), id="lives too long"),
        pytest.param(signed(jti=None), id="no jti"),
        pytest.param(signed(jti=""), id="empty jti"),
        pytest.param(signed(exp=None), id="no exp"),
        pytest.param(signed(iat=None), id="no iat"),
        pytest.param(jwt.encode({"iss": ALICE}, "", algorithm="none"), id="not signed"),
        pytest.param("e30.e30.e30", id="not a token"),
    ],
)
def test_every_defect_is_refused(token: str) -> None:
    with pytest.raises(tokens.Untrusted):
        tokens.verify(token, receiver=BOB, now=NOW, resolve=lambda fresh: document())


def test_a_new_key_of_the_issuer_is_picked_up() -> None:
    def resolve(fresh: bool) -> did.Document:
        return document(OTHER_KEY if fresh else KEY)

    assert tokens.verify(signed(OTHER_KEY), receiver=BOB, now=NOW, resolve=resolve).token_id == "1"


def test_api_tokens_are_scoped_expire_and_can_be_revoked(context: Context) -> None:
    usecases.init_node(context)
    participant, admin = usecases.add_participant(context, "harbour", "Harbour authority")

    def issue(conn: Any) -> usecases.Issued:
        reader = usecases.add_member(conn, "harbour", "meter", "machine", Role.READER, new_id=context.new_id)
        return usecases.issue_token(conn, "harbour", reader.id, now=NOW, new_id=context.new_id, days=1)

    issued = context.database.write(issue)
    header = f"Bearer {issued.secret}"
    with context.database.read() as conn:
        assert usecases.caller(conn, header, Scope.READ, NOW).participant == participant
        with pytest.raises(Denied):
            usecases.caller(conn, header, Scope.PUBLISH, NOW)
        with pytest.raises(NotFound):
            usecases.caller(conn, header, Scope.READ, NOW + timedelta(days=2))
        for stranger in (None, "", "Bearer hvr_wrong", admin.secret[:-1]):
            with pytest.raises(NotFound):
                usecases.caller(conn, stranger, Scope.READ, NOW)
    context.database.write(lambda conn: usecases.revoke_token(conn, "harbour", issued.token.id, now=NOW))
    with context.database.read() as conn, pytest.raises(NotFound):
        usecases.caller(conn, header, Scope.READ, NOW)


def test_no_secret_is_stored_as_it_is(context: Context) -> None:
    operator = usecases.init_node(context)
    _, issued = usecases.add_participant(context, "harbour", "Harbour authority")
    with context.database.read() as conn:
        raw = keys.unseal(
            keys.node_key(context.settings), store.sealed_key(conn, "harbour"), keys.signing_key_of("harbour")
        )
        assert keys.public_bytes(raw) == store.public_key(conn, "harbour")
    context.database.close()
    stored = b"".join(path.read_bytes() for path in context.settings.home.glob("havre.db*"))
    for secret in (operator.encode(), issued.secret.encode(), raw):
        assert secret not in stored


def test_a_node_key_that_others_may_read_is_refused(context: Context) -> None:
    usecases.init_node(context)
    keys.key_file(context.settings).chmod(0o644)
    with pytest.raises(Invalid, match="chmod 600"):
        keys.node_key(context.settings)


def test_a_node_key_of_the_wrong_size_is_refused(context: Context) -> None:
    short = base64.b64encode(b"short").decode()
    with pytest.raises(Invalid, match="32 bytes"):
        keys.node_key(Settings(home=context.settings.home, node_key=short))


def test_a_message_token_is_good_once(context: Context) -> None:
    usecases.init_node(context)
    participant, _ = usecases.add_participant(context, "harbour", "Harbour authority")
    counterparty = Counterparty(ALICE, "Alice", frozenset())
    identified = Identified(counterparty, "1", NOW + timedelta(minutes=2))
    context.database.write(lambda conn: usecases.spend(conn, participant, identified, now=NOW))
    with pytest.raises(NotFound):
        context.database.write(lambda conn: usecases.spend(conn, participant, identified, now=NOW))
    another = replace(identified, token_id="2")
    context.database.write(lambda conn: usecases.spend(conn, participant, another, now=NOW))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8080/participants/harbour", "did:web:localhost%3A8080:participants:harbour"),
        ("https://port.example", "did:web:port.example"),
    ],
)
def test_a_did_and_its_document_address_belong_together(url: str, expected: str) -> None:
    assert did.did_of(url) == expected
    path = "/did.json" if url.count("/") > 2 else "/.well-known/did.json"
    assert did.document_url(expected) == url + path


@pytest.mark.parametrize(
    "wrong", ["", "did:key:z6Mk", "did:web:", "did:web:a::b", "did:web:a%2Fb", "https://a.example"]
)
def test_what_is_no_did_web_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid):
        did.document_url(wrong)


@pytest.mark.parametrize("wrong", ["did:web:a.example%3A99999", "did:web:a..example", f"did:web:{'a' * 70}.example"])
def test_a_did_at_no_address_is_told_as_unreachable(context: Context, wrong: str) -> None:
    usecases.init_node(context)
    with pytest.raises(Unreachable):
        Resolver(context).resolve(wrong)
