"""What ships delivered, by type and month: open data. No ship is named; months without a delivery have no row.

These are figures of ships and firms, not of persons, so no small count is hidden; who publishes them should know that
with public positions of ships a month with one delivery of a type can tell whose it was.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from havre_waste.ships.kinds import KINDS
from havre_waste.ships.model import Notification, Receipt

COLUMNS = ("month", "type", "annex", "deliveries", "received_m3", "notified_m3")
Row = dict[str, Any]


def by_type(receipts: Iterable[Receipt], notifications: Iterable[Notification] = ()) -> list[Row]:
    """Rows of ``COLUMNS``, by month of the delivery and type in the order of the form.

    ``notified_m3`` is what the notifications of the counted receipts had said, once for all loads of a notification;
    None where one of them is not there.
    """
    counted: set[tuple[str, str, str]] = set()
    known = {one.id: one for one in notifications}
    found: defaultdict[tuple[str, str], Row] = defaultdict(lambda: {"deliveries": 0, "received": 0.0, "notified": 0.0})
    for one in receipts:
        told = known.get(one.notification)
        for line in one.received:
            cell = found[f"{one.delivered_to:%Y-%m}", line.kind]
            cell["deliveries"] += 1
            cell["received"] += line.received_m3
            said = told and told.line(line.kind, line.specified)
            if told is None:
                cell["notified"] = None
            elif cell["notified"] is not None and (one.notification, line.kind, line.specified) not in counted:
                counted.add((one.notification, line.kind, line.specified))
                cell["notified"] += said.deliver_m3 if said else 0.0
    order = list(KINDS)
    return [
        {
            "month": month, "type": kind, "annex": str(KINDS[kind].annex), "deliveries": cell["deliveries"],
            "received_m3": round(cell["received"], 3),
            "notified_m3": None if cell["notified"] is None else round(cell["notified"], 3),
        }
        for (month, kind), cell in sorted(found.items(), key=lambda one: (one[0][0], order.index(one[0][1])))
    ]  # fmt: skip
