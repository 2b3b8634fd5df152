"""A stub of Trackdéchets: a real HTTP server with what its public documentation and schema say, and troubles on demand.

It is not the platform: it knows the operations that we use, their arguments, the states of a form, the error shapes and
the headers of the limit. Inputs are held to the members of the schema, as GraphQL does.
"""

import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

TOKEN = "a-token-of-the-stub"
MEMBERS = {
    "CreateFormInput": {
        "customId", "emitter", "recipient", "transporter", "transporters", "wasteDetails", "trader", "broker",
        "grouping", "ecoOrganisme", "temporaryStorageDetail", "intermediaries",
    },
    "emitter": {"type", "workSite", "pickupSite", "company", "isPrivateIndividual", "isForeignShip"},
    "recipient": {"cap", "processingOperation", "company", "isTempStorage"},
    "transporter": {"company", "isExemptedOfReceipt", "numberPlate", "customInfo", "mode"},
    "wasteDetails": {
        "code", "name", "onuCode", "packagingInfos", "quantity", "quantityType", "consistence", "pop", "isDangerous",
        "parcelNumbers", "analysisReferences", "landIdentifiers", "sampleNumber",
    },
}  # fmt: skip
STEPS = {
    # mutation: state before, state after
    "markAsSealed": ("DRAFT", "SEALED"),
    "signEmissionForm": ("SEALED", "SIGNED_BY_PRODUCER"),
    "signTransportForm": ("SIGNED_BY_PRODUCER", "SENT"),
}


@dataclass
class Platform:
    """``troubles`` happen one a request: a status, "internal", "lost" (done, but the answer breaks off), "cut" (broken
    off before it is done), or headers of a 429. ``operations`` are those that were asked for, ``values`` the variables
    of each."""

    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: deque[Any] = field(default_factory=deque)
    operations: list[str] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def answer(self, query: str, values: dict[str, Any]) -> dict[str, Any]:
        found = re.match(r"\s*(?:query|mutation)\s+\w+\s*(?:\([^)]*\))?\s*\{\s*(\w+)", query)
        if not found:
            return error("GRAPHQL_PARSE_FAILED", "Syntax Error")
        name = found[1]
        self.operations.append(name)
        self.values.append(values)
        match name:
            case "form":
                one = self.forms.get(str(values["id"]))
                return {"data": {"form": one}} if one else error("BAD_USER_INPUT", "Aucun BSD avec cet id", ["id"])
            case "forms":
                return {"data": {"forms": self._page(values)}}
            case "createForm":
                return self._create(values["createFormInput"])
            case "createWebhookSetting":
                self.webhooks.append(values["input"])
                return {"data": {"createWebhookSetting": {"id": "wh-1", "activated": True}}}
            case _ if name in STEPS:
                return self._step(name, values["id"])
            case _:
                return error("GRAPHQL_VALIDATION_FAILED", f'Cannot query field "{name}"')

    def _page(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        newest = list(reversed(self.forms.values()))
        after = values.get("cursorAfter")
        start = 1 + next(at for at, one in enumerate(newest) if one["id"] == after) if after else 0
        return newest[start : start + (values.get("first") or 50)]

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        for name, of in (
            ("CreateFormInput", given),
            *((name, given.get(name, {})) for name in MEMBERS if name in given),
        ):
            if unknown := of.keys() - MEMBERS[name]:
                return error("BAD_USER_INPUT", f"Field {sorted(unknown)} is not defined by type {name}")
        number = next(self.numbers)
        one = {"id": f"f{number}", "readableId": f"BSD-{number:09}", "status": "DRAFT", "given": given}
        one["customId"] = given.get("customId")
        self.forms[one["id"]] = one
        return {"data": {"createForm": one}}

    def _step(self, name: str, id: str) -> dict[str, Any]:
        before, after = STEPS[name]
        one = self.forms[id]
        if one["status"] != before:
            return error("FORBIDDEN", "Vous ne pouvez pas passer ce bordereau à l'état souhaité.")
        one["status"] = after
        return {"data": {name: one}}


def error(code: str, message: str, args: list[str] | None = None) -> dict[str, Any]:
    extensions = {"code": code} | ({"invalidArgs": args} if args else {})
    return {"errors": [{"message": message, "extensions": extensions}]}


@contextmanager
def running() -> Iterator[Platform]:
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            trouble = platform.troubles.popleft() if platform.troubles else None
            if trouble == "cut":
                self.connection.close()
                return
            if isinstance(trouble, dict):
                self._say(429, error("TOO_MANY_REQUESTS", "Quota"), trouble)
            elif isinstance(trouble, int):
                self._say(trouble, {})
            elif trouble == "internal":
                self._say(200, error("INTERNAL_SERVER_ERROR", "Erreur serveur"))
            elif self.headers.get("authorization") != f"Bearer {TOKEN}":
                self._say(200, error("UNAUTHENTICATED", "Vous n'êtes pas connecté."))
            else:
                given = json.loads(body)
                answer = platform.answer(given["query"], given["variables"])
                if trouble == "lost":
                    self.connection.close()
                    return
                self._say(200, answer)

        def _say(self, status: int, answer: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    platform.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
