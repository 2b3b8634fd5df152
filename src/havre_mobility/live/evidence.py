"""The facts of a certificate, from rows that were heard: each with its dataset and its position there (pure).

An opening is the row in which the bridge said that it was over; of a bridge that was silent, the first position of the
ship after she had passed. A queue is the wait that follows from the passes up to the truck's own, which is the row.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre.client.frames import POSITION
from havre_mobility.bridges import messages, openings, passages
from havre_mobility.bridges.model import ENDED, Bridge
from havre_mobility.live import gates
from havre_mobility.trucks import certificate
from havre_mobility.trucks.certificate import Document
from havre_mobility.trucks.ways import OnTheWay

BEFORE = timedelta(hours=6)
"""The slot: what happened earlier made nobody late for it."""
WORTH_TELLING = 60
"""Seconds in a queue; less is what chance makes of the forecast."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """A dataset that is read: of whom, under which agreement, and whether all that was there has come."""

    dataset: str
    provider: str = ""
    agreement: str | None = None
    is_live: bool = True


@dataclass(frozen=True)
class Heard:
    """Frames by need, where they are from, and what was learned of them."""

    told: Mapping[str, pl.DataFrame]
    source: Callable[[str], Source | None]
    margins: passages.Margins
    doors: gates.Learned | None


def facts(
    heard: Heard, booked: Row, passed: Row | None, way: Sequence[OnTheWay], bridges: Sequence[Bridge]
) -> list[Document]:
    """``booked`` and ``passed``: rows of appointments and gates."""
    found = [("appointment", "appointments", _values("appointment", booked), booked[POSITION])]
    if passed is not None:
        names = {one.bridge for one in way}
        since, came = booked["slot_starts_at"] - BEFORE, passed["time"]
        found.append(("pass", "gates", _values("pass", passed), passed[POSITION]))
        found += _queue(heard, passed)
        found += _openings(heard, [one for one in bridges if one.id in names], since, came)
        found += _closures(heard.told["closures"], names, since, came)
    return [
        _fact(f"f{number}", kind, values, heard.source(need) or Source(need), position)
        for number, (kind, need, values, position) in enumerate(found, 1)
    ]


_Found = tuple[str, str, dict[str, Any], int]
"""Kind, need, values, position."""


def _fact(id: str, kind: str, values: dict[str, Any], source: Source, position: int) -> Document:
    proof = {"provider": source.provider, "agreement": source.agreement}
    return certificate.fact(id, kind, values, source.dataset, position, proof)


def _values(kind: str, row: Row) -> dict[str, Any]:
    """The members of the kind, times as RFC 3339."""
    return {name: _said(row[name]) for name in certificate.VALUES[kind]}


def _said(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _queue(heard: Heard, passed: Row) -> Iterator[_Found]:
    """A wait that is worth telling, where the gates were learned of."""
    doors = heard.doors
    mine = [one for one in doors.gates if one.name == passed["gate"]] if doors else []
    if doors is None or not mine:
        return
    here = replace(doors, gates=tuple(mine))
    at, gate = passed["time"], passed["gate"]
    passes = heard.told["gates"].filter(pl.col("time") <= at)
    place = {gate: gates.Place(gate, gate, 0.0, 0.0)}
    booked = heard.told["appointments"].filter(pl.col("said_at") <= at)
    (found,) = gates.gates(here, place, {**heard.told, "gates": passes, "appointments": booked}, at)
    wait = round(found.waits[0].p50 * 60)
    if wait >= WORTH_TELLING:
        yield "queue", "gates", _values("queue", {"time": at, "gate": gate, "wait_s": wait}), passed[POSITION]


def _openings(heard: Heard, bridges: Sequence[Bridge], since: datetime, came: datetime) -> Iterator[_Found]:
    near = pl.col("starts_at").is_between(since - BEFORE, came) & pl.col("bridge").is_in([one.id for one in bridges])
    said = heard.told["bridge_messages"].filter(near)
    positions = heard.told["ais"].filter(pl.col("time").is_between(since, came))
    seen = passages.as_openings(passages.passages(positions, bridges), heard.margins)
    over = openings.together([messages.took_place(said), seen]).drop_nulls("closed_at")
    for row in over.filter((pl.col("closed_at") >= since) & (pl.col("opened_at") <= came)).iter_rows(named=True):
        if row["opening"] is not None:
            same = said.filter((pl.col("bridge") == row["bridge"]) & (pl.col("opening") == row["opening"]))
            need, proving = "bridge_messages", same.sort(pl.col("status") == ENDED, "said_at")
        else:
            at = row["opened_at"] + timedelta(minutes=heard.margins.before)
            same = positions.filter((pl.col("mmsi") == row["mmsi"]) & (pl.col("time") >= at))
            need, proving = "ais", same.sort("time", descending=True)
        if proving.height:
            values = {"bridge": row["bridge"], "starts_at": row["opened_at"], "ends_at": row["closed_at"]}
            yield "opening", need, _values("opening", values), proving[POSITION][-1]


def _closures(said: pl.DataFrame, places: Collection[str], since: datetime, came: datetime) -> Iterator[_Found]:
    """Each as it was told first, which is when one could know of it; none that was over before."""
    told = said.filter(pl.col("place").is_in(list(places)) & (pl.col("said_at") <= came)).sort("said_at")
    last = dict(told.group_by("closure", maintain_order=True).agg(pl.col("ends_at").last()).iter_rows())
    for row in told.unique("closure", keep="first", maintain_order=True).iter_rows(named=True):
        ends = last[row["closure"]]
        if row["starts_at"] <= came and (ends is None or ends >= since):
            yield "closure", "closures", _values("closure", row), row[POSITION]
