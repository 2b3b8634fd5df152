"""The other side of the client: a small HTTP server with the API of a node and the data plane of a provider.

It keeps what it is told in memory, speaks over a real socket, and misbehaves when it is told to.
"""

import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet

TOKEN, OPERATOR = "hvr_port", "hvo_operator"
PORT, CITY = "did:web:localhost%3A1:participants:port", "did:web:localhost%3A1:participants:city"
NOW = "2026-03-02T12:00:00Z"
Route = Callable[["Simulator", "Asked"], Any]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


@dataclass(frozen=True)
class Asked:
    parameters: list[tuple[str, str]]
    body: bytes
    headers: dict[str, str]
    path: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def one(self, name: str) -> str | None:
        return dict(self.parameters).get(name)


class Problem(Exception):
    def __init__(self, status: int, code: str, detail: str, **more: object) -> None:
        self.status = status
        self.members = {"type": "about:blank", "status": status, "code": code, "detail": detail, **more}


@dataclass(frozen=True)
class Plain:
    """An answer that is not JSON; ``cut`` bytes are missing at its end, and so is what frames it."""

    data: bytes
    type: str
    status: int = 200
    cut: int = 0
    location: str | None = None


def route(method: str, pattern: str) -> Callable[[Route], Route]:
    def add(function: Route) -> Route:
        ROUTES.append((method, re.compile(pattern.replace("*", "([^/]+)")), function))
        return function

    return add


@dataclass
class Simulator:
    url: str = ""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, list[pa.Table]] = field(default_factory=dict)
    asked: list[tuple[str, str, Asked]] = field(default_factory=list)
    offsets: dict[str, int] = field(default_factory=dict)
    good_token: str = "hva_1"  # what the provider takes
    given_token: str = "hva_1"  # what the node has
    cut: int = 0
    broken_framing: bool = True
    streams: list[bytes | Problem] = field(default_factory=list)  # what the next connections of a follower get
    audit_whole: bool = True
    source_error: str | None = None  # what stops the next run of a source

    def of(self, noun: str) -> dict[str, Any]:
        return self.kept.setdefault(noun, {})

    def add(self, noun: str, id: str, members: dict[str, Any]) -> dict[str, Any]:
        self.of(noun)[id] = members
        return members

    def get(self, noun: str, id: str) -> Any:
        try:
            return self.of(noun)[id]
        except KeyError:
            raise Problem(404, "not_found", f"no such thing in {noun}: {id}") from None

    def calls(self, method: str, path: str) -> list[Asked]:
        return [asked for one, where, asked in self.asked if (one, where) == (method, path)]

    def answer(self, method: str, path: str, asked: Asked) -> Any:
        self.asked.append((method, path, asked))
        who = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if path.startswith("/api/node/") and who != OPERATOR:
            raise Problem(404, "not_found", "nothing here, or nothing for this caller")
        if path.startswith("/api/") and not path.startswith("/api/node/") and who != TOKEN:
            raise Problem(404, "not_found", "nothing here, or nothing for this caller")
        for wanted, pattern, function in ROUTES:
            found = pattern.fullmatch(path)
            if found and wanted == method:
                parts = tuple(unquote(part) for part in found.groups())
                return function(self, Asked(asked.parameters, asked.body, asked.headers, parts))
        raise Problem(404, "not_found", f"no such path: {path}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    simulator: Simulator

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(parse_qsl(parts.query), self._body(headers), headers)
        try:
            answer = self.simulator.answer(self.command, parts.path, asked)
        except Problem as problem:
            answer = Plain(json.dumps(problem.members).encode(), "application/problem+json", problem.status)
        if not isinstance(answer, Plain):
            answer = Plain(b"" if answer is None else json.dumps(answer).encode(), "application/json")
        self._send(answer)

    do_GET = do_POST = do_DELETE = handle_any

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, answer: Plain) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.type)
        self.send_header("transfer-encoding", "chunked")
        if answer.location:
            self.send_header("location", answer.location)
        self.end_headers()
        data = answer.data[: len(answer.data) - answer.cut]
        for start in range(0, len(data), 65536):
            part = data[start : start + 65536]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        if answer.cut and self.simulator.broken_framing:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


@contextmanager
def running() -> Iterator[Simulator]:
    simulator = Simulator()
    handler = type("Bound", (Handler,), {"simulator": simulator})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        simulator.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield simulator
        finally:
            server.shutdown()
            thread.join()


# Who


