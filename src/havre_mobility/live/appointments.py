"""Appointments that parties send over HTTP: checked whole, joined to those of the need, published.

Rules that hold here:

1. What is sent is taken whole or not at all; all that is wrong with it is said at once.
2. A booking is the party's that sent it first; nobody else changes it or sees it here, and none can be changed that
   the need ``appointments`` tells.
3. It was said when it came. It is in the memory of the service for ``KEPT``; what outlives that is the product.
"""

import csv
import io
import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from havre.client import Field, Schema
from havre.client.frames import POSITION
from havre.client.service import Product
from havre_mobility.live.parties import APPOINTMENTS, NotAdmitted, Parties
from havre_mobility.live.sharing import TICK
from havre_mobility.trucks import appointments
from havre_mobility.trucks.appointments import COLUMNS, Fault

PATH = "/appointments"
KEPT = timedelta(days=28)
MOST_BYTES, MOST_BOOKINGS, MOST_FAULTS = 4 * 1024 * 1024, 500_000, 100
Row = Mapping[str, Any]
PRODUCT = Product(
    "appointments-told",
    "Appointments of trucks, as parties sent them to the service",
    Schema(
        (
            Field("said_at", "timestamp", nullable=False, description="when it came"),
            Field("booking", "string", nullable=False),
            Field("gate", "string", nullable=False),
            Field("slot_starts_at", "timestamp", nullable=False),
            Field("slot_ends_at", "timestamp", nullable=False),
            Field("kind", "string", nullable=False, description="drop, pick or both"),
            Field("status", "string", nullable=False, description="booked, changed or cancelled"),
            Field("party", "string", nullable=False, description="who sent it"),
        ),
        time="said_at",
    ),
    {"permission": [{"action": "use"}]},
    of=(),
    time="said_at",
    keywords=("truck", "appointment"),
    decision="human",
)


class Appointments:
    """``send`` and ``standing`` from any thread; ``frame`` and ``new`` for the work. ``gates`` that may be booked."""

    def __init__(self, gates: Collection[str]) -> None:
        self._gates = gates
        self._lock = threading.Lock()
        self._kept = pl.DataFrame(schema={**appointments.SCHEMA, "party": pl.String()})
        self._owners: dict[str, str] = {}
        self._new: list[Row] = []
        self._last: datetime | None = None

    def send(self, party: str, rows: Iterable[Row], known: Collection[str], now: datetime) -> list[Fault]:
        """Take the rows, or give all that is wrong with them. ``known``: bookings that the need tells."""
        whole = now - timedelta(microseconds=now.microsecond % 1000)
        with self._lock:
            said_at = whole if self._last is None else max(whole, self._last + TICK)
            told = [{**row, "said_at": said_at.isoformat()} for row in rows]
            frame, faults = appointments.read(told, self._gates)
            faults += [
                Fault(number, "booking", name, "one of your own, or a new one")
                for number, name in enumerate((str(row.get("booking")).strip() for row in told), 1)
                if name in known or self._owners.get(name, party) != party
            ]
            if not faults and len(self._owners) + frame.height > MOST_BOOKINGS:
                faults = [Fault(0, "rows", str(frame.height), f"at most {MOST_BOOKINGS} bookings in all")]
            if not faults and frame.height:
                said = frame.with_columns(party=pl.lit(party))
                self._kept, self._last = pl.concat([self._kept, said]), said_at
                self._owners |= dict.fromkeys(frame["booking"], party)
                self._new += said.to_dicts()
        return faults

    def standing(self, party: str) -> pl.DataFrame:
        """The party's bookings as they stand, the next slot first; those that were cancelled, too."""
        mine = self._kept.filter(pl.col("party") == party).drop("party")
        if self._last is None:
            return mine
        return appointments.as_of(mine, self._last).sort("slot_starts_at", "booking")

    def frame(self) -> pl.DataFrame:
        """All, as the need has them: of no position in a dataset."""
        return self._kept.select(*COLUMNS, pl.lit(-1, pl.Int64).alias(POSITION))

    def new(self) -> list[Row]:
        """Rows of ``PRODUCT`` that came since."""
        with self._lock:
            new, self._new = self._new, []
        return new

    def forget(self, now: datetime) -> None:
        with self._lock:
            self._kept = self._kept.filter(pl.col("said_at") >= now - KEPT).rechunk()
            self._owners = dict(self._kept.select("booking", "party").iter_rows())


def routes(
    store: Appointments, parties: Parties, known: Callable[[], Collection[str]], now: Callable[[], datetime]
) -> list[Route]:
    """``POST`` rows as CSV or JSON, ``GET`` one's own, as JSON, or as CSV to who accepts that first."""

    async def answer(request: Request) -> Response:
        try:
            party = parties.sender(request, APPOINTMENTS)
        except NotAdmitted as why:
            headers = {"WWW-Authenticate": "Bearer"} if why.status == 401 else {}
            return _problem(why.status, why.text, headers=headers)
        if request.method != "POST":
            return await run_in_threadpool(_own, request, store, party)
        raw = b""
        async for part in request.stream():
            raw += part
            if len(raw) > MOST_BYTES:
                return _problem(413, f"the body has more than {MOST_BYTES} bytes")
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        return await run_in_threadpool(_taken, kind, raw, store, party, known(), now())

    return [Route(PATH, answer, methods=["GET", "POST"])]


def _own(request: Request, store: Appointments, party: str) -> Response:
    found = store.standing(party)
    if request.headers.get("accept", "").startswith("text/csv"):
        return Response(appointments.write_csv(found), media_type="text/csv")
    return JSONResponse([{name: _plain(value) for name, value in row.items()} for row in found.iter_rows(named=True)])


def _taken(kind: str, raw: bytes, store: Appointments, party: str, known: Collection[str], now: datetime) -> Response:
    try:
        rows = _csv(raw) if kind == "text/csv" else _json(raw)
    except ValueError as why:
        return _problem(400, str(why))
    faults = store.send(party, rows, known, now)
    if faults:
        return _problem(400, "nothing was taken", [str(one) for one in faults])
    return JSONResponse({"taken": len(rows)}, 202)


def _csv(raw: bytes) -> list[Row]:
    """``ValueError``: it is no CSV."""
    try:
        return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    except csv.Error as why:
        raise ValueError(f"the body is no CSV: {why}") from None


def _json(raw: bytes) -> list[Row]:
    """``ValueError``: it is no list of objects."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as why:
        raise ValueError(f"the body is no JSON: {why}; CSV comes as text/csv") from None
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise ValueError("the body is no list of appointments")
    return said


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _problem(
    status: int, detail: str, errors: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """RFC 9457."""
    titles = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 413: "Content Too Large"}
    body = {"title": titles[status], "status": status, "detail": detail}
    more = {"errors": errors[:MOST_FAULTS], "count": len(errors)} if errors else {}
    return JSONResponse({**body, **more}, status, headers, media_type="application/problem+json")
