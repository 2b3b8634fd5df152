"""Tokens as others write and read them: PyJWT, which shares no code with ours, is the judge of the form."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm

from havre.participants import did, jws, keys, tokens

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
ALICE, BOB = "did:web:port.example:alice", "did:web:city.example:bob"
KEY = keys.private_key(keys.new_signing_key())
CURVE = generate_private_key(SECP256R1())
CLAIMS = {"iss": ALICE, "sub": ALICE, "aud": BOB, "jti": "1", "iat": AT, "exp": AT + 120}
HEADER = {"alg": "EdDSA", "kid": f"{ALICE}#key-1", "typ": "JWT"}


def document() -> did.Document:
    return did.read(ALICE, did.document(ALICE, KEY.public_key().public_bytes_raw(), "http://localhost/dsp"))


def curve_document() -> did.Document:
    jwk = json.loads(ECAlgorithm.to_jwk(CURVE.public_key()))
    return did.Document(ALICE, {f"{ALICE}#key-1": keys.from_jwk(jwk)}, None)


def verified(token: str, known: did.Document | None = None) -> tokens.Claims:
    found = known or document()
    return tokens.verify(token, receiver=BOB, now=NOW, resolve=lambda fresh: found)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def made(header: object = HEADER, claims: object = CLAIMS) -> str:
    """A token whose signature is good, whatever it says."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(KEY.sign(signed.encode()))}"


def test_another_library_reads_what_we_issue() -> None:
    token = tokens.issue(KEY, sender=ALICE, receiver=BOB, now=NOW, id="x")
    assert jwt.get_unverified_header(token) == HEADER
    read = jwt.decode(
        token, KEY.public_key(), algorithms=["EdDSA"], audience=BOB, options={"verify_exp": False, "verify_iat": False}
    )
    assert read == {**CLAIMS, "jti": "x"}


def test_what_is_made_here_by_hand_is_good_but_for_what_is_changed() -> None:
    assert verified(made()).token_id == "1"


@pytest.mark.parametrize("key", [KEY, CURVE], ids=["EdDSA", "ES256"])
def test_we_take_what_another_library_signs(key: Any) -> None:
    curve = isinstance(key, EllipticCurvePrivateKey)
    algorithm = "ES256" if curve else "EdDSA"
    known = curve_document() if curve else document()
    token = jwt.encode(CLAIMS, key, algorithm=algorithm, headers={"kid": "#key-1"})
    assert verified(token, known).token_id == "1"
    with pytest.raises(tokens.Untrusted):
        verified(token[:-8] + "AAAAAAAA", known)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(made({**HEADER, "crit": ["exp"], "exp": AT}), id="an extension that must be understood"),
        pytest.param(made({**HEADER, "alg": "none"}), id="no algorithm"),
        pytest.param(made({**HEADER, "alg": "HS256"}), id="an algorithm of shared secrets"),
        pytest.param(made({**HEADER, "alg": "ES256"}), id="another algorithm than the key's"),
        pytest.param(made({**HEADER, "alg": ["EdDSA"]}), id="a list of algorithms"),
        pytest.param(made({**HEADER, "kid": ["#key-1"]}), id="a list of keys"),
        pytest.param(made({"alg": "EdDSA"}), id="no key named"),
        pytest.param(made([HEADER]), id="a list for a header"),
        pytest.param(made(claims=[CLAIMS]), id="a list of claims"),
        pytest.param(made(claims=b"\xff{}"), id="claims that are no text"),
        pytest.param(made(claims=b"[" * 3000), id="claims without end"),
        pytest.param(made(claims={**CLAIMS, "iat": None}), id="no time"),
        pytest.param(made(claims={**CLAIMS, "iat": True}), id="a time that is none"),
        pytest.param(made(claims={**CLAIMS, "exp": float("nan")}), id="no number"),
        pytest.param(made(claims={**CLAIMS, "exp": 1e300}), id="beyond all time"),
        pytest.param(made(claims={**CLAIMS, "nbf": AT + 31}), id="not yet"),
        pytest.param(made(claims={**CLAIMS, "jti": 1}), id="an identifier that is no text"),
        pytest.param(made(claims={**CLAIMS, "aud": [BOB]}), id="a list of one receiver"),
        pytest.param(made(claims={**CLAIMS, "more": "x" * jws.LONGEST}), id="too long"),
        pytest.param(made() + "=", id="padded"),
        pytest.param(made() + "\n", id="with a line break"),
        pytest.param(made().replace(".", "..", 1), id="an empty part"),
        pytest.param(made() + ".AAAA", id="four parts"),
        pytest.param(made().rpartition(".")[0] + ".AAAA", id="half a signature"),
        pytest.param(made().rpartition(".")[0] + ".", id="no signature"),
    ],
)
def test_whatever_else_a_token_is_it_is_refused(token: str) -> None:
    with pytest.raises(tokens.Untrusted):
        verified(token)


@settings(deadline=None)
@given(st.integers(0, len(made()) - 1), st.characters())
def test_a_token_with_another_character_is_another_token(where: int, character: str) -> None:
    token = made()
    changed = token[:where] + character + token[where + 1 :]
    if jws.read(changed) != jws.read(token):  # the last character of a part has bits that mean nothing
        with pytest.raises(tokens.Untrusted):
            verified(changed)
