"""CSV: every record at its place, whatever is quoted and wherever a block ends; one bad line costs one line."""

import csv
import io
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre.errors import Invalid
from havre.sources.formats.csv_records import LONGEST_QUOTED
from tests.sources.reading import alone, conformed, in_blocks, never_crashes, pieces, placed, real, reasons, rows, types
from tests.sources.reading import whole as read


def test_values_are_texts_and_an_empty_field_is_null() -> None:
    assert rows("csv", 'a,b,c\n1,,"x"\n007,"",y\n') == [
        {"a": "1", "b": None, "c": "x"},
        {"a": "007", "b": None, "c": "y"},
    ]


def test_a_row_stands_at_its_first_byte() -> None:
    text = 'a,b\r\n1,é\r\n\r\n"x\r\ny",2\r\n3,4'
    assert [(position, row["a"]) for position, row in placed([read("csv", text)])] == [
        (5, "1"),
        (13, "x\r\ny"),
        (23, "3"),
    ]


@pytest.mark.parametrize(
    ("text", "places"), [("a\n1\n\n2\n", [2, 5]), ("a\n\r\n1\r\n2", [4, 7]), ("a\n1\r2\n3\n", [6])]
)
def test_a_row_of_one_column_stands_at_its_place_too(text: str, places: list[int]) -> None:
    assert [position for position, _ in placed([read("csv", text)])] == places


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_with_other_fields_is_rejected_and_the_rest_passes(quote: str) -> None:
    found = read("csv", f"a,b,c\n1,2,3\n1,2\n1,2,3,4,{quote}5{quote}\n4,5,6\n")
    assert [row["a"] for _, row in placed([found])] == ["1", "4"]
    assert reasons(found) == [(12, "2 fields where the header has 3"), (16, "5 fields where the header has 3")]


def test_bytes_that_are_no_characters_cost_their_record_alone() -> None:
    found = read("csv", b'a,b\n1,\xff\n"2\n",x\n3,"\xe9\n"\n4,y\n')
    assert [row["a"] for _, row in placed([found])] == ["2\n", "4"]
    assert reasons(found) == [(4, "has bytes that are not utf-8"), (15, "has bytes that are not utf-8")]


def test_text_after_a_closing_quote_is_rejected() -> None:
    found = read("csv", 'a,b\n"x"y,1\n2,3\n')
    assert [row for _, row in placed([found])] == [{"a": "2", "b": "3"}]
    assert reasons(found) == [(4, "is not CSV: ',' expected after '\"'")]


def test_a_quote_within_a_field_is_a_character() -> None:
    assert rows("csv", 'a,b\n5" pipe,1\n') == [{"a": '5" pipe', "b": "1"}]


def test_a_stray_quote_does_not_swallow_what_follows() -> None:
    found = read("csv", 'a,b\n"1,2\n3,4\n5,6\n')
    assert [row["a"] for _, row in placed([found])] == ["3", "5"]
    assert reasons(found) == [(4, "is not CSV: a quoted field does not end")]


