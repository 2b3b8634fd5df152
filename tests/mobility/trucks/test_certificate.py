"""The certificate credits a cause with what would not be there without it, and no value in it can be changed unseen."""

import base64
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.trucks import certificate, check
from havre_mobility.trucks.causes import Parameters, judge
from havre_mobility.trucks.certificate import Document, fact
from havre_mobility.trucks.ways import OnTheWay, way

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key()
RULE = Parameters()
WAY = (OnTheWay("bridge-7", 600, 900),)
ISSUED = datetime(2026, 3, 3, 8, tzinfo=UTC)


def clock(text: str) -> str:
    """On the day, with seconds where there are none."""
    return f"2026-03-02T{text if text.count(':') == 2 else text + ':00'}Z"


def made(kind: str, number: int = 1, **values: Any) -> Document:
    return fact(f"{kind}-{number}", kind, values, f"urn:uuid:{kind}", number, {"leaf": number})


def booked() -> Document:
    """From nine to ten. In time is who is through by ten: at the gate by 9:57, over the bridge by 9:47."""
    return made("appointment", booking="b-1", gate="gate-1", slot_starts_at=clock("09:00"), slot_ends_at=clock("10:00"))


def through(at: str) -> Document:
    return made("pass", booking="b-1", gate="gate-1", time=clock(at))


def opening(starts: str, ends: str, bridge: str = "bridge-7") -> Document:
    return made("opening", bridge=bridge, starts_at=clock(starts), ends_at=clock(ends))


def closure(said: str, ends: str | None = None) -> Document:
    told = None if ends is None else clock(ends)
    return made("closure", said_at=clock(said), place="bridge-7", starts_at=clock("05:00"), ends_at=told)


def queued(at: str, wait: int) -> Document:
    return made("queue", time=clock(at), gate="gate-1", wait_s=wait)


def verdict(*facts: Document) -> tuple[str, int, list[tuple[str, int]], int]:
    ways = [{"bridge": one.bridge, "to_gate_s": one.to_gate_s, "detour_s": one.detour_s} for one in WAY]
    found = judge(ways, facts, RULE)
    return found.verdict, found.late_s, [(one.cause, one.seconds) for one in found.causes], found.unexplained_s


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([through("10:00")], ("on time", 0, [], 0)),
        ([], ("did not come", 0, [], 0)),
        ([through("10:15")], ("not explained", 900, [], 900)),
        # it was due at the bridge by 9:47, the bridge was closed from 9:45 to 9:58, it passed at 10:02
        ([through("10:15"), opening("09:45", "09:58")], ("not at fault", 900, [("opening", 900)], 0)),
        # it was late already when the bridge opened, by three minutes
        ([through("10:15"), opening("09:50", "09:58")], ("partly explained", 900, [("opening", 720)], 180)),
        # the bridge was open again for so long that it cannot have waited
        ([through("10:35"), opening("09:45", "09:58")], ("not explained", 2100, [], 2100)),
        # another bridge
        ([through("10:15"), opening("09:45", "09:58", "bridge-5")], ("not explained", 900, [], 900)),
        ([through("10:15"), queued("10:10", 600)], ("partly explained", 900, [("queue", 600)], 300)),
        ([through("10:15"), queued("09:50", 600)], ("not explained", 900, [], 900)),
        ([through("10:10"), queued("10:05", 900)], ("not at fault", 600, [("queue", 600)], 0)),
        # the queue first, then the opening with what is left: over the bridge at 9:52
        (
            [through("10:15"), queued("10:10", 600), opening("09:40", "09:50")],
            ("not at fault", 900, [("queue", 600), ("opening", 300)], 0),
        ),
        ([through("10:15"), closure("08:00")], ("not at fault", 900, [("closure", 900)], 0)),
        ([through("10:15"), closure("03:00")], ("not explained", 900, [], 900)),  # known for six hours
        ([through("10:15"), closure("08:00", "09:00")], ("not explained", 900, [], 900)),
        (
            [through("10:15"), made("incident", place="gate-1", starts_at=clock("09:30"), ends_at=None, delay_s=500)],
            ("partly explained", 900, [("incident", 500)], 400),
        ),
    ],
)
def test_the_rule(facts: list[Document], expected: tuple[str, int, list[tuple[str, int]], int]) -> None:
    assert verdict(booked(), *facts) == expected


