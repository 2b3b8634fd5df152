"""The types of waste of the advance notification (directive (EU) 2019/883, annex 2, section 3), in its order.

MARPOL annexes I (oil), II (noxious liquid substances), IV (sewage), V (garbage), VI (air pollution), and passively
fished waste, which MARPOL does not cover. Amounts are in cubic metres.

Ours, not the directive's: the identifiers, what a type is for a collector (``family``), how heavy a cubic metre of it
is, and the code of the European list of waste (decision 2000/532/EC) that a tracking form would begin with, where one
is known for certain. Densities are orders of magnitude for planning a truck; a receipt has what was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Annex(StrEnum):
    """Of MARPOL; NONE for what it does not cover."""

    I = "I"  # noqa: E741  (its name)
    II = "II"
    IV = "IV"
    V = "V"
    VI = "VI"
    NONE = "none"


class Family(StrEnum):
    """What may travel in one tank or body: oily, chemical, sewage and scrubber waste are pumped, the others lifted."""

    OILY = "oily"
    CHEMICAL = "chemical"
    SEWAGE = "sewage"
    SCRUBBER = "scrubber"
    GARBAGE = "garbage"
    SPECIAL = "special"

    @property
    def pumped(self) -> bool:
        return self in (Family.OILY, Family.CHEMICAL, Family.SEWAGE, Family.SCRUBBER)


@dataclass(frozen=True)
class Kind:
    """``specified``: the notification has to say what it is (annex 2: "other, please specify", "name")."""

    id: str
    annex: Annex
    french: str
    english: str
    family: Family
    kg_per_m3: float
    specified: bool = False
    waste_code: str | None = None


def _kinds() -> tuple[Kind, ...]:
    oily, chemical, garbage, special = Family.OILY, Family.CHEMICAL, Family.GARBAGE, Family.SPECIAL
    return (
        Kind("oily-bilge-water", Annex.I, "Eaux de cale huileuses", "Oily bilge water", oily, 1000, False, "13 04 03*"),
        Kind("oily-residues", Annex.I, "Résidus d’hydrocarbures (boues)", "Oily residues (sludge)", oily, 950),
        Kind("oily-tank-washings", Annex.I, "Eaux de lavage de citernes huileuses", "Oily tank washings", oily, 1000,
             False, "16 07 08*"),
        Kind("dirty-ballast-water", Annex.I, "Eaux de ballast sales", "Dirty ballast water", oily, 1025),
        Kind("tank-cleaning-sludge", Annex.I, "Boues et dépôts de nettoyage de citernes",
             "Scale and sludge from tank cleaning", oily, 1300, False, "16 07 08*"),
        Kind("oil-other", Annex.I, "Autres déchets huileux", "Other oily waste", oily, 1000, True),
        Kind("nls-x", Annex.II, "Substance de catégorie X", "Category X substance", chemical, 1000, True, "16 07 09*"),
        Kind("nls-y", Annex.II, "Substance de catégorie Y", "Category Y substance", chemical, 1000, True, "16 07 09*"),
        Kind("nls-z", Annex.II, "Substance de catégorie Z", "Category Z substance", chemical, 1000, True, "16 07 09*"),
        Kind("nls-os", Annex.II, "Autres substances (OS)", "Other substances (OS)", chemical, 1000, True),
        Kind("sewage", Annex.IV, "Eaux usées", "Sewage", Family.SEWAGE, 1000),
        Kind("plastics", Annex.V, "Matières plastiques", "Plastics", garbage, 70),
        Kind("food-waste", Annex.V, "Déchets alimentaires", "Food waste", garbage, 500),
        Kind("domestic-waste", Annex.V, "Ordures ménagères (papiers, chiffons, verre, métaux…)",
             "Domestic waste (paper, rags, glass, metal…)", garbage, 150),
        Kind("cooking-oil", Annex.V, "Huile de cuisson", "Cooking oil", garbage, 900),
        Kind("incinerator-ashes", Annex.V, "Cendres d’incinérateur", "Incinerator ashes", special, 800),
        Kind("operational-waste", Annex.V, "Déchets d’exploitation", "Operational waste", garbage, 300),
        Kind("animal-carcasses", Annex.V, "Carcasses d’animaux", "Animal carcasses", special, 700),
        Kind("fishing-gear", Annex.V, "Engins de pêche", "Fishing gear", garbage, 200),
        Kind("e-waste", Annex.V, "Déchets électriques et électroniques", "E-waste", special, 250),
        Kind("cargo-residues-hme", Annex.V, "Résidus de cargaison nuisibles au milieu marin",
             "Cargo residues harmful to the marine environment (HME)", special, 1000, True),
        Kind("cargo-residues", Annex.V, "Résidus de cargaison non nuisibles", "Cargo residues (non-HME)", garbage,
             1000, True),
        Kind("ozone-depleting", Annex.VI,
             "Substances appauvrissant la couche d’ozone et équipements qui en contiennent",
             "Ozone-depleting substances and equipment containing them", special, 300, False, "14 06 01*"),
        Kind("exhaust-gas-cleaning", Annex.VI, "Résidus d’épuration des gaz d’échappement",
             "Exhaust gas-cleaning residues", Family.SCRUBBER, 1200),
        Kind("passively-fished", Annex.NONE, "Déchets pêchés passivement", "Passively fished waste", garbage, 200),
    )  # fmt: skip


KINDS: Mapping[str, Kind] = {one.id: one for one in _kinds()}
"""By identifier, in the order of the form."""
