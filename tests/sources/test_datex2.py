"""DATEX II: situation records of both versions are rows of the same columns, and a hostile document stays outside."""

import gzip
import io
import re
from pathlib import Path

import pytest

from havre.errors import Invalid
from havre.sources.formats import datex2
from tests.sources.reading import DATA, alone, conformed, never_crashes, pieces, placed, real, reasons, rows, whole

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
V3 = (
    f'{XSI} xmlns:d2="http://datex2.eu/schema/3/d2Payload" xmlns:com="http://datex2.eu/schema/3/common"'
    ' xmlns:sit="http://datex2.eu/schema/3/situation" xmlns:loc="http://datex2.eu/schema/3/locationReferencing"'
)
POINT = (
    '<sit:locationReference xsi:type="loc:PointLocation"><loc:pointByCoordinates><loc:pointCoordinates>'
    "<loc:latitude>49.487</loc:latitude><loc:longitude>0.151</loc:longitude>"
    "</loc:pointCoordinates></loc:pointByCoordinates></sit:locationReference>"
)
FEED = "bridge_openings_ndw/brugopeningen_2023-11-20.xml.gz"


def record(location: str = POINT, id: str = 'id="r1"') -> str:
    return (
        f'<sit:situationRecord xsi:type="sit:GeneralNetworkManagement" {id} version="2">'
        "<sit:situationRecordVersionTime>2026-03-02T07:00:00Z</sit:situationRecordVersionTime>"
        "<sit:probabilityOfOccurrence>certain</sit:probabilityOfOccurrence>"
        "<sit:validity><com:validityStatus>active</com:validityStatus><com:validityTimeSpecification>"
        "<com:overallStartTime>2026-03-02T07:10:00Z</com:overallStartTime></com:validityTimeSpecification></sit:validity>"
        f"{location}<sit:operatorActionStatus>implemented</sit:operatorActionStatus>"
        "<sit:generalNetworkManagementType>bridgeSwingInOperation</sit:generalNetworkManagementType>"
        "</sit:situationRecord>"
    )


def publication(*records: str, kind: str = "sit:SituationPublication") -> str:
    said = f'<sit:situation id="s1"><sit:overallSeverity>low</sit:overallSeverity>{"".join(records)}</sit:situation>'
    time = "<com:publicationTime>2026-03-02T07:00:01Z</com:publicationTime>"
    return f'<d2:payload {V3} xsi:type="{kind}" lang="fr">{time}{said}</d2:payload>'


READ = {
    "situation": "s1",
    "id": "r1",
    "version": "2",
    "type": "GeneralNetworkManagement",
    "kind": "bridgeSwingInOperation",
    "status": "implemented",
    "validity": "active",
    "probability": "certain",
    "severity": "low",
    "starts_at": "2026-03-02T07:10:00Z",
    "said_at": "2026-03-02T07:00:00Z",
    "published_at": "2026-03-02T07:00:01Z",
    "longitude": 0.151,
    "latitude": 49.487,
}


def test_a_record_is_a_row() -> None:
    assert rows("datex2", publication(record())) == [READ]


def test_a_line_is_text_with_its_first_point() -> None:
    line = (
        '<sit:locationReference xsi:type="loc:LinearLocation"><loc:gmlLineString><loc:posList>'
        "49.5 0.1 49.6 0.2</loc:posList></loc:gmlLineString></sit:locationReference>"
    )
    (row,) = rows("datex2", publication(record(line)))
    assert (row["geometry"], row["longitude"], row["latitude"]) == ("LINESTRING (0.1 49.5, 0.2 49.6)", 0.1, 49.5)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(id=""), "the record has no id"),
        (record(POINT.replace("49.487", "490.487")), "0.151, 490.487 are no degrees"),
        (record(POINT.replace("0.151", "east")), "east, 49.487 are no degrees"),
        (record(POINT.replace("0.151", "nan")), "nan, 49.487 are no degrees"),
    ],
)
def test_what_is_no_record_is_rejected_at_its_place_and_can_be_read_again(bad: str, reason: str) -> None:
    found = whole("datex2", publication(record(), bad, record()))
    assert [position for position, _ in placed([found])] == [0, 2]
    ((position, why),) = reasons(found)
    assert position == 1 and why.startswith(reason)
    assert alone(found.rejected[0].raw, found.rejected[0].format)[1] == [why]


