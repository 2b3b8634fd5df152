"""No old state is shown as now: what does not stand any more is gone from the picture."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.picture.model import Health, Picture, Road
from havre_mobility.picture.standing import standing, troubled
from tests.mobility.pages import pictures
from tests.mobility.pages.pictures import NOW, after, with_feed

CARRYING = ("ais", "bridge_messages", "gates", "trips", "tide")


def roads(picture: Picture) -> dict[str, Road]:
    return {bridge.id: bridge.road for bridge in picture.bridges}


def test_a_picture_whose_feeds_are_well_stands_whole() -> None:
    assert standing(pictures.busy(), NOW) == pictures.busy()


def test_stale_ais_takes_the_forecasts_and_what_was_seen_by_it() -> None:
    now = standing(pictures.ais_stale(), NOW)
    assert [feed.id for feed in troubled(now)] == ["ais"]
    assert roads(now)["bridge-7"] is Road.UNKNOWN
    assert roads(now)["bridge-rouge"] is Road.ANNOUNCED  # the operator said it, not the ships
    assert [bridge.likelihood for bridge in now.bridges] == [()] * 5
    assert [ship.next for ship in now.ships] == [None] * len(now.ships)
    assert all(bridge.reserved for bridge in now.bridges if bridge.id in ("bridge-7", "bridge-7bis"))


def test_silence_becomes_stale_after_five_minutes_and_dead_after_thirty() -> None:
    quiet = with_feed(pictures.busy(), "ais", last_input=NOW)
    for minutes, health in ((5, Health.OK), (5.1, Health.STALE), (30, Health.STALE), (30.1, Health.DEAD)):
        (feed, *_) = standing(replace(quiet, at=after(minutes)), after(minutes)).feeds
        assert feed.health is health, minutes


def test_a_feed_that_speaks_only_when_something_happens_may_be_silent() -> None:
    quiet = with_feed(pictures.busy(), "bridge_messages", last_input=after(-600))
    assert standing(quiet, NOW).bridges == standing(pictures.busy(), NOW).bridges


def test_a_feed_that_never_spoke_is_dead() -> None:
    never = with_feed(pictures.busy(), "ais", last_input=None)
    assert standing(never, NOW).feeds[0].health is Health.DEAD


def test_falsified_positions_doubt_every_ship_and_carry_no_forecast() -> None:
    now = standing(pictures.falsified(), NOW)
    assert all(ship.doubted and ship.next is None for ship in now.ships)
    assert roads(now)["bridge-7"] is Road.UNKNOWN
    assert not any(bridge.likelihood for bridge in now.bridges)


def test_with_all_feeds_dead_no_state_is_told_but_that_of_a_closure_until_further_notice() -> None:
    now = standing(pictures.all_dead(), NOW)
    assert set(roads(now).values()) == {Road.UNKNOWN, Road.SHUT}
    assert roads(now)["bridge-5"] is Road.SHUT
    assert (now.gates, now.lines, now.tide) == ((), (), None)


def test_a_picture_older_than_a_minute_tells_no_state() -> None:
    for seconds, told in ((60, True), (61, False)):
        now = standing(pictures.busy(), NOW + timedelta(seconds=seconds))
        known = [bridge for bridge in now.bridges if bridge.road not in (Road.UNKNOWN, Road.SHUT)]
        assert bool(known or now.gates or now.lines or now.tide) is told


def test_an_announcement_that_passed_is_not_announced_any_more() -> None:
    later = after(33)
    fresh = replace(pictures.busy(), at=later, feeds=tuple(replace(f, last_input=later) for f in pictures.FEEDS))
    rouge = standing(fresh, later).bridges[0]
    assert (rouge.road, rouge.opening) == (Road.OPEN, None)


@pytest.mark.parametrize("make", pictures.ALL.values(), ids=pictures.ALL)
def test_what_stands_stands_when_it_is_asked_again(make: object) -> None:
    assert callable(make)
    once = standing(make(), NOW)
    assert standing(once, NOW) == once


@given(st.sets(st.sampled_from(CARRYING)), st.sampled_from([one for one in Health if one is not Health.OK]))
def test_nothing_rests_on_a_feed_that_is_not_well(ill: set[str], health: Health) -> None:
    picture = pictures.busy()
    for feed in ill:
        picture = with_feed(picture, feed, health=health)
    now = standing(picture, NOW)
    told = [bridge.said for bridge in now.bridges if bridge.road not in (Road.UNKNOWN, Road.SHUT)]
    told += [bridge.opening.said for bridge in now.bridges if bridge.opening]
    told += [ship.next.said for ship in now.ships if ship.next]
    told += [gate.said for gate in now.gates] + [line.said for line in now.lines]
    assert not {said.feed for said in told if said} & ill
