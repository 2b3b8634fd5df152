"""A client of Trackdéchets: GraphQL over HTTP, a Bearer token, patience, and nothing made twice.

Rules that hold here:

1. No more requests than the platform allows (``limits.Bucket``). 429 is waited out, as long as its headers say.
2. A question is asked again after 5xx, a broken connection or INTERNAL_SERVER_ERROR. What changes something is not: it
   may have been done. It is first looked whether it was.
3. A form carries our identifier (``customId``). Before one is made it is looked for among those changed since the work
   began, so that a new start, or an answer that was lost, makes no second one. Two processes that make the same form at
   the same moment are not kept apart: the platform does not hold ``customId`` to be unique.
4. Neither the token nor what was sent is ever in an error.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import urllib3

from havre_waste.tracing import queries
from havre_waste.tracing.limits import Bucket, Patience

Json = Mapping[str, Any]
PAGE = 100
TIMEOUT = urllib3.Timeout(connect=5, read=30)
LONGEST_WAIT = 120.0
SEALED = (
    "SEALED", "SIGNED_BY_PRODUCER", "SENT", "RECEIVED", "ACCEPTED", "PROCESSED", "NO_TRACEABILITY", "AWAITING_GROUP",
    "FOLLOWED_WITH_PNTTD", "GROUPED", "TEMP_STORED", "TEMP_STORER_ACCEPTED", "RESEALED", "SIGNED_BY_TEMP_STORER",
    "RESENT", "REFUSED", "CANCELED",
)  # fmt: skip
"""Of ``FormStatus``: all but DRAFT."""
SIGNED = tuple(status for status in SEALED if status != "SEALED")
SENT = tuple(status for status in SIGNED if status != "SIGNED_BY_PRODUCER")


class TracingError(Exception):
    """Of Trackdéchets."""


class Refused(TracingError):
    """It will not do it: ``code`` is the platform's, ``fields`` those that it names."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.fields = code, fields


class Unreachable(TracingError):
    """No answer after all attempts. What was to be changed may have been."""


class _Unknown(Exception):
    """It is not known whether the request was done."""


@dataclass(frozen=True)
class Form:
    """A tracking form (BSDD)."""

    id: str
    readable_id: str
    custom_id: str | None
    status: str

    @classmethod
    def of(cls, given: Json) -> "Form":
        return cls(given["id"], given["readableId"], given.get("customId"), given["status"])


