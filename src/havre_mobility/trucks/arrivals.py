"""Arrivals of trucks an hour at each gate, for the next day, from appointments (pure).

The model is the pickup model of revenue management (Talluri, van Ryzin: The Theory and Practice of Revenue Management,
2004, section 9.3) with a conjugate prior for the day:

1. How many appointments an hour gets in the end has a usual value: the gate's mean, times its weekday, times its hour.
2. A day at a gate is busier than usual by a factor. Its prior has a mean that follows the work on ships (1 where that
   is not known) and the spread seen in the past; the appointments that are there already, against those usually there
   so long before, make it sharper (Gamma and Poisson).
3. Appointments that are there come with the share that usually comes; those that are not there yet are expected.
4. Trucks come early and late: an appointment becomes arrivals in the hours around its slot, as seen in the past. Of an
   appointment whose truck is through already, nothing more is expected.

Hours of the profile are local (Europe/Paris by default): terminals and drivers live by the clock.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from havre_mobility.trucks.appointments import as_of
from havre_mobility.trucks.ship_work import Work

Floats = npt.NDArray[np.float64]
HOUR = timedelta(hours=1)
OFFSETS = np.arange(-6, 9)
"""Hours between slot and arrival that are looked at; what lies outside counts as not coming."""
LEADS = 120
"""Hours before the slot after which no appointment is expected to be there."""
Z90 = 1.2816
"""Of the normal distribution: P10 and P90 lie so many standard deviations from the mean."""


@dataclass(frozen=True, eq=False)
class ArrivalModel:
    gates: tuple[str, ...]
    zone: str
    usual: Floats = field(repr=False)
    """Gates by 7 weekdays by 24 local hours: appointments of an hour in the end."""
    known: Floats = field(repr=False)
    """By hours before the slot: the share of an hour's final appointments that are there then."""
    kept: Floats = field(repr=False)
    """By hours before the slot: the share of the appointments there that remain in their slot to the end."""
    offsets: Floats = field(repr=False)
    """By ``OFFSETS``: the share of trucks that come so many hours after the hour of their slot. Sums to less than 1."""
    shape: float
    """Of the Gamma prior of a day's factor: 1 over its variance."""
    slope: float
    """By how much the factor grows when the work on ships is twice what is usual."""
    work: Floats = field(repr=False)
    """The usual work on ships of each gate; 0 where it is not known."""


def learn(
    appointments: pl.DataFrame,
    passes: pl.DataFrame,
    since: datetime,
    until: datetime,
    zone: str = "Europe/Paris",
    work: Work | None = None,
) -> ArrivalModel:
    """From what was said and who came before ``until``; slots from ``since`` on. At least two weeks, better four.

    ``appointments``: columns as in ``appointments.COLUMNS``. ``passes``: time, gate, direction, kind, lane, booking.
    ``work``: on ships, as ``ship_work.history`` gives it.
    ``ValueError``: there are no appointments in that time.
    """
    final = as_of(appointments, until).filter(
        (pl.col("status") != "cancelled") & (pl.col("slot_starts_at") >= since) & (pl.col("slot_starts_at") < until)
    )
    if final.is_empty():
        raise ValueError(f"no appointments from {since} to {until}; expected some to learn from")
    gates = tuple(sorted(final["gate"].unique()))
    usual, days, factors = _usual(final, gates, zone, since, until)
    known, kept = _leads(appointments.filter(pl.col("said_at") <= until), final, since, until)
    shape, slope, ships = _prior(gates, days, factors, work or {})
    return ArrivalModel(gates, zone, usual, known, kept, _offsets(final, passes, until), shape, slope, ships)


