"""The certificate "not my fault": a signed document of why one truck was late for one booking (pure).

It names the booking, never the driver, the haulier or the vehicle: facts have the members of ``VALUES`` and no others.
Each fact says which row of which dataset it is: the dataset's identifier, the row's position, the hash of its values,
and the proof that the exchange gives for it, which is kept as it is. The result is what ``causes.judge`` makes of the
facts, so that whoever has the document can compute it again.

Signed as a JWS in the flattened JSON form (RFC 7515, section 7.2.2) with EdDSA over Ed25519 (RFC 8037); the payload is
canonical JSON: members sorted by name, no spaces, UTF-8. A row's hash is SHA-256 over the canonical JSON of its values.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from havre_mobility.trucks import causes
from havre_mobility.trucks.causes import RULE, Parameters
from havre_mobility.trucks.ways import OnTheWay

TYPE = "havre:certificate:not-my-fault:1"
VALUES: Mapping[str, Mapping[str, str]] = {
    "appointment": {"booking": "text", "gate": "text", "slot_starts_at": "time", "slot_ends_at": "time"},
    "pass": {"booking": "text", "gate": "text", "time": "time"},
    "opening": {"bridge": "text", "starts_at": "time", "ends_at": "time"},
    "closure": {"said_at": "time", "place": "text", "starts_at": "time", "ends_at": "time or null"},
    "incident": {"place": "text", "starts_at": "time", "ends_at": "time or null", "delay_s": "seconds"},
    "queue": {"time": "time", "gate": "text", "wait_s": "seconds"},
}
"""By kind of fact, the members of its values and what they are."""
SOURCE = {"dataset", "position", "row_hash", "proof"}
MEMBERS = {"type", "issuer", "issued_at", "booking", "gate", "way", "rule", "facts", "result"}
Document = dict[str, Any]
Proved = Callable[[Mapping[str, Any]], str]
"""Given the source of a fact: what is wrong with its proof; empty when it holds."""


def fact(id: str, kind: str, values: Mapping[str, Any], dataset: str, position: int, proof: Any) -> Document:
    """A fact of the row at ``position`` of a dataset. ``proof``: what the exchange gives, any JSON."""
    source = {"dataset": dataset, "position": position, "row_hash": row_hash(values), "proof": proof}
    return {"id": id, "kind": kind, "values": dict(values), "source": source}


def row_hash(values: Mapping[str, Any]) -> str:
    return "sha256:" + sha256(canonical(values)).hexdigest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def compose(
    way: Sequence[OnTheWay],
    facts: Sequence[Document],
    parameters: Parameters,
    *,
    issuer: str,
    issued_at: datetime,
) -> Document:
    """The document, not yet signed. ``ValueError``: the facts are not as they should be, with all that is wrong."""
    booked: Document = next((one["values"] for one in facts if one.get("kind") == "appointment"), {})
    document: Document = {
        "type": TYPE,
        "issuer": issuer,
        "issued_at": issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "booking": booked.get("booking", ""),
        "gate": booked.get("gate", ""),
        "way": [asdict(one) for one in way],
        "rule": {"id": RULE, "parameters": asdict(parameters)},
        "facts": list(facts),
        "result": {},
    }
    wrong = _facts(document) or _way(document)
    if wrong:
        raise ValueError("; ".join(wrong))
    document["result"] = causes.judge(document["way"], facts, parameters).document()
    return document


def sign(document: Document, key: Ed25519PrivateKey, key_id: str) -> Document:
    """As a flattened JWS. ``key_id``: how the issuer names the key, such as a verification method of its DID."""
    protected = _encode(canonical({"alg": "EdDSA", "kid": key_id, "typ": "JOSE+JSON"}))
    payload = _encode(canonical(document))
    signature = key.sign(f"{protected}.{payload}".encode())
    return {"protected": protected, "payload": payload, "signature": _encode(signature)}


def check(signed: Mapping[str, Any], key: Ed25519PublicKey, proved: Proved | None = None) -> list[str]:
    """All that is wrong with a certificate; empty when it holds. Needs nothing but the issuer's key.

    Without ``proved`` the proofs of the exchange are there to be looked at, and are not judged.
    """
    try:
        document = opened(signed, key)
    except ValueError as error:
        return [str(error)]
    if set(document) != MEMBERS:
        return [f"members: got {', '.join(sorted(document))}; expected {', '.join(sorted(MEMBERS))}"]
    if document["type"] != TYPE or not isinstance(document["rule"], dict) or document["rule"].get("id") != RULE:
        return [f"type and rule: got {document['type']!r}, {document['rule']!r}; expected {TYPE!r}, {RULE!r}"]
    return _facts(document) or _way(document) or [*_result(document), *_proofs(document, proved)]


def opened(signed: Mapping[str, Any], key: Ed25519PublicKey) -> Document:
    """The document in a JWS. ``ValueError``: it is not signed with that key, or it is no document."""
    if set(signed) != {"protected", "payload", "signature"} or not all(isinstance(one, str) for one in signed.values()):
        raise ValueError("signature: expected a flattened JWS: protected, payload and signature")
    protected, payload, signature = (_decode(name, signed[name]) for name in ("protected", "payload", "signature"))
    header = _json("protected", protected)
    if header.get("alg") != "EdDSA" or "crit" in header:
        raise ValueError(f"protected: got {header}; expected alg EdDSA and nothing critical")
    try:
        key.verify(signature, f"{signed['protected']}.{signed['payload']}".encode())
    except InvalidSignature:
        raise ValueError("signature: it does not fit the document and the key") from None
    return _json("payload", payload)


def public_key(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    """From a JWK (RFC 8037). ``ValueError``: it is no public key of Ed25519."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or not isinstance(jwk.get("x"), str):
        raise ValueError("key: expected a JWK of kty OKP, crv Ed25519, with x")
    return Ed25519PublicKey.from_public_bytes(_decode("key", jwk["x"]))


