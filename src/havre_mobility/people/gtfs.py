"""GTFS Schedule from a zip into a ``Timetable``.

Read: agency, stops, routes, trips, stop_times, calendar, calendar_dates, frequencies, shapes, transfers (without the
fields that concern single routes or trips). Not read: fares, flex zones, pathways. A stop time without a time gets one
between its neighbours, in equal steps.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from havre_mobility.people.timetable import FeedError, Flags, Floats, Frequency, Ints, Services, Timetable

LARGEST_TABLE = 1024**3
"""Bytes, unpacked."""
UNTIMED = -1


def read(feed: bytes | BinaryIO) -> Timetable:
    """``FeedError``: no zip, a table or column that GTFS requires is missing, or a field that cannot be read."""
    source = io.BytesIO(feed) if isinstance(feed, bytes) else feed
    try:
        with zipfile.ZipFile(source) as archive:
            return _Feed(archive).timetable()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise FeedError(f"the feed cannot be read: {error}; expected a zip of text files") from None


class _Feed:
    """The feed while it is read: its tables, and what was wrong in them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        files = [one for one in archive.infolist() if one.filename.endswith(".txt")]
        by_depth = sorted(files, key=lambda one: -one.filename.count("/"))
        self.files = {one.filename.rpartition("/")[2]: one for one in by_depth}  # the outermost counts
        self.faults: Counter[str] = Counter()

    def timetable(self) -> Timetable:
        stops = self.table("stops.txt", "stop_id")
        routes = self.table("routes.txt", "route_id", "route_type")
        trips = self.table("trips.txt", "route_id", "service_id", "trip_id")
        services = self._services()
        stop_ids, route_ids = _texts(stops, "stop_id"), _texts(routes, "route_id")
        trips = self._known(trips, "trips.txt", "route_id", route_ids)
        trips = self._known(trips, "trips.txt", "service_id", services.ids)
        shape_ids, shapes = self._shapes()
        trip_ids = _texts(trips, "trip_id")
        calls = self._calls(trip_ids, stop_ids)
        names = zip(_texts(routes, "route_short_name"), _texts(routes, "route_long_name"), route_ids, strict=True)
        return Timetable(
            timezone=self._timezone(),
            stop_ids=stop_ids,
            stop_names=_texts(stops, "stop_name"),
            latitude=self._degrees(stops, "stop_lat", 90),
            longitude=self._degrees(stops, "stop_lon", 180),
            station=_stations(stops, stop_ids),
            route_ids=route_ids,
            route_names=tuple(short or long or id for short, long, id in names),
            route_types=self._whole(routes, "routes.txt", "route_type"),
            trip_ids=trip_ids,
            trip_route=_numbers(trips, "route_id", route_ids),
            trip_service=_numbers(trips, "service_id", services.ids),
            trip_headsigns=_texts(trips, "trip_headsign"),
            trip_shape=_numbers(trips, "shape_id", shape_ids),
            first=np.searchsorted(calls["trip"].to_numpy(), np.arange(len(trip_ids) + 1)).astype(np.int64),
            stop=calls["stop"].to_numpy(),
            sequence=calls["sequence"].to_numpy(),
            arrival=calls["arrival"].to_numpy(),
            departure=calls["departure"].to_numpy(),
            boarding=_flags(calls, "pickup_type", "1", equal=False),
            alighting=_flags(calls, "drop_off_type", "1", equal=False),
            on_demand=_flags(calls, "pickup_type", "2", "3") | _flags(calls, "drop_off_type", "2", "3"),
            services=services,
            frequencies=self._frequencies(trip_ids),
            shapes=shapes,
            transfers=self._transfers(stop_ids),
            faults=dict(self.faults),
        )

    def _timezone(self) -> str:
        """Of the first agency: all of a feed must have the same."""
        zone = next(iter(_texts(self.table("agency.txt", "agency_timezone"), "agency_timezone")), "")
        try:
            return ZoneInfo(zone).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            expected = "a time zone, as Europe/Paris"
            raise FeedError(f"agency.txt, record 1: agency_timezone: got {zone!r}; expected {expected}") from None

    def table(self, name: str, *required: str, optional: bool = False) -> pl.DataFrame:
        """A table, all of it texts without spaces around them."""
        member = self.files.get(name)
        if member is None:
            if optional:
                return pl.DataFrame({column: pl.Series([], dtype=pl.String) for column in required})
            raise FeedError(f"there is no {name} in the feed; there are {', '.join(sorted(self.files)) or 'no tables'}")
        if member.file_size > LARGEST_TABLE:
            raise FeedError(f"{name} has {member.file_size} bytes; expected at most {LARGEST_TABLE}")
        try:
            found = pl.read_csv(self.archive.read(member), infer_schema=False, truncate_ragged_lines=True)
        except pl.exceptions.PolarsError as error:
            raise FeedError(f"{name} cannot be read: {str(error).splitlines()[0]}; expected CSV") from None
        found = found.rename({column: column.strip("\ufeff ") for column in found.columns})
        missing = [column for column in required if column not in found.columns]
        if missing:
            raise FeedError(f"{name} has no column {missing[0]}; it has {', '.join(found.columns)}")
        return found.with_columns(pl.all().fill_null("").str.strip_chars())

    def _known(self, table: pl.DataFrame, name: str, column: str, ids: Sequence[str]) -> pl.DataFrame:
        """The records whose reference is to something that is there."""
        found = table.filter(pl.col(column).is_in(list(ids)))
        if found.height < table.height:
            self.faults[f"{name}: unknown {column}"] += table.height - found.height
        return found

    def _calls(self, trip_ids: Sequence[str], stop_ids: Sequence[str]) -> pl.DataFrame:
        name = "stop_times.txt"
        raw = self.table(name, "trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time")
        raw = self._known(self._known(raw, name, "trip_id", trip_ids), name, "stop_id", stop_ids)
        calls = pl.DataFrame(
            {
                "trip": _numbers(raw, "trip_id", trip_ids),
                "stop": _numbers(raw, "stop_id", stop_ids),
                "sequence": self._whole(raw, name, "stop_sequence"),
                "arrival": _seconds(raw, name, "arrival_time"),
                "departure": _seconds(raw, name, "departure_time"),
                "pickup_type": raw.get_column("pickup_type", default=None),
                "drop_off_type": raw.get_column("drop_off_type", default=None),
            }
        ).sort("trip", "sequence")
        said = pl.when(pl.col("arrival") == UNTIMED).then(pl.col("departure")).otherwise(pl.col("arrival"))
        left = pl.when(pl.col("departure") == UNTIMED).then(pl.col("arrival")).otherwise(pl.col("departure"))
        calls = calls.with_columns(said.alias("arrival"), left.alias("departure"))
        between = pl.col("arrival", "departure").replace(UNTIMED, None).interpolate().over("trip")
        timed = calls.with_columns(between.round()).with_columns(pl.col("arrival", "departure").cast(pl.Int64))
        whole = timed.filter(pl.col("arrival").is_not_null() & (pl.col("departure") >= pl.col("arrival")))
        if whole.height < timed.height:
            self.faults[f"{name}: without a time, or departure before arrival"] += timed.height - whole.height
        return whole

    def _services(self) -> Services:
        weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        regular = self.table("calendar.txt", "service_id", *weekdays, "start_date", "end_date", optional=True)
        special = self.table("calendar_dates.txt", "service_id", "date", "exception_type", optional=True)
        ids = tuple(dict.fromkeys((*_texts(regular, "service_id"), *_texts(special, "service_id"))))
        runs = np.zeros((len(ids), 7), bool)
        starts, ends = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
        at = _numbers(regular, "service_id", ids)
        runs[at] = np.column_stack([_flags(regular, day, "1") for day in weekdays]) if len(at) else runs[at]
        starts[at], ends[at] = _days(regular, "calendar.txt", "start_date"), _days(regular, "calendar.txt", "end_date")
        exceptions: dict[int, tuple[list[int], list[int]]] = {}
        numbers, days = _numbers(special, "service_id", ids), _days(special, "calendar_dates.txt", "date")
        for service, day, kind in zip(numbers.tolist(), days, _texts(special, "exception_type"), strict=True):
            exceptions.setdefault(day, ([], []))[kind != "1"].append(service)
        arrays = {day: (np.array(added, int), np.array(gone, int)) for day, (added, gone) in exceptions.items()}
        return Services(ids, runs, starts, ends, arrays)

    def _frequencies(self, trip_ids: Sequence[str]) -> tuple[Frequency, ...]:
        name = "frequencies.txt"
        table = self.table(name, "trip_id", "start_time", "end_time", "headway_secs", optional=True)
        table = self._known(table, name, "trip_id", trip_ids)
        trips, headways = _numbers(table, "trip_id", trip_ids), self._whole(table, name, "headway_secs")
        if (headways <= 0).any():
            raise FeedError(f"{name}: headway_secs: got {headways.min()}; expected seconds above 0")
        starts, ends = _seconds(table, name, "start_time"), _seconds(table, name, "end_time")
        return tuple(Frequency(*map(int, one)) for one in zip(trips, starts, ends, headways, strict=True))

    def _shapes(self) -> tuple[tuple[str, ...], tuple[Floats, ...]]:
        columns = ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence")
        table = self.table("shapes.txt", *columns, optional=True)
        points = table.select(
            "shape_id",
            pl.Series("latitude", self._degrees(table, "shape_pt_lat", 90)),
            pl.Series("longitude", self._degrees(table, "shape_pt_lon", 180)),
            pl.Series("sequence", self._whole(table, "shapes.txt", "shape_pt_sequence")),
        ).sort("shape_id", "sequence")
        parts = points.partition_by("shape_id", maintain_order=True)
        ids = tuple(str(part["shape_id"][0]) for part in parts)
        return ids, tuple(part.select("latitude", "longitude").to_numpy() for part in parts)

    def _transfers(self, stop_ids: Sequence[str]) -> dict[tuple[int, int], int | None]:
        table = self.table("transfers.txt", "from_stop_id", "to_stop_id", "transfer_type", optional=True)
        narrow = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")
        general = pl.all_horizontal(
            [pl.col(column) == "" for column in narrow if column in table.columns] or [pl.lit(True)]
        )
        table = self._known(table.filter(general), "transfers.txt", "from_stop_id", stop_ids)
        table = self._known(table, "transfers.txt", "to_stop_id", stop_ids)
        starts, ends = _numbers(table, "from_stop_id", stop_ids), _numbers(table, "to_stop_id", stop_ids)
        kinds, least = _texts(table, "transfer_type"), _texts(table, "min_transfer_time")
        return {
            (start, end): None if kind == "3" else int(seconds or 0)
            for start, end, kind, seconds in zip(starts.tolist(), ends.tolist(), kinds, least, strict=True)
            if kind in ("2", "3")
        }

    def _degrees(self, table: pl.DataFrame, column: str, most: float) -> Floats:
        """What is missing or no coordinate is NaN: nobody walks there."""
        if column not in table.columns:
            return np.full(table.height, np.nan)
        values = table[column].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().copy()
        values[~(np.abs(values) <= most)] = np.nan
        if np.isnan(values).any():
            self.faults[f"{column}: no coordinate"] += int(np.isnan(values).sum())
        return values

    def _whole(self, table: pl.DataFrame, name: str, column: str) -> Ints:
        values = table[column].cast(pl.Int64, strict=False)
        if values.null_count():
            raise FeedError(_said(table, name, column, values.is_null(), "a whole number"))
        return values.to_numpy()