def test_a_stray_quote_in_a_long_stream_costs_its_line_wherever_the_blocks_end() -> None:
    good = b"1234567,abcdefg\n"
    document = b"a,b\n" + good * 10 + b'"x,y\n' + good * (3 * LONGEST_QUOTED // len(good))
    expected = placed(in_blocks("csv", document, {}, []))
    assert len(expected) == document.count(good)
    cut = in_blocks("csv", document, {}, [100_000, LONGEST_QUOTED, LONGEST_QUOTED + 5000])
    assert placed(cut) == expected
    assert [place for one in cut for place in reasons(one)] == [(164, "is not CSV: a quoted field does not end")]
    assert cut[2].rows.num_rows, "what follows has to wait for the end of the stream"


def test_a_quoted_field_of_too_many_lines_is_taken_line_by_line_wherever_the_blocks_end() -> None:
    document = b'a,b\n1,"' + b"x" * 99 + b"\n" + (b"2," + b"y" * 97 + b"\n") * (LONGEST_QUOTED // 100) + b'"\n4,5\n'
    expected = in_blocks("csv", document, {}, [])
    assert sum(one.rows.num_rows for one in expected) > 10_000
    assert placed(in_blocks("csv", document, {}, [len(document) - 50])) == placed(expected)
    within = document.replace(b"2," + b"y" * 97 + b"\n", b"", 200)
    assert [row["a"] for _, row in placed([read("csv", within)])] == ["1", "4"]


def test_quotes_that_never_end_do_not_take_the_square_of_the_time() -> None:
    # each line opens a quote when a record begins with it, and leaves it open when it is inside of one
    started = time.process_time()
    found = read("csv", "a,b\n" + 'b""","d\n' * 20_000)
    assert len(found.rejected) == 20_000
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"delimiter": ";"}, "a;b\n1;é\n".encode()),
        ({"delimiter": "tab"}, "a\tb\n1\té\n".encode()),
        ({"encoding": "cp1252"}, "a,b\n1,é\n".encode("cp1252")),
        ({"encoding": "latin-1"}, 'a,b\n"1",é\n'.encode("latin-1")),
        ({"encoding": "utf-8-sig"}, "a,b\n1,é\n".encode("utf-8-sig")),
        ({}, "a,b\n1,é\n".encode("utf-8-sig")),
        ({"header": "a,b"}, "1,é\n".encode()),
        ({"header": "a,b"}, "1,é\n".encode("utf-8-sig")),
        ({"skip": "2"}, "from the city\n\na,b\n1,é\n".encode()),
        ({"skip": "1", "header": "a,b"}, "Spalte eins,Spalte zwei\n1,é\n".encode()),
    ],
)
def test_options(options: dict[str, str], text: bytes) -> None:
    found = read("csv", text, **options)
    assert [row for _, row in placed([found])] == [{"a": "1", "b": "é"}]
    assert alone(found.raw(0), found.raw_format) == ([{"a": "1", "b": "é"}], [])
    for cut in range(len(text)):
        assert placed(in_blocks("csv", text, options, [cut])) == placed([found])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"delimiter": "::"}, "options.delimiter"),
        ({"delimiter": '"'}, "options.delimiter"),
        ({"delimiter": ""}, "options.delimiter"),
        ({"delimiter": "é"}, "options.delimiter"),
        ({"encoding": "utf-16"}, "options.encoding"),
        ({"encoding": "rot13"}, "options.encoding"),
        ({"encoding": "cp037"}, "options.encoding"),
        ({"encoding": "no\0ne"}, "options.encoding"),
        ({"skip": "-1"}, "options.skip"),
        ({"skip": "²"}, "options.skip"),
        ({"header": "a,A"}, "options.header"),
        ({"separator": ";"}, "options.separator"),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(options: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        pieces("csv", b"a,b\n", options)
    assert caught.value.field == field


def test_names_become_names_of_columns() -> None:
    text = ",Gate 10A - Entry,Intitulé,2nd,_position\n1,2,3,4,5\n"
    assert list(rows("csv", text)[0]) == ["column_1", "Gate_10A_Entry", "Intitule", "column_2nd", "position"]


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match=r"columns 1 and 3 are both called a_b"):
        read("csv", "a b,c,a-b\n1,2,3\n")


def test_a_wrong_delimiter_is_told_with_the_right_one() -> None:
    with pytest.raises(Invalid, match=r"expected the delimiter ;") as caught:
        read("csv", "a;b\n1;2\n")
    assert caught.value.field == "options.delimiter"


@pytest.mark.parametrize("text", [b"\xff\xfea\0,\0b\0\n\0", b'"a\n', b"a\rb,c\rd\n"])
def test_a_header_that_cannot_be_read_is_invalid(text: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read("csv", text)
    assert caught.value.field == "header"


def test_what_is_rejected_is_read_again_as_it_was() -> None:
    found = read("csv", 'a;b\n"1\n2";x,y\n1;2;3\n', delimiter=";")
    assert alone(found.raw(0), "csv") == ([{"a": "1\n2", "b": "x,y"}], [])
    assert alone(found.rejected[0].raw, found.rejected[0].format) == ([], ["3 fields where the header has 2"])


FIELD = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["", '"', "\n", "\r\n", "\r", ",", "\0", "\ufeff"]
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bytes, list[int]]:
    """Rows, as CSV that the standard library wrote, and where to cut it."""
    width = draw(st.integers(1, 4))
    listed = draw(st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=12))
    names = [f"c{index}" for index in range(width)]
    out = io.StringIO()
    # the writer leaves a CR without quotes when its lines end with LF alone
    quoting, ends = draw(st.sampled_from([(csv.QUOTE_MINIMAL, ["\r\n"]), (csv.QUOTE_ALL, ["\r\n", "\n"])]))
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(ends)), quoting=quoting)
    writer.writerow(names)
    writer.writerows(listed)
    document = out.getvalue().encode()
    cuts = draw(st.lists(st.integers(0, len(document)), max_size=6))
    expected = [{name: value for name, value in zip(names, row, strict=True) if value} for row in listed]
    return expected, document, cuts


