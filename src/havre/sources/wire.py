"""Sources in JSON, as our own API takes and shows them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from havre.sources.model import Source, Status


class SourceForm(BaseModel):
    """What is given to declare a source; which options there are, its transport and its format say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    dataset: str = Field(min_length=1)
    transport: str
    format: str
    options: dict[str, str | bool | int | float] = {}

    def texts(self) -> dict[str, str]:
        return {name: _text(value) for name, value in self.options.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def source_json(source: Source, status: Status) -> dict[str, Any]:
    return {
        "id": source.id,
        "dataset": source.dataset,
        "transport": source.transport,
        "format": source.format,
        "options": dict(source.options),
        "created": source.created,
        "status": dict(vars(status)),
    }
