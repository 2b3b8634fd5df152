"""The picture in sentences, in the language of ``say``. Pure; each function takes a picture that stands at ``now``.

A line says what is, then what comes: "closed to road, reopening in about 7 min". ``spoken`` lines have no
abbreviations, for a screen reader and for the radio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from havre_mobility.picture.model import (
    BIN,
    Bridge,
    Feed,
    Gate,
    Health,
    Line,
    Opening,
    Picture,
    Road,
    Said,
    Ship,
    Slot,
    Tide,
)
from havre_mobility.picture.standing import is_last_seen, is_old, troubled
from havre_ui.texts import Texts, sentence

AHEAD = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POSSIBLE = 0.3
"""From this likelihood on a closure is worth a word."""


@dataclass(frozen=True)
class Figure:
    """The one thing to read from afar: ``12 min``, and what it is ``until``."""

    value: str
    caption: str


def bridge_sentence(bridge: Bridge, now: datetime, say: Texts, *, spoken: bool = False) -> str:
    """A whole sentence: its name, its state, what comes."""
    return say("bridge.sentence", name=bridge.name, line=bridge_line(bridge, now, say, spoken=spoken))


def bridge_line(bridge: Bridge, now: datetime, say: Texts, *, spoken: bool = False) -> str:
    """``closed to road in about 12 min, for about 14 min``."""
    match bridge.road:
        case Road.SHUT:
            parts = [say("bridge.shut"), reason(bridge, say), detour(bridge, say)]
            return ", ".join(part for part in parts if part)
        case Road.CLOSED:
            return _closed(bridge.opening, now, say, spoken)
        case Road.UNKNOWN:
            return f"{say('bridge.unknown')}{say('bridge.semicolon')}{reserved_line(bridge, say)}"
        case Road.OPEN | Road.ANNOUNCED:
            return _open(bridge, now, say, spoken)


def reason(bridge: Bridge, say: Texts) -> str:
    """Why it is out of service, where that is a reason that the pages have words for; else nothing."""
    key = f"reason.{bridge.reason}"
    return say(key) if key in say else ""


def as_given(bridge: Bridge, say: Texts) -> str:
    """Why it is out of service, in the words of who closed it, in whichever language, where we have none."""
    return "" if reason(bridge, say) else bridge.reason or ""


def _open(bridge: Bridge, now: datetime, say: Texts, spoken: bool) -> str:
    if bridge.opening is not None:
        ahead, length = bridge.opening.begins.p50 - now, bridge.opening.ends.p50 - bridge.opening.begins.p50
        if ahead <= AHEAD:
            key = "bridge.closing" if ahead >= MINUTE else "bridge.closing_now"
            ahead_said, length_said = (say.duration(one, spoken=spoken) for one in (ahead, length))
            return say(key, ahead=ahead_said, length=length_said)
    if slot := slot_now(bridge.reserved, now, say):
        return say("bridge.open_reserved", until=say.clock(datetime.combine(now, slot.ends, say.zone)))
    if not bridge.likelihood:
        return say("bridge.open_no_forecast")
    if found := likeliest(bridge, now):
        at, share = found
        return say("bridge.open_possible", at=say.clock(at), share=say.percent(share))
    return say("bridge.open_quiet")


def _closed(opening: Opening | None, now: datetime, say: Texts, spoken: bool) -> str:
    if opening is None:
        return say("bridge.closed_no_end")
    left = opening.ends.p50 - now
    if left >= MINUTE:
        return say("bridge.closed", left=say.duration(left, spoken=spoken))
    key = "bridge.closed_late" if now > opening.ends.p90 else "bridge.closed_ending"
    return say(key, at=say.clock(opening.ends.p50))


def likeliest(bridge: Bridge, now: datetime) -> tuple[datetime, float] | None:
    """The likeliest five minutes of the next hour; None if a closure is unlikely in all of them."""
    if not bridge.likelihood or max(bridge.likelihood) < POSSIBLE:
        return None
    place = max(range(len(bridge.likelihood)), key=lambda one: bridge.likelihood[one])
    return now + place * BIN, bridge.likelihood[place]


def bins(bridge: Bridge, now: datetime) -> list[tuple[datetime, datetime, float]]:
    """From, to, and the likelihood that the road is closed then."""
    return [(now + place * BIN, now + (place + 1) * BIN, share) for place, share in enumerate(bridge.likelihood)]


def figure(bridge: Bridge, now: datetime, say: Texts) -> Figure:
    """What stands big on the bridge's card."""
    opening = bridge.opening
    if bridge.road is Road.CLOSED and opening and opening.ends.p50 - now >= MINUTE:
        return Figure(say.duration(opening.ends.p50 - now), say("figure.until_open"))
    if bridge.road in (Road.OPEN, Road.ANNOUNCED) and opening and opening.begins.p50 - now <= AHEAD:
        length = say.duration(opening.ends.p50 - opening.begins.p50)
        ahead = opening.begins.p50 - now
        value = say.duration(ahead) if ahead >= MINUTE else say("figure.now")
        return Figure(value, say("figure.until_closed", length=length))
    return Figure(say(f"figure.{bridge.road}"), _caption(bridge, now, say))


