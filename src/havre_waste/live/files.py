"""Files of a round for other devices: its way as GPX, its stops as a calendar."""

from datetime import datetime

from havre_waste.live.day import Day, FlowPlan, where
from havre_waste.live.work import Live
from havre_waste.rounds.exports import gpx, ical
from havre_waste.rounds.model import Round
from havre_waste.sites.city import City

FORMS = {"gpx": (gpx, "application/gpx+xml"), "ics": (ical, "text/calendar; charset=utf-8")}


def export(live: Live, round: str, form: str) -> tuple[bytes, str] | None:
    """Of the round with this id, in the form ``gpx`` or ``ics``, with its media type; None where there is none."""
    day, known = live.day, live.ground
    if day is None or known is None or form not in FORMS:
        return None
    for one in day.flows:
        for driven in one.plan.rounds:
            if day.name(driven.vehicle) == round:
                return _made(day, one, driven, known.city, form)
    return None


def _made(day: Day, of: FlowPlan, driven: Round, city: City, form: str) -> tuple[bytes, str]:
    make, media_type = FORMS[form]
    spots = {visit.place: where(day, of.problem, visit, city) for visit in driven.visits}
    places = [spots.get(place, (0.0, 0.0)) for place in range(max(spots) + 1)]
    names = {**day.titles, **{one.id: one.name for one in city.plants.values()}}
    for visit in driven.visits:
        if visit.id in city.containers:
            names[visit.id] = f"{city.sites[city.containers[visit.id].site].name} ({visit.id})"
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=day.zone)
    return make(driven, midnight, places, names).encode(), media_type
