"""Small problems: places on a grid, a truck or three, one plant or two."""

import numpy as np
from hypothesis import strategies as st

from havre_waste.rounds.model import Lunch, Matrix, Problem, Stop, Tip, Vehicle, Window

HOUR = 3600
LUNCH = Lunch(11 * HOUR, 12 * HOUR, HOUR // 2)


def grid(points: list[tuple[int, int]]) -> Matrix:
    """Manhattan distances in metres, at 10 m/s."""
    xy = np.array(points, dtype=np.int64).reshape(-1, 2)
    metres = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    return Matrix(metres, metres // 10, "a grid")


def truck(name: str = "a", **said: object) -> Vehicle:
    return Vehicle(**{"id": name, "start": 0, "end": 0, "shift": Window(6 * HOUR, 14 * HOUR), "kg": 1000, **said})  # type: ignore[arg-type]


def line(stops: int, **said: object) -> tuple[Stop, ...]:
    """Stops at the places from 2 on, 300 kg each."""
    return tuple(Stop(**{"id": f"s{n}", "place": n + 2, "kg": 300, "service": 60, **said}) for n in range(stops))  # type: ignore[arg-type]


def street(stops: int) -> Matrix:
    """The depot, a plant 5 km from it, and stops a kilometre from each other on the way."""
    return grid([(0, 0), (5000, 0), *((1000 * (n + 1), 100) for n in range(stops))])


def problem(count: int = 6, **said: object) -> Problem:
    given = {"stops": line(count), "vehicles": (truck(lunch=LUNCH),), "tips": (Tip("plant", 1, 600),), **said}
    return Problem(matrix=street(count), **given)  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """With everything that a problem can have; some have no plan."""
    count = draw(st.integers(1, 8))
    cell = st.integers(0, 8).map(lambda n: n * 1000)
    points = draw(st.lists(st.tuples(cell, cell), min_size=count + 4, max_size=count + 4))
    names = [f"t{n}" for n in range(draw(st.integers(1, 3)))]
    lunch = draw(st.sampled_from([None, LUNCH]))
    shifts = st.sampled_from([Window(6 * HOUR, 15 * HOUR), Window(9 * HOUR, 18 * HOUR)])
    vehicles = tuple(
        Vehicle(
            name,
            0,
            draw(st.sampled_from([0, 1])),
            draw(shifts),
            draw(st.sampled_from([900, 1500])),
            lunch,
            kg_a_day=draw(st.sampled_from([None, 2000])),
            stops_a_day=draw(st.sampled_from([None, 6])),
            stops_a_trip=draw(st.sampled_from([None, 4])),
            eur_a_day=draw(st.sampled_from([0.0, 100.0])),
        )
        for name in names
    )
    wide = st.sampled_from(
        [(), (Window(7 * HOUR, 11 * HOUR),), (Window(6 * HOUR, 9 * HOUR), Window(12 * HOUR, 14 * HOUR))]
    )
    who = st.sampled_from([None, frozenset(names[:1])])
    stops = tuple(
        Stop(
            f"s{n}",
            n + 4,
            draw(st.integers(0, 600)),
            draw(st.integers(0, 900)),
            draw(wide),
            draw(who),
            draw(st.sampled_from([None, 5.0])),
        )
        for n in range(count)
    )
    tips = (Tip("p", 2, 600, (Window(6 * HOUR, 17 * HOUR),)), Tip("q", 3, 300))
    return Problem(stops, vehicles, tips[: draw(st.integers(0, 2))], grid(points))
