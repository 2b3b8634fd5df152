"""The view that the pages show: levels, streets, the collections of the weeks to come (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from havre_waste.field.model import Basis, Collection, Doubt, Fault, Level, Street
from havre_waste.levels import Levels, projected
from havre_waste.sites.city import City, Stop
from havre_waste.sites.model import Flow, Site

AHEAD = tuple(timedelta(hours=one) for one in (0, 3, 6, 12, 18, 24, 36, 48, 60, 72, 96, 120, 144, 168, 216, 264, 336))
"""When levels to come are looked at; what is full later than the last is beyond what is estimated."""
Z = (1.2816, 0.0, -1.2816)
"""Early, likely, late: the fuller the level, the earlier it is full."""
WEEKS = 4
ROUND_HOURS = timedelta(hours=8)


def full_at(state: Levels, now: datetime) -> list[tuple[datetime | None, datetime | None, datetime | None]]:
    """When each container is full, if nothing is emptied; straight on between the looks."""
    looks = [projected(state, now + ahead) for ahead in AHEAD]
    hours = np.array([ahead / timedelta(hours=1) for ahead in AHEAD])
    columns = []
    for z in Z:
        fills = np.array([one.quantile(z) for one in looks])
        columns.append([_crossed(hours, fills[:, row], now) for row in range(fills.shape[1])])
    return list(zip(*columns, strict=True))


def _crossed(hours: "np.ndarray[tuple[int], np.dtype[np.float64]]", fill: object, now: datetime) -> datetime | None:
    fills = np.asarray(fill, float)
    over = np.flatnonzero(fills >= 1.0)
    if not over.size:
        return None
    at = int(over[0])
    if at == 0:
        return now
    part = (1.0 - fills[at - 1]) / max(fills[at] - fills[at - 1], 1e-9)
    return now + timedelta(hours=float(hours[at - 1] + part * (hours[at] - hours[at - 1])))


def levels(
    city: City,
    state: Levels,
    found: pl.DataFrame,
    faults: Mapping[str, tuple[str, datetime]],
    usual: Mapping[str, datetime],
    now: datetime,
) -> tuple[Level, ...]:
    """``found``: the product ``levels`` of now; ``usual``: when a fixed round comes next to each."""
    full = full_at(state, now)
    good = state.watch.good_at
    shown = []
    for row, one in enumerate(found.iter_rows(named=True)):
        container = city.containers[one["container"]]
        site = city.sites[container.site]
        fault = faults.get(container.id)
        seen = float(good[row])
        shown.append(
            Level(
                container.id, site.id, site.name, (site.longitude, site.latitude), container.flow, now,
                one["p10"], one["p50"], one["p90"], one["overflow_p"], Basis(one["basis"]), full[row],
                datetime.fromtimestamp(seen, UTC) if seen == seen else None,
                None if fault is None else Fault(Doubt(fault[0]), fault[1]), usual.get(container.id),
            )
        )  # fmt: skip
    return tuple(shown)


def streets(city: City) -> tuple[Street, ...]:
    """Those in which a site stands; each has the collections of its sites."""
    by_name: dict[tuple[str, str], list[Site]] = {}
    for site in city.sites.values():
        if site.street:
            by_name.setdefault((site.street, site.commune), []).append(site)
    return tuple(
        Street(sites[0].id, name, commune, sites[0].id, tuple(one.id for one in sites))
        for (name, commune), sites in sorted(by_name.items())
    )


def collections(city: City, known: Sequence[Street], zone: ZoneInfo, today: date) -> tuple[Collection, ...]:
    """Of the fixed rounds, for ``WEEKS``: a street is collected on the days on which one of its sites is.

    Nobody waits for the day on which litter bins are emptied: they are left out.
    """
    street_of = {site: street.zone for street in known for site in street.sites}
    days: dict[tuple[str, Flow], set[tuple[int, str]]] = {}
    begins: dict[tuple[str, Flow], int] = {}
    for stop in city.rounds:
        container = city.containers.get(stop.container)
        if container is None or container.flow is Flow.LITTER or container.site not in street_of:
            continue
        key = street_of[container.site], container.flow
        days.setdefault(key, set()).add((stop.weekday, stop.weeks))
        begins[key] = min(begins.get(key, 1440), city.trucks[stop.truck].shift.opens)
    return tuple(
        sorted(
            (one for key, when in days.items() for one in _collections(key, when, begins[key], zone, today)),
            key=lambda one: (one.starts_at, one.zone, one.flow),
        )
    )


def _collections(
    of: tuple[str, Flow], when: set[tuple[int, str]], opens: int, zone: ZoneInfo, today: date
) -> Iterator[Collection]:
    for ahead in range(7 * WEEKS):
        day = today + timedelta(days=ahead)
        if any(driven(weekday, weeks, day) for weekday, weeks in when):
            starts = datetime.combine(day, time(opens // 60, opens % 60), zone)
            yield Collection(of[0], of[1], starts.astimezone(UTC), (starts + ROUND_HOURS).astimezone(UTC))


def driven(weekday: int, weeks: str, day: date) -> bool:
    """Whether a fixed round of that weekday and those ISO weeks (all, even, odd) is driven on the day."""
    return weekday == day.weekday() and weeks in ("all", "even" if day.isocalendar().week % 2 == 0 else "odd")


def next_fixed(
    rounds: Sequence[Stop], opens: Mapping[str, int], zone: ZoneInfo, now: datetime, planned: date | None
) -> dict[str, datetime]:
    """When each container is on a fixed round next, after ``now``, and after the day that is ``planned``: the plan
    stands for the fixed rounds of that day."""
    found: dict[str, datetime] = {}
    today = now.astimezone(zone).date()
    first = today if planned is None else max(today, planned + timedelta(days=1))
    for ahead in range(15):
        day = first + timedelta(days=ahead)
        for stop in rounds:
            if stop.container not in found and driven(stop.weekday, stop.weeks, day):
                opened = opens[stop.truck]
                at = datetime.combine(day, time(opened // 60, opened % 60), zone) + timedelta(hours=4)
                if at > now:
                    found[stop.container] = at.astimezone(UTC)
    return found
