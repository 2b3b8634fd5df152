"""What goes out for trucks: waits at the gates each quarter of an hour, and certificates for who asked for one.

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
BACK = timedelta(days=7)
"""A request that could be answered before that was answered then."""
MOST = 5
"""Answers at a time."""
QUARTER = timedelta(minutes=15)
NOT_BOOKED, NOT_CERTIFIED = "not booked", "not certified"
TELLING = ("ais", "bridge_messages", "closures", "appointments", "gates", "certificate_requests")
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
        self._answered: set[tuple[datetime, str]] = set()
        self._last: datetime | None = None

    def answers(self, heard: Heard, now: datetime) -> list[Row]:
        """Rows of the product ``truck-certificates``."""
        if not caught_up(heard.source, TELLING):
            return []
        found = []
        for ready, said, booked, passed in self._due(heard, now)[:MOST]:
            self._answered.add((said["said_at"], said["booking"]))
            at = ready if self._last is None else max(ready, self._last + timedelta(microseconds=1))
            self._last = at
            found.append(self._answer(heard, said, booked, passed, at))
        return found

    def _due(self, heard: Heard, now: datetime) -> list[tuple[datetime, Row, Row | None, Row | None]]:
        """When it could be answered, the request, and the rows of its appointment and its pass, in order."""
        told = heard.told
        asked = (
            told["certificate_requests"]
            .filter(pl.col("said_at").is_between(now - BACK, now))
            .drop_nulls("booking")
            .to_dicts()
        )
        asked = [one for one in asked if (one["said_at"], one["booking"]) not in self._answered]
        if not asked:
            return []
        names = list({one["booking"] for one in asked})
        inside = (pl.col("direction") == "in") & pl.col("booking").is_in(names) & (pl.col("time") <= now)
        passes = _by_booking(told["gates"].filter(inside).sort("time").unique("booking", keep="first"))
        said = told["appointments"].filter(pl.col("booking").is_in(names))
        found = []
        for one in asked:
            passed = passes.get(one["booking"])
            mine = said.filter(pl.col("booking") == one["booking"])
            standing = as_of(mine, passed["time"] if passed else now).filter(pl.col("status") != "cancelled")
            booked = _by_booking(standing).get(one["booking"])
            over = one["said_at"]
            if booked is not None:
                over = passed["time"] if passed else booked["slot_ends_at"] + GIVEN_UP
            found.append((max(one["said_at"], over) + SETTLES, one, booked, passed))
        return sorted((one for one in found if one[0] <= now), key=lambda one: (one[0], one[1]["booking"]))

    def _answer(self, heard: Heard, said: Row, booked: Row | None, passed: Row | None, at: datetime) -> Row:
        booking = said["booking"]
        nothing = {"said_at": at, "booking": booking, "verdict": NOT_BOOKED, "late_s": None, "document": None}
        if booked is None:
            return nothing
        if passed is not None and passed["gate"] != booked["gate"]:
            passed = None
        on_the_way = self._way(booked["gate"], said["bridges"])
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
        passes = heard.told["gates"].filter(pl.col("time") < made)
        booked = heard.told["appointments"].filter(pl.col("said_at") <= made)
        return [
            {"made_at": made, "gate": one.id, "at": wait.at, "wait": wait.p50, "low": wait.p10, "high": wait.p90}
            for one in gates.gates(heard.doors, self._places, booked, passes, made)
            for wait in one.waits
        ]


def caught_up(source: Callable[[str], Source | None], needs: Sequence[str]) -> bool:
    """Whether those of the needs that there are have told all that they had."""
    return all(found is None or found.is_live for found in map(source, needs))


def _by_booking(rows: pl.DataFrame) -> dict[str, Row]:
    return {row["booking"]: row for row in rows.iter_rows(named=True)}
