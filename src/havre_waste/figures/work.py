"""The work of a period by flow: tonnages, ways, hours, how full containers were emptied, how long some were too full.

Every frame has ``flow`` and what was counted, with the number of rows that had no value (``unknown``): those are left
out of the sum and said, since to count them as 0 would flatter.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from havre_waste.figures import carbon

HOURS = 3600.0
AN_HOUR = timedelta(hours=1)
Keys = Sequence[str]


def tonnages(weighings: pl.DataFrame, by: Keys = ("flow",)) -> pl.DataFrame:
    """``tonnes`` and ``loads`` by flow, or by other columns of the weighings."""
    return (
        weighings.group_by(by)
        .agg(
            _sum("kg", 1000).alias("tonnes"), pl.len().alias("loads"), pl.col("kg").null_count().alias("unknown")
        )
        .sort(by)
    )  # fmt: skip


def driving(rounds: pl.DataFrame, factors: Mapping[str, carbon.Factor] = carbon.FACTORS) -> pl.DataFrame:
    """``rounds``, ``km``, ``hours`` and ``co2_t`` by flow; ``unknown`` rounds have no CO₂."""
    return (
        carbon.of_rounds(rounds, factors)
        .group_by("flow")
        .agg(
            pl.len().alias("rounds"),
            _sum("metres", 1000).alias("km"),
            _sum("seconds", HOURS).alias("hours"),
            _sum("co2_kg", 1000).alias("co2_t"),
            pl.col("co2_kg").null_count().alias("unknown"),
        )
        .sort("flow")
    )


def fills(emptyings: pl.DataFrame) -> pl.DataFrame:
    """Mean ``fill`` at emptying by flow, the share under half full (``under_half``), ``emptyings`` and ``unknown``."""
    fill = pl.col("fill_before")
    return (
        emptyings.group_by("flow")
        .agg(
            pl.len().alias("emptyings"),
            fill.mean().alias("fill"),
            (fill < 0.5).mean().alias("under_half"),
            fill.null_count().alias("unknown"),
        )
        .sort("flow")
    )


def overflows(levels: pl.DataFrame) -> pl.DataFrame:
    """Of hourly levels: ``hours`` in which a container is estimated over full (P50 above 1), how many times that began
    (``overflows``), and of all hours the ``share``, by flow.

    It begins when the container was not over full an hour before, as far as is known: hours that are not over full may
    be left out (then ``share`` says nothing).
    """
    full = pl.col("p50") > 1
    before = pl.when(full).then(pl.col("time")).forward_fill().shift(1).over("container", order_by="time")
    goes_on = (pl.col("time") - before <= AN_HOUR).fill_null(value=False)
    return (
        levels.with_columns(full.alias("full"), (full & ~goes_on).alias("began"))
        .group_by("flow")
        .agg(
            _count("full").alias("hours"),
            _count("began").alias("overflows"),
            pl.col("full").mean().alias("share"),
            pl.col("p50").null_count().alias("unknown"),
        )
        .sort("flow")
    )


def costs(accounts: pl.DataFrame, by: Keys = ("flow", "stage")) -> pl.DataFrame:
    """``charges``, ``income`` (sales, support and aid) and what is left of them, ``net``, in EUR.

    Accounts are whole: where no income is in them there is none, 0. Where no charge is, costs are not told: null.
    """
    eur, charge, income = pl.col("eur"), pl.col("kind") == "charge", pl.col("kind").is_in(["sale", "support", "aid"])
    return (
        accounts.filter(charge | income)
        .group_by(by)
        .agg(
            pl.when(eur.filter(charge).count() > 0).then(eur.filter(charge).sum()).alias("charges"),
            pl.when(eur.filter(income).null_count() == 0).then(eur.filter(income).sum()).alias("income"),
            eur.null_count().alias("unknown"),
            pl.len().alias("lines"),
        )
        .with_columns((pl.col("charges") - pl.col("income")).alias("net"))
        .sort(by)
    )


def told(column: str) -> pl.Expr:
    """The sum of what is there; null, not 0, where nothing is."""
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)


def _sum(column: str, unit: float) -> pl.Expr:
    return told(column) / unit


def _count(column: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value.count() > 0).then(value.sum().cast(pl.Int64))
