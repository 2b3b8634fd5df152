"""Two extracts cannot be joined on a person: the attacks that join what is only pseudonymised fail on what may leave.

The control comes first: on rows under two pseudonyms the same attacks find nearly everybody.
"""

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from benchmarks.scores.waste_privacy import (
    KEY,
    LAB,
    MARCH,
    PLANNER,
    Success,
    joined,
    month_of_deposits,
    only_pseudonyms,
    said,
)

from havre import policy
from havre_waste.privacy import Extract, K, Refused, by_container, by_user, section, terms

APRIL = datetime.date(2026, 4, 1)


@cache
def seen() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Deposits of March, and where each container stands. A badge here is a household for the whole month."""
    return month_of_deposits(1, MARCH)


def users(extract: Extract) -> pl.DataFrame:
    return by_user(*seen(), extract).rows


def partners(one: Extract, other: Extract, badges: pl.Series) -> dict[str, str]:
    """The truth, from the key."""
    return {one.pseudonym("badge", badge): other.pseudonym("badge", badge) for badge in badges.unique().to_list()}


def attack(one: Extract, other: Extract, a: Mapping[str, Hashable], b: Mapping[str, Hashable]) -> Success:
    true = partners(one, other, seen()[0]["badge"])
    return joined(a, b, lambda name: true[name] if true[name] in b else None, seed=7)


def naive(extract: Extract, by: str) -> Mapping[str, Hashable]:
    return only_pseudonyms(seen()[0], extract, by=by)


def test_a_pseudonym_alone_protects_nobody() -> None:
    by_hours = attack(LAB, PLANNER, naive(LAB, by="hours"), naive(PLANNER, by="hours"))
    assert by_hours.rate > 0.99
    by_counts = attack(LAB, PLANNER, naive(LAB, by="counts"), naive(PLANNER, by="counts"))
    assert by_counts.rate > 0.2


def test_no_pseudonym_of_one_extract_is_in_another() -> None:
    told = [set(users(one)["pseudonym"]) for one in (LAB, PLANNER, replace(LAB, purpose="planning"))]
    assert all(len(one) > 1000 for one in told)
    assert not told[0] & told[1] and not told[0] & told[2] and not told[1] & told[2]


def test_two_extracts_of_a_month_cannot_be_joined_by_what_they_say() -> None:
    found = attack(LAB, PLANNER, said(users(LAB)), said(users(PLANNER)))
    assert found.persons > 1000
    assert found.rate < 1 / K


def test_whatever_is_said_of_one_is_said_of_k_or_more() -> None:
    counts = users(LAB).group_by("commune", "section", "least").len()
    assert counts["len"].min() >= K  # type: ignore[operator]


def test_two_months_cannot_be_joined_though_the_badges_are_the_same() -> None:
    """The worst case: households have the same badge for ever, and the same habits."""
    march, places = seen()
    shift = datetime.timedelta(days=31)
    april = march.with_columns(pl.col("time") + shift).filter(
        pl.col("time") < datetime.datetime(2026, 4, 30, 21, tzinfo=datetime.UTC)
    )
    later = replace(LAB, month=APRIL)
    first, second = said(by_user(march, places, LAB).rows), said(by_user(april, places, later).rows)
    assert not first.keys() & second.keys()
    true = partners(LAB, later, march["badge"])
    found = joined(first, second, lambda name: true[name] if true[name] in second else None, seed=7)
    assert found.persons > 1000
    assert found.rate < 1 / K


def test_containers_and_users_cannot_be_joined_by_time_container_or_count() -> None:
    """The one has no badge, the other no time and no container; what both could say is said of K badges or more."""
    deposits, places = seen()
    cells, people = by_container(deposits, MARCH).rows, by_user(deposits, places, LAB).rows
    assert cells.columns == ["container", "from", "deposits"]
    assert people.columns == ["pseudonym", "commune", "section", "least"]
    badges = (
        deposits.with_columns(pl.col("time").dt.convert_time_zone("Europe/Paris").dt.truncate("6h").alias("from"))
        .group_by("container", "from")
        .agg(pl.col("badge").n_unique().alias("badges"))
    )
    shown = cells.filter(pl.col("deposits").is_not_null()).join(badges, on=["container", "from"])
    assert shown.height > 100
    assert shown["badges"].min() >= K  # type: ignore[operator]
    # a container of which the month is wholly shown gives a count: no user's row has one to be compared with
    assert set(people["least"].unique()) <= {1, 5, 10, 20, 40}


def test_the_order_of_rows_tells_nothing() -> None:
    deposits, places = seen()
    shuffled = deposits.sample(fraction=1, shuffle=True, seed=3)
    assert by_user(shuffled, places, LAB).rows.equals(by_user(deposits, places, LAB).rows)
    assert by_container(shuffled, MARCH).rows.equals(by_container(deposits, MARCH).rows)
    assert users(LAB)["pseudonym"].is_sorted()


def test_what_is_too_few_is_held_back_and_counted() -> None:
    deposits, places = seen()
    lone = deposits.head(1).with_columns(pl.lit("far").alias("container"), pl.lit("lone").alias("badge"))
    some = pl.concat([deposits, lone])
    there = pl.concat([places, pl.DataFrame({"container": ["far"], "commune": ["Elsewhere"], "section": ["Far Lane"]})])
    before, after = by_user(deposits, places, LAB), by_user(some, there, LAB)
    assert after.held_back == before.held_back + 1
    assert "Elsewhere" not in after.rows["commune"].to_list()
    cell = by_container(some, MARCH).rows.filter(pl.col("container") == "far")
    assert cell["deposits"].to_list() == [None]


def test_a_small_section_is_widened_to_its_municipality() -> None:
    rows = users(LAB)
    assert rows.filter(pl.col("section").is_null()).height > 0
    assert rows["commune"].null_count() == 0


def test_less_or_more_than_a_month_is_no_extract() -> None:
    """Two extracts that differ by a day would say who was there on it."""
    deposits, places = seen()
    day = pl.col("time").dt.convert_time_zone("Europe/Paris").dt.date()
    for some in (deposits.filter(day > MARCH), deposits.filter(day < datetime.date(2026, 3, 31))):
        with pytest.raises(Refused, match="the whole month"):
            by_user(some, places, LAB)
        with pytest.raises(Refused, match="the whole month"):
            by_container(some, MARCH)
    with pytest.raises(Refused, match="the whole month"):
        by_user(deposits, places, replace(LAB, month=APRIL))


def test_a_weak_key_or_an_extract_for_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="key: got 31 bytes"):
        replace(LAB, key=KEY[:31])
    with pytest.raises(Refused, match="first day"):
        replace(LAB, month=datetime.date(2026, 3, 2))
    with pytest.raises(Refused, match="purpose and recipient"):
        replace(LAB, purpose="")
    assert KEY.hex() not in repr(LAB)
    assert str(KEY) not in repr(LAB)


def test_a_pseudonym_is_one_of_its_extract_and_what_it_is_of_alone() -> None:
    """The parts of what is hashed cannot run into each other."""
    assert LAB.pseudonym("badge", "a") == LAB.pseudonym("badge", "a")
    others = [
        LAB.pseudonym("address", "a"), LAB.pseudonym("badge", "b"), replace(LAB, month=APRIL).pseudonym("badge", "a"),
        replace(LAB, recipient="x").pseudonym("badge", "a"), replace(LAB, key=KEY[::-1]).pseudonym("badge", "a"),
        replace(LAB, purpose="research" + LAB.recipient[:1], recipient=LAB.recipient[1:]).pseudonym("badge", "a"),
    ]  # fmt: skip
    assert len({LAB.pseudonym("badge", "a"), *others}) == 7


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 bis, rue de Paris", "rue de Paris, 1–49"),
        ("12B rue de Paris", "rue de Paris, 1–49"),
        ("150 ter rue de Paris, appartement 3, M. X", "rue de Paris, 150–199"),
        ("49 quai de l’Île", "quai de l’Île, 1–49"),
        ("50 quai de l’Île 76600 Le Havre", "quai de l’Île, 50–99"),
        ("place du Marché", "place du Marché"),
        ("7 avenue Foch (gardien)", "avenue Foch, 1–49"),
    ],
)
def test_an_address_is_a_section_of_its_street(address: str, expected: str) -> None:
    assert section(address) == expected


@pytest.mark.parametrize("address", ["", "12", "76600", ", ,"])
def test_what_is_no_address_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(ValueError, match="expected a number and a street"):
        section(address)


def test_the_terms_of_an_extract_are_evaluated_by_the_exchange() -> None:
    policy.parse(terms("research", "did:web:laboratory.example", "2027-01-01T00:00:00Z"))
