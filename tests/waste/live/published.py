"""Datasets of ours in memory, read as a node answers: columns, filters, a time, a number of rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from havre_waste.live.products import PRODUCTS
from havre_waste.live.seen import Published

TIMES = {one.id: one.time for one in PRODUCTS}


def answering(products: Mapping[str, Sequence[Mapping[str, Any]]]) -> Published:
    """What ``Running.published`` tells of these rows."""

    def published(
        product: str,
        *,
        columns: Iterable[str] | None = None,
        filters: Iterable[tuple[str, str, float]] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> pl.DataFrame:
        if product not in products:
            return pl.DataFrame()
        rows = pl.DataFrame(list(products[product]), infer_schema_length=None)
        time = pl.col(TIMES[product])
        kept = [] if since is None else [time >= since]
        kept += [] if until is None else [time < until]
        for name, operator, value in filters:
            assert operator == "gt"
            kept.append(pl.col(name) > value)
        found = rows.filter(*kept).head(limit if limit is not None else rows.height)
        return found if columns is None else found.select(list(columns))

    return published


def joined(*results: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    """What is in the products after these results, as ``Running`` publishes them: a time that was told is not told
    again."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in results:
        for product, rows in one.items():
            told = found.setdefault(product, [])
            last = told[-1][TIMES[product]] if told else None
            told += [row for row in rows if last is None or row[TIMES[product]] > last]
    return {product: rows for product, rows in found.items() if rows}