def test_a_record_read_alone_is_the_same_row() -> None:
    found = whole("datex2", publication(record(), record(id='id="r2"')))
    for index, (_, row) in enumerate(placed([found])):
        assert alone(found.raw(index), found.raw_format) == ([row], [])


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("hostile", [ENTITIES, OUTSIDE, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'])
def test_a_document_type_is_refused(hostile: str) -> None:
    with pytest.raises(Invalid, match="DOCTYPE"):
        pieces("datex2", (hostile + publication(record())).encode())


def test_a_situation_without_end_is_refused_before_it_fills_the_memory() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"a" * size if self.given > size else publication().encode().partition(b"</sit:situation>")[0]

    endless = Endless()
    with pytest.raises(Invalid, match="a situation of more than"):
        list(datex2.pieces(endless, {}))  # type: ignore[arg-type]
    assert endless.given < 2 * datex2.LARGEST_SITUATION


def test_a_document_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="nested deeper"):
        pieces("datex2", ("<a>" * 10_000).encode())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"<a/>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        publication(record(), kind="tro:TrafficRegulationPublication").encode(),
        publication(record()).encode()[:-40],
        b"\xff\xfe",
    ],
)
def test_what_is_no_publication_of_situations_is_invalid(document: bytes) -> None:
    with pytest.raises(Invalid, match="SituationPublication of DATEX II 2 or 3"):
        pieces("datex2", document)


@pytest.mark.parametrize("cut", range(0, 1200, 97))
def test_a_torn_document_never_crashes(cut: int) -> None:
    never_crashes("datex2", publication(record()).encode()[:cut])


def test_a_publication_without_situations_has_no_rows() -> None:
    (found,) = pieces("datex2", f'<d2:payload {V3} xsi:type="sit:SituationPublication"/>'.encode())
    assert (found.rows.num_rows, found.rejected) == (0, ())


def test_many_records_come_a_bounded_number_at_a_time() -> None:
    document = publication(*(record(id=f'id="r{number}"') for number in range(datex2.PIECE_RECORDS + 5)))
    found = pieces("datex2", document.encode())
    assert [one.rows.num_rows for one in found] == [datex2.PIECE_RECORDS, 5]
    assert [place for place, _ in placed(found)] == list(range(datex2.PIECE_RECORDS + 5))


def test_all_openings_of_a_dutch_day_are_rows() -> None:
    table, rejected, schema = conformed(pieces("datex2", gzip.decompress(real(FEED))))
    assert (table.num_rows, rejected) == (992, [])
    assert set(table["kind"].to_pylist()) == {"bridgeSwingInOperation"}
    status = table["status"].to_pylist()
    assert {one: status.count(one) for one in set(status)} == {
        "approved": 982, "implemented": 7, "beingImplemented": 2, "beingTerminated": 1,
    }  # fmt: skip
    assert sum(one is not None for one in table["ends_at"].to_pylist()) == 983
    assert (schema.longitude, schema.latitude) == ("longitude", "latitude")
    assert table["longitude"].null_count == 0 and str(table["starts_at"].type) == "timestamp[us, tz=UTC]"


def test_the_container_of_exchange_2020_is_read() -> None:
    found = rows("datex2", real("bridge_openings_ndw/ndw_situations_v3_sample.xml"))
    assert (len(found), len({row["situation"] for row in found})) == (11, 2)
    assert {row["creator"] for row in found} == {"NDWNL"}
    assert found[0]["geometry"].startswith("LINESTRING (6.207613 52.693642, ")


NO_SITUATIONS = {
    "ImsMessageV1_2_2.xml", "cifs-incidents-expected-result.xml", "example.xml", "get-regulations-expected-result.xml",
    "sample.xml", "traffic_flow_empty_xml.xml", "traffic_flow_no_payload_xml.xml", "traffic_flow_only_speed_xml.xml",
    "traffic_flow_xml.xml",
}  # fmt: skip
"""Regulations, traffic data and messages of other formats among the samples."""


def test_every_sample_with_situations_is_read_and_no_other() -> None:
    real("datex2_samples/fr_tipi_fixtures/road_event_xml.xml")
    counted, refused = {}, set()
    for file in sorted(Path(DATA, "datex2_samples").glob("*/*.xml")):
        try:
            found = pieces("datex2", file.read_bytes())
        except Invalid:
            refused.add(file.name)
            continue
        assert sum(len(one.rejected) for one in found) == 0
        counted[file.name] = sum(one.rows.num_rows for one in found)
    assert refused == NO_SITUATIONS
    assert (len(counted), sum(counted.values())) == (57, 138)
    # the same records, counted by nothing but their text
    texts = {name: next(Path(DATA, "datex2_samples").glob(f"*/{name}")).read_text() for name in counted}
    assert counted == {name: len(re.findall(r"<[a-z0-9:]*situationRecord\s", text)) for name, text in texts.items()}


def test_the_end_of_a_situation_of_version_2_is_told() -> None:
    found = rows("datex2", real("datex2_samples/fi_digitraffic/TrafficSituationGeneralNetworkManagement.xml"))
    assert [row.get("life_cycle") for row in found].count("end") >= 1