@given(tables())
def test_what_was_written_is_read_wherever_it_is_cut(case: tuple[list[dict[str, Any]], bytes, list[int]]) -> None:
    expected, document, cuts = case
    found = in_blocks("csv", document, {}, cuts)
    assert [place for one in found for place in reasons(one)] == []
    assert [row for _, row in placed(found)] == expected
    assert placed(found) == placed(in_blocks("csv", document, {}, []))
    assert all(position == 0 or document[position - 1 : position] == b"\n" for position, _ in placed(found))


@given(tables())
def test_a_row_read_alone_is_the_same(case: tuple[list[dict[str, Any]], bytes, list[int]]) -> None:
    _, document, _ = case
    for one in pieces("csv", document):
        for index, row in enumerate(one.rows.to_pylist()):
            assert alone(one.raw(index), one.raw_format) == ([row], [])


MARKS = st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"a", b"\xff", b'""', b"\0"]), max_size=30).map(b"".join)


@settings(max_examples=200)
@given(document=MARKS, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_garbage_is_rejected_the_same_wherever_it_is_cut(document: bytes, cuts: list[int]) -> None:
    document = b"a,b\n" + document
    never_crashes("csv", document)
    cut, one = (in_blocks("csv", document, {}, where) for where in ([c for c in cuts if c <= len(document)], []))
    assert placed(cut) == placed(one)
    assert [place for piece in cut for place in reasons(piece)] == [place for piece in one for place in reasons(piece)]


@given(document=st.binary(max_size=60), delimiter=st.sampled_from([",", ";", "tab", " "]))
def test_garbage_never_crashes(document: bytes, delimiter: str) -> None:
    never_crashes("csv", document, delimiter=delimiter)
    never_crashes("csv", document, encoding="cp1252")


GATES = "port_thessaloniki_gates/thpa_traffic_volume_prepared.csv"
LOW_POWER = "waste_dtu_lorawan_pilot/measurements.csv"
PROPOSED = {
    GATES: (62_192, {"timestamp": "timestamp", "location_id": "string", "volume": "integer"}),
    "port_thessaloniki_gates/thpa_vessels_count.csv": (
        15_600,
        {"column_1": "integer", "timestamp": "timestamp", "vessel_count": "integer"},
    ),
    "tide_le_havre/derived_predicted_2026_10min.csv": (52_560, {"t_utc": "timestamp", "water_level_m": "number"}),
    "tide_le_havre/derived_predicted_2026_extremes.csv": (
        1_415,
        {"t_utc": "timestamp", "level_m": "number", "type": "string"},
    ),
    "waste_edinburgh_collections/collections.csv": (
        10_000,
        {"site_name": "string", "collected_at_local": "timestamp", "weight_kg": "number", "partial": "boolean"},
    ),
    LOW_POWER: (1_851, {"t_utc": "timestamp", "node_eui": "string", "rssi_dbm": "integer", "gateway": "string"}),
}


@pytest.mark.parametrize("name", PROPOSED)
def test_a_real_file_becomes_rows_in_the_schema_that_it_suggests(name: str) -> None:
    count, wanted = PROPOSED[name]
    table, rejected, schema = conformed(pieces("csv", real(name)))
    assert (table.num_rows, rejected) == (count, [])
    assert {column: types(schema)[column] for column in wanted} == wanted
    assert schema.time == next(column for column, kind in wanted.items() if kind == "timestamp")
    assert all(table[column].null_count == 0 for column in wanted)


def test_real_rows_are_those_of_the_standard_library() -> None:
    text = real("waste_edinburgh_recycling_points/Recycling points.csv").decode("utf-8-sig")
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    found = [[value or "" for value in row.values()] for row in rows("csv", text)]
    assert found == [row for row in expected if row]
