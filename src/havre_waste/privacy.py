"""What may leave of deposits, badges and addresses, in a shape in which two extracts cannot be joined on a person.

A pseudonym alone protects nobody: whoever gets the hours and containers of the same deposits twice, under two
pseudonyms of each badge, joins them by those (a test here does it, and finds every badge). So no extract has both.
There are two:

* ``by_container``: how often each container was used, by six hours. No badge; a cell with fewer than ``K`` badges in
  it is empty, and no sums are given from which it could be had.
* ``by_user``: one row a badge and month: a pseudonym, the street section, and the band of how often it was used. No
  time and no container. All that a row says but the pseudonym is said by at least ``K`` rows; where a section has
  fewer, it is widened to the municipality, and what is still too few is left out and counted.

Pseudonyms are HMAC-SHA256 under a secret key over purpose, recipient and month, so the same badge has another one in
each extract and each month. The key never leaves whoever makes the extracts.

What this does: by all that is published, a row of one extract could be any of ``K`` or more rows of another, of the
same month or a different one, so a guess is right once in ``K`` times at most, and as a rule far less often.

What it does not: whoever knows a person to be in a class (her street, and that she has a badge) learns the band of
that class. Whoever has the deposits themselves, or the key, has everything. Extracts of nearly the same rows (a month
with and without one day, or other values of ``k`` and of the bands) can be compared to find who makes the difference:
so a month is always whole, and bands, bins and ``K`` are constants here. ``Refused`` guards what can be checked of
that.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

K = 5
"""Persons behind whatever is published, at least."""
BIN = "6h"
BANDS = (1, 5, 10, 20, 40)
"""Where bands of deposits a month begin."""
BLOCK = 50
"""House numbers in a section of a street."""
SHORTEST_KEY = 32
ZONE = "Europe/Paris"


class Refused(ValueError):
    """An extract that would not protect whom it is about."""


@dataclass(frozen=True)
class Extract:
    """For whom, why, and of which month (its first day). ``key``: secret, 32 bytes or more, the maker's own."""

    purpose: str
    recipient: str
    month: date
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise Refused(f"key: got {len(self.key)} bytes, expected {SHORTEST_KEY} or more")
        if self.month.day != 1:
            raise Refused(f"month: got {self.month}, expected the first day of a month")
        if not self.purpose or not self.recipient:
            raise Refused("purpose and recipient: an extract is for somebody and something")

    def pseudonym(self, kind: str, value: str) -> str:
        """Of a ``badge``, an ``address`` …: 80 bits of an HMAC as 20 hexadecimal digits."""
        parts = (self.purpose, self.recipient, self.month.isoformat(), kind, value)
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()[:20]


@dataclass(frozen=True)
class Counted:
    """What leaves, and how much was held back: rows of containers' cells, or badges."""

    rows: pl.DataFrame = field(repr=False)
    held_back: int


def terms(purpose: str, recipient: str, until: str) -> dict[str, Any]:
    """The policy of an extract, as the exchange evaluates it: this recipient, for this purpose, until then (RFC 3339).

    What nobody can enforce at a distance, not to try to find persons, stands as a prohibition to be seen and agreed to.
    """
    constraints = [
        {"leftOperand": "purpose", "operator": "eq", "rightOperand": purpose},
        {"leftOperand": "recipient", "operator": "eq", "rightOperand": recipient},
        {"leftOperand": "dateTime", "operator": "lt", "rightOperand": until},
    ]
    return {
        "permission": [{"action": "use", "constraint": constraints}],
        "prohibition": [{"action": "https://w3id.org/dpv#Identify"}],
    }


def by_container(deposits: pl.DataFrame, month: date) -> Counted:
    """``container``, ``from``, ``deposits`` of each six hours of the place's day; null where it was fewer than K
    badges.

    ``deposits``: the columns time, container, badge; those of the whole month. Cells without a deposit have no row,
    which tells of none: it is said only of cells in which there was something.
    """
    ours = _of_month(deposits, month)
    cells = (
        ours.with_columns(pl.col("time").dt.convert_time_zone(ZONE).dt.truncate(BIN).alias("from"))
        .group_by("container", "from")
        .agg(pl.len().cast(pl.Int64).alias("deposits"), pl.col("badge").drop_nulls().n_unique().alias("badges"))
        .with_columns(pl.when(pl.col("badges") >= K).then(pl.col("deposits")))
        .sort("container", "from")
    )
    return Counted(cells.select("container", "from", "deposits"), cells["deposits"].null_count())


def by_user(deposits: pl.DataFrame, places: pl.DataFrame, extract: Extract) -> Counted:
    """``pseudonym``, ``commune``, ``section`` (null where widened), ``least`` (where the band begins), a row a badge.

    ``places``: container, commune, section. A badge that used several sections is of the one that it used most;
    one that used only containers of which the place is not known is held back.
    """
    used = _of_month(deposits, extract.month).join(places, on="container", how="inner")
    of_section = used.group_by("badge", "commune", "section").agg(pl.len().alias("here"))
    home = of_section.sort("here", "commune", "section", descending=[True, False, False]).unique(
        "badge", keep="first", maintain_order=True
    )
    total = used.group_by("badge").agg(pl.len().alias("all"))
    badges = home.join(total, on="badge").with_columns(_band(pl.col("all")).alias("least"))
    few = pl.len().over("commune", "section", "least") < K
    widened = badges.with_columns(pl.when(~few).then(pl.col("section")).alias("section"))
    enough = pl.len().over("commune", "section", "least") >= K
    kept = widened.filter(enough)
    names = [extract.pseudonym("badge", badge) for badge in kept["badge"].to_list()]
    rows = kept.with_columns(pl.Series("pseudonym", names, pl.String())).sort("pseudonym")
    return Counted(rows.select("pseudonym", "commune", "section", "least"), deposits["badge"].n_unique() - kept.height)


def section(address: str) -> str:
    """The street and the block of fifty numbers of an address: ``12 bis, rue de Paris`` is ``rue de Paris, 1–49``.

    Whatever stands behind the street (a flat, a name) is left out. ``ValueError``: no street can be seen in it.
    """
    found = _ADDRESS.match(" ".join(address.split()))
    street = found["street"].strip() if found else ""
    if not street or not re.search(r"[^\W\d_]", street):
        raise ValueError("address: expected a number and a street")
    if not found or found["number"] is None:
        return street
    first = int(found["number"]) // BLOCK * BLOCK
    return f"{street}, {max(first, 1)}–{first + BLOCK - 1}"


_ADDRESS = re.compile(
    r"(?:(?P<number>[0-9]{1,4})(?:\s*(?:bis|ter|quater|[A-Z](?![\w’'])))?\s*,?\s+)?(?P<street>[^,;(0-9]+)",
    re.IGNORECASE,
)


def _of_month(deposits: pl.DataFrame, month: date) -> pl.DataFrame:
    """``Refused``: rows of another month, or a month of which days at an end are not there."""
    day = pl.col("time").dt.convert_time_zone(ZONE).dt.date()
    days = deposits.select(day.min().alias("first"), day.max().alias("last")).row(0)
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    if days[0] is not None and (days[0] != month or days[1] != following - timedelta(days=1)):
        raise Refused(f"deposits: got {days[0]} to {days[1]}, expected the whole month from {month}")
    return deposits


def _band(count: pl.Expr) -> pl.Expr:
    least = pl.lit(BANDS[0])
    for begins in BANDS[1:]:
        least = pl.when(count >= begins).then(begins).otherwise(least)
    return least.cast(pl.Int64)
