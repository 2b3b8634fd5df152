"""Datasets, schemas and statistics in JSON, as our own API takes and shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, RootModel
from pydantic import Field as Member

from havre.errors import Invalid
from havre.lake.model import Dataset, Field, FieldType, Quarantined, Schema, Statistics

MOST_AT_ONCE = 100
"""Datasets in one request: other writers wait while these are written."""


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

    def read(self, participant: str, now: datetime) -> Dataset:
        said = {name: value for name, value in vars(self).items() if name not in ("id", "declared")}
        return Dataset(participant, self.id, schema=self.declared.read(), created=now, **said)


class DatasetForms(RootModel[Annotated[list[DatasetForm], Member(min_length=1, max_length=MOST_AT_ONCE)]]):
    """Several datasets in one request."""

    def read(self, participant: str, now: datetime) -> list[Dataset]:
        return [_placed(form, index, participant, now) for index, form in enumerate(self.root)]


def _placed(form: DatasetForm, index: int, participant: str, now: datetime) -> Dataset:
    try:
        return form.read(participant, now)
    except Invalid as error:
        raise Invalid(error.message, field=f"{index}.{error.field}", expected=error.expected) from None


def schema_json(schema: Schema) -> dict[str, Any]:
    return {
        "fields": [dict(vars(field)) for field in schema.fields],
        "time": schema.time,
        "longitude": schema.longitude,
        "latitude": schema.latitude,
    }


_TYPES = {type_.value: type_ for type_ in FieldType}


def schema_from(stored: Mapping[str, Any]) -> Schema:
    """A schema as ``schema_json`` wrote it."""
    fields = [Field(**field | {"type": _TYPES[field["type"]]}) for field in stored["fields"]]
    return Schema(tuple(fields), stored["time"], stored["longitude"], stored["latitude"])


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
