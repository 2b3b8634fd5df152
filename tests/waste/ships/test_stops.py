"""A ship's waste in the plan of the city: where she lies, while she lies there, by the trucks that take it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from havre_waste.ships.kinds import Family
from havre_waste.ships.pickups import Carrier, Pickup, Window
from havre_waste.ships.stops import ShipStop, stops
from havre_waste.sites.model import Flow

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 3, 2)
BERTHS = {"CITY-02": (0.159, 49.4945)}


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def load(*windows: tuple[datetime, datetime], carrier: Carrier = Carrier.TRUCK, id: str = "n/garbage/1") -> Pickup:
    spans = tuple(Window(*one) for one in windows)
    return Pickup(id, "n", "HV COASTER 01", "CITY-02", Family.GARBAGE, carrier, 2.0, 900, timedelta(minutes=30), spans)


def of(*loads: Pickup, day: date = DAY) -> list[ShipStop]:
    return stops(loads, BERTHS, day, PARIS)


def test_a_load_is_a_stop_at_the_berth_in_seconds_of_the_day() -> None:
    (found,) = of(load((at(2, 9), at(2, 16))))
    assert (found.flow, found.kg, found.service) == (Flow.SHIP, 900, 1800)
    assert (found.longitude, found.latitude) == BERTHS["CITY-02"]
    assert found.windows == ((10 * 3600, 17 * 3600),)
    assert found.must


def test_a_stay_over_night_has_a_part_on_each_day_and_must_be_done_on_the_last() -> None:
    night = load((at(2, 9), at(3, 12)))
    (first,), (second,) = of(night), of(night, day=date(2026, 3, 3))
    assert (first.windows, first.must) == (((10 * 3600, 86_399),), False)
    assert (second.windows, second.must) == (((0, 13 * 3600),), True)
    assert of(night, day=date(2026, 3, 4)) == []
    assert of(night, day=date(2026, 3, 1)) == []


def test_noon_is_noon_also_on_the_day_when_clocks_go_forward() -> None:
    (found,) = of(load((at(29, 10), at(29, 11))), day=date(2026, 3, 29))
    assert found.windows == ((12 * 3600, 13 * 3600),)


def test_a_barge_is_no_stop_of_the_road_and_the_most_urgent_comes_first() -> None:
    late, soon = load((at(2, 9), at(2, 16)), id="late"), load((at(2, 9), at(2, 10)), id="soon")
    tank = load((at(2, 9), at(2, 12)), carrier=Carrier.TANK_TRUCK, id="tank")
    barge = load((at(2, 9), at(2, 10)), carrier=Carrier.BARGE, id="barge")
    assert [one.id for one in of(late, soon, barge, tank)] == ["soon", "tank", "late"]


def test_a_berth_that_nobody_knows_is_said() -> None:
    with pytest.raises(KeyError, match="CITY-02"):
        stops([load((at(2, 9), at(2, 16)))], {}, DAY, PARIS)


def test_the_rounds_of_the_city_take_it() -> None:
    """With a container of the city, by one truck, in the words of ``rounds.model``."""
    why = "NOT PLANNED: the rounds are not here"
    model = pytest.importorskip("havre_waste.rounds.model", reason=why)
    planning = pytest.importorskip("havre_waste.rounds.planning", reason=why)
    checker = pytest.importorskip("havre_waste.rounds.checker", reason=why)
    (ship,) = of(load((at(2, 9), at(2, 10))))
    windows = tuple(model.Window(*one) for one in ship.windows)
    metres = np.full((3, 3), 2000, dtype=np.int64) * ~np.eye(3, dtype=bool)
    problem = model.Problem(
        (model.Stop(ship.id, 1, ship.kg, ship.service, windows), model.Stop("c1", 2, 300, 110)),
        (model.Vehicle("t1", 0, 0, model.Window(6 * 3600, 14 * 3600), 6000),),
        (model.Tip("tip", 0, 300),),
        model.Matrix(metres, metres // 10, "a test"),
    )
    found = planning.plan(problem, stop=planning.Stopping(first=True))
    assert checker.check(problem, found) == ()
    (round_,) = found.rounds
    assert set(round_.stops) == {ship.id, "c1"}
    (begins,) = (visit.begins for visit in round_.visits if visit.id == ship.id)
    assert ship.windows[0][0] <= begins <= ship.windows[0][1]