@dataclass(frozen=True)
class Client:
    """``url`` is that of the API, ``https://api.trackdechets.beta.gouv.fr`` or of its sandbox.

    ``ValueError``: an address that would carry the token in the clear.
    """

    url: str
    token: str = field(repr=False)
    bucket: Bucket
    patience: Patience
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    """Unix time, for ``X-RateLimit-Reset``."""
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=4), repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"url: got {parts.scheme}://{parts.hostname}, expected https")

    def form(self, id: str) -> Form:
        return Form.of(self._ask(queries.FORM, {"id": id})["form"])

    def forms(self, siret: str, updated_after: datetime | None = None) -> Iterator[Form]:
        """Those of an establishment of ours, the newest first."""
        after: str | None = None
        while True:
            since = updated_after.isoformat() if updated_after else None
            values = {"siret": siret, "updatedAfter": since, "first": PAGE, "cursorAfter": after}
            page = [Form.of(one) for one in self._ask(queries.FORMS, values)["forms"]]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].id

    def find(self, siret: str, custom_id: str, since: datetime) -> Form | None:
        """The form of ours with this identifier, among those changed since then."""
        return next((one for one in self.forms(siret, since) if one.custom_id == custom_id), None)

    def create(self, siret: str, given: Json, since: datetime) -> Form:
        """A draft of ``given`` (a CreateFormInput with a ``customId``), or the one that there is already.

        ``siret``: our establishment on it; ``since``: before the first attempt to make it, in an earlier run too.
        """
        custom_id = given["customId"]

        def done() -> Form | None:
            return self.find(siret, custom_id, since)

        return done() or self._change(queries.CREATE, {"createFormInput": given}, "createForm", done)

    def seal(self, id: str) -> Form:
        """From a draft to a form with its number; one that is sealed, or further, stays as it is."""
        return self._step(queries.SEAL, {"id": id}, "markAsSealed", id, SEALED)

    def sign_emission(self, id: str, signature: Json, security_code: int | None = None) -> Form:
        """``signature``: a SignEmissionFormInput; the code is that of the emitter, where we sign for it."""
        values = {"id": id, "input": signature, "securityCode": security_code}
        return self._step(queries.SIGN_EMISSION, values, "signEmissionForm", id, SIGNED)

    def sign_transport(self, id: str, signature: Json, security_code: int | None = None) -> Form:
        """``signature``: a SignTransportFormInput."""
        values = {"id": id, "input": signature, "securityCode": security_code}
        return self._step(queries.SIGN_TRANSPORT, values, "signTransportForm", id, SENT)

    def listen(self, company: str, address: str, token: str) -> str:
        """Have changes told to ``address`` (``webhooks``), with ``token`` (20 characters or more); gives its id.

        ``company``: the platform's identifier of the establishment, which has one such address at most: asked again,
        the platform refuses.
        """
        given = {"companyId": company, "endpointUri": address, "token": token, "activated": True}
        try:
            return str(self._send(queries.LISTEN, {"input": given})["createWebhookSetting"]["id"])
        except _Unknown as unknown:
            raise Unreachable(str(unknown)) from unknown

    def _step(self, query: str, values: Json, name: str, id: str, past: tuple[str, ...]) -> Form:
        def done() -> Form | None:
            now = self.form(id)
            return now if now.status in past else None

        return done() or self._change(query, values, name, done)

    def _change(self, query: str, values: Json, name: str, done: Callable[[], Form | None]) -> Form:
        """Do it; where it is not known whether it was done, look, and do it again only if it was not."""
        for failures in range(self.patience.attempts):
            try:
                return Form.of(self._send(query, values)[name])
            except _Unknown:
                self.sleep(self.patience.pause(failures))
                if (found := done()) is not None:
                    return found
        raise Unreachable(f"{name}: no answer in {self.patience.attempts} attempts")

    def _ask(self, query: str, values: Json) -> Json:
        """A question, which may be asked again."""
        for failures in range(self.patience.attempts):
            try:
                return self._send(query, values)
            except _Unknown as unknown:
                why = str(unknown)
                self.sleep(self.patience.pause(failures))
        raise Unreachable(f"no answer in {self.patience.attempts} attempts; the last: {why}")

    def _send(self, query: str, values: Json) -> Json:
        """The ``data`` of one answer. What was surely not done (429) is sent again; ``_Unknown`` for what may have
        been."""
        body = json.dumps({"query": query, "variables": values}).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        for failures in range(self.patience.attempts):
            self.bucket.take()
            try:
                answer = self.pool.request(
                    "POST", self.url, body=body, headers=headers, retries=False, redirect=False, timeout=TIMEOUT
                )
            except urllib3.exceptions.HTTPError as error:
                raise _Unknown(type(error).__name__) from None
            if answer.status != 429:
                return _data(answer)
            self.sleep(self._told_to_wait(answer.headers) or self.patience.pause(failures))
        raise Unreachable(f"too many requests, also after {self.patience.attempts} pauses")

    def _told_to_wait(self, headers: Mapping[str, str]) -> float:
        """Seconds until more may be asked, as the answer says; 0 where it does not."""
        try:
            if "retry-after" in headers:
                seconds = float(headers["retry-after"])
            else:
                seconds = float(headers.get("x-ratelimit-reset", 0)) - self.clock()
        except ValueError:  # a date, which the platform does not send
            return 0.0
        return min(max(seconds, 0.0), LONGEST_WAIT)


def _data(answer: urllib3.BaseHTTPResponse) -> Json:
    if answer.status >= 500:
        raise _Unknown(f"status {answer.status}")
    try:
        given = json.loads(answer.data)
    except ValueError:
        if answer.status >= 400:
            raise Refused(f"status {answer.status}", "an answer without JSON") from None
        raise _Unknown(f"status {answer.status}, and no JSON") from None
    errors = given.get("errors") if isinstance(given, dict) else None
    if errors:
        first = errors[0]
        extensions = first.get("extensions") or {}
        code = str(extensions.get("code", ""))
        if code == "INTERNAL_SERVER_ERROR":
            raise _Unknown(code)
        fields = tuple(str(one) for one in extensions.get("invalidArgs") or ())
        raise Refused(code or f"status {answer.status}", str(first.get("message", "")), fields)
    if answer.status != 200 or not isinstance(given, dict) or not isinstance(given.get("data"), dict):
        raise Refused(f"status {answer.status}", "an answer without data")
    return dict(given["data"])