@route("GET", "/api/me")
def me(simulator: Simulator, asked: Asked) -> Any:
    participant = {"slug": "port", "did": PORT, "name": "Port of Test", "url": f"{simulator.url}/participants/port"}
    member = {"name": "administrator", "kind": "person", "role": "admin"}
    return {"participant": participant, "member": member, "scopes": ["admin", "read"], "newer": "than the client"}


@route("GET", "/api/(members|tokens|datasets|offers|sources|agreements)")
@route("GET", "/api/node/(participants|trust)")
def listed(simulator: Simulator, asked: Asked) -> Any:
    return list(simulator.of(asked.path[0]).values())


@route("GET", "/api/(datasets|agreements)/*")
def one(simulator: Simulator, asked: Asked) -> Any:
    return simulator.get(*asked.path)


@route("DELETE", "/api/(members|tokens|datasets|offers|sources)/*")
def removed(simulator: Simulator, asked: Asked) -> Any:
    simulator.get(*asked.path)
    del simulator.of(asked.path[0])[asked.path[1]]


@route("DELETE", "/api/node/trust")
def distrusted(simulator: Simulator, asked: Asked) -> Any:
    id = asked.one("id") or ""
    simulator.get("trust", id)
    del simulator.of("trust")[id]


@route("POST", "/api/members")
def add_member(simulator: Simulator, asked: Asked) -> Any:
    id = f"urn:uuid:member-{len(simulator.of('members'))}"
    return simulator.add("members", id, {"id": id, **asked.json})


@route("POST", "/api/tokens")
def add_token(simulator: Simulator, asked: Asked) -> Any:
    id = f"urn:uuid:token-{len(simulator.of('tokens'))}"
    shown = {"id": id, "member": asked.json["member"], "scopes": asked.json.get("scopes", ["read"]), "expires": NOW}
    simulator.add("tokens", id, shown)
    return shown | {"token": "hvr_secret"}


@route("POST", "/api/node/participants")
def add_participant(simulator: Simulator, asked: Asked) -> Any:
    slug = asked.json["slug"]
    shown = {
        **asked.json,
        "did": f"did:web:localhost:participants:{slug}",
        "url": f"{simulator.url}/participants/{slug}",
    }
    simulator.add("participants", slug, shown)
    return shown | {"token": "hvr_first"}


@route("POST", "/api/node/trust")
def trust(simulator: Simulator, asked: Asked) -> Any:
    return simulator.add("trust", asked.json["id"], asked.json)


@route("GET", "/api/audit")
def audit(simulator: Simulator, asked: Asked) -> Any:
    after = int(asked.one("after") or 0)
    entry = {
        "at": NOW,
        "participant": "port",
        "event": "offer:published",
        "subject": "o1",
        "data": {"a": 1},
        "hash": "ab",
    }
    return [{"sequence": number, **entry} for number in range(after + 1, after + 1 + int(asked.one("limit") or 100))][
        :3
    ]


@route("GET", "/api/audit/verify")
def verify(simulator: Simulator, asked: Asked) -> Any:
    if simulator.audit_whole:
        return {"entries": 3, "head": "ab" * 32, "first_bad": None, "why": None, "whole": True}
    return {"entries": 3, "head": "ab" * 32, "first_bad": 2, "why": "it was changed", "whole": False}


@route("GET", "/api/usage")
def usage(simulator: Simulator, asked: Asked) -> Any:
    line = {"agreement": "a1", "dataset": "calls", "consumer": CITY, "accesses": 2, "rows": 10, "bytes": 2048}
    return [line | {"first": NOW, "last": NOW}]


# Datasets


@route("POST", "/api/datasets")
def declare(simulator: Simulator, asked: Asked) -> Any:
    several = asked.json if isinstance(asked.json, list) else [asked.json]
    if len(several) > 100:
        raise Problem(400, "invalid", "there are too many")
    if any(one["id"] in simulator.of("datasets") for one in several):
        raise Problem(409, "conflict", "there is such a dataset already", field="id")
    statistics = {"rows": 0, "quarantined": 0, "bytes": 0, "first": None, "last": None, "bbox": None}
    done = [simulator.add("datasets", one["id"], {**one, "statistics": statistics}) for one in several]
    return done if isinstance(asked.json, list) else done[0]


def parsed(format: str | None, body: bytes) -> pa.Table:
    match format:
        case "arrow":
            return pyarrow.ipc.open_stream(body).read_all()
        case "ndjson":
            return pyarrow.json.read_json(io.BytesIO(body))
        case "csv":
            return pyarrow.csv.read_csv(io.BytesIO(body))
    raise Problem(400, "invalid", f"format: got {format!r}", field="format", expected="arrow or ndjson or csv")


