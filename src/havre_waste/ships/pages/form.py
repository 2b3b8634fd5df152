"""The form of the page: from its fields to the members of a notification, and back to the fields that are wrong.

Fields of the ship and the voyage have their paths as names (``ship.imo``); those of waste name the type instead of a
number (``waste.plastics.deliver_m3``). A type of which nothing was written is no line.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from havre_waste.ships import reading
from havre_waste.ships.kinds import KINDS
from havre_waste.ships.wrong import Wrong

MOST_FIELDS = 400
AMOUNTS = ("deliver_m3", "capacity_m3", "retained_m3", "generated_m3")
HIDDEN = ("call", "left_last_port_at", "port_known_at")
"""What the page does not ask for."""
SHIP = tuple(reading.SHIP)
VOYAGE = tuple(name for name in reading.VOYAGE if name not in HIDDEN)


def fields(body: bytes) -> dict[str, str]:
    """Of an ``application/x-www-form-urlencoded`` body. ``ValueError``: it is none."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    return dict(pairs)


def members(written: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What ``reading.notification`` reads, and the types of its lines in their order.

    An amount that was left empty in a line of which others were written is 0, as on paper; the storage is not.
    """
    kinds = [kind for kind in KINDS if any(written.get(f"waste.{kind}.{name}", "").strip() for name in reading.WASTE)]
    given: dict[str, Any] = {
        "ship": {name: written.get(f"ship.{name}", "") for name in SHIP},
        "voyage": {name: written.get(f"voyage.{name}", "") for name in VOYAGE},
        "waste": [{"type": kind, **_line(written, kind)} for kind in kinds],
    }
    return given, kinds


def _line(written: Mapping[str, str], kind: str) -> dict[str, str]:
    values = {name: written.get(f"waste.{kind}.{name}", "") for name in reading.WASTE if name != "type"}
    zero = {name: "0" for name in AMOUNTS if name != "capacity_m3" and not values[name].strip()}
    return values | zero


def placed(wrong: Sequence[Wrong], kinds: Sequence[str]) -> dict[str, Wrong]:
    """By the name of the field of the page; the first of each."""
    found: dict[str, Wrong] = {}
    for one in wrong:
        path = one.path
        if path.startswith("waste["):
            number, _, rest = path.removeprefix("waste[").partition("]")
            path = f"waste.{kinds[int(number)]}{rest}".replace(".type", ".deliver_m3")
        found.setdefault(path, one)
    return found
