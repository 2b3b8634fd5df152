"""The scores: what is written can be read by a judge, says what was asked for, and claims nothing that is not there."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.score import REAL, SCENARIO, Part, collected
from benchmarks.scores.results import Record, Score, gain_pct, over_seeds, reached, table, write
from hypothesis import given
from hypothesis import strategies as st

ASKED_FOR = {
    "berth_precision": ">= 0.98",
    "berth_recall": ">= 0.97",
    "berth_error_min": "<= 5",
    "call_confidence_4": ">= 0.95",
    "opening_recall": ">= 0.90",
    "opening_precision": ">= 0.85",
    "opening_brier_skill": ">= 0.4",
    "eta_gain_pct": ">= 25",
    "eta_coverage_pct": "75-85",
    "truck_gain_pct": ">= 20",
    "tower_bridge_gain_pct": "> 0",
    "gates_gain_pct": "> 0",
}
SAID = {"gain_pct": ("%", ">= 20"), "error": ("min", "")}


def declared() -> Iterator[tuple[str, str, str]]:
    for part in [*SCENARIO.values(), *REAL.values()]:
        yield from ((name, *said) for name, said in part.said.items())


def by_seed(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SAID, [{"gain_pct": 20.0 + seed, "error": 1 / seed} for seed in seeds])


def shipped(path: Path) -> Record:
    return Record(path, {"kept": ("", "")}, lambda file: {"kept": float(file.read_text())})


def test_all_that_was_asked_for_is_measured_by_some_part() -> None:
    assert {name: wanted for name, _, wanted in declared() if name in ASKED_FOR} == ASKED_FOR


def test_no_two_parts_measure_under_one_name() -> None:
    names = [name for name, _, _ in declared()]
    assert len(names) == len(set(names))


def test_what_is_written_is_a_list_of_values_with_their_intervals(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("0.9")
    found = collected([1, 2, 3], {"part": Part(SAID, by_seed)}, {"log": shipped(tmp_path / "log")})
    write(found, tmp_path / "build/score.json")
    written = json.loads((tmp_path / "build/score.json").read_text())
    assert [list(one) for one in written] == [["name", "value", "low", "high", "unit", "wanted"]] * 3
    assert [one["name"] for one in written] == ["gain_pct", "error", "kept"]
    assert all(one["low"] <= one["value"] <= one["high"] for one in written)
    assert written[2] == {"name": "kept", "value": 0.9, "low": 0.9, "high": 0.9, "unit": "", "wanted": ""}


def test_a_value_that_is_no_number_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write([Score("recall", math.nan, 0, 1, "")], tmp_path / "score.json")
    assert not (tmp_path / "score.json").exists()


def test_a_record_that_is_not_there_is_left_out_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert collected([1], {}, {"Log": shipped(tmp_path / "log")}) == []
    said = capsys.readouterr().err
    assert "Log is LEFT OUT" in said and f"{tmp_path / 'log'}" in said and "kept" in said


def test_each_part_tells_how_long_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("1")
    collected([4, 5], {"part": Part(SAID, by_seed)}, {"Log": shipped(tmp_path / "log")})
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("part, 2 seeds: 0 s") and second.startswith("Log: 0 s")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_an_interval_contains_its_mean(values: list[float]) -> None:
    (found,) = over_seeds({"one": ("", "")}, [{"one": value} for value in values])
    assert found.low <= found.value <= found.high


def test_an_interval_is_that_of_student() -> None:
    (found,) = over_seeds({"one": ("", "")}, [{"one": float(value)} for value in range(1, 11)])
    # by hand: standard deviation 3.02765, of the mean 0.95743, times 2.262 (nine degrees of freedom)
    assert (found.value, found.low, found.high) == pytest.approx((5.5, 3.3343, 7.6657), abs=1e-4)


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [(">= 0.90", 0.9, 0.899), ("<= 5", 5, 5.1), ("> 0", 0.1, 0), ("75-85", 75, 85.1), ("75-85", 85, 74.9)],
)
def test_what_was_wanted_and_missed_is_marked(wanted: str, good: float, bad: float) -> None:
    scores = [Score("good", good, good, good, "", wanted), Score("bad", bad, bad, bad, "", wanted)]
    assert [reached(one) for one in scores] == [True, False]
    assert ["MISSED" in line for line in table(scores).splitlines()[1:]] == [False, True]


def test_what_is_wanted_can_be_read_of_all() -> None:
    for name, unit, wanted in declared():
        reached(Score(name, 0, 0, 0, unit, wanted))
    with pytest.raises(ValueError, match="at least 3"):
        reached(Score("one", 0, 0, 0, "", "at least 3"))


def test_a_gain_is_of_root_mean_square_errors() -> None:
    assert gain_pct(np.array([3.0, -1.0]), np.array([2.0, -4.0])) == pytest.approx(100 * (1 - math.sqrt(10 / 20)))


@pytest.mark.parametrize("name", ["Tower Bridge", "Brest", "Netherlands"])
def test_a_real_record_gives_what_it_declares(name: str) -> None:
    record = REAL[name]
    if not record.path.exists():
        pytest.skip(f"there is no {record.path}: this promise is NOT tested here")
    found = record.measure()
    assert [one.name for one in found] == list(record.said)
    assert all(one.low == one.value == one.high and math.isfinite(one.value) and reached(one) for one in found)
