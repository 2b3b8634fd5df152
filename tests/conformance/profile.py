"""What the conformance kit expects the connector under test to do by itself, in the words of reactions.

Each test of the kit uses a dataset (``ACN…`` where the node is the provider, ``ACNC…`` where it is the consumer) or an
agreement (``ATP…``, ``ATPC…``) of its own, and expects a script of the node: see the kit's tests of the same numbers.
"""

from collections.abc import Mapping
from typing import Any

Reactions = Mapping[str, Any]

KIT = "TCK_PARTICIPANT"
SLUG = "connector"
AUTHORIZATION = "Bearer conformance"
"""The fixed value by which the node and the kit recognise each other."""

CATALOGUE = ("CAT0101", "CAT0102")


def _negotiation(**states: Any) -> Reactions:
    return {"negotiation": {state: given if isinstance(given, list) else [given] for state, given in states.items()}}


def _transfer(**states: Any) -> Reactions:
    return {"transfer": {state: given if isinstance(given, list) else [given] for state, given in states.items()}}


AS_PROVIDER: Mapping[str, Reactions] = {
    "ACN0101": _negotiation(REQUESTED="offer"),
    "ACN0102": _negotiation(REQUESTED=["offer", "refuse"]),
    "ACN0103": _negotiation(REQUESTED="offer", ACCEPTED="agree", VERIFIED="finalize"),
    "ACN0104": _negotiation(REQUESTED="agree", VERIFIED="finalize"),
    "ACN0201": _negotiation(REQUESTED="refuse"),
    "ACN0202": _negotiation(REQUESTED="nothing"),
    "ACN0203": _negotiation(REQUESTED="agree"),
    "ACN0204": _negotiation(REQUESTED="offer"),
    "ACN0205": _negotiation(REQUESTED="offer", OFFERED="refuse"),
    "ACN0206": _negotiation(REQUESTED="offer", ACCEPTED="refuse"),
    "ACN0207": _negotiation(REQUESTED="agree", VERIFIED="refuse"),
    "ACN0301": _negotiation(REQUESTED="agree", VERIFIED="finalize"),
    "ACN0302": _negotiation(REQUESTED="offer"),
    "ACN0303": _negotiation(REQUESTED="offer", ACCEPTED="nothing"),
    "ACN0304": _negotiation(REQUESTED=["offer", "nothing"]),
}

AS_CONSUMER: Mapping[str, Reactions] = {
    "ACNC0101": _negotiation(OFFERED="accept", AGREED="verify"),
    "ACNC0102": _negotiation(OFFERED="counter"),
    "ACNC0103": _negotiation(OFFERED="refuse"),
    "ACNC0104": _negotiation(AGREED="verify"),
    "ACNC0201": {},
    "ACNC0202": _negotiation(REQUESTED="refuse"),
    "ACNC0203": _negotiation(AGREED="refuse"),
    "ACNC0204": _negotiation(OFFERED="nothing"),
    "ACNC0205": _negotiation(OFFERED="accept"),
    "ACNC0206": _negotiation(AGREED="verify"),
    "ACNC0301": {},
    "ACNC0302": _negotiation(OFFERED="nothing"),
    "ACNC0303": _negotiation(OFFERED="nothing"),
    "ACNC0304": _negotiation(OFFERED="accept"),
    "ACNC0305": _negotiation(OFFERED="accept"),
    "ACNC0306": _negotiation(OFFERED="accept", AGREED="nothing"),
}

GIVING: Mapping[str, Reactions] = {
    "ATP0101": _transfer(REQUESTED="start", STARTED="refuse"),
    "ATP0102": _transfer(REQUESTED="start", STARTED="complete"),
    "ATP0103": _transfer(REQUESTED="start", STARTED="suspend", SUSPENDED="refuse"),
    "ATP0104": _transfer(REQUESTED="start", STARTED=["suspend", "complete"], SUSPENDED="start"),
    "ATP0105": _transfer(REQUESTED="refuse"),
    "ATP0201": _transfer(REQUESTED="start"),
    "ATP0202": _transfer(REQUESTED="start"),
    "ATP0203": _transfer(REQUESTED="start"),
    "ATP0204": _transfer(REQUESTED="start"),
    "ATP0205": _transfer(REQUESTED="nothing"),
    "ATP0301": _transfer(REQUESTED="nothing"),
    "ATP0302": _transfer(REQUESTED="nothing"),
    "ATP0303": _transfer(REQUESTED="start"),
    "ATP0304": _transfer(REQUESTED="start"),
    "ATP0305": _transfer(REQUESTED="start"),
    "ATP0306": _transfer(REQUESTED="start"),
}

TAKING: Mapping[str, Reactions] = {
    **{f"ATPC{number}": {} for number in ("0101", "0102", "0103", "0104", "0105")},
    "ATPC0201": _transfer(STARTED="refuse"),
    "ATPC0202": _transfer(STARTED="complete"),
    "ATPC0203": _transfer(STARTED="suspend", SUSPENDED="refuse"),
    "ATPC0204": _transfer(STARTED=["suspend", "complete"], SUSPENDED="start"),
    "ATPC0205": _transfer(REQUESTED="refuse"),
    **{f"ATPC{number}": {} for number in ("0301", "0302", "0303", "0304", "0305", "0306")},
}


def offer_of(dataset: str) -> str:
    """The identifier of the offer that the kit asks for."""
    return f"CD123:{dataset}:456"


def properties(node: str, participant: str, kit: str) -> str:
    """The kit's configuration: the node's address, the participant's id, and where the kit listens."""
    base = f"{node}/participants/{SLUG}"
    lines = [
        "dataspacetck.debug=true",
        "dataspacetck.dsp.local.connector=false",
        f"dataspacetck.dsp.connector.agent.id={participant}",
        f"dataspacetck.dsp.connector.http.url={base}/dsp/2025-1",
        f"dataspacetck.dsp.connector.http.base.url={base}",
        f"dataspacetck.dsp.connector.http.headers.authorization={AUTHORIZATION}",
        f"dataspacetck.dsp.connector.negotiation.initiate.url={node}/kit/negotiations",
        f"dataspacetck.dsp.connector.transfer.initiate.url={node}/kit/transfers",
        "dataspacetck.dsp.default.wait=10",
        f"dataspacetck.callback.address={kit}",
        f"dataspacetck.port={kit.rpartition(':')[2]}",
        *(f"CAT_01_{number}_DATASETID=CAT01{number}" for number in ("01", "02", "03")),
    ]
    for name in AS_PROVIDER:
        lines += [f"{_test('CN', name)}_DATASETID={name}", f"{_test('CN', name)}_OFFERID={offer_of(name)}"]
    lines += [f"{_test('CN_C', name)}_DATASETID={name}" for name in AS_CONSUMER]
    for kind, names in (("TP", GIVING), ("TP_C", TAKING)):
        for name in names:
            lines += [f"{_test(kind, name)}_AGREEMENTID={name}", f"{_test(kind, name)}_FORMAT=HttpData-PULL"]
    return "\n".join(lines) + "\n"


def _test(kind: str, name: str) -> str:
    """``TP_C_02_01`` for the agreement ``ATPC0201``."""
    return f"{kind}_{name[-4:-2]}_{name[-2:]}"