def _caption(bridge: Bridge, now: datetime, say: Texts) -> str:
    if bridge.road is Road.SHUT:
        return reason(bridge, say) or say("bridge.shut")
    if bridge.road is Road.UNKNOWN:
        return say("figure.unknown_why")
    return sentence(bridge_line(bridge, now, say).partition(",")[2].strip())


def uncertainty(opening: Opening, now: datetime, say: Texts) -> str | None:
    """How much longer it may take, when that is more than a minute or two."""
    if opening.ends.p90 - opening.ends.p50 < 3 * MINUTE:
        return None
    return say("bridge.up_to", length=say.duration(opening.ends.p90 - max(opening.begins.p50, now)))


def reserved_line(bridge: Bridge, say: Texts) -> str:
    """``reserved for the road today: 07:15–08:15, 12:00–13:00``."""
    if not bridge.reserved:
        return say("reserved.none")
    return say("reserved.slots", slots=", ".join(say.hours(slot.starts, slot.ends) for slot in bridge.reserved))


def slot_now(slots: Sequence[Slot], now: datetime, say: Texts) -> Slot | None:
    """The reserved slot that ``now`` lies in."""
    local = now.astimezone(say.zone).time()
    return next((slot for slot in slots if slot.starts <= local < slot.ends), None)


def respect_line(bridge: Bridge, say: Texts) -> str | None:
    if bridge.respect is None or not bridge.respect.slots:
        return None
    return say("reserved.respect", kept=say.number(bridge.respect.kept), slots=say.number(bridge.respect.slots))


def detour(bridge: Bridge, say: Texts) -> str:
    """``take Pont VI``; empty when no way around is named."""
    return say("bridge.detour", ways=say.listed(bridge.detour)) if bridge.detour else ""


def said_line(said: Said, now: datetime, say: Texts) -> str:
    """``Observed at 08:31. Source: ship positions (AIS).``"""
    return say(f"said.{said.how}", feed=feed_name(said.feed, say), when=when(said.at, now, say))


def when(at: datetime, now: datetime, say: Texts) -> str:
    """``at 08:31``, or ``on Monday 2 March`` if that was another day."""
    if at.astimezone(say.zone).date() == now.astimezone(say.zone).date():
        return say("when.time", at=say.clock(at))
    return say("when.day", day=say.day(at))


def feed_name(feed: str, say: Texts) -> str:
    return say(f"feed.{feed}") if f"feed.{feed}" in say else feed


def hears(picture: Picture, feed: str) -> bool:
    """Whether this feed carries something now."""
    return any(one.id == feed and one.health is Health.OK for one in picture.feeds)


def ship_line(ship: Ship, now: datetime, say: Texts) -> str:
    """What a ship does next, or when it was last seen."""
    if ship.doubted:
        return say("ship.doubted")
    if is_last_seen(ship, now):
        return say("ship.last_seen", age=say.duration(now - ship.seen_at))
    if ship.next is None:
        return say("ship.still" if (ship.speed or 0) < 0.5 else "ship.under_way")
    return say(f"ship.{ship.next.place}", name=ship.next.name, at=say.clock(ship.next.at.p50))


def gate_line(gate: Gate, say: Texts, *, spoken: bool = False) -> str:
    """The wait now, the trucks that wait, and when to come better."""
    parts = [say("gate.wait", wait=_minutes(gate.waits[0].p50, say, spoken))] if gate.waits else []
    parts.append(say.count("gate.queue", gate.queue))
    if gate.best:
        parts.append(say("gate.best", at=say.clock(gate.best.at), wait=_minutes(gate.best.p50, say, spoken)))
    return ", ".join(parts)


