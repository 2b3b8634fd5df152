"""The notification and the receipt as JSON and CSV, and the schemas that say how they look.

JSON: an object with ``ship``, ``voyage`` and ``waste`` (``reading`` says what each member is); what is empty is left
out. CSV: UTF-8, a header, one line for each notification and type of waste, with the columns of ``CSV_COLUMNS``;
lines of one notification have the same ``notification`` and the same ship and voyage.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as members
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.ships import reading
from havre_waste.ships.fields import MOST_M3, MOST_TONNAGE
from havre_waste.ships.kinds import KINDS
from havre_waste.ships.model import Delivering, Notification, Receipt, ShipType, Waste
from havre_waste.ships.wrong import Wrong

Document = dict[str, Any]
PARTS: Mapping[str, tuple[str, ...]] = {
    "ship": tuple(reading.SHIP),
    "voyage": reading.VOYAGE,
    "waste": tuple(reading.WASTE),
}
CSV_COLUMNS = ("notification", *(f"{part}_{name}" for part, names in PARTS.items() for name in names))
MOST_LINES = 10_000


def document(of: Notification) -> Document:
    """As JSON values; ``reading.notification`` reads it again to the same."""
    return {
        "ship": _plain(of.ship, PARTS["ship"]),
        "voyage": _plain(of.voyage, PARTS["voyage"]),
        "waste": [_waste(one) for one in of.waste],
    }


def _waste(one: Waste) -> Document:
    return {"type": one.kind.id, **_plain(one, PARTS["waste"][1:])}


def receipt_document(of: Receipt) -> Document:
    return {
        **_plain(of, ("id", "notification", "terminal", "reception_facility", "treatment_facility")),
        "delivered_from": _value(of.delivered_from),
        "delivered_to": _value(of.delivered_to),
        **_plain(of, ("load", "as_notified")),
        "ship": _plain(of.ship, PARTS["ship"]),
        "received": [
            {"type": one.kind, **_plain(one, ("specified", "received_m3"))} for one in of.received
        ],
    }  # fmt: skip


def _plain(of: Any, names: Iterable[str]) -> Document:
    values = {one.name: getattr(of, one.name) for one in members(of)}
    return {name: _value(values[name]) for name in names if values[name] is not None and values[name] != ""}


def _value(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
        case _:
            return value


def rows(notifications: Iterable[Notification]) -> Iterator[dict[str, Any]]:
    """Of a CSV file, or of a dataset of the same columns."""
    for one in notifications:
        told = document(one)
        whole = {f"{part}_{name}": told[part].get(name, "") for part in ("ship", "voyage") for name in PARTS[part]}
        for line in told["waste"]:
            yield {"notification": one.id, **whole, **{f"waste_{name}": line.get(name, "") for name in PARTS["waste"]}}


def to_rows(notifications: Iterable[Notification]) -> list[dict[str, Any]]:
    """Of a dataset: ``notified_at`` and ``CSV_COLUMNS``; None where nothing was said."""
    return [
        {"notified_at": of.notified_at, **{name: None if value == "" else value for name, value in row.items()}}
        for of in notifications
        for row in rows([of])
    ]


def from_rows(given: Iterable[Mapping[str, Any]]) -> list[Notification]:
    """Of such a dataset, in the order in which they were first there; of one that came again, the last.

    ``ValueError``: a row that ``to_rows`` did not make.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in given:
        found.setdefault(row["notification"], []).append(row)
    return [_last(name, of) for name, of in found.items()]


def _last(name: str, given: list[Mapping[str, Any]]) -> Notification:
    last = max(row["notified_at"] for row in given)
    values = [{key: _value(value) for key, value in row.items()} for row in given if row["notified_at"] == last]
    found, wrong = _one(name, list(enumerate(values)), last, None)
    if found is None:
        raise ValueError(f"{name}: {'; '.join(map(str, wrong))}")
    return found


def write_csv(notifications: Iterable[Notification]) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows(notifications))
    return out.getvalue()


def read_csv(
    text: str, received_at: datetime, zone: ZoneInfo | None = None
) -> tuple[list[Notification], dict[str, list[Wrong]]]:
    """The notifications that are right, and by name what is wrong with the others.

    The path of a wrong cell begins with its line: ``line 7: waste_deliver_m3``. What is wrong with the file as a whole
    stands under an empty name.
    """
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        lines = [(table.line_num, one) for one in table]
    except csv.Error as error:
        return [], {"": [Wrong(f"line {table.line_num}", "not_csv", {"got": str(error)})]}
    given = table.fieldnames or ()
    if long := [number for number, line in lines if None in line]:
        return [], {"": [Wrong(f"line {number}", "not_csv", {"got": "more cells than columns"}) for number in long]}
    lacking = [f"{part}_{name}" for part, of in _needed().items() for name in of if f"{part}_{name}" not in given]
    bad = [
        Wrong(name, "unknown_column", {"names": ", ".join(CSV_COLUMNS)}) for name in given if name not in CSV_COLUMNS
    ]
    bad += [Wrong(name, "no_column") for name in ["notification", *lacking] if name not in given]
    if len(lines) > MOST_LINES:
        bad.append(Wrong("", "too_long", {"got": len(lines), "most": MOST_LINES}))
    if bad:
        return [], {"": bad}
    right: list[Notification] = []
    wrong: dict[str, list[Wrong]] = {}
    for name, of in _grouped(lines).items():
        found, errors = _one(name, of, received_at, zone)
        right += [found] if found is not None else []
        wrong |= {name: errors} if errors else {}
    return right, wrong


