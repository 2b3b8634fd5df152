"""Pictures made by hand: a busy moment of a port, and the ways in which a picture can be poor."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from havre_mobility.picture.model import (
    Bridge,
    Expected,
    Feed,
    Gate,
    Health,
    How,
    Level,
    Line,
    Mode,
    Next,
    Opening,
    Picture,
    Place,
    Respect,
    Road,
    Said,
    Ship,
    Slot,
    Tide,
    Wait,
)

NOW = datetime(2026, 3, 4, 7, 42, tzinfo=UTC)
"""A Wednesday; 08:42 in Paris."""
SLOTS = (Slot(time(7, 15), time(8, 15)), Slot(time(12), time(13)), Slot(time(16, 45), time(17, 30)))


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def expected(minutes: float, less: float = 1, more: float = 2) -> Expected:
    return Expected(after(minutes - less), after(minutes), after(minutes + more))


MESSAGE = Said("bridge_messages", How.MESSAGE, after(-11))
FORECAST = Said("ais", How.FORECAST, after(-0.1))
SEEN = Said("ais", How.OBSERVED, after(-6))
BY_GATES = Said("gates", How.OBSERVED, after(-0.5))

FEEDS = (
    Feed("ais", Health.OK, after(-0.05), timedelta(seconds=1.4)),
    Feed("bridge_messages", Health.OK, after(-11), timedelta(seconds=0.6), patience=None),
    Feed("gates", Health.OK, after(-0.4), timedelta(seconds=3)),
    Feed("appointments", Health.OK, after(-3), timedelta(seconds=12)),
    Feed("trips", Health.OK, after(-0.5), timedelta(seconds=8)),
    Feed("tide", Health.OK, after(-2), timedelta(0), patience=None),
)


def _bridge(id: str, name: str, at: tuple[float, float], road: Road, said: Said | None, **more: Any) -> Bridge:
    return Bridge(id, name, at[0], at[1], road, said, reserved=more.pop("reserved", ()), **more)


def bridges() -> tuple[Bridge, ...]:
    low = (0.02, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.14, 0.18, 0.2, 0.16)
    rising = (0.01, 0.04, 0.55, 0.92, 0.94, 0.6, 0.15, 0.05, 0.03, 0.02, 0.02, 0.02)
    kept = Respect(14, 15)
    return (
        _bridge(
            "bridge-rouge", "Pont Rouge", (0.151, 49.487), Road.ANNOUNCED, MESSAGE, since=after(-11),
            opening=Opening(expected(12), expected(26, 2, 6), MESSAGE, "NORMAN BREEZE"),
            likelihood=rising, likelihood_said=FORECAST, reserved=SLOTS, respect=kept,
        ),
        _bridge("bridge-5", "Pont V", (0.152, 49.480), Road.SHUT, Said("closures", How.MESSAGE, after(-9000)),
                reason="hit_by_barge", detour=("Pont VI", "Écluse Vétillard")),
        _bridge("bridge-6", "Pont VI", (0.163, 49.482), Road.OPEN, SEEN, since=after(-95),
                likelihood=(0.01,) * 12, likelihood_said=FORECAST),
        _bridge(
            "bridge-7", "Pont VII", (0.180, 49.478), Road.CLOSED, SEEN, since=after(-6),
            opening=Opening(Expected.known(after(-6)), expected(7, 2, 3), SEEN, "CAP D’AUTOMNE"),
            likelihood=(1.0, 0.7, 0.1, *low[3:]), likelihood_said=FORECAST, reserved=SLOTS, respect=Respect(15, 15),
        ),
        _bridge("bridge-7bis", "Pont VII bis", (0.182, 49.479), Road.OPEN, SEEN, since=after(-40),
                likelihood=(0.02,) * 6 + (0.2, 0.42, 0.45, 0.3, 0.1, 0.05), likelihood_said=FORECAST, reserved=SLOTS),
    )  # fmt: skip


def ships() -> tuple[Ship, ...]:
    return (
        Ship(227_000_101, "NORMAN BREEZE", "cargo", 0.136, 49.4805, 62, 5.2, after(-0.1),
             Next(Place.BRIDGE, "Pont Rouge", expected(14), FORECAST)),
        Ship(228_000_202, "CAP D’AUTOMNE", "tanker", 0.178, 49.4765, 80, 2.1, after(-0.1),
             Next(Place.BERTH, "BASIN-3", expected(25, 5, 9), FORECAST)),
        Ship(235_000_303, "ESTUARY QUEEN", "passenger", 0.02, 49.492, 96, 11.8, after(-0.2),
             Next(Place.BERTH, "FERRY-1", expected(38, 3, 4), FORECAST)),
        Ship(226_000_404, "ABEILLE DU PORT", "tug", 0.1138, 49.4838, None, 0.0, after(-0.5)),
        Ship(244_000_505, "SCHELDE TRADER", "cargo", 0.210, 49.4655, 270, 6.3, after(-9),
             Next(Place.LOCK, "Écluse François 1er", expected(12), FORECAST)),
        Ship(211_000_606, "", "other", 0.16, 49.470, 10, 31.0, after(-0.1), doubted=True),
        Ship(219_000_707, "KATTEGAT STAR", "cargo", 0.187, 49.4730, 265, 1.0, after(-0.1),
             Next(Place.LOCK, "Écluse François 1er", expected(3), FORECAST)),
        Ship(538_000_808, "PACIFIC LANTERN", "cargo", 0.117, 49.4705, 120, 7.4, after(-0.1),
             Next(Place.BERTH, "P2000-4", expected(31, 5, 8), FORECAST)),
    )  # fmt: skip


def gates() -> tuple[Gate, ...]:
    def waits(*p50: float) -> tuple[Wait, ...]:
        return tuple(Wait(after(10 * n), one * 0.6, one, one * 1.7) for n, one in enumerate(p50))

    busy = waits(34, 38, 41, 36, 28, 19)
    calm = waits(4, 5, 6, 5, 4, 3)
    return (
        Gate("gate-1", "Port 2000", 0.176, 49.469, BY_GATES, 47, busy, Wait(after(95), 5, 9, 14)),
        Gate("gate-2", "Terminal des marées", 0.150, 49.4785, BY_GATES, 1, calm),
    )


def lines() -> tuple[Line, ...]:
    live = Said("trips", How.FORECAST, after(-0.5))
    return (
        Line("A", "A", Mode.TRAM, live, "Pont Rouge", after(12), after(26), timedelta(minutes=8)),
        Line("9", "9", Mode.BUS, live, "Pont V", after(-9000), None, timedelta(minutes=6)),
    )


def tide() -> Tide:
    curve = tuple(Level(after(30 * n), 4.9 + 3.1 * (1 - (n - 5) ** 2 / 25) - 1.5) for n in range(13))
    said = Said("tide", How.TIMETABLE, after(-2))
    return Tide(said, 3.4, True, Level(after(150), 6.5), Level(after(520), 1.9), curve)


def busy() -> Picture:
    """All feeds are well and something is going on everywhere."""
    return Picture(NOW, ships(), bridges(), gates(), lines(), tide(), FEEDS)


def with_feed(picture: Picture, id: str, **changed: Any) -> Picture:
    feeds = tuple(replace(feed, **changed) if feed.id == id else feed for feed in picture.feeds)
    return replace(picture, feeds=feeds)


def no_ships() -> Picture:
    return replace(busy(), ships=())


def ais_stale() -> Picture:
    return with_feed(busy(), "ais", last_input=after(-7))


def falsified() -> Picture:
    return with_feed(busy(), "ais", health=Health.DOUBTED)


def all_dead() -> Picture:
    dead = tuple(replace(feed, health=Health.DEAD) for feed in FEEDS)
    return replace(busy(), feeds=dead)


def empty() -> Picture:
    return Picture(NOW)


ALL = {one.__name__: one for one in (busy, no_ships, ais_stale, falsified, all_dead, empty)}
