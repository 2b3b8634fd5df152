"""Receipts and confirmed times as rows of datasets, and back: what the service said is what it knows after a new start.

A row of receipts for each type of waste that was taken; of the same load the receipt that was said last counts.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from havre_waste.ships import wire
from havre_waste.ships.model import Notification, Receipt, Received
from havre_waste.ships.pickups import Pickup

Row = Mapping[str, Any]
SHIP = tuple(f"ship_{name}" for name in wire.PARTS["ship"])
RECEIPT = (
    "receipt", "notification", "load", "terminal", "reception_facility", "treatment_facility", "delivered_from",
    "delivered_to", *SHIP, "type", "specified", "received_m3", "as_notified",
)  # fmt: skip
"""Columns of a receipt behind ``said_at``."""


def receipt_rows(given: Iterable[Receipt], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "said_at": now, "receipt": one.id, "notification": one.notification, "load": one.load,
            "terminal": one.terminal, "reception_facility": one.reception_facility,
            "treatment_facility": one.treatment_facility, "delivered_from": one.delivered_from,
            "delivered_to": one.delivered_to, **_ship(one), "type": line.kind, "specified": line.specified or None,
            "received_m3": line.received_m3, "as_notified": one.as_notified,
        }
        for one in given
        for line in one.received
    ]  # fmt: skip


def _ship(of: Receipt) -> dict[str, Any]:
    told = wire.receipt_document(of)["ship"]
    return {f"ship_{name}": told.get(name) for name in wire.PARTS["ship"]}


def receipts(rows: Iterable[Row], known: Mapping[str, Notification]) -> list[Receipt]:
    """Of the notifications that are ``known``; those are of the ship."""
    by_receipt: dict[tuple[str, datetime], list[Row]] = {}
    for row in rows:
        if row["notification"] in known:
            by_receipt.setdefault((row["receipt"], row["said_at"]), []).append(row)
    last: dict[tuple[str, str | None], Receipt] = {}
    for _, those in sorted(by_receipt.items(), key=lambda one: one[0][1]):
        one = _receipt(those, known[those[0]["notification"]])
        last[one.notification, one.load] = one
    return list(last.values())


def _receipt(rows: list[Row], of: Notification) -> Receipt:
    one = rows[0]
    lines = tuple(Received(row["type"], row["received_m3"], row["specified"] or "") for row in rows)
    return Receipt(
        one["receipt"], of.id, one["terminal"], one["reception_facility"], one["treatment_facility"],
        _utc(one["delivered_from"]), _utc(one["delivered_to"]), of.ship, lines, one["load"], one["as_notified"],
    )  # fmt: skip


def time_rows(given: Iterable[tuple[Pickup, datetime]], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "said_at": now, "load": load.id, "ship": load.ship, "berth": load.berth, "carrier": str(load.carrier),
            "family": str(load.family), "m3": round(load.m3, 3), "kg": load.kg, "confirmed_at": at,
        }
        for load, at in given
    ]  # fmt: skip


def times(rows: Iterable[Row]) -> dict[str, datetime]:
    """By load, as said last."""
    return {row["load"]: _utc(row["confirmed_at"]) for row in sorted(rows, key=lambda one: one["said_at"])}


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
