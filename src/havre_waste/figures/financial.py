"""The financial indicators (``indicators`` says whose words). Amounts are EUR before VAT, from the accounts.

The words of the report are French.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from havre_waste.figures import work
from havre_waste.figures.indicators import Asked, Indicator, Part, Value
from havre_waste.figures.technical import partial

KINDS = {"sale": "ventes", "support": "soutiens des éco-organismes", "aid": "aides publiques"}


def _run_by(asked: Asked) -> Sequence[Value]:
    rows = asked["services"].select("flow", "mode", "run_by").unique().sort("flow", "mode")
    return [Value(f"{flow}, {mode}", run_by) for flow, mode, run_by in rows.rows()]


def _charges(asked: Asked) -> Sequence[Value]:
    rows = asked["accounts"].filter(pl.col("kind") == "charge")
    if not rows["eur"].count():
        return []
    return [Value("", float(rows["eur"].sum()), partial(rows["eur"].null_count(), rows.height))]


def _suppliers(asked: Asked) -> Sequence[Value]:
    """Of charges that name a supplier, the largest first."""
    rows = asked["accounts"].filter((pl.col("kind") == "charge") & (pl.col("supplier").fill_null("") != ""))
    summed = rows.group_by("supplier").agg(work.told("eur"), pl.col("item").unique().sort().str.join(", "))
    ordered = summed.sort("eur", "supplier", descending=[True, False], nulls_last=True)
    return [Value(name, eur, what) for name, eur, what in ordered.rows()]


def _income(asked: Asked) -> Sequence[Value]:
    rows = asked["accounts"].filter(pl.col("kind").is_in(list(KINDS)))
    summed = rows.group_by("kind", "flow").agg(
        work.told("eur"), pl.col("eur").null_count().alias("unknown"), pl.len().alias("lines")
    )
    return [
        Value(f"{KINDS[kind]}, {flow}", eur, partial(unknown, lines))
        for kind, flow, eur, unknown, lines in summed.sort("kind", "flow").rows()
    ]


def _financing(asked: Asked) -> Sequence[Value]:
    rows = asked["accounts"].filter(pl.col("kind") == "financing")
    return [Value(item, eur) for item, eur in rows.group_by("item").agg(work.told("eur")).sort("item").rows()]


class Cost:
    """``column`` of ``work.costs`` by flow or stage: as it is, a tonne, or an inhabitant."""

    def __init__(self, column: str, by: str, each: str = "") -> None:
        self.column, self.by, self.each = column, by, each

    def __call__(self, asked: Asked) -> Sequence[Value]:
        rows = work.costs(asked["accounts"], (self.by,))
        over = {}
        if self.each == "tonne":
            over = dict(work.tonnages(asked["weighings"]).select("flow", "tonnes").rows())
        return [self._value(one, over, asked) for one in rows.iter_rows(named=True)]

    def _value(self, one: dict[str, Any], over: Mapping[str, float | None], asked: Asked) -> Value:
        of, amount = one[self.by], one[self.column]
        if amount is None:
            return Value(of, None, "charges non renseignées")
        note = partial(one["unknown"], one["lines"])
        if not self.each:
            return Value(of, amount, note)
        divisor = asked.inhabitants if self.each == "inhabitant" else over.get(of)
        if not divisor:
            return Value(of, None, "habitants manquants" if self.each == "inhabitant" else f"aucune pesée du flux {of}")
        return Value(of, amount / divisor, note)


def due_by(year: int) -> date:
    """By when the report is to be presented: nine months after the end of the year (article D. 2224-1)."""
    return date(year + 1, 9, 30)


M, ACCOUNTS = Part.MONEY, ("accounts",)
FINANCIAL: tuple[Indicator, ...] = (
    Indicator("F1", M, "Modalités d’exploitation, par flux", "", "services.run_by", ("services",), _run_by),
    Indicator("F2", M, "Montant annuel global des dépenses du service", "€ HT", "somme de accounts.eur (charge)",
              ACCOUNTS, _charges),
    Indicator("F3", M, "Prestations rémunérées à des entreprises", "€ HT",
              "somme de accounts.eur (charge) par accounts.supplier", ACCOUNTS, _suppliers),
    Indicator("F4", M, "Recettes\u00a0: ventes, soutiens, aides, par flux", "€ HT",
              "somme de accounts.eur (sale, support, aid)", ACCOUNTS, _income),
    Indicator("F5", M, "Financement du service (taxe, redevance, budget…)", "€", "somme de accounts.eur (financing)",
              ACCOUNTS, _financing),
    Indicator("F6", M, "Coût complet, par flux", "€ HT", "somme de accounts.eur (charge) par flux", ACCOUNTS,
              Cost("charges", "flow")),
    Indicator("F7", M, "Coût complet, par étape technique", "€ HT",
              "somme de accounts.eur (charge) par étape\u00a0: pré-collecte, collecte, transport, traitement", ACCOUNTS,
              Cost("charges", "stage")),
    Indicator("F8", M, "Coût aidé, par flux", "€ HT", "charges − ventes − soutiens − aides, par flux", ACCOUNTS,
              Cost("net", "flow")),
    Indicator("F9", M, "Coût aidé à la tonne, par flux", "€ HT/t", "coût aidé du flux ÷ tonnes pesées du flux (T5)",
              ("accounts", "weighings"), Cost("net", "flow", "tonne")),
    Indicator("F10", M, "Coût aidé par habitant, par flux", "€ HT/hab.",
              "coût aidé du flux ÷ somme de territory.inhabitants", ("accounts", "territory"),
              Cost("net", "flow", "inhabitant")),
    Indicator("F11", M, "Coût aidé, par étape technique", "€ HT", "charges − ventes − soutiens − aides, par étape",
              ACCOUNTS, Cost("net", "stage")),
)  # fmt: skip
