"""Real bins: raw uplinks are read as they were stored, values of a record by day."""

import datetime

import pytest
from benchmarks.scores import waste_real_levels
from benchmarks.scores.waste_real_levels import DTU, WYNDHAM, uplinks


def test_a_payload_is_centimetres_and_what_is_none_is_left() -> None:
    text = (
        '{"data": [{"time": "2016-05-31T07:52:48.352Z", "node_eui": "02014101", "data": "{52}"},'
        ' {"time": "2016-05-31T08:52:48Z", "node_eui": "02014101", "data": "hello"}]}'
    )
    (row,) = uplinks(text).iter_rows(named=True)
    assert (row["sensor"], row["distance_mm"]) == ("02014101", 520)
    assert row["time"] == datetime.datetime(2016, 5, 31, 7, 52, 48, tzinfo=datetime.UTC)


@pytest.mark.skipif(not DTU.path.exists(), reason=f"LEFT OUT: there is no {DTU.path}")
def test_the_uplinks_of_the_pilot_are_cleaned() -> None:
    found = waste_real_levels.dtu(DTU.path)
    assert found["dtu_uplinks"] > 1800 and found["dtu_duplicates"] > 0
    assert 0 < found["dtu_emptyings_a_week"] < 7


@pytest.mark.skipif(not WYNDHAM.path.exists(), reason=f"LEFT OUT: there is no {WYNDHAM.path}")
def test_the_days_of_wyndham_are_read_in_their_order() -> None:
    days, limits = waste_real_levels._days(WYNDHAM.path)
    assert len(limits) == 33 and min(days) == datetime.date(2018, 6, 26) and max(days) == datetime.date(2021, 5, 3)
    assert all(0 <= value <= 10 for values in days.values() for value in values.values())
