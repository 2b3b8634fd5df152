"""What is published of openings is valid DATEX II 3.6, and says what the bridges have said."""

import datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from havre_mobility.bridges.model import MESSAGES, Bridge
from havre_mobility.datex.model import Published
from havre_mobility.datex.publication import Publisher, container, payload, snapshot

SCHEMAS = Path(__file__).parents[4] / "shared/standards/datex2-v3.6"
NAMES = {
    "com": "http://datex2.eu/schema/3/common",
    "sit": "http://datex2.eu/schema/3/situation",
    "loc": "http://datex2.eu/schema/3/locationReferencing",
}
AT = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
BRIDGE = Bridge("bridge-5", "Pont V", 0.152, 49.48)
PUBLISHER = Publisher("fr", "FRTEST")
WORDS = {
    # as the Dutch feed has them
    "planned": ("approved", "riskOf"),
    "starting": ("beingImplemented", "certain"),
    "in_operation": ("implemented", "certain"),
    "ended": ("beingTerminated", "certain"),
    "cancelled": ("rejected", "riskOf"),
}


def minutes(number: float) -> datetime.timedelta:
    return datetime.timedelta(minutes=number)


def published(status: str = "planned", *, ends: bool = True, bridge: Bridge = BRIDGE, opening: str = "o1") -> Published:
    return Published(
        opening, bridge, status, 2, AT - minutes(60), AT, AT + minutes(5), AT + minutes(20) if ends else None
    )


@cache
def schema(root: str) -> etree.XMLSchema:
    file = SCHEMAS / f"DATEXII_3_{root}.xsd"
    if not file.exists():
        pytest.skip(f"there is no {file}: this promise is NOT tested here")
    return etree.XMLSchema(etree.parse(file))


def problems(document: bytes, root: str = "D2Payload") -> str:
    judge = schema(root)
    judge.validate(etree.fromstring(document))
    return str(judge.error_log)


def text(document: bytes, path: str) -> list[str]:
    return [one.text or "" for one in etree.fromstring(document).iterfind(path, NAMES)]


@pytest.mark.parametrize("status", WORDS)
@pytest.mark.parametrize("ends", [True, False])
def test_every_state_of_an_opening_is_valid_and_told_in_the_words_of_the_standard(status: str, ends: bool) -> None:
    document = payload([published(status, ends=ends)], PUBLISHER, AT)
    assert problems(document) == ""
    said = text(document, ".//sit:operatorActionStatus"), text(document, ".//sit:probabilityOfOccurrence")
    assert said == ([WORDS[status][0]], [WORDS[status][1]])
    assert text(document, ".//sit:generalNetworkManagementType") == ["bridgeSwingInOperation"]
    assert len(text(document, ".//com:overallEndTime")) == ends


def test_nothing_to_tell_is_valid_too() -> None:
    assert problems(payload([], PUBLISHER, AT)) == ""


@pytest.mark.parametrize("protocol", ["snapshotPull", "snapshotPush", "deltaPush"])
def test_the_container_of_exchange_2020_is_valid(protocol: str) -> None:
    gone = [("bridge-5_o0", "closed"), ("bridge-5_o2", "cancelled")]
    for some in ([], gone):
        document = container([published()], PUBLISHER, AT, protocol=protocol, gone=some)
        assert problems(document, "MessageContainer") == ""


@settings(deadline=None, max_examples=30)
@given(name=st.text(max_size=1100), id=st.text(min_size=1, max_size=40))
def test_whatever_a_bridge_is_called_the_document_is_valid_and_says_it(name: str, id: str) -> None:
    document = payload([published(bridge=Bridge(id, name, 0, 0))], PUBLISHER, AT)
    assert problems(document) == ""
    (said,) = text(document, ".//com:value")
    allowed = "".join(
        one
        for one in name
        if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff"
    )
    assert said.replace("\n", "") == allowed[:1024].replace("\r", "").replace("\n", "")


def test_an_opening_is_told_with_its_place_and_times() -> None:
    document = payload([published()], PUBLISHER, AT)
    assert text(document, ".//com:overallStartTime") == ["2026-03-02T09:05:00.000Z"]
    assert text(document, ".//loc:pointByCoordinates//loc:latitude") == ["49.480000"]
    (record,) = etree.fromstring(document).iterfind(".//sit:situationRecord", NAMES)
    assert (record.get("id"), record.get("version")) == ("bridge-5_o1_01", "2")


def said(*rows: tuple[float, str, float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (AT + minutes(a), "bridge-5", "o1", status, AT + minutes(b), AT + minutes(c), None)
            for a, status, b, c in rows
        ],
        MESSAGES,
        orient="row",
    )


STORY = said((-60, "planned", 5, 20), (-20, "planned", 8, 22), (7, "starting", 8, 22), (21, "ended", 8, 21))


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (-61, []),
        (-60, [("planned", 1)]),
        (-20, [("planned", 2)]),
        (7, [("starting", 3)]),
        (35, [("ended", 4)]),
        (36, []),
    ],
)
def test_a_snapshot_tells_the_last_that_was_said_until_then(when: float, told: list[tuple[str, int]]) -> None:
    found = snapshot(STORY, [BRIDGE], AT + minutes(when))
    assert [(one.status, one.version) for one in found] == told
    assert all(one.created_at == AT - minutes(60) for one in found)


def test_a_bridge_that_is_not_ours_is_not_told_of() -> None:
    assert snapshot(STORY, [Bridge("bridge-6", "Pont VI", 0, 0)], AT) == []