moments = st.integers(8 * 60, 12 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(moments, st.lists(st.tuples(moments, st.integers(1, 60)), max_size=3), st.integers(0, 4000))
def test_no_more_is_explained_than_there_is(came: str, openings: list[tuple[str, int]], wait: int) -> None:
    facts = [booked(), through(came), queued(came, wait)]
    for number, (starts, minutes) in enumerate(openings):
        one = opening(starts, "23:00")
        ends = datetime.fromisoformat(one["values"]["starts_at"]).timestamp() + 60 * minutes
        one["values"]["ends_at"] = datetime.fromtimestamp(ends, UTC).isoformat()
        facts.append(one | {"id": f"o-{number}"})
    name, late, causes, left = verdict(*facts)
    assert sum(seconds for _, seconds in causes) + left == late
    assert left >= 0 and all(seconds > 0 for _, seconds in causes)
    assert (name == "on time") == (late == 0)


def document() -> Document:
    facts = [booked(), through("10:15"), opening("09:45", "09:58"), queued("10:10", 120)]
    return certificate.compose(WAY, facts, RULE, issuer="did:web:port.example", issued_at=ISSUED)


def signed() -> Document:
    return certificate.sign(document(), KEY, "did:web:port.example#key-1")


def test_a_certificate_holds() -> None:
    assert certificate.check(signed(), PUBLIC) == []
    assert certificate.opened(signed(), PUBLIC)["result"]["verdict"] == "not at fault"


def test_it_names_the_booking_and_nobody() -> None:
    facts = [booked(), through("10:15")]
    facts[1]["values"]["driver"] = "Jo"
    facts[1]["source"]["row_hash"] = certificate.row_hash(facts[1]["values"])
    with pytest.raises(ValueError, match="fact pass-1: values: expected booking, gate, time, and nothing else"):
        certificate.compose(WAY, facts, RULE, issuer="did:web:port.example", issued_at=ISSUED)


def test_another_key_does_not_open_it() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32).public_key()
    assert certificate.check(signed(), stranger) == ["signature: it does not fit the document and the key"]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for key, one in inner for leaf in leaves(one, (*path, key))]
    return found if found or isinstance(value, dict | list) else [path]


def altered(path: tuple[Any, ...], value: Any) -> Document:
    changed = copy.deepcopy(document())
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


anything = st.one_of(
    st.integers(-5, 10_000),
    st.text(max_size=5),
    st.none(),
    st.booleans(),
    st.just([]),
    st.just({}),
    st.just(clock("09:46")),
)


@given(st.sampled_from(leaves(document())), anything)
def test_whatever_is_changed_the_signature_does_not_fit(path: tuple[Any, ...], value: Any) -> None:
    changed = altered(path, value)
    payload = base64.urlsafe_b64encode(certificate.canonical(changed)).rstrip(b"=").decode()
    found = certificate.check(signed() | {"payload": payload}, PUBLIC)
    same = certificate.canonical(changed) == certificate.canonical(document())
    assert found == ([] if same else ["signature: it does not fit the document and the key"])


@given(st.sampled_from([one for one in leaves(document()) if one[0] in ("facts", "way", "result", "rule")]), anything)
def test_an_issuer_cannot_change_a_fact_or_the_result_either(path: tuple[Any, ...], value: Any) -> None:
    """Signed anew: the hash of the row, or the rule, gives it away. Where a row lies is for the proof to say."""
    changed = altered(path, value)
    found = certificate.check(certificate.sign(changed, KEY, "key"), PUBLIC)
    before = document()
    if certificate.canonical(changed) != certificate.canonical(before) and path[0] == "facts" and "values" in path:
        assert found
    if path[0] == "result":
        assert bool(found) == (certificate.canonical(changed) != certificate.canonical(before))


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [node for key, one in inner for node in nodes(one, (*path, key))]


