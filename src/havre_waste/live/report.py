"""The yearly report: its inputs are what the service saw and what others tell, each with where it is from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre.client.frames import Kind
from havre_waste.figures import documents, financial, pdf, technical
from havre_waste.figures.indicators import Result, results
from havre_waste.figures.inputs import SCHEMAS, Input, Provenance
from havre_waste.live.day import Day
from havre_waste.sites import schemas
from havre_waste.sites.city import City

Row = Mapping[str, Any]
Source = Callable[[str], Provenance]
KEPT = timedelta(days=800)
"""Two years and the time to write the report of the last one."""
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
INDICATORS = (*technical.TECHNICAL, *financial.FINANCIAL, *technical.OWN)


class Seen:
    """What the service itself knows of the year: emptyings, and rounds as they were driven or planned last."""

    def __init__(self) -> None:
        self._emptyings: list[Row] = []
        self._rounds: dict[str, Row] = {}

    def empty(self, rows: Iterable[Row]) -> None:
        self._emptyings += rows

    def drive(self, day: Day, city: City) -> None:
        for one in day.flows:
            for each in one.plan.rounds:
                truck = city.trucks[each.vehicle]
                self._rounds[day.name(each.vehicle)] = {
                    "date": day.day, "round": day.name(each.vehicle), "truck": truck.id, "flow": str(one.flow),
                    "metres": float(each.metres), "seconds": float(each.seconds),
                    "litres_per_100km": truck.litres_per_100km, "kwh_per_100km": 0.0,
                }  # fmt: skip

    def forget(self, now: datetime) -> None:
        self._emptyings = [row for row in self._emptyings if now - row["time"] < KEPT]
        self._rounds = {name: row for name, row in self._rounds.items() if now.date() - row["date"] < KEPT}

    def frames(self) -> dict[str, pl.DataFrame]:
        columns = list(SCHEMAS["emptyings"])
        emptied = [{name: row[name] for name in columns} for row in self._emptyings]
        return {
            "emptyings": pl.DataFrame(emptied, SCHEMAS["emptyings"]),
            "rounds": pl.DataFrame(list(self._rounds.values()), SCHEMAS["rounds"]),
        }


def made(seen: Seen, told: Callable[[str], pl.DataFrame], source: Source, year: int) -> list[Result]:
    """All indicators of the year; what there is nothing of is told as missing. ``told``: the frame of a need."""
    own = {"emptyings": Provenance("container-emptyings"), "rounds": Provenance("collection-rounds")}
    inputs = {name: Input(name, frame, own[name]) for name, frame in seen.frames().items() if frame.height}
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