@route("POST", "/api/schema")
def propose(simulator: Simulator, asked: Asked) -> Any:
    kinds = {"int64": "integer", "double": "number", "bool": "boolean"}
    table = parsed(asked.one("format"), asked.body)
    fields = [{"name": one.name, "type": kinds.get(str(one.type), "string")} for one in table.schema]
    return {"fields": fields, "time": None, "longitude": None, "latitude": None}


@route("POST", "/api/datasets/*/rows")
def add_rows(simulator: Simulator, asked: Asked) -> Any:
    dataset, source, offset = simulator.get("datasets", asked.path[0]), asked.one("source"), asked.one("offset")
    table = parsed(asked.one("format"), asked.body)
    if source is not None and int(offset or 0) <= simulator.offsets.get(source, 0):
        return {"rows": 0, "quarantined": 0, "version": 1}
    if source is not None:
        simulator.offsets[source] = int(offset or 0)
    simulator.rows.setdefault(asked.path[0], []).append(table)
    dataset["statistics"]["rows"] += table.num_rows
    return {"rows": table.num_rows, "quarantined": 1, "version": len(simulator.rows[asked.path[0]])}


@route("GET", "/api/datasets/*/rows")
def own_rows(simulator: Simulator, asked: Asked) -> Any:
    return answered(simulator, simulator.rows[asked.path[0]][0], asked)


@route("GET", "/api/datasets/*/quarantine")
def quarantine(simulator: Simulator, asked: Asked) -> Any:
    row = {"id": 1, "at": NOW, "source": "s1", "position": 3, "reason": "berth: got 'x'", "raw": "x,\x1b[31my"}
    return {"count": 12, "rows": [row]}


@route("POST", "/api/datasets/*/quarantine/replay")
def replay(simulator: Simulator, asked: Asked) -> Any:
    return {"rows": 11, "quarantined": 1}


@route("POST", "/api/sources")
def add_source(simulator: Simulator, asked: Asked) -> Any:
    status = {"state": "idle", "done": None, "total": None, "rows": 0, "quarantined": 0, "error": None}
    times = {"started": None, "finished": None, "next": None}
    return simulator.add("sources", asked.json["id"], {**asked.json, "status": status | times})


@route("POST", "/api/sources/*/run")
def run_source(simulator: Simulator, asked: Asked) -> Any:
    found = simulator.get("sources", asked.path[0])
    found["status"].update(state="running", done=0, total=120, rows=0, quarantined=0, started=NOW, error=None)
    return found


@route("GET", "/api/sources/*")
def source_shown(simulator: Simulator, asked: Asked) -> Any:
    """Each look that waits sees 60 bytes more."""
    found = simulator.get("sources", asked.path[0])
    status = found["status"]
    if status["state"] == "running" and asked.one("wait"):
        status.update(done=status["done"] + 60, rows=status["rows"] + 2)
        if simulator.source_error:
            status.update(state="failed", finished=NOW, error=simulator.source_error)
        elif status["done"] == status["total"]:
            status.update(state="idle", finished=NOW, quarantined=1)
    return found


@route("POST", "/api/offers")
def publish_offer(simulator: Simulator, asked: Asked) -> Any:
    id = asked.json.get("id") or f"urn:uuid:offer-{len(simulator.of('offers'))}"
    return simulator.add("offers", id, {**asked.json, "id": id, "created": NOW})


# The corridor of a data user


def offer(id: str) -> dict[str, Any]:
    permission = [{"action": "use", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 9}]}]
    return {"@id": id, "@type": "Offer", "permission": permission}


@route("GET", "/api/catalog")
def catalog(simulator: Simulator, asked: Asked) -> Any:
    if asked.one("provider") == "did:web:gone":
        raise Problem(502, "unreachable", "did:web:gone does not answer")
    dataset = {
        "@id": "calls",
        "@type": "Dataset",
        "dct:title": "Port calls",
        "dct:description": [{"@value": "Arrivals and departures", "@language": "en"}],
        "dcat:keyword": ["ship", "berth"],
        "hasPolicy": [offer("automatic")],
    }
    several = {"@id": "waste", "@type": "Dataset", "hasPolicy": [offer("human"), offer("refused"), offer("counter")]}
    found = [dataset, several] if asked.one("q") is None and asked.one("keyword") is None else [dataset]
    return {"@type": "Catalog", "@id": "c", "participantId": asked.one("provider") or PORT, "dataset": found}


