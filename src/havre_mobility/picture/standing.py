"""What of a picture still stands at a given time. Pure.

1. A statement stands as long as the feed behind it does: one that is silent beyond its patience, dead, doubted or not
   listed carries nothing.
2. A bridge whose state does not stand is UNKNOWN; forecasts that do not stand are gone. Reserved slots and closures
   until further notice remain: they are rules, not observations.
3. A picture that is older than ``OLD`` tells no state at all.
4. Ships stay where they were last seen, marked as such by their age; nothing is moved on by guess. All of them are
   doubted while their feed is.
5. An opening that should be over by its P90, and of which nobody says that it goes on, is over.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from havre_mobility.picture.model import AIS, Bridge, Feed, Health, Picture, Road, Said, Ship

OLD = timedelta(seconds=60)
LAST_SEEN = timedelta(minutes=5)
"""A ship that was not heard for longer is shown as last seen."""
DEAD_AFTER = 6
"""Times its patience: from there on a silent feed counts as dead."""

Stands = Callable[[Said | None], bool]


def standing(picture: Picture, now: datetime) -> Picture:
    """The picture with only what can be said at ``now``."""
    feeds = tuple(_health(feed, now) for feed in picture.feeds)
    alive = {feed.id for feed in feeds if feed.health is Health.OK}
    doubted = any(feed.id == AIS and feed.health is Health.DOUBTED for feed in feeds)
    old = is_old(picture, now)

    def stands(said: Said | None) -> bool:
        return said is not None and said.feed in alive and not old

    return replace(
        picture,
        ships=tuple(_ship(ship, stands, doubted) for ship in picture.ships),
        bridges=tuple(_bridge(bridge, stands, now) for bridge in picture.bridges),
        gates=tuple(gate for gate in picture.gates if stands(gate.said)),
        lines=tuple(line for line in picture.lines if stands(line.said)),
        tide=picture.tide if picture.tide and stands(picture.tide.said) else None,
        feeds=feeds,
    )


def is_old(picture: Picture, now: datetime) -> bool:
    return now - picture.at > OLD


def is_last_seen(ship: Ship, now: datetime) -> bool:
    return now - ship.seen_at > LAST_SEEN


def troubled(picture: Picture) -> tuple[Feed, ...]:
    """The feeds of a standing picture that carry nothing now."""
    return tuple(feed for feed in picture.feeds if feed.health is not Health.OK)


def _health(feed: Feed, now: datetime) -> Feed:
    if feed.patience is None:
        return feed
    if feed.last_input is None:
        return replace(feed, health=Health.DEAD)
    silent = now - feed.last_input
    if silent > feed.patience * DEAD_AFTER:
        return replace(feed, health=Health.DEAD)
    if silent > feed.patience and feed.health is Health.OK:
        return replace(feed, health=Health.STALE)
    return feed


def _ship(ship: Ship, stands: Stands, doubted: bool) -> Ship:
    coming = ship.next if ship.next and stands(ship.next.said) and not doubted else None
    return replace(ship, next=coming, doubted=ship.doubted or doubted)


def _bridge(bridge: Bridge, stands: Stands, now: datetime) -> Bridge:
    opening = bridge.opening if bridge.opening and stands(bridge.opening.said) else None
    likelihood = bridge.likelihood if stands(bridge.likelihood_said) else ()
    if bridge.road is Road.SHUT:
        return replace(bridge, opening=None, likelihood=())
    if not stands(bridge.said):
        return replace(bridge, road=Road.UNKNOWN, said=None, since=None, opening=opening, likelihood=likelihood)
    if opening and opening.ends.p90 < now and bridge.road is not Road.CLOSED:
        opening = None
    road = Road.OPEN if bridge.road is Road.ANNOUNCED and opening is None else bridge.road
    return replace(bridge, road=road, opening=opening, likelihood=likelihood)