def _texts(table: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(table[column]) if column in table.columns else ("",) * table.height


def _numbers(table: pl.DataFrame, column: str, ids: Sequence[str]) -> Ints:
    """The place of each text among ``ids``; -1 where it is not there."""
    if column not in table.columns:
        return np.full(table.height, -1, np.int64)
    places = {id: number for number, id in enumerate(ids)}
    return np.fromiter((places.get(id, -1) for id in table[column]), np.int64, table.height)


def _stations(stops: pl.DataFrame, stop_ids: Sequence[str]) -> Ints:
    parents = _numbers(stops, "parent_station", stop_ids)
    return np.where(parents < 0, np.arange(len(stop_ids)), parents)


def _flags(table: pl.DataFrame, column: str, *values: str, equal: bool = True) -> Flags:
    if column not in table.columns:
        return np.full(table.height, not equal)
    return np.asarray(table[column].is_in(list(values)).fill_null(False).to_numpy() == equal)


def _seconds(table: pl.DataFrame, name: str, column: str) -> Ints:
    """H:MM:SS or HH:MM:SS, also above 24:00:00; ``UNTIMED`` where there is nothing."""
    parts = table[column].str.extract_groups(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$").struct.unnest()
    hours, minutes, seconds = (parts[one].cast(pl.Int64) for one in parts.columns)
    values = hours * 3600 + minutes * 60 + seconds
    wrong = values.is_null() & (table[column] != "")
    if wrong.any():
        raise FeedError(_said(table, name, column, wrong, "HH:MM:SS"))
    return values.fill_null(UNTIMED).to_numpy()


def _days(table: pl.DataFrame, name: str, column: str) -> list[int]:
    values = table[column].str.to_date("%Y%m%d", strict=False)
    if values.null_count():
        raise FeedError(_said(table, name, column, values.is_null(), "YYYYMMDD"))
    return [day.toordinal() for day in values if isinstance(day, date)]


def _said(table: pl.DataFrame, name: str, column: str, wrong: pl.Series, expected: str) -> str:
    record = int(wrong.arg_true()[0])
    return f"{name}, record {record + 1}: {column}: got {table[column][record]!r}; expected {expected}"
