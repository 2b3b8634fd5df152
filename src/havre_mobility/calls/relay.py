"""Port call messages relayed between parties (DCSA Port Call 2.0): what is accepted, who sees it, what ends it.

Rules:

1. A message needs what it hangs on: terminal call → port call, service → terminal call, timestamp → service. Nothing
   is added to what was omitted, cancelled or declined, and that cannot be undone.
2. Who sends a service first is its provider, whom it is sent to its consumer. EST, PLN and ACT are the provider's, REQ
   is the consumer's; the provider cancels, the consumer declines. Only its sender changes a message.
3. A party sees what it has sent or received, and nothing else, not even that it exists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from pydantic import ValidationError

from havre_mobility.calls import services, wire
from havre_mobility.calls.services import Classifier

Body = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """``id`` and ``above`` are names of fields; ``above`` names what a message hangs on."""

    name: str
    model: type[wire.Message]
    id: str
    parent: str | None
    above: str | None
    filters: Mapping[str, tuple[str, ...]]
    """Query parameter → where the field stands in the body."""


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


_VOYAGE = ("carrierImportVoyageNumber", "carrierExportVoyageNumber", "universalImportVoyageReference")
RESOURCES: dict[str, Resource] = {
    one.name: one
    for one in (
        Resource(
            "port-calls", wire.PortCall, "portCallID", None, None,
            _same("portCallID", "portVisitReference", "UNLocationCode") | {
                "vesselIMONumber": ("vessel", "vesselIMONumber"),
                "vesselName": ("vessel", "name"),
                "MMSINumber": ("vessel", "MMSINumber"),
            },
        ),
        Resource(
            "terminal-calls", wire.TerminalCall, "terminalCallID", "port-calls", "portCallID",
            _same("portCallID", "terminalCallID", "terminalCallReference", "carrierServiceName", "carrierServiceCode",
                  "universalServiceReference", *_VOYAGE, "universalExportVoyageReference"),
        ),
        Resource(
            "port-call-services", wire.PortCallService, "portCallServiceID", "terminal-calls", "terminalCallID",
            _same("terminalCallID", "portCallServiceID", "portCallServiceTypeCode"),
        ),
        Resource(
            "timestamps", wire.Timestamp, "timestampID", "port-call-services", "portCallServiceID",
            _same("portCallServiceID", "timestampID", "classifierCode"),
        ),
        Resource(
            "vessel-statuses", wire.VesselStatus, "portCallServiceID", "port-call-services", "portCallServiceID",
            _same("portCallServiceID"),
        ),
    )
}  # fmt: skip
ENDINGS = {
    # resource, action: the flag that it sets, and whether the sender of the message does it
    ("port-calls", "omit"): ("omitted", True),
    ("terminal-calls", "omit"): ("omitted", True),
    ("port-call-services", "cancel"): ("cancelled", True),
    ("port-call-services", "decline"): ("declined", False),
}


@dataclass(frozen=True)
class Record:
    """A message as it was accepted; ``ended`` names what ended it: omitted, cancelled or declined."""

    resource: str
    id: str
    body: Body
    sender: str
    receiver: str
    at: datetime
    ended: str | None = None

    def seen_by(self, party: str) -> bool:
        return party in (self.sender, self.receiver)


class Store(Protocol):
    """Where records are kept; one a resource and id."""

    def get(self, resource: str, id_: str) -> Record | None: ...

    def put(self, record: Record) -> None: ...

    def all(self, resource: str) -> Iterable[Record]: ...


@dataclass
class Memory:
    """A store for tests and for a single process."""

    records: dict[tuple[str, str], Record] = field(default_factory=dict)

    def get(self, resource: str, id_: str) -> Record | None:
        return self.records.get((resource, id_))

    def put(self, record: Record) -> None:
        self.records[record.resource, record.id] = record

    def all(self, resource: str) -> Iterable[Record]:
        return [record for (name, _), record in self.records.items() if name == resource]


class Refused(Exception):
    """``status`` of HTTP; ``property`` the field that is to blame, if one is."""

    def __init__(self, status: int, text: str, property_: str | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.property = status, text, property_


def accept(store: Store, resource: Resource, id_: str, body: Any, sender: str, receiver: str, now: datetime) -> Record:
    """The record of a message that ``sender`` puts, stored. ``Refused`` says why not, and nothing is changed."""
    message = _read(resource, body)
    if message.body()[resource.id] != id_:
        raise Refused(400, f"{resource.id} is another one than in the path", resource.id)
    before = store.get(resource.name, id_)
    if before is not None and before.sender != sender:
        # whether somebody else has it is nobody's business
        raise Refused(403 if before.seen_by(sender) else 400, f"this {resource.id} is not yours to send", resource.id)
    if before is not None and before.ended:
        raise Refused(409, f"this has been {before.ended}")
    _hangs_on(store, resource, message.body(), sender)
    if isinstance(message, wire.Timestamp):
        _check_timestamp(store, message, sender)
    record = Record(resource.name, id_, message.body(), sender, receiver, now)
    store.put(record)
    return record


def end(store: Store, resource: Resource, id_: str, action: str, party: str, now: datetime) -> Record:
    """Omit, cancel or decline. ``Refused``: 404 when ``party`` has no such thing, 403 when another one may end it."""
    flag, by_sender = ENDINGS[resource.name, action]
    record = store.get(resource.name, id_)
    if record is None or not record.seen_by(party):
        raise Refused(404, f"there is no such {resource.id}", resource.id)
    if (record.sender == party) != by_sender:
        raise Refused(403, f"only the {'sender' if by_sender else 'receiver'} may {action}")
    ended = replace(record, ended=record.ended or flag, at=now)
    store.put(ended)
    return ended


def found(store: Store, resource: Resource, filters: Mapping[str, str], party: str) -> list[Body]:
    """The messages that ``party`` sees and all filters hold for. ``Refused`` when no filter is one of the resource."""
    known = {name: value for name, value in filters.items() if name in resource.filters}
    if not known:
        raise Refused(400, "one filter or more is needed: " + ", ".join(resource.filters))
    return [
        _shown(record)
        for record in store.all(resource.name)
        if record.seen_by(party)
        and all(_at(record.body, resource.filters[name]) == value for name, value in known.items())
    ]


def _read(resource: Resource, body: Any) -> wire.Message:
    try:
        return resource.model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(400, f"{where or 'the message'}: {first['msg']}", where or None) from None


def _hangs_on(store: Store, resource: Resource, body: Body, party: str) -> None:
    """Refuse what hangs on nothing that ``party`` knows of, or on something that has ended."""
    while resource.parent is not None and resource.above is not None:
        parent = store.get(resource.parent, body[resource.above])
        if parent is None or not parent.seen_by(party):
            raise Refused(400, f"there is no such {resource.above}", resource.above)
        if parent.ended:
            raise Refused(409, f"the {resource.parent.removesuffix('s')} has been {parent.ended}", resource.above)
        resource, body = RESOURCES[parent.resource], parent.body


def _check_timestamp(store: Store, message: wire.Timestamp, sender: str) -> None:
    service_id = str(message.portCallServiceID)
    service = store.get("port-call-services", service_id)
    if service is None:
        raise Refused(400, "there is no such portCallServiceID", "portCallServiceID")
    kind, by_provider = service.body["portCallServiceTypeCode"], service.sender == sender
    if why := services.refused(kind, Classifier(message.classifierCode), by_provider=by_provider):
        raise Refused(400, why, "classifierCode")
    if message.replyToTimestampID is not None:
        replied = store.get("timestamps", str(message.replyToTimestampID))
        if replied is None or replied.body["portCallServiceID"] != service_id:
            raise Refused(400, "a reply is to a timestamp of the same service", "replyToTimestampID")


def _shown(record: Record) -> Body:
    """``isFYI`` is write-only; that something ended is read-only."""
    body = {name: value for name, value in record.body.items() if name != "isFYI"}
    return body | ({record.ended: True} if record.ended else {})


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body
