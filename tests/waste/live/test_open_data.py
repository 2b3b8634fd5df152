"""What anybody may have as files: a report in which nothing that is missing is nought, schemas, linked data."""

import csv
import io
import json

import polars as pl
import pytest

from havre_waste.live.work import Live
from tests.asgi import Reply, ask
from tests.waste.live.test_live import EVENING, live, pages, told

__all__ = ["live", "told"]
YEAR = EVENING.year


def get(found: Live, path: str) -> Reply:
    return ask(pages(found), "GET", path)


def test_the_report_tells_what_was_seen_and_names_what_is_missing(live: Live) -> None:
    live.results(EVENING)
    territory = pl.DataFrame({"year": [YEAR], "commune": ["Le Havre"], "inhabitants": [165_830]})
    live.take("territory", territory)
    answer = get(live, f"/report/{YEAR}.csv")
    assert answer.status == 200
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    known = [row for row in rows if row["missing"] == "false"]
    missing = [row for row in rows if row["missing"] == "true"]
    assert known and missing and all(row["value"] == "" for row in missing)
    assert any("container-emptyings" in row["sources"] for row in known)
    assert any("territory" in row["sources"] for row in known)


def test_the_report_is_a_document_and_a_package(live: Live) -> None:
    live.results(EVENING)
    assert get(live, f"/report/{YEAR}.pdf").body.startswith(b"%PDF-")
    package = json.loads(get(live, f"/report/{YEAR}.json?language=fr").body)
    assert package["resources"][0]["schema"]["lang"] == "fr"
    assert get(live, f"/report/{YEAR}.xls").status == get(live, "/report/2999.pdf").status == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_datasets_have_a_schema_that_anybody_may_have(live: Live, language: str) -> None:
    document = json.loads(get(live, f"/schemas/levels.json?language={language}").body)
    assert document["lang"] == language and [one["name"] for one in document["fields"]][:2] == ["time", "container"]
    assert get(live, "/schemas/nothing.json").status == 404


def test_containers_are_linked_data_with_their_levels(live: Live) -> None:
    live.results(EVENING)
    found = json.loads(get(live, "/containers.jsonld").body)
    assert len(found) == len(live.view(EVENING).levels) > 100
    assert {one["type"] for one in found} == {"WasteContainer"}
    assert all(0 <= one["fillingLevel"]["value"] <= 1 for one in found)
