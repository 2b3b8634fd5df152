"""Our datasets are published as Table Schema in both languages, and say of each field what it is."""

import json
import re
from pathlib import Path

import pytest

from havre_waste.sites.__main__ import main
from havre_waste.sites.datasets import DATASETS, FIGURES
from havre_waste.sites.schemas import LANGUAGES, data_package, described, files, table_schema

PAGE = Path(__file__).parents[3] / "docs/reference/waste-datasets.md"
CONSTRAINTS = {
    # after the specification of Table Schema: which constraint may stand at which type
    "required": {"string", "integer", "number", "boolean", "date", "datetime"},
    "unique": {"string", "integer", "number", "boolean", "date", "datetime"},
    "enum": {"string", "integer", "number", "date", "datetime"},
    "minimum": {"integer", "number", "date", "datetime"},
    "maximum": {"integer", "number", "date", "datetime"},
    "pattern": {"string"},
}
each = pytest.mark.parametrize("name", sorted(DATASETS))
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@each
@in_each_language
def test_a_document_is_a_table_schema(name: str, language: str) -> None:
    schema = table_schema(name, language)
    names = [one["name"] for one in schema["fields"]]
    assert len(set(names)) == len(names) > 0
    for field in schema["fields"]:
        assert field["type"] in CONSTRAINTS["required"]
        for constraint, value in field.get("constraints", {}).items():
            assert field["type"] in CONSTRAINTS[constraint], (field["name"], constraint)
            if constraint == "pattern":
                re.compile(value)
    assert set(schema.get("primaryKey", ())) <= set(names)
    for key in schema.get("foreignKeys", ()):
        assert key["fields"] in names
        assert key["reference"]["fields"] in DATASETS[key["reference"]["resource"]].names


@each
def test_each_field_is_told_in_both_languages(name: str) -> None:
    english, french = table_schema(name, "en"), table_schema(name, "fr")
    assert english["title"] and french["title"] and english["description"] != french["description"]
    for mine, other in zip(english["fields"], french["fields"], strict=True):
        assert mine["title"] and other["title"]
        assert len(mine["description"]) > 4 and len(other["description"]) > 4
        assert {key: value for key, value in mine.items() if key not in ("title", "description")} == {
            key: value for key, value in other.items() if key not in ("title", "description")
        }


@each
def test_french_has_its_spaces_before_high_punctuation(name: str) -> None:
    text = json.dumps(table_schema(name, "fr"), ensure_ascii=False)
    outside = re.sub(r"`[^`]*`", "", " ".join(re.findall(r'"(?:title|description)": "([^"]*)"', text)))
    assert not re.search(r"[^\u202f\u00a0][;:?!]", outside)
    assert "'" not in outside


def test_every_document_is_a_file_of_its_own() -> None:
    found = files()
    assert set(found) == {f"{name}.{language}.json" for name in DATASETS for language in LANGUAGES}
    assert json.loads(found["levels.fr.json"]) == table_schema("levels", "fr")


def test_a_package_refers_only_to_what_is_in_it() -> None:
    package = data_package(["sites", "containers", "readings"])
    inside = {one["name"]: one["schema"] for one in package["resources"]}
    assert inside["containers"]["foreignKeys"] == [
        {"fields": "site", "reference": {"resource": "sites", "fields": "id"}}
    ]
    assert "foreignKeys" not in data_package(["readings"])["resources"][0]["schema"]


def test_a_dataset_that_is_not_ours_has_none() -> None:
    with pytest.raises(KeyError):
        table_schema("secrets")


def test_the_reference_tells_every_field() -> None:
    text = described()
    for dataset in DATASETS.values():
        assert f"## {dataset.name}\n" in text
        for field in dataset.fields:
            assert f"| `{field.name}` | {field.kind} |" in text


def test_the_page_of_the_datasets_is_up_to_date(tmp_path: Path) -> None:
    main(["--out", str(tmp_path)])
    assert (tmp_path / "waste-datasets.md").read_text("utf-8") == PAGE.read_text("utf-8"), "write it anew"
    assert {path.name for path in tmp_path.glob("*.json")} == set(files())


FRAMES = {"rounds": "driven_rounds", "plants": "treatment_plants"}
"""Frames of the figures that are called otherwise as datasets, since those names are taken."""


def test_what_the_figures_read_is_described_here() -> None:
    inputs = pytest.importorskip("havre_waste.figures.inputs")
    for name, schema in inputs.SCHEMAS.items():
        told = DATASETS[FRAMES.get(name, name)]
        if told not in FIGURES:
            assert set(schema) - {"flow"} <= set(told.names), name
        else:
            assert list(schema) == told.names, name


@pytest.mark.parametrize(
    ("product", "name"),
    [("container-levels", "levels"), ("sensor-faults", "sensor_faults"), ("container-emptyings", "emptyings"),
     ("collection-rounds", "rounds"), ("hazardous-waste-forms", "hazardous_waste_forms"),
     ("deposit-counts", "deposit_counts")],
)  # fmt: skip
def test_what_the_service_publishes_is_described_here(product: str, name: str) -> None:
    products = pytest.importorskip("havre_waste.live.products")
    found = next(one for one in products.PRODUCTS if one.id == product)
    assert [one.name for one in found.schema.fields] == DATASETS[name].names
