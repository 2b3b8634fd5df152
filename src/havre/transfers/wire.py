"""The messages of the transfer process in JSON (Dataspace Protocol 2025-1, section 9.2, HTTPS binding section 10).

The data address of a start message names the endpoint and, as properties: ``authorization`` (the access token),
``authType`` (``bearer``), ``expiresAt``, ``refreshEndpoint``, ``refreshToken``. That of a request for a push names the
consumer's endpoint, and as properties what opens it and what is to be sent (``havre.transfers.destination``).
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from havre.errors import Invalid
from havre.messages import wire
from havre.messages.wire import Message, ProcessMessage
from havre.transfers.destination import Destination, received
from havre.transfers.model import Access, Transfer

REQUEST = "TransferRequestMessage"
START = "TransferStartMessage"
SUSPENSION = "TransferSuspensionMessage"
COMPLETION = "TransferCompletionMessage"
TERMINATION = "TransferTerminationMessage"
HTTP = "https://w3id.org/idsa/v4.1/HTTP"


class Property(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    value: str


class DataAddress(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    endpoint_type: str = Field(alias="endpointType")
    endpoint: str | None = None
    properties: list[Property] = Field(default_factory=list, alias="endpointProperties")


class TransferRequest(Message):
    consumer_pid: str = Field(alias="consumerPid", min_length=1)
    agreement: str = Field(alias="agreementId", min_length=1)
    format: str = Field(min_length=1)
    callback: str = Field(alias="callbackAddress", min_length=1)
    address: Any = Field(None, alias="dataAddress")
    """Read with ``destination`` when it is for a push; a pull's is passed over."""


class TransferStart(ProcessMessage):
    address: DataAddress | None = Field(None, alias="dataAddress")


class TransferCompletion(ProcessMessage):
    pass


def request(transfer: Transfer, callback: str, destination: Destination | None = None) -> str:
    return wire.dump(
        REQUEST,
        id=transfer.message_id,
        consumerPid=transfer.consumer_pid,
        agreementId=transfer.agreement,
        format=transfer.format,
        callbackAddress=callback,
        dataAddress=destination and _data_address(destination.endpoint, destination.properties),
    )


def start(transfer: Transfer, access: Access | None) -> str:
    return _message(START, transfer, dataAddress=access and _address(access))


def completion(transfer: Transfer) -> str:
    return _message(COMPLETION, transfer)


def suspension(transfer: Transfer) -> str:
    return _message(SUSPENSION, transfer, code="suspended", reason=list(transfer.reasons))


def termination(transfer: Transfer) -> str:
    return _message(TERMINATION, transfer, code="terminated", reason=list(transfer.reasons))


def _message(type_: str, transfer: Transfer, **members: Any) -> str:
    return wire.dump(type_, id=transfer.message_id, **_pids(transfer), **members)


def state(transfer: Transfer) -> dict[str, Any]:
    """The ``TransferProcess`` that answers a message or a question."""
    return wire.shape("TransferProcess", **_pids(transfer), state=transfer.state.value)


def _pids(transfer: Transfer) -> dict[str, str | None]:
    return {"providerPid": transfer.provider_pid, "consumerPid": transfer.consumer_pid}


def _address(access: Access) -> dict[str, Any]:
    values = {
        "authorization": access.token,
        "authType": "bearer",
        "expiresAt": access.expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "refreshEndpoint": access.refresh_endpoint,
        "refreshToken": access.refresh_token,
    }
    return _data_address(access.endpoint, ((name, value) for name, value in values.items() if value))


def _data_address(endpoint: str, properties: Iterable[tuple[str, str]]) -> dict[str, Any]:
    listed = [{"@type": "EndpointProperty", "name": name, "value": value} for name, value in properties]
    address = {"@type": "DataAddress", "endpointType": HTTP, "endpoint": endpoint}
    return {**address, "endpointProperties": listed} if listed else address


def destination(address: Any) -> Destination:
    """Where a request for a push wants the rows; ``Invalid`` names what is missing or wrong."""
    if address is None:
        raise Invalid("is missing", field="dataAddress", expected="where to push to")
    try:
        read = DataAddress.model_validate(address)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in ("dataAddress", *first["loc"]))
        raise Invalid(first["msg"], field=where) from None
    return received(read.endpoint, ((one.name, one.value) for one in read.properties))


def access(address: DataAddress, now: datetime) -> Access | None:
    """The access in a data address; None when it names no endpoint and token that we can use."""
    values = {one.name: one.value for one in address.properties}
    token = values.get("authorization")
    if address.endpoint is None or token is None:
        return None
    return Access(
        endpoint=address.endpoint,
        token=token.removeprefix("Bearer "),
        expires=_expiry(values.get("expiresAt"), now),
        refresh_endpoint=values.get("refreshEndpoint"),
        refresh_token=values.get("refreshToken"),
    )


def _expiry(text: str | None, now: datetime) -> datetime:
    """When a token ends; one that does not say is taken to last long, and its refusal tells."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return now + timedelta(days=365)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def access_text(access: Access) -> str:
    """As it is sealed."""
    return json.dumps({name: _plain(value) for name, value in vars(access).items()})


def access_from(text: str) -> Access:
    members = wire.load(text.encode())
    names = ("endpoint", "token", "refresh_endpoint", "refresh_token")
    values: dict[str, Any] = {name: members.get(name) for name in names}
    return Access(**values, expires=datetime.fromisoformat(members["expires"]))


def destination_text(destination: Destination) -> str:
    """As it is sealed."""
    return json.dumps([destination.endpoint, destination.properties])


def destination_from(text: str) -> Destination:
    endpoint, properties = json.loads(text)
    return Destination(endpoint, tuple((name, value) for name, value in properties))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def access_json(access: Access) -> dict[str, Any]:
    """What a data user needs to read."""
    return {"endpoint": access.endpoint, "token": access.token, "expires": access.expires}


def transfer_json(transfer: Transfer) -> dict[str, Any]:
    """A transfer as our own API shows it."""
    return {
        "pid": transfer.pid,
        "role": transfer.role,
        "state": transfer.state,
        "agreement": transfer.agreement,
        "dataset": transfer.dataset,
        "counterparty": transfer.counterparty,
        "format": transfer.format,
        "reason": "; ".join(transfer.reasons) or None,
        "created": transfer.created,
        "updated": transfer.updated,
    }