@given(st.sampled_from(nodes(document())), anything)
def test_rubbish_in_any_place_is_told_and_breaks_nothing(path: tuple[Any, ...], value: Any) -> None:
    found = certificate.check(certificate.sign(altered(path, value), KEY, "key"), PUBLIC)
    assert all(isinstance(one, str) for one in found)


@given(st.sampled_from(["protected", "payload", "signature"]), st.integers(0, 5000), st.sampled_from("Aa0-_=\n"))
def test_no_letter_of_it_can_be_changed(member: str, place: int, letter: str) -> None:
    whole = signed()
    text = whole[member]
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    assert bool(certificate.check(whole | {member: changed}, PUBLIC)) == (changed != text)


@pytest.mark.parametrize("rubbish", [{}, {"protected": 1, "payload": "", "signature": ""}, signed() | {"more": "x"}])
def test_what_is_no_certificate_is_said_to_be_none(rubbish: Document) -> None:
    assert certificate.check(rubbish, PUBLIC)[0].startswith("signature: expected a flattened JWS")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_is_taken(algorithm: str) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    (problem,) = certificate.check(signed() | {"protected": header}, PUBLIC)
    assert problem.startswith("protected: ")


def test_proofs_are_judged_by_who_can() -> None:
    def proved(source: Any) -> str:
        return "" if source["proof"]["leaf"] == source["position"] and source["position"] != 1 else "no such leaf"

    found = certificate.check(signed(), PUBLIC, proved)
    assert len(found) == 4 and found[0] == "fact appointment-1: proof: no such leaf"
    without = document()
    without["facts"][0]["source"]["proof"] = None
    assert certificate.check(certificate.sign(without, KEY, "key"), PUBLIC) == [
        "fact appointment-1: proof: there is none"
    ]


def files(folder: Path, document: Document) -> list[str]:
    raw = PUBLIC.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}
    did = {"verificationMethod": [{"id": "did:web:port.example#key-1", "publicKeyJwk": jwk}]}
    (folder / "certificate.json").write_text(json.dumps(document))
    (folder / "key.json").write_text(json.dumps(did))
    return [str(folder / "certificate.json"), str(folder / "key.json")]


def test_the_command_tells_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(files(tmp_path, signed())) == 0
    assert capsys.readouterr().out.splitlines()[:4] == [
        "booking b-1 at gate-1, issued 2026-03-03T08:00:00Z by did:web:port.example",
        "not at fault: 900 s late, 0 s not explained",
        "  120 s by queue at gate-1 (fact queue-1)",
        "  780 s by opening at bridge-7 (fact opening-1)",
    ]


def test_the_command_tells_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = certificate.sign(altered(("result", "late_s"), 60), KEY, "key")
    assert check.main(files(tmp_path, wrong)) == 1
    assert capsys.readouterr().out == "result: late_s: got 60; the rule gives 900\n"
    assert check.main([str(tmp_path / "missing.json"), str(tmp_path / "key.json")]) == 2


def feature(kind: str, name: str, coordinates: Any, **more: Any) -> Document:
    return {"properties": {"id": name, "kind": kind, **more}, "geometry": {"coordinates": coordinates}}


def test_a_way_is_measured_along_the_roads_and_round_a_lost_bridge() -> None:
    """A square of 0.01 degrees at the equator, 1,112 m a side: the bridge on the short way, three sides without it."""
    places = {
        "features": [
            feature("gate", "gate-1", [0.01, 0.0]),
            feature("bridge", "b", [0.005, 0.0], road="short"),
            feature("road", "short", [[0.0, 0.0], [0.005, 0.0], [0.01, 0.0]]),
            feature("road", "long", [[0.0, 0.0], [0.0, 0.01], [0.01, 0.01], [0.01, 0.0]]),
        ]
    }
    (found,) = way(places, "gate-1", ["b"])
    assert found.to_gate_s == pytest.approx(556 / 30 * 3.6, abs=1)
    assert found.detour_s == pytest.approx(2 * 1112 / 30 * 3.6, abs=1)
    with pytest.raises(ValueError, match=r"bridge: got 'c'; expected one of places\.geojson"):
        way(places, "gate-1", ["c"])
