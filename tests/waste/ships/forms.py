"""A notification as somebody sends it, to be changed by tests. The ship is invented: no State has MMSI 200…"""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def line(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "deliver_m3": 0, "capacity_m3": 10, "retained_m3": 0, "generated_m3": 0, **values}


def form(**changes: Any) -> dict[str, Any]:
    """Changes by path, with ``__`` for a dot: ``voyage__delivering="all"``; ``waste=[…]``; None takes it away."""
    given: dict[str, Any] = deepcopy(GIVEN)
    for path, value in changes.items():
        *parents, name = path.split("__")
        of = given
        for one in parents:
            of = of[one]
        if value is None:
            del of[name]
        else:
            of[name] = value
    return given


GIVEN: dict[str, Any] = {
    "ship": {
        "name": "HV COASTER 01",
        "gross_tonnage": 2999,
        "type": "other cargo ship",
        "flag_state": "FR",
        "mmsi": "200100001",
        "call_sign": "QHV001",
        "owner_or_operator": "Invented Shipping",
    },
    "voyage": {
        "terminal": "CITY-02",
        "arrives_at": "2026-03-02T08:00:00Z",
        "departs_at": "2026-03-02T20:00:00Z",
        "last_port": "NLRTM",
        "next_port": "ESBIO",
        "last_delivery_port": "NLRTM",
        "last_delivery_date": "2026-02-26",
        "next_delivery_port": "ESBIO",
        "delivering": "some",
        "submitted_by": "agent",
    },
    "waste": [
        line("oily-bilge-water", deliver_m3=8, capacity_m3=20, retained_m3=2, generated_m3=1, remaining_port="ESBIO"),
        line("plastics", deliver_m3=1.5, capacity_m3=3, generated_m3=0.2),
        line("food-waste", deliver_m3=0.5, capacity_m3=1),
        line("sewage", retained_m3=5, capacity_m3=20, generated_m3=4, remaining_port="ESBIO"),
    ],
}