def forecast(
    model: ArrivalModel,
    appointments: pl.DataFrame,
    passes: pl.DataFrame,
    origin: datetime,
    hours: int = 24,
    work: Work | None = None,
) -> pl.DataFrame:
    """Of each hour that begins at ``origin`` (a full hour) or in the hours after it, at each gate: columns hour, gate,
    expected, low, high (P10 and P90). Looks only at what was said and who came before ``origin``; ``work`` on ships is
    to be that which was known then."""
    first = -int(OFFSETS[-1])
    span = np.arange(first, hours - int(OFFSETS[0]))  # slots whose trucks may come in these hours
    slots = [origin + int(step) * HOUR for step in span]
    there = _there(model, appointments, passes, origin, slots)
    lead = np.clip(span, 0, LEADS - 1)
    usual = _of_slots(model, slots)
    missing = np.where(span > 0, 1 - model.known[lead], 0.0)
    factor, spread = _factors(model, slots, there[1] * model.kept[lead], usual * model.known[lead], work or {})
    certain = there[0] * model.kept[lead]
    to_come = factor * usual * missing
    # rows: slots, columns: hours of the forecast
    weights = _weights(model.offsets, span, hours)
    booked, unbooked = certain @ weights, to_come @ weights
    expected = booked + unbooked
    # those that are booked come or not; of the others, their number is uncertain as well, and the day's factor
    deviation = np.sqrt(certain @ (weights * (1 - weights)) + unbooked + ((spread * usual * missing) @ weights) ** 2)
    frame = {
        "hour": [origin + step * HOUR for _ in model.gates for step in range(hours)],
        "gate": [gate for gate in model.gates for _ in range(hours)],
        "expected": expected.ravel(),
        "low": np.maximum(expected - Z90 * deviation, 0).ravel(),
        "high": (expected + Z90 * deviation).ravel(),
    }
    return pl.DataFrame(frame, schema_overrides={"hour": pl.Datetime("us", "UTC")}).sort("hour", "gate")


def _usual(
    final: pl.DataFrame, gates: tuple[str, ...], zone: str, since: datetime, until: datetime
) -> tuple[Floats, list[date], Floats]:
    """Rule 1, the full local days, and the appointments of each gate and full local day against what is usual there."""
    local = pl.col("slot_starts_at").dt.convert_time_zone(zone)
    slots = final.select("gate", local.dt.date().alias("day"), local.dt.hour().alias("hour"))
    calendar = (
        pl.datetime_range(since, until - HOUR, "1h", time_zone="UTC", eager=True).dt.convert_time_zone(zone).dt.date()
    )
    full = calendar.value_counts().filter(pl.col("count") >= 23)[calendar.name].sort().to_list()
    places = {day: number for number, day in enumerate(full)}
    counts = np.zeros((len(gates), len(full), 24))
    for gate, day, hour in slots.iter_rows():
        if day in places:
            counts[gates.index(gate), places[day], hour] += 1
    weekday = np.array([day.weekday() for day in full])
    by_day = counts.sum(axis=2)
    gate_mean = by_day.mean(axis=1)
    levels = np.array([by_day[:, weekday == one].sum() if (weekday == one).any() else 0.0 for one in range(7)])
    weekdays = levels / np.maximum(np.bincount(weekday, minlength=7), 1) / max(gate_mean.sum(), 1e-9)
    hours = counts.sum(axis=(0, 1)) / max(counts.sum(), 1.0)
    usual = gate_mean[:, None, None] * weekdays[None, :, None] * hours[None, None, :]
    return usual, full, by_day / np.maximum(usual.sum(axis=2)[:, weekday], 1e-9)


def _prior(gates: tuple[str, ...], days: list[date], factors: Floats, work: Work) -> tuple[float, float, Floats]:
    """Of the days' factors: the shape, and how they follow the work on ships. A spread that is left below 5 % or above
    100 % is not believed, nor a slope below 0 or above 1."""
    ships = np.array([[work.get((gate, day), np.nan) for day in days] for gate in gates])
    means = np.array([row[~np.isnan(row)].mean() if (~np.isnan(row)).any() else 0.0 for row in ships])
    relative = np.nan_to_num(ships / np.where(means > 0, means, np.inf)[:, None] - 1) * (means > 0)[:, None]
    slope = float(np.clip((relative * (factors - 1)).sum() / max((relative**2).sum(), 1e-9), 0, 1))
    left = factors - 1 - slope * relative
    return float(1 / np.clip(np.var(left), 0.05**2, 1.0)), slope, means


def _leads(said: pl.DataFrame, final: pl.DataFrame, since: datetime, until: datetime) -> tuple[Floats, Floats]:
    """``known`` and ``kept``: for each lead, how many were there in slots of that time, and how many of them stayed."""
    ordered = said.sort("said_at", maintain_order=True).with_columns(
        pl.col("said_at").shift(-1).over("booking").alias("until")
    )
    inside = (pl.col("slot_starts_at") >= since) & (pl.col("slot_starts_at") < until)
    spells = ordered.filter((pl.col("status") != "cancelled") & inside).join(
        final.select("booking", pl.col("slot_starts_at").alias("last")), "booking", "left"
    )
    begins = ((pl.col("slot_starts_at") - pl.col("said_at")).dt.total_seconds() / 3600).alias("begins")
    ends = ((pl.col("slot_starts_at") - pl.col("until")).dt.total_seconds() / 3600).fill_null(-1e9).alias("ends")
    stays = (pl.col("last") == pl.col("slot_starts_at")).fill_null(False).alias("stays")
    begin, end, stay = (spells.select(begins, ends, stays)[name].to_numpy() for name in ("begins", "ends", "stays"))
    leads = np.arange(LEADS)[:, None]
    there = (begin >= leads) & (end < leads)
    stayed = (there & stay).sum(axis=1)
    return stayed / max(int(stay.sum()), 1), stayed / np.maximum(there.sum(axis=1), 1)


