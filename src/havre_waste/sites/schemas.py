"""Our datasets as Table Schema documents (Frictionless Data, Data Package v1), in French and in English.

No national schema of levels, rounds or containers exists; these may become one. One document a language, since Table
Schema has no translations.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from havre_waste.sites.datasets import DATASETS
from havre_waste.sites.fields import Dataset, Field, Kind

PROFILE = "https://specs.frictionlessdata.io/schemas/table-schema.json"
VERSION = "1.0.0"
LANGUAGES = ("en", "fr")


def table_schema(name: str, language: str = "en") -> dict[str, Any]:
    """The document of the dataset ``name``; KeyError when there is none of that name."""
    return document(DATASETS[name], language)


def document(dataset: Dataset, language: str = "en") -> dict[str, Any]:
    """Of any dataset that is described so."""
    keys = [_foreign_key(one) for one in dataset.fields if one.refers]
    return {
        "$schema": PROFILE,
        "name": dataset.name,
        "title": dataset.title.of(language),
        "description": dataset.about.of(language),
        "version": VERSION,
        "lang": language,
        "fields": [_field(one, language) for one in dataset.fields],
        "missingValues": [""],
        **({"primaryKey": list(dataset.key)} if dataset.key else {}),
        **({"foreignKeys": keys} if keys else {}),
    }


def data_package(names: Sequence[str], language: str = "en", name: str = "waste") -> dict[str, Any]:
    """A ``datapackage.json`` for CSV files ``<name>.csv`` of these datasets beside it."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "resources": [
            {
                "profile": "tabular-data-resource", "name": one, "path": f"{one}.csv", "format": "csv",
                "mediatype": "text/csv", "encoding": "utf-8", "schema": _within(table_schema(one, language), names),
            }
            for one in names
        ],
    }  # fmt: skip


def files() -> Mapping[str, str]:
    """All documents, by the name of their file: ``sites.en.json``, ``sites.fr.json``, …"""
    return {
        f"{name}.{language}.json": json.dumps(table_schema(name, language), ensure_ascii=False, indent=2) + "\n"
        for name in DATASETS
        for language in LANGUAGES
    }


def _within(schema: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Without references to what is not in the package."""
    keys = [one for one in schema.pop("foreignKeys", ()) if one["reference"]["resource"] in names]
    return {**schema, **({"foreignKeys": keys} if keys else {})}


def _field(one: Field, language: str) -> dict[str, Any]:
    limits: dict[str, Any] = {
        "required": one.required and not one.default,
        "enum": list(one.enum) or None,
        "minimum": one.minimum,
        "maximum": one.maximum,
        "pattern": one.pattern or None,
    }
    constraints = {name: value for name, value in limits.items() if value is not None and value is not False}
    return {
        "name": one.name,
        "type": str(one.kind),
        "title": one.title.of(language),
        "description": _described(one, language),
        **({"unit": one.unit} if one.unit else {}),
        **({"format": "default"} if one.kind in (Kind.DATE, Kind.DATETIME) else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _described(one: Field, language: str) -> str:
    """With what stands where nothing is told."""
    if not one.default:
        return one.about.of(language)
    return f"{one.about.of(language)} {'Par défaut' if language == 'fr' else 'By default'} `{one.default}`."


def _foreign_key(one: Field) -> dict[str, Any]:
    assert one.refers is not None
    return {"fields": one.name, "reference": {"resource": one.refers[0], "fields": one.refers[1]}}


PAGE = """\
# Datasets of the waste service

The datasets that the service reads and gives, field by field.
Each is published as a Table Schema in English and in French.
`python -m havre_waste.sites --out FOLDER` writes them all, and this page.

Times are UTC in RFC 3339; hours and weekdays are local, 0 is Monday.
A cell that is empty tells nothing; units are those of UCUM.

"""


def described(language: str = "en") -> str:
    """All datasets as a page of Markdown: a heading and a table each."""
    return PAGE + "\n".join(_section(one, language) for one in DATASETS.values())


def _section(dataset: Dataset, language: str) -> str:
    head = [f"## {dataset.name}", "", dataset.about.of(language), "", "| field | type | | what |", "|---|---|---|---|"]
    rows = [f"| `{one.name}` | {one.kind} | {_limits(one)} | {_described(one, language)} |" for one in dataset.fields]
    return "\n".join([*head, *rows, ""])


def _limits(one: Field) -> str:
    told = [] if one.required else ["may be empty"]
    told += [one.unit] if one.unit else []
    told += [" · ".join(f"`{word}`" for word in one.enum)] if one.enum else []
    return ", ".join(told)
