"""As a data user: find, negotiate, agree, read."""

import time
from collections.abc import Iterable, Mapping, Sequence

from havre.client import query
from havre.client.catalog import entries, parameters
from havre.client.connection import Connection
from havre.client.diagnosis import Trace
from havre.client.errors import ExchangeError, Refused, unexpected
from havre.client.following import Following
from havre.client.model import Access, Agreement, CatalogEntry, Json, Negotiation, Offer, Transfer
from havre.client.reading import Door, Reading
from havre.client.wire import without_nothing

LONGEST_WAIT = 10.0
TRANSFER_WAIT = 30.0
PUSH = "HttpData-PUSH"


class Using:
    """The calls of a data user."""

    _connection: Connection

    def catalog(
        self,
        provider: str | None = None,
        q: str | None = None,
        *,
        hosted: bool = False,
        keyword: str | Iterable[str] = (),
        theme: str | Iterable[str] = (),
        format: str | Iterable[str] = (),
        holder: str | Iterable[str] = (),
        since: query.Moment | None = None,
        until: query.Moment | None = None,
        bbox: Sequence[float] | None = None,
    ) -> list[CatalogEntry]:
        """The datasets that ``provider`` (a DID; one's own without it) offers to us, and with ``hosted`` those of all
        whom its node hosts; ``q`` are words to look for. For the rest see ``havre.client.catalog.parameters``."""
        asked = parameters(
            provider=provider,
            hosted=hosted,
            q=q,
            keyword=keyword,
            theme=theme,
            format=format,
            holder=holder,
            since=since,
            until=until,
            bbox=bbox,
        )
        found = self._connection.get("catalog", parameters=asked)
        if not isinstance(found, dict):
            raise unexpected(200, f"{self._connection.url} did not answer with a catalogue")
        return entries(found, provider or "")

    def offer(self, provider: str, dataset: str, offer_id: str | None = None) -> Offer:
        """The offer of a dataset; ``offer_id`` says which, where there are several."""
        found = self._connection.get("catalog", parameters={"provider": provider, "dataset": dataset})
        shown = [one for entry in entries(found, provider) if entry.id == dataset for one in entry.offers]
        offers = [one for one in shown if offer_id in (None, one.id)]
        if not offers:
            raise ExchangeError(404, "not_found", f"the catalogue of {provider} shows no such offer of {dataset}")
        if len(offers) > 1:
            ids = " or ".join(one.id for one in offers)
            raise ExchangeError(400, "invalid", f"there are {len(offers)} offers of {dataset}", "offer", ids)
        return offers[0]

    # Negotiations

    def negotiate(self, offer: Offer, wait: float = 30, *, anew: bool = False) -> Negotiation:
        """Ask for an agreement on an offer, and wait for the outcome, for ``wait`` seconds at most.

        FINALIZED it has an ``agreement``: one on the same terms that runs already, if there is, unless it is wanted
        ``anew``. TERMINATED raises ``Refused``; any other state means that a person must still decide, there or here
        (``Negotiation.ours``): look again with ``negotiation``.
        """
        asked = {"provider": offer.provider, "dataset": offer.dataset, "offer": dict(offer.policy)}
        until = time.monotonic() + wait
        found = self._begun(asked | {"reuse": not anew}, _waiting(wait))
        if not (found.final or found.ours):
            found = self.negotiation(found.pid, wait=until - time.monotonic())
        if found.state == "TERMINATED":
            raise Refused((found.reason or "no reason was given",), found.pid)
        return found

    def propose_offer(self, consumer: str, dataset: str, offer_id: str) -> Negotiation:
        """As the provider: begin with one of our offers to ``consumer`` (a DID), whoever else may see it."""
        return self._begun({"consumer": consumer, "dataset": dataset, "offer": offer_id})

    def _begun(self, asked: Mapping[str, object], parameters: Mapping[str, str] | None = None) -> Negotiation:
        answer = self._connection.post("negotiations", data=asked, parameters=parameters or {})
        return self._connection.one(Negotiation, answer)

    def negotiation(self, pid: str, wait: float = 0) -> Negotiation:
        """A negotiation, once it is final or it is for us to go on, after ``wait`` seconds at the latest."""
        until = time.monotonic() + wait
        while True:
            answer = self._connection.get("negotiations", pid, parameters=_waiting(until - time.monotonic()))
            found = self._connection.one(Negotiation, answer)
            if found.final or found.ours or time.monotonic() >= until:
                return found

    def negotiations(self, state: str | None = None, role: str | None = None) -> list[Negotiation]:
        """Ours, as ``role`` consumer or provider."""
        found = self._connection.get("negotiations", parameters={"state": state, "role": role})
        return self._connection.many(Negotiation, found)

    def agree(self, pid: str) -> Negotiation:
        """As the provider: agree to what was asked for."""
        return self._step(pid, "agree")

    def refuse(self, pid: str, reason: str) -> Negotiation:
        """As the provider: say no to what was asked for."""
        return self._step(pid, "refuse", {"reason": reason})

    def accept(self, pid: str) -> Negotiation:
        """As the consumer: accept the provider's counter-offer."""
        return self._step(pid, "accept")

    def counter(self, pid: str, policy: Json) -> Negotiation:
        """Answer with other terms (ODRL): as the provider to a request, as the consumer to an offer."""
        return self._step(pid, "counter", {"policy": dict(policy)})

    def verify(self, pid: str) -> Negotiation:
        """As the consumer: confirm the agreement, where that does not happen by itself."""
        return self._step(pid, "verify")

    def finalize(self, pid: str) -> Negotiation:
        """As the provider: make the agreement hold, where that does not happen by itself."""
        return self._step(pid, "finalize")

    def terminate_negotiation(self, pid: str, reason: str) -> Negotiation:
        return self._step(pid, "terminate", {"reason": reason})

    def negotiation_trace(self, pid: str) -> Trace:
        """What was said in a negotiation, and what it waits for."""
        return self._connection.one(Trace, self._connection.get("negotiations", pid, "trace"))

    def _step(self, pid: str, step: str, data: dict[str, object] | None = None) -> Negotiation:
        return self._connection.one(Negotiation, self._connection.post("negotiations", pid, step, data=data))

    # Agreements

    def agreements(self) -> list[Agreement]:
        return self._connection.many(Agreement, self._connection.get("agreements"))

    def agreement(self, id: str) -> Agreement:
        return self._connection.one(Agreement, self._connection.get("agreements", id))

    def end(self, agreement: str | Agreement, reason: str) -> Agreement:
        """End an agreement: nothing is read under it any more."""
        answer = self._connection.post("agreements", _agreement(agreement), "end", data={"reason": reason})
        return self._connection.one(Agreement, answer)

    # Transfers

    def transfers(
        self, agreement: str | None = None, state: str | None = None, role: str | None = None
    ) -> list[Transfer]:
        wanted = {"agreement": agreement, "state": state, "role": role}
        return self._connection.many(Transfer, self._connection.get("transfers", parameters=wanted))

    def start_transfer(self, agreement: str | Agreement) -> Transfer:
        """As the consumer: ask for access under an agreement."""
        asked = {"agreement": _agreement(agreement), "format": "HttpData-PULL"}
        return self._connection.one(Transfer, self._connection.post("transfers", data=asked))

    def start_push(
        self,
        agreement: str | Agreement,
        push_to: str,
        authorization: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Transfer:
        """As the consumer: have the rows sent to an HTTP endpoint of ours; it is COMPLETED when all are there.

        ``authorization`` is the bearer token that opens the endpoint, if it needs one. ``properties`` may say
        ``mediaType``, ``authType`` and ``purpose``.
        """
        address = without_nothing(endpoint=push_to, authorization=authorization, properties=dict(properties or {}))
        asked = {"agreement": _agreement(agreement), "format": PUSH, "data_address": address}
        return self._connection.one(Transfer, self._connection.post("transfers", data=asked))

    def transfer(self, pid: str, wait: float = 0) -> Transfer:
        """A transfer, once it is no longer REQUESTED, after ``wait`` seconds at the latest."""
        until = time.monotonic() + wait
        while True:
            answer = self._connection.get("transfers", pid, parameters=_waiting(until - time.monotonic()))
            found = self._connection.one(Transfer, answer)
            if found.state != "REQUESTED" or time.monotonic() >= until:
                return found

    def give_access(self, pid: str) -> Transfer:
        """As the provider: give the access that was asked for, where that does not happen by itself."""
        return self._transfer_step(pid, "start")

    def transfer_trace(self, pid: str) -> Trace:
        """What was said in a transfer, and what it waits for."""
        return self._connection.one(Trace, self._connection.get("transfers", pid, "trace"))

    def suspend_transfer(self, pid: str, reason: str) -> Transfer:
        return self._transfer_step(pid, "suspend", reason)

    def resume_transfer(self, pid: str) -> Transfer:
        return self._transfer_step(pid, "resume")

    def complete_transfer(self, pid: str) -> Transfer:
        return self._transfer_step(pid, "complete")

    def terminate_transfer(self, pid: str, reason: str) -> Transfer:
        return self._transfer_step(pid, "terminate", reason)

    def _transfer_step(self, pid: str, step: str, reason: str | None = None) -> Transfer:
        data = None if reason is None else {"reason": reason}
        return self._connection.one(Transfer, self._connection.post("transfers", pid, step, data=data))

    def access(self, pid: str, fresh: bool = False) -> Access:
        """What opens the rows of a started transfer, good for a minute at least; with ``fresh`` a new token."""
        wanted = {"fresh": "true"} if fresh else {}
        return self._connection.one(Access, self._connection.get("transfers", pid, "access", parameters=wanted))

    # Rows

    def open(
        self,
        agreement: str | Agreement,
        purpose: str | Iterable[str] | None = None,
        columns: Iterable[str] | None = None,
        filters: Iterable[query.Filter] = (),
        since: query.Moment | None = None,
        until: query.Moment | None = None,
        bbox: Sequence[float] | None = None,
        order: str | None = None,
        limit: int | None = None,
    ) -> Reading:
        """The rows under an agreement, to be read; starts a transfer if none is. See ``query.parameters``."""
        asked = query.parameters(
            purpose=purpose,
            columns=columns,
            filters=filters,
            since=since,
            until=until,
            bbox=bbox,
            order=order,
            limit=limit,
        )
        return Reading(self._connection, self._door(agreement), tuple(asked))

    def follow(
        self,
        agreement: str | Agreement,
        after: int | None = None,
        since: query.Moment | None = None,
        purpose: str | Iterable[str] | None = None,
        columns: Iterable[str] | None = None,
        filters: Iterable[query.Filter] = (),
        bbox: Sequence[float] | None = None,
    ) -> Following:
        """The rows under an agreement as they come, without end; starts a transfer if none is.

        Those after the position ``after`` come first (-1: all), or those of ``since`` and later; with neither, only
        those that come from now on. See ``query.parameters``.
        """
        asked = query.followed(purpose=purpose, columns=columns, filters=filters, since=since, bbox=bbox)
        return Following(self._connection, self._door(agreement), asked, after)

    def _door(self, agreement: str | Agreement) -> Door:
        pid = self._started(_agreement(agreement)).pid
        return lambda fresh: self.access(pid, fresh)

    def _started(self, agreement: str) -> Transfer:
        """The transfer of an agreement that is started, else one that is on its way, else a new one."""
        known = self.transfers(agreement=agreement, role="consumer")
        ours = {one.state: one for one in known if one.format != PUSH}
        found = ours.get("STARTED") or ours.get("REQUESTED") or self.start_transfer(agreement)
        if found.state == "REQUESTED":
            found = self.transfer(found.pid, wait=TRANSFER_WAIT)
        if found.state == "STARTED":
            return found
        why = found.reason or "ask again later: the provider may not be reached"
        raise ExchangeError(None, "conflict", f"the transfer {found.pid} is {found.state}", reasons=(why,))


def _agreement(agreement: str | Agreement) -> str:
    return agreement.id if isinstance(agreement, Agreement) else agreement


def _waiting(seconds: float) -> dict[str, str]:
    """What one request waits: not for long, since a node may hold it while it is for us to go on."""
    return {"wait": f"{min(seconds, LONGEST_WAIT):g}"} if seconds > 0 else {}
