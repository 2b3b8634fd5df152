"""What becomes of a stream of NMEA sentences: rows, nothing, or a rejection with its reason."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre.errors import Invalid
from havre.lake.columns import conform
from havre.lake.model import Field, FieldType, Schema
from havre.sources.ais import block, sentences, tags
from havre.sources.ais.fragments import MOST, PATIENCE_BYTES
from havre.sources.formats.nmea import reader
from tests.sources import nmea
from tests.sources.nmea import AT, OTHER, POSITION, VOYAGE, alone, parsed, reasons, rows, sentence, tagged

RMC = b"$GPRMC,035312,A,5013.4542,N,00346.6523,W,3.9,184.2,260711,3.8,W,A*13"
YEARS = (datetime(1980, 1, 1), datetime(2079, 12, 31))  # noqa: DTZ001
AT_RMC = datetime(2011, 7, 26, 3, 53, 12, tzinfo=UTC)
SATELLITES = b"$GPGSV,3,1,10,03,39,230,23,08,31,170,31,10,08,058,31,11,65,149,31*76"


def test_a_position_report_is_a_row() -> None:
    (row,) = rows(POSITION)
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {
        "time": AT, "mmsi": 338781000, "type": 1, "latitude": 49.939363, "longitude": -3.640867, "speed": 18.5,
        "course": 260.5, "heading": 260, "status": 0, "turn": 0.0, "accuracy": False, "channel": "B", "own": False,
    }  # fmt: skip


def test_a_voyage_is_a_row_of_two_sentences() -> None:
    (row,) = rows(*VOYAGE, messages="static")
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {
        "time": AT, "mmsi": 351759000, "type": 5, "imo": 9134270, "callsign": "3FOF8", "name": "EVER DIADEM",
        "ship_type": 70, "to_bow": 225, "to_stern": 70, "to_port": 1, "to_starboard": 31, "draught": 12.2,
        "destination": "NEW YORK", "eta": "05-15T14:00", "channel": "A", "own": False,
    }  # fmt: skip


@pytest.mark.parametrize(("messages", "types"), [("positions", [1]), ("static", [5]), ("all", [1, 20, 5])])
def test_only_what_is_asked_for_becomes_rows(messages: str, types: list[int]) -> None:
    slots = b"!AIVDM,1,1,,B,D030p8@2tN?b<`O6DmQO6D0,2*5D"
    assert [row["type"] for row in rows(POSITION, slots, *VOYAGE, messages=messages)] == types


def test_an_unknown_option_or_value_names_what_was_expected() -> None:
    with pytest.raises(Invalid, match="all"):
        rows(POSITION, messages="everything")
    with pytest.raises(Invalid, match="messages"):
        rows(POSITION, types="1")


def test_other_sentences_comments_and_empty_lines_are_neither_rows_nor_rejected() -> None:
    other = sentence("AIABM,1,1,,,,14,D89CP9CP1PD5CDP=5CC175,0")
    assert len(rows(SATELLITES, b"", b"# !AIVDM is next", other, b"$GPXXX,broken", b"  ", POSITION)) == 1


def test_blanks_before_and_anything_after_the_sentence_are_left() -> None:
    assert len(rows(b" " + POSITION, b"\t" + POSITION + b",s36310,d-081,1311652392", POSITION + b"  ")) == 3


def test_lines_end_in_lf_or_crlf_and_the_last_needs_no_end() -> None:
    found = nmea.whole(POSITION + b"\n" + OTHER + b"\r\n" + POSITION)
    assert found.positions.to_pylist() == [0, len(POSITION) + 1, len(POSITION) + len(OTHER) + 3]


def test_any_talker_and_ones_own_ship() -> None:
    own, station = (POSITION.decode()[1:-3].replace("AIVDM", name) for name in ("AIVDO", "BSVDM"))
    assert [row["own"] for row in rows(sentence(own), sentence(station))] == [True, False]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (POSITION[:-1] + b"5", "checksum is 76, the sentence says 75"),
        (POSITION[:-1], "the sentence has no checksum (expected * and two hexadecimal digits at its end)"),
        (POSITION[:-3], "the sentence has no checksum (expected * and two hexadecimal digits at its end)"),
        (b"!", "the sentence has no checksum (expected * and two hexadecimal digits at its end)"),
        (POSITION[1:], "this is no NMEA sentence (expected one that begins with ! or $)"),
        (b"time,mmsi,lat,lon", "this is no NMEA sentence (expected one that begins with ! or $)"),
        (b"\\c:1311652392" + POSITION, "the tag block has no end (expected another \\ and the sentence)"),
        (sentence("AIVDM,1,1,,B,1535SB0"), "the sentence has 6 fields (expected 7)"),
        (sentence("AIVDM,x,1,,B,1535SB0,0"), "the number of parts is 'x' (expected 1 to 9)"),
        (sentence("AIVDM,1,2,,B,1535SB0,0"), "it is part 2 of 1"),
        (sentence("AIVDM,1,1,12,B,1535SB0,0"), "the sequence number is '12' (expected 0 to 9 or nothing)"),
        (sentence("AIVDM,1,1,,AB,1535SB0,0"), "the channel is 'AB' (expected one character or nothing)"),
        (sentence("AIVDM,1,1,,B," + "0" * 201 + ",0"),
         f"the payload is '{'0' * 20}' (expected 1 to 200 characters)"),
        (sentence("AIVDM,1,1,,B,,0"), "the payload is '' (expected 1 to 200 characters)"),
        (sentence("AIVDM,1,1,,B,1535SB0,6"), "the number of fill bits is '6' (expected 0 to 5)"),
        (sentence("AIVDM,1,1,,B,1535SB0,0"), "the payload is too short: 42 bits (expected 137 or more for type 1)"),
        (sentence("AIVDM,1,1,,B,1535SB002qOgEEhLTmHb;H8L0Hz7,0"),
         "the payload has a character that is none of AIS: 'z'"),
        (sentence("AIVDM,1,1,,B,w535SB002qOgEEhLTmHb;H8L0H7T,0"), "there is no message of type 63 (expected 1 to 28)"),
        (sentence("AIVDM,1,1,,B,0535SB002qOgEEhLTmHb;H8L0H7T,0"), "there is no message of type 0 (expected 1 to 28)"),
    ],
)  # fmt: skip
def test_what_is_broken_is_rejected_with_the_reason(line: bytes, reason: str) -> None:
    assert reasons(SATELLITES, line) == [(len(SATELLITES) + 2, reason)]


def test_a_message_that_cannot_be_decoded_is_rejected() -> None:
    part_c = nmea.message(24 << 162 | 227000000 << 130 | 2 << 128, 168)
    ((_, reason),) = reasons(part_c, messages="all")
    assert reason.startswith("the message of type 24 cannot be decoded: ")


def test_the_rejected_line_is_kept_as_it_came() -> None:
    broken = b" \\s:station*00\\" + POSITION[:-1] + b"5,more"
    assert parsed(broken).rejected[0].raw == broken.strip()


def test_a_message_that_is_not_asked_for_is_rejected_all_the_same_when_its_sentence_is_broken() -> None:
    assert reasons(VOYAGE[0][:-1] + b"D", messages="positions") == [(0, "checksum is 1C, the sentence says 1D")]


def test_the_time_is_that_of_the_tag_block_in_seconds_or_milliseconds() -> None:
    lines = (RMC, tagged(POSITION, "c:1311652000"), tagged(POSITION, "s:x,c:1311652000123,t:y"), POSITION)
    first, second, last = (row["time"] for row in rows(*lines))
    assert (first.timestamp(), second.timestamp(), last) == (1311652000, 1311652000.123, AT_RMC)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        (b"c:1311652392*00", "checksum of the tag block is 52, it says 00"),
        (b"c:1311652392", "the tag block has no checksum (expected * and two hexadecimal digits at its end)"),
        (sentence("c:soon", ""), "the time of the tag block is 'soon' (expected seconds or milliseconds)"),
        (sentence("c:99999999999", ""), "the time of the tag block is 99999999999 (expected one before the year 3000)"),
    ],
)
def test_a_wrong_tag_block_is_rejected(tag: bytes, reason: str) -> None:
    assert reasons(b"\\" + tag + b"\\" + POSITION) == [(0, reason)]


def test_the_last_line_that_tells_the_time_holds() -> None:
    pghp = sentence("PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B", "$")
    zda = sentence("GPZDA,201530.00,04,07,2002,00,00", "$")
    times = [row["time"] for row in rows(POSITION, RMC, POSITION, pghp, POSITION, OTHER, zda, POSITION)]
    danish = datetime(2010, 6, 11, 11, 46, 11, 390_000, tzinfo=UTC)
    assert times == [AT, AT_RMC, danish, danish, datetime(2002, 7, 4, 20, 15, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    "line",
    [
        RMC[:-1] + b"4",
        sentence("GPRMC,035314,V,5013.4542,N,00346.6523,W,3.9,184.2,260711,3.8,W,A", "$"),
        sentence("GPRMC,035314,A,5013.4542,N,00346.6523,W,3.9,184.2,310611,3.8,W,A", "$"),
        sentence("GPRMC,035314,A,5013.4542,N,00346.6523,W,3.9,184.2,2607,3.8,W,A", "$"),
        sentence("GPRMC,245314,A,5013.4542,N,00346.6523,W,3.9,184.2,260711,3.8,W,A", "$"),
        sentence("GPRMC,,A,,,,,,,,,", "$"),
        sentence("GPRMC,", "$"),
        sentence("GPZDA,201530.00,04,13,2002,00,00", "$"),
        sentence("PGHP,1,2010,6,31,11,46,11,390,231,45,992190934,1,2B", "$"),
    ],
)
def test_a_clock_line_that_is_wrong_or_warns_tells_nothing(line: bytes) -> None:
    assert [row["time"] for row in rows(RMC, line, POSITION)] == [AT_RMC]
    assert [row["time"] for row in rows(line, POSITION)] == [AT]


@given(st.datetimes(*YEARS), st.sampled_from(["", ".0", ".25", ".123", ".9876"]))
def test_every_second_from_1980_on_is_read(when: datetime, fraction: str) -> None:
    body = f"GNRMC,{when:%H%M%S}{fraction},A,,,,,,,{when:%d%m%y},,"
    (row,) = rows(sentence(body, "$"), POSITION)
    wanted = when.replace(microsecond=int(float("0" + fraction + "0") * 1000) * 1000, tzinfo=UTC)
    assert row["time"] == wanted


@pytest.mark.parametrize("line", [POSITION, tagged(POSITION, "s:station,g:1-1-7"), tagged(POSITION, "c:1311652000")])
def test_a_row_can_be_read_alone_with_the_same_time(line: bytes) -> None:
    found = parsed(RMC, b" " + line + b" ")
    assert alone(found) == nmea.listed(found.rows)


def test_a_row_of_several_sentences_can_be_read_alone() -> None:
    found = parsed(OTHER, RMC, VOYAGE[0], POSITION, VOYAGE[1], POSITION, messages="all")
    assert [row["type"] for row in nmea.listed(found.rows)] == [1, 1, 5, 1]
    assert found.positions.to_pylist()[2] == len(OTHER) + len(RMC) + 4
    for index, row in enumerate(nmea.listed(found.rows)):
        assert alone(found, index, messages="all") == [row]


def test_a_row_that_does_not_fit_its_dataset_goes_to_the_quarantine_with_its_time() -> None:
    needed = Schema((Field("time", FieldType.TIMESTAMP), Field("heading", FieldType.INTEGER, nullable=False)))
    nowhere = nmea.message(1 << 162 | 227_000_000 << 130 | 511 << 31, 168)
    kept, (rejected,) = conform(parsed(RMC, POSITION, nowhere), needed)
    assert (kept["time"].to_pylist(), kept["heading"].to_pylist()) == ([AT_RMC], [260])
    assert rejected.reason == "heading: is missing (expected a value)"
    assert [(row["time"], row["mmsi"]) for row in alone(rejected)] == [(AT_RMC, 227_000_000)]


def test_what_is_rejected_and_mended_later_keeps_its_time() -> None:
    (short,) = parsed(RMC, sentence("AIVDM,1,1,,B,1535SB0,0")).rejected
    assert short.raw.startswith(b"\\c:1311652392000*")


def test_parts_may_be_interleaved() -> None:
    second = [sentence(line.decode()[1:-3].replace(",1,A,", ",2,A,")) for line in VOYAGE]
    other = [sentence(line.decode()[1:-3].replace(",1,A,", ",1,B,")) for line in VOYAGE]
    lines = (VOYAGE[0], second[0], other[0], POSITION, other[1], VOYAGE[1], second[1])
    found = parsed(*lines, messages="static")
    assert [row["channel"] for row in nmea.listed(found.rows)] == ["B", "A", "A"]
    assert found.positions.to_pylist() == [len(VOYAGE[0]) * 2 + 4, 0, len(VOYAGE[0]) + 2]


def test_the_time_of_several_parts_is_that_of_the_first() -> None:
    later = sentence("GPRMC,035322,A,5013.4542,N,00346.6523,W,3.9,184.2,260711,3.8,W,A", "$")
    assert [row["time"] for row in rows(RMC, VOYAGE[0], later, VOYAGE[1], messages="static")] == [AT_RMC]


def test_parts_without_the_others_are_rejected() -> None:
    first, second = VOYAGE
    after = len(first) + 2
    assert reasons(first, messages="static") == [(0, "part 2 of 2 never came")]
    assert reasons(second, messages="static") == [(0, "part 2 of 2 came without part 1")]
    found = parsed(first, first, second, messages="static")
    assert [(one.position, one.reason) for one in found.rejected] == [(0, "part 2 of 2 never came")]
    assert found.positions.to_pylist() == [after]


def test_a_part_is_not_joined_over_one_that_is_missing() -> None:
    first, third = (sentence(f"AIVDM,3,{number},1,A,55?MbV02;H,0") for number in (1, 3))
    after = len(first) + 2
    assert reasons(first, third, messages="static") == [
        (0, "part 2 of 3 never came"),
        (after, "part 3 of 3 came without part 2"),
    ]


def test_a_part_that_comes_a_minute_late_is_of_another_message() -> None:
    late = sentence("GPRMC,035413,A,5013.4542,N,00346.6523,W,3.9,184.2,260711,3.8,W,A", "$")
    assert [reason for _, reason in reasons(RMC, VOYAGE[0], late, VOYAGE[1], messages="static")] == [
        "part 2 of 2 never came",
        "part 2 of 2 came without part 1",
    ]


def test_a_part_that_comes_far_behind_is_of_another_message() -> None:
    between = [POSITION] * (PATIENCE_BYTES // len(POSITION))
    found = parsed(VOYAGE[0], *between, VOYAGE[1], messages="static")
    assert [one.reason for one in found.rejected] == ["part 2 of 2 never came", "part 2 of 2 came without part 1"]


def test_only_the_first_part_needs_a_tag_block() -> None:
    grouped = (tagged(VOYAGE[0], "g:1-2-7,c:1311652000"), tagged(VOYAGE[1], "g:2-2-7"))
    assert [row["time"].timestamp() for row in rows(*grouped, messages="static")] == [1311652000]


def test_no_more_than_a_hundred_messages_wait_for_their_parts() -> None:
    channels = [chr(33 + index) for index in range(MOST + 5) if chr(33 + index) not in ",*"]
    firsts = [sentence(f"AIVDM,2,1,1,{channel},55?MbV0,0") for channel in channels]
    stream = reader({}, None)
    found, _ = stream.read(b"".join(line + b"\n" for line in firsts), 0, at=AT, final=False)
    assert len(stream.state()["fragments"]) == MOST
    assert [one.position for one in found.rejected] == [
        index * (len(firsts[0]) + 1) for index in range(len(firsts) - MOST)
    ]


@given(st.binary(max_size=120), st.integers(0, 3))
def test_nothing_that_comes_in_stops_the_reading(noise: bytes, place: int) -> None:
    lines = [POSITION, RMC, VOYAGE[0], VOYAGE[1]]
    lines[place] = noise + lines[place]
    nmea.whole(b"\n".join([*lines, noise, POSITION]), messages="all")


@given(st.data())
def test_all_at_once_and_one_by_one_agree_on_what_a_sentence_is(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([POSITION, *VOYAGE]))[1:-3])
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(body) - 1))
        new = data.draw(st.binary(max_size=2) | st.sampled_from([b",", b"1", b"9", b"0"]))
        body[at : at + data.draw(st.integers(0, 2))] = new.replace(b"\n", b"")
    line = sentence(body.decode("latin-1")).strip()
    found, faults = sentences.find(block.split(line + b"\n", final=True))
    assert (len(found.lines) == 1) == (sentences.SENTENCE.match(line) is not None and sentences.fault(line) is None)
    assert faults == ({} if sentences.fault(line) is None else {0: sentences.fault(line)})


@given(st.data())
def test_all_at_once_and_one_by_one_agree_on_what_a_tag_block_tells(data: st.DataObject) -> None:
    """Of the usual form, ten or thirteen digits alone, and of ones that look like it."""
    number = data.draw(st.from_regex(r"[0-9]{10}|[0-9]{13}|[0-9]{9}x|[0-9]{12} ", fullmatch=True))
    tag = sentence(f"c:{number}", "\\")[1:]
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(tag) - 1))
        tag = tag[:at] + data.draw(st.sampled_from([b"0", b"9", b"*", b":", b"a"])) + tag[at + 1 :]
    try:
        told, why = tags.time(tag), None
    except ValueError as error:
        told, why = None, str(error)
    found = parsed(b"\\" + tag + b"\\" + POSITION)
    times = [round(time.timestamp() * 1000) for time in found.rows["time"].to_pylist()]
    assert times == ([] if why else [int(AT.timestamp() * 1000) if told is None else told])
    assert [one.reason for one in found.rejected] == ([why] if why else [])