def _minutes(value: float, say: Texts, spoken: bool) -> str:
    return say.duration(timedelta(minutes=value), spoken=spoken)


def line_line(line: Line, now: datetime, say: Texts, *, spoken: bool = False) -> str:
    """``about 6 min late by Pont Rouge, from 08:50 to 09:04``."""
    delay = say.duration(line.delay, spoken=spoken)
    if line.ends is None:
        return say("line.hit_open_end", delay=delay, place=line.place)
    starts = say.clock(max(line.begins, now))
    return say("line.hit", delay=delay, place=line.place, begins=starts, ends=say.clock(line.ends))


def line_name(line: Line, say: Texts) -> str:
    """``Tram A``."""
    return say(f"line.{line.mode}", name=line.name)


def tide_line(tide: Tide, say: Texts) -> str:
    parts = [say("tide.rising" if tide.rising else "tide.falling", level=say.number(tide.level, 1))]
    for key, level in (("tide.high", tide.next_high), ("tide.low", tide.next_low)):
        if level:
            parts.append(say(key, at=say.clock(level.at), level=say.number(level.metres, 1)))
    return ", ".join(parts)


def warnings(picture: Picture, now: datetime, say: Texts) -> list[str]:
    """What cannot be told now, and why; empty when all is well."""
    if is_old(picture, now):
        return [say("warning.old", at=say.clock(picture.at))]
    return [_warning(feed, now, say) for feed in troubled(picture)]


def _warning(feed: Feed, now: datetime, say: Texts) -> str:
    name = feed_name(feed.id, say)
    if feed.health is Health.DOUBTED:
        said = say("warning.doubted", feed=name)
    elif feed.last_input is None:
        said = say("warning.never", feed=name)
    elif feed.health is Health.DEAD:
        said = say("warning.dead", feed=name, when=when(feed.last_input, now, say))
    else:
        said = say("warning.silent", feed=name, age=say.duration(now - feed.last_input))
    consequence = f"consequence.{feed.id}"
    return sentence(f"{said} {say(consequence)}" if consequence in say else said)


def headline(picture: Picture, now: datetime, say: Texts) -> list[str]:
    """What to know before all else: the bridges that are closed or close soon; or that none does."""
    if urgent := _closed_or_soon(picture, now):
        return [bridge_sentence(bridge, now, say) for bridge in urgent]
    quiet = [bridge.name for bridge in picture.bridges if bridge.road is Road.OPEN]
    return [_quiet(quiet, say) if quiet else say("announcement.nothing")]


def announcement(picture: Picture, now: datetime, say: Texts) -> str:
    """All of it in a few sentences, as one reads it out on the radio."""
    urgent = _closed_or_soon(picture, now)
    urgent += [one for one in picture.bridges if one.road in (Road.SHUT, Road.UNKNOWN)]
    sentences = [say("announcement.time", at=say.clock(now))]
    if is_old(picture, now) or not picture.bridges:
        return f"{sentences[0]} {say('announcement.nothing')}"
    sentences += [bridge_sentence(bridge, now, say, spoken=True) for bridge in urgent]
    if quiet := [bridge.name for bridge in picture.bridges if bridge not in urgent]:
        sentences.append(_quiet(quiet, say))
    sentences += [
        say("gate.sentence", name=gate.name, line=gate_line(gate, say, spoken=True)) for gate in _slow(picture)
    ]
    sentences += [
        say("line.sentence", name=line_name(line, say), line=line_line(line, now, say, spoken=True))
        for line in picture.lines
    ]
    return " ".join(sentences)


def _closed_or_soon(picture: Picture, now: datetime) -> list[Bridge]:
    def comes(bridge: Bridge) -> bool:
        return bridge.opening is not None and bridge.opening.begins.p50 - now <= AHEAD

    closed = [one for one in picture.bridges if one.road is Road.CLOSED]
    return closed + [one for one in picture.bridges if one.road in (Road.OPEN, Road.ANNOUNCED) and comes(one)]


def _quiet(names: Sequence[str], say: Texts) -> str:
    key = "one" if len(names) == 1 else "other"
    return say(f"announcement.quiet.{key}", names=say.listed(names))


def _slow(picture: Picture) -> list[Gate]:
    return [gate for gate in picture.gates if gate.waits and gate.waits[0].p50 >= 15]
