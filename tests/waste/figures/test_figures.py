"""The figures of a year against the same by hand; what is not known is missing, never 0."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from havre_waste.figures import inputs
from havre_waste.figures.carbon import Factor, of_rounds
from havre_waste.figures.financial import FINANCIAL
from havre_waste.figures.indicators import Part, Result, results
from havre_waste.figures.inputs import SCHEMAS, Input, Provenance
from havre_waste.figures.technical import OWN, TECHNICAL
from havre_waste.figures.work import costs, driving, fills, overflows, tonnages
from tests.waste.figures.year import YEAR, everything, given

ALL = (*TECHNICAL, *FINANCIAL, *OWN)


def computed(given: dict[str, Input] | None = None) -> dict[str, Result]:
    return {one.indicator.id: one for one in results(everything() if given is None else given, YEAR, ALL)}


def values(of: str, given: dict[str, Input] | None = None) -> dict[str, Any]:
    return {one.of: one.value for one in computed(given)[of].values}


BY_HAND: dict[str, dict[str, Any]] = {
    "T1": {"communes": 2, "habitants": 1000},
    "T2": {"residual, door": 900, "glass, bring": 1000},
    "T3": {"residual, door": 2.0, "glass, bring": 0.5},
    "T4": {"nombre": 1, "Nord": "Port-Inventé\u00a0: encombrants, gravats"},
    "T5": {"residual": 90.0, "packaging": 30.0, "glass": 20.0, "food": 10.0},
    "T6": {"residual": 90.0, "packaging": 30.0, "glass": 20.0, "food": 10.0},
    "T7": {"residual": 5.0},
    "T8": {"": 75.0},  # 150 kg an inhabitant of 200
    "T9": {
        "burner, energy": 80.0, "compost, organic": 10.0, "glassworks, material": 20.0, "sorter, material": 30.0,
        "tip, landfill": 10.0,
    },
    "T10": {"": 100 * 140 / 150},
    "T11": {"": 100 * 60 / 150},
    "T12": {"": 100 * 10 / 150},
    "T13": {"": 25.0},
    "T14": {"burner": 0.71},
    "T15": {"packaging": 100 / 3},
    "F1": {"residual, door": "régie", "glass, bring": "marché"},
    "F2": {"": 21_000.0},
    "F3": {"Invented Furnace": 9_000.0, "Invented Haulage": 9_000.0},
    "F4": {"ventes, glass": 1_000.0, "soutiens des éco-organismes, glass": 500.0},
    "F5": {"TEOM": 20_000.0},
    "F6": {"residual": 18_000.0, "glass": 3_000.0},
    "F7": {"collection": 12_000.0, "treatment": 9_000.0},
    "F8": {"residual": 18_000.0, "glass": 1_500.0},
    "F9": {"residual": 200.0, "glass": 75.0},
    "F10": {"residual": 18.0, "glass": 1.5},
    "F11": {"collection": 12_000.0, "treatment": 7_500.0},
    "P1": {"residual": 80.0, "glass": 50.0},
    "P2": {"residual": 7.5, "glass": 2.5},
    "P3": {"residual": 80 * 0.6 * 3.17 / 1000, "glass": 40 * 2 * 0.048 / 1000},
    "P4": {"glass": 60.0},
    "P5": {"glass": 2},
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_an_indicator_is_what_it_is_by_hand(name: str) -> None:
    found = values(name)
    assert found.keys() == BY_HAND[name].keys()
    for of, value in BY_HAND[name].items():
        assert found[of] == (pytest.approx(value) if isinstance(value, float) else value)


def test_every_indicator_is_computed_by_hand_here_and_has_a_formula_of_what_it_needs() -> None:
    assert {one.id for one in ALL} == BY_HAND.keys()
    assert len({one.id for one in ALL}) == len(ALL)
    for one in ALL:
        assert one.needs
        assert set(one.needs) <= SCHEMAS.keys()
        assert any(name in one.formula for name in (*one.needs, "coût aidé", "charges"))
    assert {one.part for one in TECHNICAL} == {Part.COLLECTION, Part.PREVENTION, Part.TREATMENT}


@pytest.mark.parametrize("lacking", SCHEMAS)
def test_without_a_dataset_what_rests_on_it_is_missing_and_says_so_and_the_rest_stands(lacking: str) -> None:
    for less in (None, given(lacking)):
        some = {name: one for name, one in everything().items() if name != lacking}
        found = computed(some | ({lacking: less} if less else {}))
        for one in found.values():
            if lacking in one.indicator.needs:
                assert one.missing
                assert lacking in one.values[0].note
            else:
                assert not one.missing


def test_nothing_at_all_gives_a_report_of_what_is_missing() -> None:
    assert all(one.missing and one.values[0].note for one in computed({}).values())


def emptied(frame: pl.DataFrame) -> pl.DataFrame:
    numbers = [name for name, kind in frame.schema.items() if kind in (pl.Float64, pl.Int64) and name != "year"]
    return frame.with_columns(pl.lit(None).cast(frame.schema[name]).alias(name) for name in numbers)


def test_a_column_of_nulls_is_missing_and_not_zero() -> None:
    """Every value of every dataset is taken away: what is left are counts of rows and texts."""
    given = {name: replace(one, frame=emptied(one.frame)) for name, one in everything().items()}
    left = {
        name: {one.of: one.value for one in found.values if one.value is not None}
        for name, found in computed(given).items()
    }
    told = {name: of for name, of in left.items() if of}
    assert told == {
        "T1": {"communes": 2},
        "T4": BY_HAND["T4"],
        "F1": BY_HAND["F1"],
    }


def test_rows_without_a_value_are_said_not_counted() -> None:
    (food,) = (one for one in computed()["T5"].values if one.of == "food")
    assert food.note == "valeurs partielles\u00a0: 1 sur 2 sans valeur, non comptées"
    (electric,) = (one for one in computed()["P3"].values if one.of == "glass")
    assert "1 sur 2" in electric.note  # what an electric truck used was not told


def test_an_unknown_population_is_no_population_of_zero() -> None:
    some = everything() | {"territory": given("territory", (YEAR, "Port-Inventé", None), (YEAR, "Ville-Inventée", 100))}
    assert values("T1", some) == {"communes": 2, "habitants": None}
    assert values("T8", some) == {"": None}
    assert set(values("F10", some).values()) == {None}


def test_a_flow_that_costs_and_is_never_weighed_has_no_cost_a_tonne() -> None:
    some = everything()
    some["weighings"] = replace(some["weighings"], frame=some["weighings"].frame.filter(pl.col("flow") != "glass"))
    found = {one.of: one for one in computed(some)["F9"].values}
    assert (found["glass"].value, found["glass"].note) == (None, "aucune pesée du flux glass")
    assert found["residual"].value == pytest.approx(200.0)


def test_a_year_is_of_the_place() -> None:
    """The first hour of a year in Paris is the last of the year before in UTC."""
    one = given("weighings", (datetime(2024, 12, 31, 23, 30, tzinfo=UTC), "tip", "residual", "landfill", 1000.0))
    assert inputs.frame({"weighings": one}, "weighings", 2025) is not None
    assert inputs.frame({"weighings": one}, "weighings", 2024) is None


def test_provenance_goes_with_each_value() -> None:
    assert [one.dataset for one in computed()["F9"].provenance] == ["urn:accounts", "urn:weighings"]


def test_the_factors_of_carbon_can_be_replaced() -> None:
    factors = {"diesel": Factor(1.0, "l", "a test"), "electricity": Factor(0.0, "kWh", "a test")}
    found = of_rounds(everything()["rounds"].frame, factors)["co2_kg"].to_list()
    assert found == [pytest.approx(30.0), pytest.approx(18.0), 0.0, None]


def test_a_frame_of_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="weighings: kg is missing"):
        Input("weighings", everything()["weighings"].frame.drop("kg"), Provenance("urn:w"))


def test_the_work_by_flow() -> None:
    given = {name: one.frame for name, one in everything().items()}
    assert tonnages(given["weighings"]).filter(pl.col("flow") == "food").row(0) == ("food", 10.0, 2, 1)
    assert driving(given["rounds"]).filter(pl.col("flow") == "glass")["unknown"].item() == 1
    assert fills(given["emptyings"]).row(0) == ("glass", 3, pytest.approx(0.6), 0.5, 1)
    assert overflows(given["levels"]).row(0) == ("glass", 3, 2, pytest.approx(3 / 5), 1)
    assert costs(given["accounts"]).columns == ["flow", "stage", "charges", "income", "unknown", "lines", "net"]


def test_every_indicator_and_dataset_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/waste-figures.md").read_text("utf-8")
    for one in ALL:
        title, formula = (words.replace("\u00a0", " ") for words in (one.title, one.formula))
        assert f"| {one.id} | {title} | {one.unit or '–'} | {formula} |" in text
    for name, schema in SCHEMAS.items():
        assert f"| `{name}` | {', '.join(f'`{column}`' for column in schema)} |" in text
