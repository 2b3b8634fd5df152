"""Positions as they come, made fit to be judged: what is dropped is counted, by reason.

In this order: no ship (coast stations, aids to navigation and aircraft have other numbers: ITU-R M.585), no place
(null, or 0° N 0° E, where receivers without a fix believe to be), out of the area, a speed that no ship has, reports
heard twice. Then the reports of one number are split into tracks: one ship cannot be in two places, so a report that
would need more than ``Limits.knots`` from the one before begins a segment, and a segment joins the nearest track from
whose end it can have come, as in Global Fishing Watch's segmenter (pipe-segment). Two ships that share a number become
two tracks; a track with fewer reports than ``Limits.fewest`` is a jump, and is dropped. A speed that a ship does not
tell is that between her last two places.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from havre_mobility.calls.areas import METRES_PER_DEGREE, Floats

KNOT = 1852 / 3600
SHIPS = (200_000_000, 799_999_999)
"""Numbers of ships: three digits of a State (2 to 7), then six."""
SAME = ("latitude", "longitude", "speed", "course", "heading", "status")
COLUMNS = ("time", "mmsi", *SAME)
LASTING = ("name", "callsign", "imo", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard")


@dataclass(frozen=True)
class Bounds:
    """Degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Limits:
    knots: float = 60.0
    """Above this no ship goes: the fastest ferries reach about 58 kn."""
    slack: float = 300.0
    """Metres that two fixes may differ by, whatever the time between them."""
    twice: float = 5.0
    """Seconds within which the same report is the same transmission, heard by two receivers."""
    fewest: int = 5
    gap: float = 600.0
    """Seconds without a report that are counted as a gap; a ship at anchor or moored reports every 180 s."""


@dataclass(frozen=True)
class Counters:
    """Reports, but for ``gaps`` and ``interleaved``: those are silences, and numbers that several ships use."""

    received: int
    checksum: int
    not_ship: int
    no_place: int
    out_of_area: int
    impossible_speed: int
    duplicate: int
    jump: int
    kept: int
    interleaved: int
    gaps: int


def clean(
    positions: pl.DataFrame, bounds: Bounds, *, checksum: int = 0, limits: Limits = Limits()
) -> tuple[pl.DataFrame, Counters]:
    """The positions to be judged: ``COLUMNS`` and ``track`` (0 is the longest of a number), by mmsi, track, time.

    ``checksum``: how many sentences the exchange put aside for a wrong checksum; they are in ``received`` too.
    """
    left = positions.select(COLUMNS)
    counted: dict[str, int] = {}
    for reason, rule in _rules(bounds, limits):
        kept = left.filter(rule)
        counted[reason] = left.height - kept.height
        left = kept
    left = left.sort("mmsi", "time", maintain_order=True)
    kept = left.filter(~_heard_before(limits))
    counted["duplicate"] = left.height - kept.height
    tracked = _tracked(kept, limits)
    sound = tracked.filter(pl.col("track") >= 0)
    if sound["track"].max():
        sound = sound.sort("mmsi", "track", "time", maintain_order=True)
    same = (pl.col("mmsi").diff() == 0) & (pl.col("track").diff() == 0)
    silent = same & (pl.col("time").diff() > pl.duration(seconds=limits.gap))
    return sound, Counters(
        received=positions.height + checksum,
        checksum=checksum,
        jump=tracked.height - sound.height,
        kept=sound.height,
        interleaved=sound.filter(pl.col("track") > 0)["mmsi"].n_unique(),
        gaps=int(sound.select(silent.sum()).item()),
        **counted,
    )


def particulars(told: pl.DataFrame) -> pl.DataFrame:
    """One row a ship (mmsi): what she is, as she told it most often, and of her voyage what she told last.

    Who uses her number for an hour tells its own name and size under it.
    """
    of_ship = told.sort("time").group_by("mmsi", maintain_order=True)
    lasting = [name for name in LASTING if name in told.columns]
    return of_ship.agg(
        pl.col(lasting).drop_nulls().mode().sort().first(), pl.exclude("mmsi", *lasting).drop_nulls().last()
    )


