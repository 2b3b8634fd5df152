"""May this truck come to this site now, and on which side must it have it? Hours, weights on the way, and R437.

R437 (recommendation of the French health insurance on collecting waste): never both sides of a street at once.
"""

from havre_waste.sites.model import Hours, Side, Site, Truck

MIDNIGHT = 1440
Span = tuple[int, int]


def windows(site: Site, weekday: int) -> tuple[Span, ...]:
    """When trucks may come on that weekday (0 is Monday): from, until, minutes after local midnight, in order.

    Spans that touch are one; without hours it is the whole day.
    """
    if not site.access.hours:
        return ((0, MIDNIGHT),)
    spans: list[Span] = []
    for opens, closes in sorted((one.opens, one.closes) for one in site.access.hours if weekday in one.weekdays):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(closes, spans[-1][1]))
        else:
            spans.append((opens, closes))
    return tuple(spans)


def barred(truck: Truck, site: Site, minute: float, weekday: int) -> tuple[str, ...]:
    """Why it may not come at that minute of that weekday; empty when it may.

    ``weight``: it weighs more than the way bears. ``hours``: it is not the hour.
    """
    limit = site.access.heaviest_t
    return (
        *(("weight",) if limit is not None and truck.tonnes > limit else ()),
        *(("hours",) if not any(begin <= minute < end for begin, end in windows(site, weekday)) else ()),
    )


def may_enter(truck: Truck, site: Site, minute: float, weekday: int) -> bool:
    return not barred(truck, site, minute, weekday)


def served_from(site: Site, side: Side) -> bool:
    """Whether a truck that drives with the site on its ``side`` may serve it."""
    return site.access.side in (Side.BOTH, side)


def open_at(hours: tuple[Hours, ...], minute: float, weekday: int) -> bool:
    """Whether it is open then; what tells no hours always is."""
    return not hours or any(one.opens <= minute < one.closes and weekday in one.weekdays for one in hours)