OUTCOMES = {"automatic": "FINALIZED", "refused": "TERMINATED", "human": "REQUESTED", "counter": "OFFERED"}


@route("POST", "/api/negotiations")
def negotiate(simulator: Simulator, asked: Asked) -> Any:
    form, pid = asked.json, f"urn:uuid:n{len(simulator.of('negotiations'))}"
    if "consumer" in form:
        members = {"pid": pid, "role": "provider", "state": "OFFERED", "counterparty": form["consumer"]}
        return simulator.add(
            "negotiations", pid, members | {"dataset": form["dataset"], "offer": {"@id": form["offer"]}}
        )
    again = [one for one in simulator.of("negotiations").values() if one["offer"] == form["offer"]]
    if form["reuse"] and again and again[0]["state"] == "FINALIZED":
        return again[0]
    members = {"pid": pid, "role": "consumer", "state": "REQUESTED", "counterparty": form["provider"]}
    return simulator.add("negotiations", pid, members | {"dataset": form["dataset"], "offer": form["offer"]})


@route("GET", "/api/negotiations")
@route("GET", "/api/(transfers)")
def processes(simulator: Simulator, asked: Asked) -> Any:
    found = simulator.of(asked.path[0] if asked.path else "negotiations").values()
    wanted = {name: value for name, value in asked.parameters if name in ("state", "role", "agreement")}
    return [one for one in found if all(one[name] == value for name, value in wanted.items())]


@route("GET", "/api/negotiations/*")
def negotiation(simulator: Simulator, asked: Asked) -> Any:
    found = simulator.get("negotiations", asked.path[0])
    if found["state"] == "REQUESTED" and asked.one("wait"):
        found["state"] = OUTCOMES[found["offer"]["@id"]]
        found["reason"] = "the count is used up" if found["state"] == "TERMINATED" else None
    if found["state"] == "FINALIZED":
        agreed(simulator, found)
    return found


def agreed(simulator: Simulator, negotiation: dict[str, Any]) -> None:
    id = negotiation["agreement"] = f"urn:uuid:agreement-{negotiation['pid'][9:]}"
    members = {name: negotiation[name] for name in ("role", "dataset", "counterparty")}
    policy = {**negotiation["offer"], "@type": "Agreement"}
    simulator.add("agreements", id, {"id": id, **members, "policy": policy, "signed": NOW, "negotiation": "n"})


@route("GET", "/api/(negotiations|transfers)/*/trace")
def trace(simulator: Simulator, asked: Asked) -> Any:
    simulator.get(*asked.path)
    nothing = dict.fromkeys(("attempts", "answer", "next_try", "outcome", "settled"))
    sent = {"attempts": 3, "answer": "503", "next_try": NOW, "outcome": "pending", "settled": None}
    messages = [{"direction": "received", "message": "OfferMessage", "reasons": [], **nothing}]
    messages += [{"direction": "sent", "message": "RequestMessage", "reasons": ["too \x1b[2Jdear"], **sent}]
    steps = [{"at": NOW, **message} for message in messages]
    return {"pid": asked.path[1], "waits_for": "delivery of RequestMessage", "steps": steps}


@route("GET", "/api/node/doctor")
def doctor(simulator: Simulator, asked: Asked) -> Any:
    good = {"status": "ok", "check": "node key", "subject": "node.key", "what": "opens all keys", "next": None}
    return [good, *simulator.of("findings").values()]


STEPS = {
    "agree": "AGREED",
    "accept": "ACCEPTED",
    "refuse": "TERMINATED",
    "terminate": "TERMINATED",
    "counter": "REQUESTED",
    "verify": "VERIFIED",
    "finalize": "FINALIZED",
}
TRANSFER_STEPS = {
    "start": "STARTED",
    "suspend": "SUSPENDED",
    "resume": "STARTED",
    "complete": "COMPLETED",
    "terminate": "TERMINATED",
}


@route("POST", "/api/(negotiations|transfers)/*/*")
def step(simulator: Simulator, asked: Asked) -> Any:
    noun, pid, name = asked.path
    table = STEPS if noun == "negotiations" else TRANSFER_STEPS
    found = simulator.get(noun, pid)
    if name in ("refuse", "terminate", "suspend") and not asked.json.get("reason"):
        raise Problem(400, "invalid", "reason: is missing", field="reason")
    if found["state"] == "TERMINATED":
        raise Problem(400, "protocol", f"nothing is sent in state {found['state']}")
    found.update(state=table[name], reason=asked.json.get("reason"))
    return found


