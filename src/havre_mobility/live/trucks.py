"""What goes out for trucks: waits at the gates each quarter of an hour, arrivals each hour, certificates on request.

Rules that hold here:

1. A request is answered once its truck is through, or ``GIVEN_UP`` after the end of its slot; then ``SETTLES`` later,
   when what happened has been told. The time of the answer follows from these, not from the clock.
2. Nothing is certified while a feed that tells of causes has not told all that it had: a cause could be missing.
3. Answers are published in the order of their times; one that comes late has the time after the last.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.bridges.model import Bridge
from havre_mobility.live import evidence, gates
from havre_mobility.live.evidence import Heard, Source
from havre_mobility.live.signing import Signer
from havre_mobility.trucks.appointments import as_of
from havre_mobility.trucks.causes import Parameters
from havre_mobility.trucks.certificate import compose, sign
from havre_mobility.trucks.ways import OnTheWay, way

log = logging.getLogger("havre.mobility")

SETTLES, GIVEN_UP = timedelta(minutes=5), timedelta(hours=3)
BACK = timedelta(days=2)
"""A request that could be answered before that was answered then."""
MOST = 5
"""Answers at a time."""
QUARTER = timedelta(minutes=15)
NOT_BOOKED, NOT_CERTIFIED = "not booked", "not certified"
TELLING = ("ais", "bridge_messages", "closures", "appointments", "gates", "certificate_requests")
INWARD = pl.col("direction") == "in"
Row = dict[str, Any]


class Desk:
    """Answers requests for certificates with the signature of ``signer``.

    Over which bridges a truck came is what the request says (``bridges``, with spaces between their ids); where it says
    nothing, what ``ways`` has for the gate, and else none: then only the gate itself can be a cause.
    """

    def __init__(
        self,
        signer: Signer,
        places: Mapping[str, Any],
        bridges: Sequence[Bridge],
        ways: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """``ValueError``: a way names what is not there."""
        self.signer = signer
        self._places, self._bridges = places, bridges
        self._ways = ways or {}
        for gate, names in self._ways.items():
            way(places, gate, list(names))
        self._known: dict[tuple[str, str], tuple[OnTheWay, ...]] = {}
        self._answered: dict[tuple[datetime, str], datetime] = {}
        self._last: datetime | None = None

    def answers(self, heard: Heard, now: datetime) -> list[Row]:
        """Rows of the product ``truck-certificates``."""
        if not caught_up(heard.source, TELLING):
            return []
        found = []
        for ready, said_at, booking, bridges in self._due(heard, now)[:MOST]:
            at = ready if self._last is None else max(ready, self._last + timedelta(microseconds=1))
            self._answered[said_at, booking] = self._last = at
            booked, passed = _rows(heard, booking, now)
            found.append(self._answer(heard, booking, bridges, booked, passed, at))
        self._answered = {one: at for one, at in self._answered.items() if now - at < 2 * BACK}
        return found

    def _due(self, heard: Heard, now: datetime) -> list[tuple[datetime, datetime, str, str | None]]:
        """When it could be answered, and the request, in order."""
        told = heard.told
        asked = told["certificate_requests"].filter(pl.col("said_at") <= now).drop_nulls("booking")
        if not asked.height:
            return []
        mine = pl.col("booking").is_in(asked["booking"].implode())
        passed = told["gates"].filter(mine & INWARD & (pl.col("time") <= now))
        booked = as_of(told["appointments"].filter(mine), now).filter(pl.col("status") != "cancelled")
        over = pl.coalesce("passed_at", pl.col("slot_ends_at") + GIVEN_UP)
        over = pl.when(pl.col("slot_ends_at").is_null()).then("said_at").otherwise(over)
        due = (
            asked.unique(["said_at", "booking"], keep="first")
            .join(passed.group_by("booking").agg(passed_at=pl.col("time").min()), "booking", "left")
            .join(booked.select("booking", "slot_ends_at"), "booking", "left")
            .with_columns(ready=pl.max_horizontal("said_at", over) + SETTLES)
            .filter(pl.col("ready").is_between(now - BACK, now))
            .sort("ready", "said_at", "booking")
        )
        rows = due.select("ready", "said_at", "booking", "bridges").iter_rows()
        return [row for row in rows if (row[1], row[2]) not in self._answered]

    def _answer(
        self, heard: Heard, booking: str, bridges: str | None, booked: Row | None, passed: Row | None, at: datetime
    ) -> Row:
        nothing = {"said_at": at, "booking": booking, "verdict": NOT_BOOKED, "late_s": None, "document": None}
        if booked is None:
            return nothing
        on_the_way = self._way(booked["gate"], bridges)
        try:
            facts = evidence.facts(heard, booked, passed, on_the_way, self._bridges)
            document = compose(on_the_way, facts, Parameters(), issuer=self.signer.issuer, issued_at=at)
        except ValueError as error:  # of rows that are not as they should be
            log.warning("booking %s: %s", booking, error)
            return {**nothing, "verdict": NOT_CERTIFIED}
        signed = sign(document, self.signer.key, self.signer.key_id)
        result = document["result"]
        verdict = {"verdict": result["verdict"], "late_s": result["late_s"]}
        return {"said_at": at, "booking": booking, **verdict, "document": json.dumps(signed)}

    def _way(self, gate: str, stated: str | None) -> tuple[OnTheWay, ...]:
        names = set(stated.split() if stated else self._ways.get(gate, ()))
        found = [one for bridge in self._bridges if bridge.id in names for one in self._from(bridge.id, gate)]
        return tuple(sorted(found, key=lambda one: -one.to_gate_s))

    def _from(self, bridge: str, gate: str) -> tuple[OnTheWay, ...]:
        """Nothing where no road leads from the bridge to the gate."""
        if (bridge, gate) not in self._known:
            try:
                self._known[bridge, gate] = way(self._places, gate, [bridge])
            except ValueError:
                self._known[bridge, gate] = ()
        return self._known[bridge, gate]


class Waits:
    """Makes the product ``gate-waits``, once each quarter of an hour."""

    def __init__(self, places: Mapping[str, gates.Place]) -> None:
        self._places = places
        self._made: datetime | None = None

    def rows(self, heard: Heard, now: datetime) -> list[Row]:
        """What was known at the beginning of the quarter of who comes then and in the hour after it, in minutes."""
        made = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
        if heard.doors is None or made == self._made or not caught_up(heard.source, ("appointments", "gates")):
            return []
        self._made = made
        as_known = _known(heard, made)
        return [
            {"made_at": made, "gate": one.id, "at": wait.at, "wait": wait.p50, "low": wait.p10, "high": wait.p90}
            for one in gates.gates(heard.doors, self._places, {**heard.told, **as_known}, made)
            for wait in one.waits
        ]


class Arrivals:
    """Makes the product ``gate-arrivals``, once each hour."""

    def __init__(self) -> None:
        self._made: datetime | None = None

    def rows(self, heard: Heard, now: datetime) -> list[Row]:
        """What was known at the beginning of the hour of who comes in it and in the 23 after it."""
        made = now.replace(minute=0, second=0, microsecond=0)
        if heard.doors is None or made == self._made or not caught_up(heard.source, ("appointments", "gates")):
            return []
        self._made = made
        return [
            {"made_at": made, **row} for row in gates.ahead(heard.doors, {**heard.told, **_known(heard, made)}, made)
        ]


def _known(heard: Heard, at: datetime) -> dict[str, pl.DataFrame]:
    """Passes and appointments as they were told at that moment."""
    return {
        "gates": heard.told["gates"].filter(pl.col("time") < at),
        "appointments": heard.told["appointments"].filter(pl.col("said_at") <= at),
    }


def caught_up(source: Callable[[str], Source | None], needs: Sequence[str]) -> bool:
    """Whether those of the needs that there are have told all that they had."""
    return all(found is None or found.is_live for found in map(source, needs))


def _rows(heard: Heard, booking: str, now: datetime) -> tuple[Row | None, Row | None]:
    """The booking's appointment, as it stood when the truck passed, and its pass at that gate."""
    mine = pl.col("booking") == booking
    passed = heard.told["gates"].filter(mine & INWARD & (pl.col("time") <= now)).sort("time").head(1).to_dicts()
    said = heard.told["appointments"].filter(mine)
    standing = as_of(said, passed[0]["time"] if passed else now).filter(pl.col("status") != "cancelled").to_dicts()
    if not standing:
        return None, None
    return standing[0], passed[0] if passed and passed[0]["gate"] == standing[0]["gate"] else None
