"""What residents are told of changed collections: rows of a need, in the words of the pages."""

from datetime import date
from typing import Any

import polars as pl

from havre.client.frames import TIME, Kind, Text
from havre_waste.field.model import Change, Why
from havre_waste.sites.model import Flow

NEED = "collection_changes"
KIND = Kind(
    pl.Schema(
        {
            "said_at": TIME, "change": Text, "why": Text, "starts": pl.Date(), "ends": pl.Date(), "moved_to": pl.Date(),
            "zones": Text, "flows": Text, "said_fr": Text, "said_en": Text,
        }
    ),
    "said_at",
    None,
    optional=frozenset({"moved_to", "zones", "flows", "said_fr", "said_en"}),
)  # fmt: skip
"""``why``: holiday, strike, storm, works or times. ``zones`` and ``flows``: with spaces between; empty: all.
``said_*``: words of the operator. Of rows with the same ``change`` the last counts."""


def changes(told: pl.DataFrame, today: date) -> tuple[Change, ...]:
    """Those that are not over. A row that cannot be read is left: ``why`` or a flow that nobody knows."""
    last = told.sort("said_at", maintain_order=True).unique("change", keep="last", maintain_order=True)
    rows = last.filter(pl.col("ends") >= today).iter_rows(named=True)
    return tuple(one for row in rows if (one := _read(row)) is not None)


def _read(row: dict[str, Any]) -> Change | None:
    zones, flows = (tuple((row[name] or "").split()) for name in ("zones", "flows"))
    said = {language: row[f"said_{language}"] for language in ("fr", "en") if row[f"said_{language}"]}
    try:
        return Change(
            row["change"], row["said_at"], Why(row["why"]), row["starts"], row["ends"], row["moved_to"],
            zones, tuple(map(Flow, flows)), said or None,
        )  # fmt: skip
    except ValueError:
        return None