def _offsets(final: pl.DataFrame, passes: pl.DataFrame, until: datetime) -> Floats:
    """Rule 4, from slots that are over for long enough."""
    over = final.filter(pl.col("slot_starts_at") < until - int(OFFSETS[-1]) * HOUR)
    came = _came(passes, until)
    both = over.join(came, "booking")
    hours = (both["time"].dt.truncate("1h") - both["slot_starts_at"].dt.truncate("1h")).dt.total_hours().to_numpy()
    return np.array([(hours == offset).sum() for offset in OFFSETS]) / max(over.height, 1)


def _came(passes: pl.DataFrame, until: datetime) -> pl.DataFrame:
    inside = passes.filter((pl.col("direction") == "in") & (pl.col("kind") == "truck") & (pl.col("time") < until))
    return inside.filter(pl.col("booking") != "").select("booking", "time")


def _there(
    model: ArrivalModel, appointments: pl.DataFrame, passes: pl.DataFrame, origin: datetime, slots: list[datetime]
) -> tuple[Floats, Floats]:
    """Appointments that stand at ``origin`` by gate and slot: those whose truck has not come yet, and all."""
    standing = as_of(appointments, origin).filter(pl.col("status") != "cancelled")
    came = _came(passes, origin)["booking"].unique()
    counts = []
    for some in (standing.filter(~pl.col("booking").is_in(came.to_list())), standing):
        found = np.zeros((len(model.gates), len(slots)))
        groups = some.group_by("gate", pl.col("slot_starts_at").dt.truncate("1h")).len()
        for gate, slot, count in groups.iter_rows():
            step = (slot - slots[0]) // HOUR
            if gate in model.gates and 0 <= step < len(slots):
                found[model.gates.index(gate), step] = count
        counts.append(found)
    return counts[0], counts[1]


def _of_slots(model: ArrivalModel, slots: list[datetime]) -> Floats:
    """What is usual, gates by slots."""
    local = pl.Series(slots, dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(model.zone)
    return np.asarray(model.usual[:, (local.dt.weekday() - 1).to_numpy(), local.dt.hour().to_numpy()])


def _factors(
    model: ArrivalModel, slots: list[datetime], there: Floats, usual: Floats, work: Work
) -> tuple[Floats, Floats]:
    """Rule 2: the mean and the spread of the factor of each slot's local day, gates by slots. ``there``: appointments
    that stand and will be kept; ``usual``: those usually there so long before."""
    days = pl.Series(slots, dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(model.zone).dt.date()
    mean, spread = np.ones_like(usual), np.ones_like(usual)
    for day in days.unique().to_list():
        of_day = (days == day).to_numpy()
        prior = np.array([_busy(model, number, work.get((gate, day))) for number, gate in enumerate(model.gates)])
        seen, wanted = there[:, of_day].sum(axis=1), usual[:, of_day].sum(axis=1)
        mean[:, of_day] = ((model.shape + seen) / (model.shape / prior + wanted))[:, None]
        spread[:, of_day] = mean[:, of_day] / np.sqrt(model.shape + seen)[:, None]
    return mean, spread


def _busy(model: ArrivalModel, gate: int, work: float | None) -> float:
    """The mean of the prior, at least a fifth of a usual day."""
    usual = float(model.work[gate])
    return 1.0 if work is None or usual == 0 else max(1 + model.slope * (work / usual - 1), 0.2)


def _weights(offsets: Floats, span: npt.NDArray[np.int64], hours: int) -> Floats:
    """Slots by hours: the share of a slot's trucks that come in an hour, given that they did not come before hour 0."""
    arrive = np.zeros((len(span), hours))
    for row, slot in enumerate(span):
        before = offsets[slot + OFFSETS < 0].sum()
        for offset, share in zip(OFFSETS, offsets, strict=True):
            if 0 <= slot + offset < hours:
                arrive[row, slot + offset] = share / max(1 - before, 1e-9)
    return arrive
