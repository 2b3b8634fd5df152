"""Datasets, schemas and statistics in JSON, as our own API takes and shows them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Member

from havre.lake.model import Dataset, Field, FieldType, Quarantined, Schema, Statistics


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldForm(Form):
    name: str
    type: FieldType
    unit: str | None = None
    nullable: bool = True
    description: str = ""
    personal: bool = False


class SchemaForm(Form):
    fields: list[FieldForm]
    time: str | None = None
    longitude: str | None = None
    latitude: str | None = None

    def read(self) -> Schema:
        fields = tuple(Field(**vars(field)) for field in self.fields)
        return Schema(fields, self.time, self.longitude, self.latitude)


class DatasetForm(Form):
    """What is given to declare a dataset."""

    id: str
    title: str = Member(min_length=1)
    declared: SchemaForm = Member(alias="schema")
    description: str = ""
    keywords: tuple[str, ...] = ()
    theme: str | None = None
    licence: str | None = None
    origin: str | None = None
    language: str | None = None

    def description_of(self) -> dict[str, Any]:
        """The members that describe, as ``Dataset`` takes them."""
        return {name: value for name, value in vars(self).items() if name not in ("id", "declared")}


def schema_json(schema: Schema) -> dict[str, Any]:
    return {
        "fields": [dict(vars(field)) for field in schema.fields],
        "time": schema.time,
        "longitude": schema.longitude,
        "latitude": schema.latitude,
    }


def schema_from(stored: Mapping[str, Any]) -> Schema:
    """A schema as ``schema_json`` wrote it."""
    fields = tuple(Field(**{**field, "type": FieldType(field["type"])}) for field in stored["fields"])
    return Schema(fields, stored["time"], stored["longitude"], stored["latitude"])


def dataset_json(dataset: Dataset, statistics: Statistics, quarantined: int) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "title": dataset.title,
        "description": dataset.description,
        "schema": schema_json(dataset.schema),
        "keywords": list(dataset.keywords),
        "theme": dataset.theme,
        "licence": dataset.licence,
        "origin": dataset.origin,
        "language": dataset.language,
        "created": dataset.created,
        "withdrawn": dataset.withdrawn,
        "statistics": {
            "rows": statistics.rows,
            "quarantined": quarantined,
            "bytes": statistics.bytes,
            "first": statistics.first,
            "last": statistics.last,
            "bbox": statistics.bbox and list(statistics.bbox),
        },
    }


def quarantined_json(one: Quarantined) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at,
        "source": one.source,
        "position": one.position,
        "reason": one.reason,
        "raw": one.raw.decode("utf-8", "backslashreplace"),
    }
