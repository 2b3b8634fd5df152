"""NDJSON: one object a line, at its place; what is none costs its line and says why."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre.sources.formats.records import MOST_COLUMNS
from tests.sources.reading import (
    alone,
    conformed,
    in_blocks,
    never_crashes,
    pieces,
    placed,
    reasons,
    rows,
    types,
    whole,
)


def test_objects_in_objects_are_columns_and_lists_are_json() -> None:
    text = '{"ship": {"name": "Éole", "at": {"lon": 0.1}}, "stops": [1, "é"], "id": 7}\n'
    assert rows("ndjson", text) == [{"ship_name": "Éole", "ship_at_lon": 0.1, "stops": '[1, "é"]', "id": 7}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 2], [1, None, 2]),
        ([1, 2.5], [1.0, 2.5]),
        ([True, False], [True, False]),
        (["1", "x"], ["1", "x"]),
        ([1, "x", True, 2.5, [1]], ["1", "x", "true", "2.5", "[1]"]),
        ([2**64, 1], ["18446744073709551616", "1"]),
        ([2**60, 0.5], ["1152921504606846976", "0.5"]),
        ([None, None], [None, None]),
    ],
)
def test_a_column_keeps_the_type_that_all_its_values_have(values: list[Any], expected: list[Any]) -> None:
    found = [row["v"] for row in rows("ndjson", "".join(json.dumps({"v": value, "n": 0}) + "\n" for value in values))]
    assert found == expected
    assert [type(one) for one in found] == [type(one) for one in expected]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON: Expecting property name enclosed in double quotes"),
        (b'{"a": NaN}', "is not JSON: NaN is no JSON value"),
        (b"[1]", "is not an object"),
        (b"null", "is not an object"),
        (b"{}", "is an object without values"),
        (b'{"a": 1} {"a": 2}', "is not JSON: Extra data"),
        (b'{"a": "\xff"}', "is not JSON: not UTF-8 at byte 7"),
        (b'{"a": "\\ud800"}', "is not JSON: half a character"),
        (b'{"a b": 1, "a-b": 2}', "has two values for the column a_b"),
        (b"[" * 100_000, "is not JSON: nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON: Exceeds the limit"),
    ],
)
def test_what_is_no_row_is_rejected_with_its_reason(line: bytes, reason: str) -> None:
    found = whole("ndjson", b'{"a": 1}\n' + line + b'\n\n{"a": 2}')
    assert [row for _, row in placed([found])] == [{"a": 1}, {"a": 2}]
    ((position, why),) = reasons(found)
    assert position == 9 and why.startswith(reason)
    assert found.rejected[0].raw == line


def test_a_row_stands_at_its_first_byte() -> None:
    text = '\ufeff{"a": 1}\r\n \r\n  {"a": 2}\n{"a": 3}'
    assert placed([whole("ndjson", text)]) == [(0, {"a": 1}), (16, {"a": 2}), (27, {"a": 3})]


def test_what_lies_very_deep_is_json() -> None:
    text = '{"a": ' * 12 + "1" + "}" * 12
    (row,) = rows("ndjson", text)
    assert row == {"_".join("a" * 8): '{"a": {"a": {"a": {"a": 1}}}}'}


def test_names_without_end_do_not_fill_the_memory() -> None:
    found = whole("ndjson", "".join(f'{{"k{index}": 1}}\n' for index in range(MOST_COLUMNS + 3)))
    assert (found.rows.num_rows, len(found.rejected)) == (MOST_COLUMNS, 3)
    assert "columns" in found.rejected[0].reason


def test_it_suggests_a_schema_that_all_its_rows_fit() -> None:
    ships = [
        {
            "at": f"2026-03-02T12:{minute:02}:00Z",
            "ship": {"mmsi": 227000000 + minute},
            "sog": minute / 4,
            "moored": minute > 30,
        }
        | {"place": {"lon": minute / 100, "lat": 49}}
        for minute in range(60)
    ]
    table, rejected, schema = conformed(pieces("ndjson", "".join(json.dumps(ship) + "\n" for ship in ships).encode()))
    assert (table.num_rows, rejected) == (60, [])
    assert types(schema) == {
        "at": "timestamp",
        "ship_mmsi": "integer",
        "sog": "number",
        "moored": "boolean",
        "place_lon": "number",
        "place_lat": "integer",
    }
    assert schema.time == "at"


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
KEYS = st.sampled_from(["a", "b", "c"])
OBJECTS = st.dictionaries(
    KEYS, SCALARS | st.dictionaries(KEYS, SCALARS, min_size=1, max_size=2), min_size=1, max_size=3
)


def flat(read: dict[str, Any]) -> dict[str, Any]:
    """An independent reading of one level of objects in objects."""
    found = {}
    for key, one in read.items():
        found |= {f"{key}_{name}": value for name, value in one.items()} if isinstance(one, dict) else {key: one}
    return found


def shown(value: Any) -> str:
    """A value as text: a column has the type that its values share, and which these are depends on the block."""
    return value if isinstance(value, str) else json.dumps(float(value) if type(value) in (int, float) else value)


def like(text: str) -> str:
    """A number as ``shown`` has it, also where its column became one of texts."""
    try:
        return json.dumps(float(text))
    except ValueError:
        return text


@settings(deadline=None)
@given(objects=st.lists(OBJECTS, max_size=10), data=st.data())
def test_what_was_written_is_read_wherever_it_is_cut(objects: list[dict[str, Any]], data: st.DataObject) -> None:
    document = b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in objects)
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=5))
    found = in_blocks("ndjson", document, {}, cuts)
    assert [place for one in found for place in reasons(one)] == []
    assert [texts(row) for _, row in placed(found)] == [texts(flat(one)) for one in objects]
    starts = [0, *(index + 1 for index, byte in enumerate(document) if byte == 10)][: len(objects)]
    assert [position for position, _ in placed(found)] == starts


@given(objects=st.lists(OBJECTS, max_size=6))
def test_a_row_read_alone_is_the_same(objects: list[dict[str, Any]]) -> None:
    for piece in pieces("ndjson", b"\n".join(json.dumps(one).encode() for one in objects)):
        for index, row in enumerate(piece.rows.to_pylist()):
            (again,), bad = alone(piece.raw(index), piece.raw_format)
            assert bad == [] and texts(again) == texts(row)


def texts(row: dict[str, Any]) -> dict[str, str]:
    return {name: like(shown(value)) for name, value in row.items() if value is not None}


@given(document=st.binary(max_size=60) | st.text('{}[]":,ae1.\\\n ', max_size=40).map(str.encode))
def test_garbage_never_crashes(document: bytes) -> None:
    never_crashes("ndjson", document)
    never_crashes("json", document)
    never_crashes("geojson", document)