@route("POST", "/api/agreements/*/end")
def end(simulator: Simulator, asked: Asked) -> Any:
    found = simulator.get("agreements", asked.path[0])
    found.update(ended=NOW, reason=asked.json["reason"])
    return found


@route("POST", "/api/transfers")
def transfer(simulator: Simulator, asked: Asked) -> Any:
    found, pid = simulator.get("agreements", asked.json["agreement"]), f"urn:uuid:t{len(simulator.of('transfers'))}"
    members = {"pid": pid, "role": "consumer", "state": "REQUESTED", "agreement": found["id"]}
    members |= {"format": asked.json.get("format", "HttpData-PULL")}
    return simulator.add(
        "transfers", pid, members | {"dataset": found["dataset"], "counterparty": found["counterparty"]}
    )


@route("GET", "/api/transfers/*")
def transfer_shown(simulator: Simulator, asked: Asked) -> Any:
    found = simulator.get("transfers", asked.path[0])
    if found["state"] == "REQUESTED" and asked.one("wait"):
        refused = found["agreement"] in simulator.of("refusing")
        found.update(state="TERMINATED", reason="the agreement has ended") if refused else found.update(state="STARTED")
    return found


@route("GET", "/api/transfers/*/access")
def access(simulator: Simulator, asked: Asked) -> Any:
    if asked.one("fresh") == "true":
        simulator.given_token = simulator.good_token
    expires = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    dataset = simulator.get("transfers", asked.path[0])["dataset"]
    return {
        "endpoint": f"{simulator.url}/participants/city/data/{dataset}",
        "token": simulator.given_token,
        "expires": expires,
    }


# The data plane


@route("GET", "/participants/city/data/*/events")
def events(simulator: Simulator, asked: Asked) -> Any:
    """What was prepared for this connection, else the rows after a position, each as an event; then it breaks off."""
    let_in(simulator, asked)
    if simulator.streams:
        answer = simulator.streams.pop(0)
        if isinstance(answer, Problem):
            raise answer
        return Plain(answer, "text/event-stream")
    first = int(asked.one("after") or -1) + 1
    listed = [{**row, "_position": index} for index, row in enumerate(simulator.rows[asked.path[0]][0].to_pylist())]
    text = "".join(f"id: {row['_position']}\ndata: {json.dumps([row])}\n\n" for row in listed[first:])
    return Plain(text.encode(), "text/event-stream")


@route("GET", "/participants/city/data/*")
def data(simulator: Simulator, asked: Asked) -> Any:
    let_in(simulator, asked)
    return answered(simulator, simulator.rows[asked.path[0]][0], asked)


def let_in(simulator: Simulator, asked: Asked) -> None:
    if asked.headers["authorization"] != f"Bearer {simulator.good_token}":
        raise Problem(403, "denied", "the access token has expired", reasons=["it ended at noon"])
    if asked.one("purpose") == "resale":
        raise Problem(403, "denied", "the terms do not allow this access", reasons=["purpose must be planning"])


def answered(simulator: Simulator, table: pa.Table, asked: Asked) -> Plain | dict[str, Any]:
    if columns := asked.one("columns"):
        table = table.select(columns.split(","))
    limit, after = int(asked.one("limit") or 1000), int(asked.one("after") or 0)
    match asked.one("format"):
        case "json":
            page = table.slice(after, limit)
            more = after + page.num_rows < table.num_rows
            return {"rows": page.to_pylist(), "next": str(after + page.num_rows) if more else None}
        case "csv":
            sink = pa.BufferOutputStream()
            pyarrow.csv.write_csv(table.slice(0, limit), sink)
            return Plain(sink.getvalue().to_pybytes(), "text/csv", cut=simulator.cut)
        case "ndjson":
            lines = "".join(json.dumps(row) + "\n" for row in table.slice(0, limit).to_pylist())
            return Plain(lines.encode(), "application/x-ndjson", cut=simulator.cut)
        case "parquet":
            sink = pa.BufferOutputStream()
            pyarrow.parquet.write_table(table, sink)
            return Plain(sink.getvalue().to_pybytes(), "application/vnd.apache.parquet", cut=simulator.cut)
    if asked.one("limit"):
        table = table.slice(0, limit)
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1000)
    return Plain(sink.getvalue().to_pybytes(), "application/vnd.apache.arrow.stream", cut=simulator.cut)