def _facts(document: Document) -> list[str]:
    """What is wrong with the facts, each by itself and with the booking that they are about."""
    facts, wrong = document["facts"], []
    if not isinstance(facts, list) or not all(isinstance(one, dict) and set(one) == _FACT for one in facts):
        return [f"facts: expected a list of objects with {', '.join(sorted(_FACT))}"]
    if len({str(one["id"]) for one in facts}) < len(facts):
        wrong.append("facts: two have the same id")
    for one in facts:
        wrong += [f"fact {one['id']}: {why}" for why in _fact(one, document)]
    kinds = [one["kind"] for one in facts]
    if kinds.count("appointment") != 1 or kinds.count("pass") > 1:
        wrong.append("facts: expected one appointment and at most one pass")
    return wrong


_FACT = {"id", "kind", "values", "source"}


def _fact(one: Document, document: Document) -> list[str]:
    members, values, source = VALUES.get(str(one["kind"])), one["values"], one["source"]
    if members is None or not isinstance(one["id"], str):
        return [f"kind: got {one['kind']!r}; expected one of {', '.join(VALUES)}, and a text as id"]
    if not isinstance(values, dict) or set(values) != set(members):
        return [f"values: expected {', '.join(members)}, and nothing else"]
    wrong = [
        f"{name}: got {values[name]!r}; expected {what}"
        for name, what in members.items()
        if not _is(what, values[name])
    ]
    wrong += [
        f"{name}: got {values[name]!r}; expected that of the certificate, {document[name]!r}"
        for name in ("booking", "gate")
        if name in values and values[name] != document[name]
    ]
    if not isinstance(source, dict) or set(source) != SOURCE or type(source["position"]) is not int:
        wrong.append(f"source: expected {', '.join(sorted(SOURCE))}, position a whole number")
    elif source["row_hash"] != row_hash(values):
        wrong.append(f"row_hash: got {source['row_hash']!r}; the values have {row_hash(values)!r}")
    return wrong


def _way(document: Document) -> list[str]:
    way = document["way"]
    if not isinstance(way, list) or not all(isinstance(one, dict) and set(one) == set(_BRIDGE) for one in way):
        return [f"way: expected a list of objects with {', '.join(_BRIDGE)}"]
    return [
        f"way: {name}: got {one[name]!r}; expected {what}"
        for one in way
        for name, what in _BRIDGE.items()
        if not _is(what, one[name])
    ]


_BRIDGE = {"bridge": "text", "to_gate_s": "seconds", "detour_s": "seconds or null"}


def _result(document: Document) -> list[str]:
    """The rule, applied again."""
    given = document["rule"].get("parameters")
    wanted = asdict(Parameters())
    if (
        not isinstance(given, dict)
        or set(given) != set(wanted)
        or not all(_is("seconds", one) for one in given.values())
    ):
        return [f"rule: parameters: expected whole numbers for {', '.join(wanted)}"]
    computed = causes.judge(document["way"], document["facts"], Parameters(**given)).document()
    said = document["result"]
    if canonical(said) == canonical(computed):
        return []
    if not isinstance(said, dict) or set(said) != set(computed):
        return [f"result: expected {', '.join(computed)}"]
    return [
        f"result: {name}: got {said[name]!r}; the rule gives {value!r}"
        for name, value in computed.items()
        if canonical(said[name]) != canonical(value)
    ]


def _proofs(document: Document, proved: Proved | None) -> list[str]:
    found = []
    for one in document["facts"]:
        why = "there is none" if one["source"]["proof"] is None else proved(one["source"]) if proved else ""
        if why:
            found.append(f"fact {one['id']}: proof: {why}")
    return found


def _is(what: str, value: Any) -> bool:
    if what.endswith(" or null"):
        return value is None or _is(what.removesuffix(" or null"), value)
    if what == "seconds":
        return type(value) is int and value >= 0
    if what == "text":
        return isinstance(value, str) and value != ""
    try:
        causes.seconds(value)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(name: str, text: str) -> bytes:
    """Strict: another spelling of the same bytes is not taken."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise ValueError(f"{name}: expected base64url") from None
    if _encode(raw) != text:
        raise ValueError(f"{name}: expected base64url without padding")
    return raw


def _json(name: str, raw: bytes) -> Document:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError(f"{name}: expected JSON") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name}: expected an object")
    return found
