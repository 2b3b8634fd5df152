"""x"""

from pathlib import Path
import numpy as np
from havre_waste.rounds.model import *

FLEETS = {102: 3, 277: 3, 335: 6, 804: 5, 1351: 7}
KIM = {102: 205.1, 277: 527.3, 335: 205.0, 804: 769.5, 1351: 1039.7}


def kim(folder: Path, stops: int) -> Problem:
    lines = (folder / f"{stops}_stop.txt").read_text().splitlines()
    kg, kg_a_day, stops_a_day, lunch, mph = (float(line.split()[0]) for line in lines[:5])
    rows = [line.split() for line in lines[6:] if line.strip()]
    xy = np.array([[float(one[1]), float(one[2])] for one in rows])
    feet = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    matrix = Matrix(
        np.rint(feet).astype(np.int64), np.ceil(feet / 5280 * 3600 / mph).astype(np.int64), "Manhattan, feet"
    )

    def w(one):
        a, b = (int(x) // 100 * 3600 + int(x) % 100 * 60 for x in one[3:5])
        return (Window(a, b),)

    st = tuple(
        Stop(one[0], i, round(2 * float(one[6])), int(float(one[5])), w(one))
        for i, one in enumerate(rows)
        if one[7] == "1"
    )
    tips = tuple(Tip(one[0], i, int(float(one[5])), w(one)) for i, one in enumerate(rows) if one[7] == "2")
    dep = next(i for i, one in enumerate(rows) if one[7] == "0")
    vs = tuple(
        Vehicle(
            str(k),
            dep,
            dep,
            w(rows[dep])[0],
            round(2 * kg),
            Lunch(11 * 3600, 12 * 3600, int(lunch)),
            kg_a_day=round(2 * kg_a_day),
            stops_a_day=int(stops_a_day),
            eur_per_km=0.1,
            eur_per_hour=0,
        )
        for k in range(FLEETS[stops])
    )
    return Problem(st, vs, tips, matrix)
