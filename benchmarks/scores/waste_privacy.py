"""Whether two extracts of deposits can be joined on a person: attacks on the scenario's badges.

Protocol: deposits of the whole March 2026 of the scenario. Two extracts of them, for two recipients, are joined on all
that they say of each pseudonym; among those of whom the same is said one is drawn. ``extract_join_pct``: persons joined
right, of those in both extracts, from what may leave (``havre_waste.privacy.by_user``). ``extract_join_bound_pct``: the
most that can be, by the rule that K or more say the same. ``pseudonym_join_hours_pct`` and ``…_counts_pct`` are the
control: the same attack on rows that are only pseudonymised, by hours and containers, and by container and count.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.scores.results import Score, over_seeds, table
from havre_scenario.waste import city
from havre_waste.privacy import Extract, K, by_user

MARCH = datetime.date(2026, 3, 1)
KEY = bytes(range(32))
LAB = Extract("research", "did:web:laboratory.example", MARCH, KEY)
PLANNER = Extract("planning", "did:web:collector.example", MARCH, KEY)
SCORES = {
    "extract_join_pct": ("%", f"<= {100 / K:g}"),
    "extract_join_bound_pct": ("%", ""),
    "pseudonym_join_hours_pct": ("%", ""),
    "pseudonym_join_counts_pct": ("%", ""),
}
Said = Mapping[str, Hashable]


@dataclass(frozen=True)
class Success:
    """``rate``: share of the persons in both extracts that were joined right; ``chance``: of guessing among all."""

    rate: float
    chance: float
    persons: int


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [_scenario(seed) for seed in seeds])


def _scenario(seed: int) -> dict[str, float]:
    deposits, places = month_of_deposits(seed, MARCH)
    badges = deposits["badge"].unique().to_list()
    true = {LAB.pseudonym("badge", one): PLANNER.pseudonym("badge", one) for one in badges}

    def rate(one: Said, other: Said) -> float:
        return 100 * joined(one, other, lambda name: true[name] if true[name] in other else None, seed).rate

    extracts = [said(by_user(deposits, places, one).rows) for one in (LAB, PLANNER)]
    hours, counts = ([only_pseudonyms(deposits, one, by=by) for one in (LAB, PLANNER)] for by in ("hours", "counts"))
    return {
        "extract_join_pct": rate(*extracts),
        "extract_join_bound_pct": 100 / K,
        "pseudonym_join_hours_pct": rate(*hours),
        "pseudonym_join_counts_pct": rate(*counts),
    }


def month_of_deposits(seed: int, month: datetime.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Deposits of a whole month of the place (time, container, badge), and where containers stand (by their street)."""
    start = month - datetime.timedelta(days=1)
    waste = city(seed, start, 33)
    put, network = waste.deposits, waste.network
    names = [one.id for one in network.containers]
    begins = datetime.datetime.combine(start, datetime.time(), datetime.UTC)
    deposits = pl.DataFrame(
        {
            "time": [begins + datetime.timedelta(seconds=float(at)) for at in put.at],
            "container": [names[row] for row in put.container.tolist()],
            "badge": [f"{badge:010x}" for badge in put.badge.tolist()],
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )
    local = pl.col("time").dt.convert_time_zone("Europe/Paris").dt
    ours = deposits.filter((local.year() == month.year) & (local.month() == month.month))
    places = pl.DataFrame(
        [(one.id, site.commune, site.street) for one, site in zip(network.containers, network.site_of, strict=True)],
        {"container": pl.String(), "commune": pl.String(), "section": pl.String()},
        orient="row",
    )
    return ours, places


def said(rows: pl.DataFrame) -> dict[str, Hashable]:
    """All that an extract of ``by_user`` says of each pseudonym."""
    return {row[0]: row[1:] for row in rows.select("pseudonym", "commune", "section", "least").rows()}


def only_pseudonyms(deposits: pl.DataFrame, extract: Extract, *, by: str) -> dict[str, Hashable]:
    """What pseudonyms alone would leave: of each badge the hours and containers, or the container and the count."""
    hours = pl.concat_str(pl.col("time").dt.strftime("%d %H"), "container")
    told = hours.sort().str.join(",") if by == "hours" else pl.concat_str(pl.col("container").first(), pl.len())
    rows = deposits.group_by("badge").agg(told.alias("said"))
    return {extract.pseudonym("badge", badge): words for badge, words in rows.rows()}


def joined(one: Said, other: Said, same: Callable[[str], str | None], seed: int) -> Success:
    """Rows by their pseudonym, joined by all that is said of them.

    ``same``: the truth, the pseudonym in ``other`` of one in ``one``, None where that person is not in it; it is used
    for nothing but counting what was right.
    """
    chance = np.random.default_rng(seed)
    like: defaultdict[Hashable, list[str]] = defaultdict(list)
    for name, words in other.items():
        like[words].append(name)
    persons = right = 0
    for name, words in one.items():
        true = same(name)
        if true is None:
            continue
        persons += 1
        found = like.get(words) or list(other)
        right += found[int(chance.integers(len(found)))] == true
    return Success(right / max(persons, 1), 1 / max(len(other), 1), persons)


if __name__ == "__main__":
    print(table(measure(range(1, 4))))
