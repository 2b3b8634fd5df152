"""The report as open data: one table of indicators, with a Table Schema, and the same as JSON.

A value that is missing is an empty cell with the reason in ``note``; it is never 0.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from havre_waste.figures.indicators import Result
from havre_waste.figures.inputs import Provenance
from havre_waste.sites.fields import Dataset, Field, Kind, Text

WHOLE = "ensemble"
LICENCE = {"name": "etalab-2.0", "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}


def _text(name: str, en: str, fr: str, about_en: str, about_fr: str, **rest: Any) -> Field:
    return Field(name, rest.pop("kind", Kind.STRING), Text(en, fr), Text(about_en, about_fr), **rest)


INDICATORS = Dataset(
    "indicators",
    Text("Indicators of the yearly report", "Indicateurs du rapport annuel"),
    Text(
        "Indicators of the public service of household waste, after annexe XIII of the CGCT; wording and formulas are "
        "ours.",
        "Indicateurs du service public des déchets ménagers, d’après l’annexe XIII du CGCT ; la rédaction et les "
        "formules sont les nôtres.",
    ),
    (
        _text("year", "Year", "Année", "Year of the report.", "Exercice du rapport.", kind=Kind.INTEGER),
        _text("indicator", "Indicator", "Indicateur", "Identifier, ours.", "Identifiant, le nôtre.",
              pattern="[TFP][0-9]+"),
        _text("part", "Part", "Partie", "Of the report; `own` is not of the annex.",
              "Du rapport ; `own` n’est pas de l’annexe.",
              enum=("collection", "prevention", "treatment", "money", "own")),
        _text("title", "Title", "Intitulé", "In French.", "En français."),
        _text("of", "Of", "De", "Flow, stage, plant …; `ensemble` for the whole.",
              "Flux, étape, installation… ; `ensemble` pour le tout."),
        _text("value", "Value", "Valeur", "A number; empty where it is missing or a text.",
              "Un nombre ; vide s’il manque ou si c’est un texte.", kind=Kind.NUMBER, required=False),
        _text("text", "Text", "Texte", "A value that is no number.", "Une valeur qui n’est pas un nombre.",
              required=False),
        _text("unit", "Unit", "Unité", "Of the value.", "De la valeur.", required=False),
        _text("missing", "Missing", "Manquant", "Whether the value is missing.", "Si la valeur manque.",
              kind=Kind.BOOLEAN),
        _text("note", "Note", "Remarque", "Why it is missing, or what is not in it.",
              "Pourquoi elle manque, ou ce qui n’y est pas.", required=False),
        _text("formula", "Formula", "Formule", "From datasets and their columns.",
              "À partir des jeux de données et de leurs colonnes."),
        _text("sources", "Sources", "Sources", "Datasets, with agreement and version, separated by semicolons.",
              "Jeux de données, avec accord et version, séparés par des points-virgules.", required=False),
    ),
    ("year", "indicator", "of"),
)  # fmt: skip


def rows(results: Iterable[Result], year: int) -> Iterator[dict[str, Any]]:
    """One for each value, with the columns of ``INDICATORS``."""
    for one in results:
        for value in one.values:
            number = value.value if isinstance(value.value, int | float) else None
            yield {
                "year": year,
                "indicator": one.indicator.id,
                "part": str(one.indicator.part),
                "title": one.indicator.title,
                "of": value.of or WHOLE,
                "value": round(number, 4) if isinstance(number, float) else number,
                "text": value.value if isinstance(value.value, str) else None,
                "unit": one.indicator.unit or None,
                "missing": value.value is None,
                "note": value.note or None,
                "formula": one.indicator.formula,
                "sources": "; ".join(source(each) for each in one.provenance) or None,
            }


def source(of: Provenance) -> str:
    """In one line: ``weighings (of …, agreement …, version …)``."""
    known = {
        "de": of.provider,
        "accord": of.agreement,
        "version": of.version,
        "lu le": of.read_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if of.read_at else "",
    }
    more = ", ".join(f"{name} {value}" for name, value in known.items() if value)
    return f"{of.dataset} ({more})" if more else of.dataset


def csv_text(results: Iterable[Result], year: int) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, INDICATORS.names, lineterminator="\n")
    table.writeheader()
    for row in rows(results, year):
        table.writerow(row | {"missing": str(row["missing"]).lower()})
    return out.getvalue()


def package(results: Iterable[Result], year: int, publisher: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A data package (Frictionless, v1) whose rows stand in it as JSON, beside ``indicators.csv``.

    ``schema``: the Table Schema of ``INDICATORS`` in the language that is wanted (``sites.schemas.document``).
    """
    return {
        "profile": "data-package",
        "name": f"waste-report-{year}",
        "title": f"Indicateurs du rapport annuel {year}",
        "contributors": [{"title": publisher, "role": "publisher"}],
        "licenses": [LICENCE],
        "resources": [
            {"name": "indicators", "profile": "tabular-data-resource", "path": "indicators.csv", "schema": schema},
            {"name": "indicators-json", "data": list(rows(results, year)), "schema": schema},
        ],
    }