def _rules(bounds: Bounds, limits: Limits) -> tuple[tuple[str, pl.Expr], ...]:
    longitude, latitude = pl.col("longitude"), pl.col("latitude")
    nowhere = (longitude.abs() < 0.1) & (latitude.abs() < 0.1)
    within = longitude.is_between(bounds.west, bounds.east) & latitude.is_between(bounds.south, bounds.north)
    return (
        ("not_ship", pl.col("mmsi").is_between(*SHIPS)),
        ("no_place", longitude.is_not_null() & latitude.is_not_null() & ~nowhere),
        ("out_of_area", within),
        ("impossible_speed", pl.col("speed").is_null() | (pl.col("speed") <= limits.knots)),
    )


def _heard_before(limits: Limits) -> pl.Expr:
    """The same as the report before it of the same ship, within some seconds."""
    soon = pl.col("time").diff() <= pl.duration(seconds=limits.twice)
    equal = [pl.col(name).eq_missing(pl.col(name).shift()) for name in ("mmsi", *SAME)]
    return pl.all_horizontal(soon, *equal).fill_null(False)


def _tracked(positions: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """With ``track``: -1 for what is a jump. ``positions`` are sorted by mmsi and time."""
    mmsi, time = positions["mmsi"].to_numpy(), positions["time"].to_physical().to_numpy() / 1e6
    longitude, latitude = positions["longitude"].to_numpy(), positions["latitude"].to_numpy()
    first = np.append(True, mmsi[1:] != mmsi[:-1])[: len(mmsi)]
    metres = _metres(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    reach = limits.slack + np.diff(time) * limits.knots * KNOT
    broken = first.copy()
    broken[1:] |= metres > reach
    track = np.zeros(len(mmsi), np.int64)
    for begin, end in _several(np.flatnonzero(first), np.flatnonzero(broken), len(mmsi)):
        starts = np.flatnonzero(broken[begin:end])
        track[begin:end] = _joined(time[begin:end], longitude[begin:end], latitude[begin:end], starts, limits)
    going = np.append(np.nan, metres / np.maximum(np.diff(time), 1) / KNOT)[: len(mmsi)]
    going[broken] = np.nan
    implied = pl.Series(going, nan_to_null=True)
    return positions.with_columns(pl.Series("track", track), pl.col("speed").fill_null(implied))


def _several(ships: NDArray[np.int64], segments: NDArray[np.int64], rows: int) -> list[tuple[int, int]]:
    """Where the ships begin and end that have more than one segment."""
    ends = np.append(ships, rows)[1:]
    counts = np.searchsorted(segments, ends) - np.searchsorted(segments, ships)
    return list(zip(ships[counts > 1].tolist(), ends[counts > 1].tolist(), strict=True))


def _joined(
    time: Floats, longitude: Floats, latitude: Floats, starts: NDArray[np.int64], limits: Limits
) -> NDArray[np.int64]:
    """The track of each report of one number, whose segments begin at ``starts``; the longest track is 0."""
    ends: list[int] = []
    tracks: list[list[tuple[int, int]]] = []
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(time)], strict=True):
        last = np.array(ends, np.int64)
        metres = _metres(longitude[last], latitude[last], longitude[begin], latitude[begin])
        near = np.where(metres <= limits.slack + (time[begin] - time[last]) * limits.knots * KNOT, metres, np.inf)
        best = int(np.argmin(near)) if np.isfinite(near).any() else len(tracks)
        if best == len(tracks):
            tracks.append([])
            ends.append(0)
        tracks[best].append((begin, end))
        ends[best] = end - 1
    lengths = [sum(end - begin for begin, end in segments) for segments in tracks]
    found = np.full(len(time), -1, np.int64)
    for number, index in enumerate(sorted(range(len(tracks)), key=lambda index: -lengths[index])):
        for begin, end in tracks[index]:
            if number == 0 or lengths[index] >= limits.fewest:
                found[begin:end] = number
    return found


def _metres(
    from_longitude: Floats, from_latitude: Floats, longitude: Floats | np.float64, latitude: Floats | np.float64
) -> Floats:
    x = (longitude - from_longitude) * np.cos(np.radians(from_latitude))
    return np.asarray(np.hypot(x, latitude - from_latitude) * METRES_PER_DEGREE)
