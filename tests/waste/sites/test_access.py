"""A truck comes only where and when it may: weight, hours, one side of the street (R437)."""

from dataclasses import replace

import pytest

from havre_waste.sites import hours
from havre_waste.sites.access import barred, may_enter, open_at, served_from, windows
from havre_waste.sites.model import Access, Flow, Hours, Side, Site, Truck

SITE = Site("s", "Site", 0.1, 49.5)
TRUCK = Truck("t", "d", frozenset({Flow.GLASS}), 9000, Hours(300, 780), tonnes=26)
MONDAY, SUNDAY = 0, 6


def at(text: str = "", **rest: object) -> Site:
    return replace(SITE, access=replace(Access(hours=hours.parse(text)), **rest))


@pytest.mark.parametrize(
    ("site", "minute", "weekday", "why"),
    [
        (at(), 0, SUNDAY, ()),
        (at("Mo-Fr 06:00-11:00"), 360, MONDAY, ()),
        (at("Mo-Fr 06:00-11:00"), 659.9, MONDAY, ()),
        (at("Mo-Fr 06:00-11:00"), 660, MONDAY, ("hours",)),
        (at("Mo-Fr 06:00-11:00"), 400, SUNDAY, ("hours",)),
        (at("Su 22:00-02:00"), 60, MONDAY, ()),
        (at(heaviest_t=26.0), 400, MONDAY, ()),
        (at(heaviest_t=19.0), 400, MONDAY, ("weight",)),
        (at("06:00-07:00", heaviest_t=3.5), 0, MONDAY, ("weight", "hours")),
    ],
)
def test_a_truck_may_come_or_is_told_why_not(site: Site, minute: float, weekday: int, why: tuple[str, ...]) -> None:
    assert barred(TRUCK, site, minute, weekday) == why
    assert may_enter(TRUCK, site, minute, weekday) is not bool(why)


def test_the_windows_of_a_day_are_in_order_and_those_that_touch_are_one() -> None:
    site = at("14:00-16:00; Mo 06:00-08:00; Mo 08:00-09:00; Mo 15:00-17:00")
    assert windows(site, MONDAY) == ((360, 540), (840, 1020))
    assert windows(site, SUNDAY) == ((840, 960),)
    assert windows(at(), MONDAY) == ((0, 1440),)
    assert windows(at("Mo 06:00-07:00"), SUNDAY) == ()


@pytest.mark.parametrize(
    ("side", "from_side", "served"),
    [
        (Side.LEFT, Side.LEFT, True), (Side.LEFT, Side.RIGHT, False), (Side.RIGHT, Side.LEFT, False),
        (Side.RIGHT, Side.RIGHT, True), (Side.BOTH, Side.LEFT, True), (Side.BOTH, Side.RIGHT, True),
    ],
)  # fmt: skip
def test_a_site_is_served_from_its_own_side_of_the_street(side: Side, from_side: Side, served: bool) -> None:
    assert served_from(at(side=side), from_side) is served


def test_what_tells_no_hours_is_always_open() -> None:
    assert open_at((), 0, SUNDAY)
    assert open_at(hours.parse("Mo 06:00-07:00"), 360, MONDAY)
    assert not open_at(hours.parse("Mo 06:00-07:00"), 420, MONDAY)