def _needed() -> Mapping[str, list[str]]:
    return {
        part: [name for name, (_, needed) in of.items() if needed]
        for part, of in (("ship", reading.SHIP), ("voyage", reading.voyage_fields(None)), ("waste", reading.WASTE))
    }


Line = tuple[int, Mapping[str, Any]]


def _grouped(lines: Iterable[Line]) -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault((line[1].get("notification") or "").strip(), []).append(line)
    return found


def _one(
    name: str, lines: list[Line], received_at: datetime, zone: ZoneInfo | None
) -> tuple[Notification | None, list[Wrong]]:
    first_number, first = lines[0]
    if not name:
        return None, [Wrong(f"line {first_number}: notification", "missing")]
    whole = [name for name in CSV_COLUMNS[1:] if not name.startswith("waste_")]
    differing = [
        Wrong(f"line {number}: {column}", "differs", {"got": repr(line.get(column)), "line": first_number})
        for number, line in lines[1:]
        for column in whole
        if (line.get(column) or "") != (first.get(column) or "")
    ]
    if differing:
        return None, differing
    given = {
        "ship": {name: first.get(f"ship_{name}") for name in PARTS["ship"]},
        "voyage": {name: first.get(f"voyage_{name}") for name in PARTS["voyage"]},
        "waste": [{name: line.get(f"waste_{name}") for name in PARTS["waste"]} for _, line in lines],
    }
    found, wrong = reading.notification(given, name, received_at, zone)
    return found, [Wrong(_place(one.path, lines), one.key, one.values) for one in wrong]


def _place(path: str, lines: list[Line]) -> str:
    """``waste[1].deliver_m3`` of a file: its line and column."""
    if not path.startswith("waste["):
        return f"line {lines[0][0]}: {path.replace('.', '_', 1)}"
    number, _, rest = path.removeprefix("waste[").partition("]")
    return f"line {lines[int(number)][0]}: waste{rest.replace('.', '_', 1)}"


def json_schema() -> Document:
    """Of the notification (JSON Schema 2020-12). What depends on other members only ``reading`` checks."""
    text, port = (
        {"type": "string", "minLength": 1, "maxLength": 120},
        {"type": "string", "pattern": "^[A-Z]{2}[A-Z2-9]{3}$"},
    )
    time, amount = {"type": "string", "format": "date-time"}, {"type": "number", "minimum": 0, "maximum": MOST_M3}
    how: Document = {
        "imo": {"type": "string", "pattern": "^[0-9]{7}$"},
        "mmsi": {"type": "string", "pattern": "^[0-9]{9}$"},
        "gross_tonnage": {"type": "integer", "minimum": 1, "maximum": MOST_TONNAGE},
        "flag_state": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "last_delivery_date": {"type": "string", "format": "date"},
        "delivering": {"enum": [str(one) for one in Delivering]},
    }
    how |= dict.fromkeys(("arrives_at", "departs_at", "left_last_port_at", "port_known_at"), time)
    how |= dict.fromkeys(("last_port", "next_port", "last_delivery_port", "next_delivery_port", "remaining_port"), port)
    how |= dict.fromkeys(("deliver_m3", "capacity_m3", "retained_m3", "generated_m3"), amount)
    kinds = {"ship": [str(one) for one in ShipType], "waste": list(KINDS)}
    needed = _needed()

    def part(name: str) -> Document:
        properties = {one: {"enum": kinds[name]} if one == "type" else how.get(one, text) for one in PARTS[name]}
        return {"type": "object", "properties": properties, "required": needed[name], "additionalProperties": False}

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Advance waste notification (directive (EU) 2019/883, annex 2)",
        "type": "object",
        "properties": {
            "ship": part("ship"),
            "voyage": part("voyage"),
            "waste": {"type": "array", "minItems": 1, "items": part("waste")},
        },
        "required": [*PARTS],
        "additionalProperties": False,
    }


def table_schema() -> Document:
    """Of the CSV file (Frictionless Table Schema)."""
    whole, needed = json_schema()["properties"], _needed()
    found: list[Document] = [{"name": "notification", "type": "string", "constraints": {"required": True}}]
    for part, names in PARTS.items():
        properties = whole[part]["items"]["properties"] if part == "waste" else whole[part]["properties"]
        found += [_column(f"{part}_{name}", properties[name], required=name in needed[part]) for name in names]
    return {"fields": found, "missingValues": [""]}


def _column(name: str, of: Document, *, required: bool) -> Document:
    formats = {"date-time": "datetime", "date": "date"}
    kind = formats.get(of.get("format", ""), of.get("type", "string"))
    limits = {key: of[key] for key in ("minimum", "maximum", "pattern", "enum") if key in of}
    return {"name": name, "type": kind, "constraints": {**({"required": True} if required else {}), **limits}}
