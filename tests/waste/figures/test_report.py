"""The report as a document and as open data."""

import csv
import io
import json
import re
import zlib
from datetime import UTC, datetime
from typing import Any

from havre_waste.figures import documents, pdf
from havre_waste.figures.financial import FINANCIAL
from havre_waste.figures.indicators import Result, results
from havre_waste.figures.inputs import SCHEMAS
from havre_waste.figures.technical import OWN, TECHNICAL
from havre_waste.sites import schemas
from tests.waste.figures.year import YEAR, everything

ALL = (*TECHNICAL, *FINANCIAL, *OWN)
MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def found(*without: str) -> list[Result]:
    return results({name: one for name, one in everything().items() if name not in without}, YEAR, ALL)


def letters(data: bytes) -> set[str]:
    """Every character as which what stands in a PDF can be copied: what the ToUnicode maps of its fonts lead to."""
    found: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            plain = zlib.decompress(stream.strip(b"\r\n"))
        except zlib.error:
            continue
        if b"begincmap" in plain:
            found |= {chr(int(code, 16)) for code in re.findall(rb"<([0-9A-Fa-f]{4})>", plain)}
    return found


def test_the_report_is_a_pdf_with_embedded_fonts_a_language_a_title_and_an_outline() -> None:
    data = pdf.report(found(), YEAR, "Communauté urbaine inventée", MADE)
    assert data.startswith(b"%PDF-")
    assert b"/FontFile2" in data
    assert b"/Lang (fr-FR)" in data
    assert b"/Outlines" in data
    assert b"/Title" in data
    assert data == pdf.report(found(), YEAR, "Communauté urbaine inventée", MADE)


def test_french_can_be_copied_out_of_it() -> None:
    given = "«É» œuvre ² ³ – − ç ê ô € × ÷ ’ à è"
    assert set(given) - {" "} <= letters(pdf.report(found(), YEAR, given, MADE))


def test_a_report_without_data_says_what_is_missing() -> None:
    data = pdf.report(found(*everything()), YEAR, "Communauté urbaine inventée", MADE)
    assert data.startswith(b"%PDF-")


def test_a_missing_value_is_an_empty_cell_with_its_reason_and_numbers_are_as_computed() -> None:
    read = list(csv.DictReader(io.StringIO(documents.csv_text(found("accounts"), YEAR))))
    assert list(read[0]) == documents.INDICATORS.names
    lacking = [row for row in read if row["indicator"] == "F6"]
    assert [(row["value"], row["missing"], row["note"]) for row in lacking] == [
        ("", "true", "donnée manquante\u00a0: accounts")
    ]
    (glass,) = (row for row in read if row["indicator"] == "T5" and row["of"] == "glass")
    assert (glass["value"], glass["missing"], glass["unit"]) == ("20.0", "false", "t")
    assert glass["sources"] == "urn:weighings (de did:web:city.example, accord urn:agreement:7, version 12)"


def test_open_data_is_what_its_table_schema_says() -> None:
    schema = schemas.document(documents.INDICATORS, "fr")
    package = json.loads(json.dumps(documents.package(found(), YEAR, "Communauté urbaine inventée", schema)))
    assert package["resources"][0]["path"] == "indicators.csv"
    kinds: dict[str, Any] = {"string": str, "number": (int, float), "integer": int, "boolean": bool}
    keys = set()
    for row in package["resources"][1]["data"]:
        for field in schema["fields"]:
            value, constraints = row[field["name"]], field.get("constraints", {})
            assert value is not None or not constraints.get("required"), field["name"]
            assert value is None or isinstance(value, kinds[field["type"]])
            assert value is None or not constraints.get("enum") or value in constraints["enum"]
        keys.add(tuple(row[name] for name in schema["primaryKey"]))
    assert len(keys) == len(package["resources"][1]["data"])


def test_no_figure_is_about_a_person() -> None:
    """Frames of figures have no column of a badge or an address, and none could be given."""
    assert not {column for schema in SCHEMAS.values() for column in schema} & {"badge", "address", "street", "number"}
