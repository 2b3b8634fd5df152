"""JSON documents: the rows are where they are said to be, and what cannot be meant is told with what could."""

import json

import pytest

from havre.errors import Invalid
from havre.sources.formats.records import PIECE_ROWS
from tests.sources.reading import alone, conformed, pieces, placed, real, reasons, rows, types, whole


@pytest.mark.parametrize(
    ("document", "options"),
    [
        ('[{"a": 1}, {"a": 2}]', {}),
        ('\ufeff[{"a": 1}, {"a": 2}]', {}),
        ('{"data": [{"a": 1}, {"a": 2}]}', {"rows": "data"}),
        ('{"data": {"items": [{"a": 1}, {"a": 2}]}, "n": 2}', {"rows": "data.items"}),
    ],
)
def test_rows_stand_in_an_array(document: str, options: dict[str, str]) -> None:
    assert rows("json", document, **options) == [{"a": 1}, {"a": 2}]


def test_an_object_that_was_asked_for_is_one_row() -> None:
    assert rows("json", '{"bridge": {"open": true}}', rows="bridge") == [{"open": True}]
    assert rows("json", '{"bridge": {"open": true}}', rows=".") == [{"bridge_open": True}]


def test_items_are_counted_and_what_is_no_object_is_rejected() -> None:
    found = whole("json", '[{"a": 1}, 5, {"a": {"b": "é"}}, null]')
    assert placed([found]) == [(0, {"a": 1}), (2, {"a_b": "é"})]
    assert reasons(found) == [(1, "is not an object"), (3, "is not an object")]
    assert alone(found.raw(1), found.raw_format) == ([{"a_b": "é"}], [])


@pytest.mark.parametrize(
    ("document", "options", "said"),
    [
        ('{"items": [], "n": 1}', {}, "options.rows: the document is an object (expected items or ."),
        ('{"items": []}', {"rows": "data"}, "options.rows: there is no 'data' in the document (expected items)"),
        ('{"items": []}', {"rows": "items.x"}, "options.rows: there is no 'x' in the document (expected no keys)"),
        ("5", {}, "options.rows: there is neither an array nor an object"),
        ("[{]", {}, "is not JSON: "),
        ("", {}, "is not JSON: "),
    ],
)
def test_a_document_without_rows_is_invalid(document: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        pieces("json", document.encode(), options)
    assert str(caught.value).startswith(said)


def test_a_long_array_comes_in_pieces() -> None:
    document = json.dumps([{"a": index} for index in range(PIECE_ROWS + 5)]).encode()
    found = pieces("json", document)
    assert [piece.rows.num_rows for piece in found] == [PIECE_ROWS, 5]
    assert placed(found)[-1] == (PIECE_ROWS + 4, {"a": PIECE_ROWS + 4})


def test_an_empty_array_has_no_rows() -> None:
    assert pieces("json", b"[]") == []


def test_a_real_document_becomes_rows_in_the_schema_that_it_suggests() -> None:
    document = real("geo_communes_seine_maritime/communes_76_insee.json")
    table, rejected, schema = conformed(pieces("json", document))
    assert (table.num_rows, rejected) == (len(json.loads(document)), [])
    assert {**types(schema), "nom": "string", "population": "integer", "codesPostaux": "string"} == types(schema)
