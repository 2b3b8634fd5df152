"""The technical indicators: collection, prevention, treatment, and figures of our own (``indicators`` says whose
words).

The words of the report are French.
"""

from collections.abc import Sequence

import polars as pl

from havre_waste.figures import work
from havre_waste.figures.indicators import Asked, Indicator, Part, Value
from havre_waste.figures.inputs import RECOVERED, Treatment

LESS = "valeurs partielles"


def partial(unknown: int, of: int) -> str:
    """The note on rows that had no value."""
    return f"{LESS}\u00a0: {unknown} sur {of} sans valeur, non comptées" if unknown else ""


def _territory(asked: Asked) -> Sequence[Value]:
    rows = asked["territory"]
    return Value("communes", rows["commune"].n_unique()), Value("habitants", asked.inhabitants)


def _served(asked: Asked) -> Sequence[Value]:
    rows = asked["services"].sort("flow", "mode")
    return [Value(f"{flow}, {mode}", count) for flow, mode, count in rows.select("flow", "mode", "inhabitants").rows()]


def _frequency(asked: Asked) -> Sequence[Value]:
    rows = asked["services"].sort("flow", "mode")
    return [Value(f"{flow}, {mode}", often) for flow, mode, often in rows.select("flow", "mode", "a_week").rows()]


def _centres(asked: Asked) -> Sequence[Value]:
    rows = asked["recycling_centres"].sort("name")
    each = [
        Value(name, f"{commune}\u00a0: {accepts}")
        for name, commune, accepts in rows.select("name", "commune", "accepts").rows()
    ]
    return [Value("nombre", rows.height), *each]


def _tonnages(asked: Asked) -> Sequence[Value]:
    rows = work.tonnages(asked["weighings"])
    return [
        Value(one["flow"], one["tonnes"], partial(one["unknown"], one["loads"])) for one in rows.iter_rows(named=True)
    ]


def _per_inhabitant(asked: Asked) -> Sequence[Value]:
    people = asked.inhabitants
    return [
        Value(one.of, None if one.value is None or people is None else 1000 * float(one.value) / people, one.note)
        for one in _tonnages(asked)
    ]


def _professionals(asked: Asked) -> Sequence[Value]:
    rows = asked["professionals"].sort("flow")
    found = []
    for flow, kg, most in rows.select("flow", "kg", "most_litres_a_week").rows():
        note = (
            "quantité maximale non renseignée" if most is None else f"au plus {most:g} l par semaine et par producteur"
        )
        found.append(Value(flow, None if kg is None else kg / 1000, "" if kg is None else note))
    return found


def _reduction(asked: Asked) -> Sequence[Value]:
    """Household and similar waste an inhabitant, as an index of 2010."""
    return [_index(asked, "household", asked["weighings"])]


def _landfill_index(asked: Asked) -> Sequence[Value]:
    """The quantity itself, not an inhabitant's."""
    landfilled = asked["weighings"].filter(pl.col("treatment") == Treatment.LANDFILL)
    return [_index(asked, "landfilled", landfilled, each=False)]


def _index(asked: Asked, measure: str, weighings: pl.DataFrame, *, each: bool = True) -> Value:
    then = asked["reference_2010"].filter(pl.col("measure") == measure)
    if then.height != 1 or then["kg"][0] is None:
        return Value("", None, f"référence 2010 manquante\u00a0: {measure}")
    kg_then, people_then = then.select("kg", "inhabitants").row(0)
    note = partial(weighings["kg"].null_count(), weighings.height)
    if weighings.height and not weighings["kg"].count():
        return Value("", None, "pesées sans poids")
    kg_now, people_now = float(weighings["kg"].sum()), asked.inhabitants
    if not each:
        return Value("", 100 * kg_now / kg_then, note)
    if not people_then or not people_now:
        return Value("", None, "nombre d’habitants manquant")
    return Value("", 100 * (kg_now / people_now) / (kg_then / people_then), note)


def _treated(asked: Asked) -> Sequence[Value]:
    rows = work.tonnages(asked["weighings"], ("plant", "treatment"))
    return [
        Value(f"{one['plant']}, {one['treatment']}", one["tonnes"], partial(one["unknown"], one["loads"]))
        for one in rows.iter_rows(named=True)
    ]


class Share:
    """Of the weighed tonnes that go to some treatments."""

    def __init__(self, *treatments: Treatment) -> None:
        self.treatments = [str(one) for one in treatments]

    def __call__(self, asked: Asked) -> Sequence[Value]:
        rows = asked["weighings"]
        total = float(rows["kg"].sum())
        if not total:
            return [Value("", None, "aucune pesée avec un poids")]
        some = float(rows.filter(pl.col("treatment").is_in(self.treatments))["kg"].sum())
        return [Value("", 100 * some / total, partial(rows["kg"].null_count(), rows.height))]


def _energy(asked: Asked) -> Sequence[Value]:
    rows = asked["plants"].filter(pl.col("treatment").is_in([Treatment.ENERGY, Treatment.INCINERATION])).sort("plant")
    return [Value(plant, r1) for plant, r1 in rows.select("plant", "r1").rows()]


def _refused(asked: Asked) -> Sequence[Value]:
    found = []
    for flow, kept, refused in asked["sorting"].sort("flow").select("flow", "sorted_kg", "refused_kg").rows():
        known = kept is not None and refused is not None and kept + refused > 0
        found.append(Value(flow, 100 * refused / (kept + refused) if known else None))
    return found


