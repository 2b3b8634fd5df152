"""Port call messages that parties send each other over the service (DCSA Port Call 2.0), and the timestamps in them.

Rules that hold here:

1. Messages are in the memory of the service, for ``KEPT`` after they were last changed, and ``MOST`` of them at most. A
   new start has none; the rows that were made of them stay published.
2. A timestamp that was accepted becomes a row of ``port-call-timestamps``, of source ``message`` and with its sender as
   its issuer, with the next look at movements. Where the vessel is named by its IMO number alone there is no row.
3. A row is about the port call of its ship that was seen nearest in time, else about the call of the messages.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.routing import Mount

from havre_mobility.calls import routes, timestamps
from havre_mobility.calls.relay import Memory, Record, Refused
from havre_mobility.calls.sequence import Call
from havre_mobility.calls.services import Classifier, Event, Facility, Phase
from havre_mobility.live.calls import ISSUER, Told, row
from havre_mobility.live.parties import PORT_CALLS, NotAdmitted, Parties

PATH = "/dcsa/v2"
MESSAGE = "message"
KEPT, MOST = timedelta(days=28), 100_000


class Relayed(Memory):
    """The store of the relay; ``told`` gives its timestamps. Messages come and go while others look."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def put(self, record: Record) -> None:
        with self._lock:
            if len(self.records) >= MOST and (record.resource, record.id) not in self.records:
                raise Refused(503, "too many messages are kept")
            super().put(record)

    def all(self, resource: str) -> Iterable[Record]:
        with self._lock:
            return super().all(resource)

    def forget(self, now: datetime) -> None:
        with self._lock:
            self.records = {key: one for key, one in self.records.items() if now - one.at < KEPT}

    def told(self, calls: Sequence[Call]) -> Iterator[Told]:
        """The rows of ``port-call-timestamps``; ``calls`` that were seen."""
        said = [one for one in map(self._timestamp, self.all("timestamps")) if one is not None]
        for one in timestamps.linked(said, calls):
            what = (one.mmsi, one.service, one.event, one.place, one.classifier, one.issuer, one.at, one.said_at)
            yield what, one.said_at, row(one, None, one.said_at)

    def _timestamp(self, record: Record) -> timestamps.Timestamp | None:
        """None where it is not known of which ship."""
        service = self._above(record, "port-call-services", "portCallServiceID")
        terminal_call = self._above(service, "terminal-calls", "terminalCallID")
        call = self._above(terminal_call, "port-calls", "portCallID")
        if service is None or call is None or "MMSINumber" not in call.body["vessel"]:
            return None
        of = service.body
        phase, facility = of.get("portCallPhaseTypeCode"), of.get("facilityTypeCode")
        return timestamps.Timestamp(
            call.id, int(call.body["vessel"]["MMSINumber"]), of["portCallServiceTypeCode"],
            Event(of["portCallServiceEventTypeCode"]), Phase(phase) if phase else None,
            Facility(facility) if facility else None, of["portCallServiceLocation"].get("locationName", ""),
            Classifier(record.body["classifierCode"]), datetime.fromisoformat(record.body["dateTime"]), record.at,
            record.sender, MESSAGE,
        )  # fmt: skip

    def _above(self, record: Record | None, resource: str, name: str) -> Record | None:
        return None if record is None else self.get(resource, record.body[name])


def mounted(store: Relayed, parties: Parties, now: Callable[[], datetime]) -> Mount:
    """The paths of the standard under ``PATH``, for parties with the scope. What is sent to nobody is sent to us."""

    def party(request: Request) -> str:
        try:
            return parties.sender(request, PORT_CALLS)
        except NotAdmitted as why:
            raise Refused(why.status, why.text) from None

    return Mount(PATH, routes=routes.routes(store, party=party, receiver=ISSUER, now=now))
