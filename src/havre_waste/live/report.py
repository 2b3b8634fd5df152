"""The yearly report: its inputs are what the service saw and what others tell, each with where it is from."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from havre.client.frames import Kind
from havre_waste.figures import documents, financial, pdf, technical
from havre_waste.figures.indicators import Result, results
from havre_waste.figures.inputs import SCHEMAS, Input, Provenance
from havre_waste.live.seen import KEPT, Seen
from havre_waste.sites import schemas

Source = Callable[[str], Provenance]
TOLD = {
    "weighings": "weighings",
    "accounts": "accounts",
    "territory": "territory",
    "services": "services",
    "recycling_centres": "recycling_centres",
    "treatment_plants": "plants",
    "reference_2010": "reference_2010",
    "professionals": "professionals",
    "sorting": "sorting",
}
"""Needs of the report alone, and the names under which ``figures.inputs`` has them."""
NEEDS = {
    "weighings": "loads that were weighed at the plants",
    "accounts": "charges and revenues of the service by flow and stage",
    "territory": "inhabitants by municipality and year",
    "services": "who is served how, and how often",
    "recycling_centres": "recycling centres and what they accept",
    "treatment_plants": "plants where waste is treated, with their efficiency",
    "reference_2010": "tonnages of the year with which law compares",
    "professionals": "waste of firms that the service takes",
    "sorting": "what was sorted, and refused",
}
KINDS = {
    need: Kind(SCHEMAS[name], "time" if "time" in SCHEMAS[name] else "", KEPT if "time" in SCHEMAS[name] else None)
    for need, name in TOLD.items()
}
OWN = {"emptyings": "container-emptyings", "rounds": "collection-rounds", "levels": "container-levels"}
"""The products that are inputs of the figures, by their names there."""
INDICATORS = (*technical.TECHNICAL, *financial.FINANCIAL, *technical.OWN)


def made(seen: Seen, told: Callable[[str], pl.DataFrame], source: Source, year: int) -> list[Result]:
    """All indicators of the year; what there is nothing of is told as missing. ``told``: the frame of a need."""
    frames = seen.frames()
    inputs = {name: Input(name, frame, Provenance(OWN[name])) for name, frame in frames.items() if frame.height}
    for need, name in TOLD.items():
        frame = told(need)
        if frame.height:
            inputs[name] = Input(name, frame, source(need))
    return results(inputs, year, INDICATORS)


def as_pdf(found: Sequence[Result], year: int, publisher: str, now: datetime) -> bytes:
    return pdf.report(found, year, publisher, now)


def as_csv(found: Sequence[Result], year: int) -> str:
    return documents.csv_text(found, year)


def as_json(found: Sequence[Result], year: int, publisher: str, language: str) -> dict[str, Any]:
    return documents.package(found, year, publisher, schemas.document(documents.INDICATORS, language))