class Driving:
    """A column of ``work.driving`` by flow."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, asked: Asked) -> Sequence[Value]:
        rows = work.driving(asked["rounds"], asked.factors)
        noted = self.column == "co2_t"
        return [
            Value(one["flow"], one[self.column], partial(one["unknown"], one["rounds"]) if noted else "")
            for one in rows.iter_rows(named=True)
        ]


def _fills(asked: Asked) -> Sequence[Value]:
    rows = work.fills(asked["emptyings"])
    return [
        Value(
            one["flow"], None if one["fill"] is None else 100 * one["fill"], partial(one["unknown"], one["emptyings"])
        )
        for one in rows.iter_rows(named=True)
    ]


def _overflows(asked: Asked) -> Sequence[Value]:
    rows = work.overflows(asked["levels"])
    return [
        Value(one["flow"], one["overflows"], "" if one["hours"] is None else f"{one['hours']} h au total (estimation)")
        for one in rows.iter_rows(named=True)
    ]


C, P, T, O = Part.COLLECTION, Part.PREVENTION, Part.TREATMENT, Part.OWN  # noqa: E741
WEIGHED = ("weighings",)
TECHNICAL: tuple[Indicator, ...] = (
    Indicator("T1", C, "Territoire desservi", "", "territory\u00a0: nombre de communes, somme des habitants",
              ("territory",), _territory),
    Indicator("T2", C, "Habitants desservis, par flux et par mode de collecte", "hab.",
              "services.inhabitants, en porte à porte (door) ou par apport volontaire (bring)", ("services",), _served),
    Indicator("T3", C, "Fréquence de collecte, par flux", "par semaine", "services.a_week", ("services",), _frequency),
    Indicator("T4", C, "Déchèteries\u00a0: nombre, lieu, déchets acceptés", "",
              "recycling_centres\u00a0: nombre de lignes, et chacune", ("recycling_centres",), _centres),
    Indicator("T5", C, "Tonnages enlevés, par flux", "t", "somme de weighings.kg ÷ 1 000, par flux", WEIGHED,
              _tonnages),
    Indicator("T6", C, "Tonnages enlevés par habitant, par flux", "kg/hab.",
              "somme de weighings.kg par flux ÷ somme de territory.inhabitants", ("weighings", "territory"),
              _per_inhabitant),
    Indicator("T7", C, "Déchets ne provenant pas des ménages, par flux", "t",
              "professionals.kg ÷ 1 000\u00a0; quantité maximale par producteur", ("professionals",), _professionals),
    Indicator("T8", P, "Indice de réduction des quantités de déchets ménagers et assimilés (100 en 2010)", "indice",
              "100 × (weighings.kg ÷ territory.inhabitants) ÷ (reference_2010.kg ÷ reference_2010.inhabitants)",
              ("weighings", "territory", "reference_2010"), _reduction),
    Indicator("T9", T, "Tonnages traités, par installation et par traitement", "t",
              "somme de weighings.kg ÷ 1 000, par installation et traitement", WEIGHED, _treated),
    Indicator("T10", T, "Taux global de valorisation (matière, organique et énergie)", "%",
              "100 × weighings.kg de material, organic et energy ÷ weighings.kg", WEIGHED, Share(*RECOVERED)),
    Indicator("T11", T, "Taux de valorisation matière et organique", "%",
              "100 × weighings.kg de material et organic ÷ weighings.kg", WEIGHED,
              Share(Treatment.MATERIAL, Treatment.ORGANIC)),
    Indicator("T12", T, "Part des déchets enfouis", "%", "100 × weighings.kg de landfill ÷ weighings.kg", WEIGHED,
              Share(Treatment.LANDFILL)),
    Indicator("T13", T, "Indice des quantités enfouies (100 en 2010)", "indice",
              "100 × weighings.kg de landfill ÷ reference_2010.kg (landfilled)", ("weighings", "reference_2010"),
              _landfill_index),
    Indicator("T14", T, "Performance énergétique des installations d’incinération (R1)", "",
              "plants.r1, tel que l’exploitant le déclare", ("plants",), _energy),
    Indicator("T15", T, "Taux de refus de tri, par flux", "%",
              "100 × sorting.refused_kg ÷ (sorting.sorted_kg + sorting.refused_kg)", ("sorting",), _refused),
)  # fmt: skip
OWN: tuple[Indicator, ...] = (
    Indicator("P1", O, "Distance parcourue par les tournées, par flux", "km", "somme de rounds.metres ÷ 1 000",
              ("rounds",), Driving("km")),
    Indicator("P2", O, "Durée des tournées, par flux", "h", "somme de rounds.seconds ÷ 3 600", ("rounds",),
              Driving("hours")),
    Indicator("P3", O, "Émissions des tournées, par flux", "t CO2e",
              "somme de rounds.metres × (litres × facteur du gazole + kWh × facteur de l’électricité)", ("rounds",),
              Driving("co2_t")),
    Indicator("P4", O, "Remplissage moyen au vidage, par flux", "%", "100 × moyenne de emptyings.fill_before",
              ("emptyings",), _fills),
    Indicator("P5", O, "Débordements estimés, par flux", "", "levels\u00a0: passages de p50 au-dessus de 1",
              ("levels",), _overflows),
)  # fmt: skip
