"""A tiny port for tests: one bridge that tells what it does, one that never speaks, ships that sail straight east.

A ship leaves her berth in the west, is at the silent bridge 30 minutes later and at the speaking one after 40. One in
five is a small craft that nobody hears or announces, for which only the speaking bridge opens. The reserved slot of
that bridge is kept: ships leave so that they come before or after it.
"""

import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl

from havre_mobility.bridges import slots
from havre_mobility.bridges.feeds import Feeds, feeds
from havre_mobility.bridges.model import MESSAGES, Bridge

START = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
KNOT = 1852 / 3600
SPEED = 6.0
SPEAKS, SILENT = "bridge-speaks", "bridge-silent"
LATITUDE, WEST = 49.48, 0.10
A_MINUTE = SPEED * 1852 / 60 / (60 * 1852 * float(np.cos(np.radians(LATITUDE))))
"""Degrees of longitude."""
AFTER = {SILENT: 30, SPEAKS: 40}
BRIDGES = [Bridge(id, id, WEST + AFTER[id] * A_MINUTE, LATITUDE) for id in (SPEAKS, SILENT)]
BEFORE_SHIP, AFTER_SHIP = 6, 5
SLOT = (slots.Slot(SPEAKS, 0, datetime.time(7, 15), datetime.time(8, 15)),)


@dataclass(frozen=True)
class Simulated:
    feeds: Feeds
    truth: pl.DataFrame
    end: datetime.datetime


def simulate(seed: int, days: int) -> Simulated:
    chance = np.random.default_rng(seed)
    end = START + datetime.timedelta(days=days)
    reserved = slots.spans(SLOT, START.date(), end.date())
    kept = reserved.select("starts_at", "ends_at").rows()
    messages: list[tuple[object, ...]] = []
    movements: list[tuple[object, ...]] = []
    positions: list[tuple[object, ...]] = []
    truth: list[tuple[object, ...]] = []
    left = START + 90 * MINUTE
    number = 0
    while left < end - 90 * MINUTE:
        number, came, span = number + 1, left, _opening(left, SPEAKS)
        if any(span[0] < until and since < span[1] for since, until in kept):
            left += 5 * MINUTE
            continue
        name, mmsi = f"m{number}", 200_000_000 + number
        messages += _said(f"o{number}", span, name, chance)
        truth.append((SPEAKS, *span))
        left += int(chance.integers(60, 300)) * MINUTE
        if chance.random() < 0.2:
            continue
        truth.append((SILENT, *_opening(came, SILENT)))
        movements += [
            (came - ahead * MINUTE, name, mmsi, "departure", "departure", "berth-1", came + float(error) * MINUTE)
            for ahead, error in zip((180, 60), chance.normal(0, (8, 2)), strict=True)
        ]
        positions += _sails(came, mmsi, chance)
    read = feeds(
        messages=pl.DataFrame(messages, MESSAGES, orient="row"),
        movements=pl.DataFrame(
            movements, ["said_at", "movement", "mmsi", "kind", "point", "berth", "value_at"], orient="row"
        ),
        positions=pl.DataFrame(positions, ["time", "mmsi", "longitude", "latitude", "speed", "course"], orient="row"),
        reserved=reserved,
    )
    return Simulated(read, pl.DataFrame(truth, ["bridge", "opened_at", "closed_at"], orient="row"), end)


def _opening(left: datetime.datetime, bridge: str) -> tuple[datetime.datetime, datetime.datetime]:
    passes = left + AFTER[bridge] * MINUTE
    return passes - BEFORE_SHIP * MINUTE, passes + AFTER_SHIP * MINUTE


def _said(
    opening: str, span: tuple[datetime.datetime, datetime.datetime], movement: str, chance: np.random.Generator
) -> list[tuple[object, ...]]:
    starts, ends = span
    found: list[tuple[object, ...]] = []
    for ahead, error in ((120, 6.0), (25, 1.0)):
        off = float(chance.normal(0, error)) * MINUTE
        found.append((starts - ahead * MINUTE, SPEAKS, opening, "planned", starts + off, ends + off, movement))
    found.append((starts - MINUTE, SPEAKS, opening, "starting", starts, ends, movement))
    found.append((starts, SPEAKS, opening, "in_operation", starts, ends, movement))
    found.append((ends, SPEAKS, opening, "ended", starts, ends, movement))
    return found


def _sails(left: datetime.datetime, mmsi: int, chance: np.random.Generator) -> list[tuple[object, ...]]:
    noise = chance.normal(0, 5e-5, (60, 2))
    return [
        (
            left + minute * MINUTE, mmsi, WEST + minute * A_MINUTE + noise[minute, 0], LATITUDE + noise[minute, 1],
            SPEED, 90.0,
        )
        for minute in range(60)
    ]  # fmt: skip
