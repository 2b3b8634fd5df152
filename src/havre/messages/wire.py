"""The JSON shapes that all messages of the Dataspace Protocol 2025-1 share.

Standard: Dataspace Protocol 2025-1, section 4 (common functionality) and the HTTPS bindings of sections 6, 8 and 10.
Unknown members of a message are ignored and kept.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from havre.errors import Invalid

CONTEXT = "https://w3id.org/dspace/2025/1/context.jsonld"
VERSION = "2025-1"
REMEMBERED = 16

M = TypeVar("M", bound="Message")


class Message(BaseModel):
    """Any message: the names on the wire are given as aliases, other members are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    type: str = Field(alias="@type")


class ProcessMessage(Message):
    """A message about a running process."""

    provider_pid: str = Field(alias="providerPid", min_length=1)
    consumer_pid: str = Field(alias="consumerPid", min_length=1)


class Termination(ProcessMessage):
    """Termination and suspension carry a code and reasons, both optional."""

    code: str | None = None
    reason: list[Any] = []

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(str(reason) for reason in self.reason) or ((self.code,) if self.code else ())


def dump(type_: str, *, id: str | None = None, **members: Any) -> str:
    """A message as JSON text, with its identifier; members that are ``None`` are left out."""
    return json.dumps(shape(type_, **{"@id": id}, **members), ensure_ascii=False, separators=(",", ":"))


def shape(type_: str, **members: Any) -> dict[str, Any]:
    """A message as a JSON object with its context and type."""
    present = {name: value for name, value in members.items() if value is not None}
    return {"@context": [CONTEXT], "@type": type_, **present}


def load(raw: bytes) -> dict[str, Any]:
    """The JSON object in a body. ``Invalid`` says what is wrong with it.

    An object alone in a list, as expanded JSON-LD has it, is that object.
    Python reads more than JSON: half a character, NaN and a depth without end cannot be stored or sent on.
    """
    try:
        value = json.loads(raw)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {error}", expected="a JSON object") from error
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise Invalid("the body is not a JSON object", expected="a JSON object")
    return value


def parse(model: type[M], value: Mapping[str, Any], *types: str) -> M:
    """The message in ``value``, which must be of one of ``types``."""
    if value.get("@type") not in types:
        raise Invalid(f"{value.get('@type')!r} is not understood here", field="@type", expected=" or ".join(types))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(first["msg"], field=".".join(str(part) for part in first["loc"])) from error


def remember(digests: tuple[str, ...], digest: str) -> tuple[str, ...]:
    """The digests of the last messages of a process, with a new one."""
    return (*digests, digest)[-REMEMBERED:]


def digest(value: Mapping[str, Any]) -> str:
    """Recognises a message that is received a second time."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def error(type_: str, code: str, reasons: Iterable[str], pids: Mapping[str, Any]) -> dict[str, Any]:
    """A ``CatalogError``, ``ContractNegotiationError`` or ``TransferError``."""
    return shape(type_, **pids, code=code, reason=list(reasons))
