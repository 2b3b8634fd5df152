"""How good the rounds are on problems that others have solved, each searched for once on one core.

- ``kim_mean_gap_pct``: Kim, Kim & Sahoo, "Waste collection vehicle routing problem with time windows" (Computers &
  Operations Research 33(12), 2006), the five problems of 102 to 1,351 stops, with the paper's fleets, ``SECONDS`` each:
  the mean of how much farther the rounds drive than the paper's. The paper minimised vehicles and time, and wanted
  compact and balanced rounds; so it is *against Kim 2006*, not against the best that is known.
  ``kim_broken``: what the independent checker finds broken in all of them: windows, one hour of lunch that begins
  between 11 and 12, home empty, loads a trip and a day, stops a day.
- ``cvrp_x_gap_pct``: eight instances X of Uchoa et al. (2017), of 100 to 392 stops, ``X_SECONDS`` each: the mean of how
  much farther than the best known. Capacity is all they have: the adapter loses nothing of what the solver can.
- ``montevideo_broken``, ``montevideo_hours``: ``ch_du_rm_cl_05`` with its own travel times: 108 containers of a night,
  one truck of 10 tonnes, more than one trip; hours of the round.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.scores.results import DATA, Record, Said, Values
from havre_waste.rounds.checker import check
from havre_waste.rounds.model import Lunch, Matrix, Plan, Problem, Stop, Tip, Vehicle, Window, cost
from havre_waste.rounds.planning import Stopping, plan

HOUR, MINUTE = 3600, 60
FOLDER = DATA / "vrp_kim_2006_waste"
X_FOLDER = Path(__file__).parents[1] / "data/cvrp_x"
MONTEVIDEO_FOLDER = DATA / "vrp_waste_montevideo/tests"
FLEETS = {102: 3, 277: 3, 335: 6, 804: 5, 1351: 7}
MILES = {102: 205.1, 277: 527.3, 335: 205.0, 804: 769.5, 1351: 1039.7}
FEET = 5280
SECONDS, X_SECONDS = 120.0, 30.0
X = ("X-n101-k25", "X-n148-k46", "X-n195-k51", "X-n228-k23", "X-n266-k58", "X-n303-k21", "X-n351-k40", "X-n393-k38")
NOT_THERE = 1 << 40
METRE = 0.1
"""EUR a kilometre at which one metre costs one unit of the solver."""


def problem(folder: Path, stops: int) -> Problem:
    """A problem of Kim. Metres are feet here, kilograms half cubic yards."""
    lines = (folder / f"{stops}_stop.txt").read_text().splitlines()
    load, load_a_day, stops_a_day, lunch, mph = (float(line.split()[0]) for line in lines[:5])
    rows = [line.split() for line in lines[6:] if line.strip()]
    xy = np.array([[float(row[1]), float(row[2])] for row in rows])
    feet = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    seconds = np.ceil(feet / FEET * HOUR / mph).astype(np.int64)
    matrix = Matrix(np.rint(feet).astype(np.int64), seconds, f"Manhattan, feet, {mph:g} miles an hour")
    depot = next(number for number, row in enumerate(rows) if row[7] == "0")
    vehicle = Vehicle(
        "", depot, depot, _window(rows[depot]), round(2 * load), Lunch(11 * HOUR, 12 * HOUR, int(lunch)),
        kg_a_day=round(2 * load_a_day), stops_a_day=int(stops_a_day), eur_per_km=METRE, eur_per_hour=0,
    )  # fmt: skip
    targets = [(number, row[0], round(float(row[5])), (_window(row),), row) for number, row in enumerate(rows)]
    return Problem(
        tuple(
            Stop(name, at, round(2 * float(row[6])), service, windows)
            for at, name, service, windows, row in targets
            if row[7] == "1"
        ),
        tuple(_named(vehicle, number) for number in range(FLEETS[stops])),
        tuple(Tip(name, at, service, windows) for at, name, service, windows, row in targets if row[7] == "2"),
        matrix,
    )


def _window(row: Sequence[str]) -> Window:
    """HHMM."""
    opens, closes = (int(one) // 100 * HOUR + int(one) % 100 * MINUTE for one in row[3:5])
    return Window(opens, closes)


def _named(vehicle: Vehicle, number: int) -> Vehicle:
    return Vehicle(**{**vehicle.__dict__, "id": f"truck-{number + 1}"})


def kim(folder: Path, seconds: float = SECONDS) -> Values:
    gaps, broken = [], 0
    for stops, miles in MILES.items():
        given = problem(folder, stops)
        found = _searched(f"{stops} stops", given, seconds, lambda one, known=miles: one.metres / FEET / known)
        gaps.append(100 * (found.metres / FEET / miles - 1))
        broken += len(check(given, found)) + len(found.left_out)
    return {"kim_mean_gap_pct": float(np.mean(gaps)), "kim_broken": broken}


def x_instance(file: Path) -> Problem:
    """Of VRPLIB, with distances rounded to whole numbers as the instances want them."""
    lines = file.read_text().split()
    size, load = int(lines[lines.index("DIMENSION") + 2]), int(lines[lines.index("CAPACITY") + 2])
    begins, loads = lines.index("NODE_COORD_SECTION") + 1, lines.index("DEMAND_SECTION") + 1
    xy = np.array(lines[begins : begins + 3 * size], dtype=float).reshape(size, 3)[:, 1:]
    kg = [int(one) for one in lines[loads + 1 : loads + 2 * size : 2]]
    metres = np.rint(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)
    trucks = -(-sum(kg) * 13 // (load * 10)) + 2
    return Problem(
        tuple(Stop(str(at), at, kg[at]) for at in range(1, size)),
        tuple(
            Vehicle(str(number), 0, 0, Window(0, 1 << 30), load, eur_per_km=METRE, eur_per_hour=0)
            for number in range(trucks)
        ),
        (),
        Matrix(metres, metres, "Euclidean, rounded"),
    )


def x(folder: Path, seconds: float = X_SECONDS, names: Sequence[str] = X) -> Values:
    gaps = []
    for name in names:
        given = x_instance(folder / f"{name}.vrp")
        best = float((folder / f"{name}.sol").read_text().split()[-1])
        found = _searched(name, given, seconds, lambda one, known=best: one.metres / known)
        assert check(given, found) == ()
        gaps.append(100 * (found.metres / best - 1))
    return {"cvrp_x_gap_pct": float(np.mean(gaps))}


def montevideo_problem(folder: Path, name: str = "ch_du_rm_cl_05") -> Problem:
    """Minutes in the files; metres are not in them, so ways are counted as seconds. Six pairs of places are not in
    the file of ``ch_du_rm_cl_05``: their way goes over a third place."""

    def rows(what: str) -> list[list[float]]:
        text = (folder / f"{name}.{what}.txt").read_text().splitlines()
        return [[float(one) for one in line.split()] for line in text if line.strip() and not line.startswith("#")]

    containers, (truck, *_) = rows("containers"), rows("vehicles")
    number: dict[int, int] = {}
    for one in (*(row[0] for row in containers), *truck[1:4]):
        number.setdefault(int(one), len(number))
    seconds = np.full((len(number), len(number)), NOT_THERE, dtype=np.int64)
    np.fill_diagonal(seconds, 0)
    for begin, finish, minutes in rows("dmatrix-time"):
        if int(begin) in number and int(finish) in number and begin != finish:
            seconds[number[int(begin)], number[int(finish)]] = round(minutes * MINUTE)
    for begin, finish in np.argwhere(seconds == NOT_THERE).tolist():
        seconds[begin, finish] = (seconds[begin] + seconds[:, finish]).min()
    start, dump, end = (number[int(one)] for one in truck[1:4])
    return Problem(
        tuple(
            Stop(str(int(one[0])), number[int(one[0])], round(one[5]), round(one[6] * MINUTE), (_minutes(one[3:5]),))
            for one in containers
        ),
        (Vehicle("truck", start, end, _minutes(truck[6:8]), round(truck[5]), eur_per_km=0, eur_per_hour=36.0),),
        (Tip("dump", dump, round(truck[4] * MINUTE)),),
        Matrix(seconds, seconds, "travel times of the instance (OSRM)"),
    )


def _minutes(both: Sequence[float]) -> Window:
    return Window(round(both[0] * MINUTE), round(both[1] * MINUTE))


def montevideo(folder: Path, seconds: float = 20.0) -> Values:
    given = montevideo_problem(folder)
    found = _searched("Montevideo", given, seconds, lambda one: one.seconds / HOUR)
    broken = len(check(given, found)) + len(found.left_out)
    return {"montevideo_broken": broken, "montevideo_hours": found.seconds / HOUR}


def _searched(name: str, given: Problem, seconds: float, told: Callable[[Plan], float]) -> Plan:
    begun = time.perf_counter()
    found = plan(given, stop=Stopping(seconds=seconds))
    print(f"{name}: {told(found):.4f}, {cost(given, found):.1f} EUR, {time.perf_counter() - begun:.0f} s", flush=True)
    return found


KIM_SAID: Said = {"kim_mean_gap_pct": ("%", "<= -17"), "kim_broken": ("", "<= 0")}
KIM = Record(FOLDER, KIM_SAID, kim)
X_SAID: Said = {"cvrp_x_gap_pct": ("%", "<= 1")}
X_RECORD = Record(X_FOLDER, X_SAID, x)
MONTEVIDEO_SAID: Said = {"montevideo_broken": ("", "<= 0"), "montevideo_hours": ("h", "")}
MONTEVIDEO = Record(MONTEVIDEO_FOLDER, MONTEVIDEO_SAID, montevideo)
