"""The page and the JSON of journeys from door to door, and the alerts for lines that bridges hit.

The work of a request is bounded: one search over the network of the moment, of ways that leave within ``WINDOW``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from havre_mobility.pages import asking
from havre_mobility.pages.asking import Asked, BadQuery, Gazetteer, Named
from havre_mobility.pages.wire import plain, said_at
from havre_mobility.people import journeys
from havre_mobility.people.network import Network
from havre_mobility.people.openings import Wait
from havre_mobility.people.timetable import Timetable
from havre_mobility.picture import words
from havre_mobility.picture.model import Picture, Road
from havre_mobility.picture.standing import is_old, standing
from havre_ui.languages import Language
from havre_ui.shell import NEVER_OLD, Shell

WINDOW = timedelta(minutes=30)
FORECAST = timedelta(hours=1)
"""How far ahead openings of bridges are forecast."""
MOST = 8
"""Ways that are shown."""
FOR_ANYBODY = {"access-control-allow-origin": "*", **NEVER_OLD}


class Known(Protocol):
    """What is known of trams and buses at a moment; ``alerts`` is a GTFS-RT FeedMessage."""

    @property
    def network(self) -> Network: ...
    @property
    def alerts(self) -> bytes: ...


@dataclass(frozen=True)
class Trams:
    """``known()`` gives what is known now, None before there is something; one may ask for ``ahead`` before."""

    timetable: Timetable
    places: Mapping[str, Any]
    known: Callable[[], Known | None]
    ahead: timedelta


@dataclass(frozen=True)
class Journeys:
    shell: Shell
    trams: Trams
    picture: Callable[[], Picture]
    now: Callable[[], datetime]
    known: Gazetteer = field(repr=False)

    def page(self, request: Request) -> Response:
        given, now = request.query_params, self.now()
        language: Language = request.path_params["language"]
        say = self.shell.texts[language]
        picture = standing(self.picture(), now)
        known = self._known(now)
        question, wrong = asking.asked(given, self.known, now, self.trams.ahead, say.zone)
        if "from" not in given and "to" not in given:
            question, wrong = None, []
        found = _found(known.network, question) if known and question else []
        values = {
            "picture": picture, "now": now, "words": words, "live": False, "known": self.known.names,
            "given": {name: given.get(name, "")[: asking.LONGEST] for name in ("from", "to", "at")},
            "wrong": {one.field: say(one.key, **one.values) for one in wrong},
            "asked": question, "is_known": known is not None, "found": found,
            "hears_bridges": any(bridge.road is not Road.UNKNOWN for bridge in picture.bridges),
            "is_beyond": any(one.arrives_at > now + FORECAST for one in found),
            "names": {bridge.id: bridge.name for bridge in picture.bridges}, "seconds": _seconds, "instant": instant,
        }  # fmt: skip
        response = self.shell.respond(request, "journeys.html", language, **values)
        response.status_code = 400 if wrong else 200
        return response

    def json(self, request: Request) -> Response:
        now = self.now()
        known = self._known(now)
        say = self.shell.texts[Language.ENGLISH]
        question, wrong = asking.asked(request.query_params, self.known, now, self.trams.ahead, say.zone)
        if question is None:
            return _problem(400, "Bad query", [_said(one, say) for one in wrong])
        picture = standing(self.picture(), now)
        if known is None:
            return _problem(503, "Not known now", [{"message": "what trams and buses do is not known at the moment"}])
        names = {bridge.id: bridge.name for bridge in picture.bridges}
        told = [journey(one, names) for one in _found(known.network, question)]
        warnings = {str(one): words.warnings(picture, now, texts) for one, texts in self.shell.texts.items()}
        body = {"at": said_at(question.at), "made_at": said_at(picture.at), "warnings": warnings, "journeys": told}
        return JSONResponse(plain(body), headers=FOR_ANYBODY)

    def alerts(self, request: Request) -> Response:
        """A GTFS-RT FeedMessage."""
        known = self._known(self.now())
        if known is None:
            return _problem(503, "Not known now", [{"message": "what trams and buses do is not known at the moment"}])
        return Response(known.alerts, headers=FOR_ANYBODY, media_type="application/x-protobuf")

    def _known(self, now: datetime) -> Known | None:
        """None when it is old."""
        return None if is_old(self.picture(), now) else self.trams.known()


def routes(
    shell: Shell, trams: Trams, picture: Callable[[], Picture], now: Callable[[], datetime]
) -> Sequence[BaseRoute]:
    page = Journeys(shell, trams, picture, now, gazetteer(trams.timetable, trams.places))
    shell.environment.globals["journeys"] = True
    return [
        Route("/{language:language}/journeys", page.page),
        Route("/journeys.json", page.json),
        Route("/gtfs-rt/alerts.pb", page.alerts),
    ]


def gazetteer(timetable: Timetable, places: Mapping[str, Any]) -> Gazetteer:
    """The stops where vehicles call, then places with a name that are points."""
    stops = [
        Named(timetable.stop_names[number], float(timetable.latitude[number]), float(timetable.longitude[number]))
        for number in timetable.served.nonzero()[0].tolist()
    ]
    taken = {asking.folded(one.name) for one in stops}
    points = [
        Named(str(one["properties"]["name"]), float(one["geometry"]["coordinates"][1]),
              float(one["geometry"]["coordinates"][0]))
        for one in places["features"]
        if one["geometry"]["type"] == "Point" and one["properties"].get("name")
    ]  # fmt: skip
    return Gazetteer.of([*stops, *(one for one in points if asking.folded(one.name) not in taken)])


def journey(one: journeys.Journey, names: Mapping[str, str]) -> dict[str, Any]:
    """As JSON has it, but for its times."""
    return {
        "departs_at": one.departs_at,
        "arrives_at": one.arrives_at,
        "latest_arrival": one.latest_arrival,
        "confidence": round(one.confidence, 3),
        "legs": [_walk(leg) if isinstance(leg, journeys.Walk) else _ride(leg, names) for leg in one.legs],
    }


def _walk(leg: journeys.Walk) -> dict[str, Any]:
    times = {"departs_at": leg.departs_at, "arrives_at": leg.arrives_at}
    return {"kind": "walk", **times, "metres": round(leg.metres), "from": _stop(leg.start), "to": _stop(leg.end)}


def _ride(leg: journeys.Ride, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "ride",
        "line": leg.line,
        "headsign": leg.headsign,
        "trip": leg.trip_id,
        "from": _stop(leg.start),
        "to": _stop(leg.end),
        "departs_at": leg.departs_at,
        "arrives_at": leg.arrives_at,
        "timetable_departs_at": leg.timetable_departs_at,
        "timetable_arrives_at": leg.timetable_arrives_at,
        "live": leg.live,
        "waits": [_wait(one, names) for one in leg.waits],
    }


def _wait(one: Wait, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "bridge": one.bridge,
        "name": names.get(one.bridge, one.bridge),
        "at": instant(one.at),
        "probability": round(one.probability, 3),
        "expected_s": round(one.expected),
        "late_s": round(one.late),
    }


def instant(seconds: int) -> datetime:
    """Of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def _stop(stop: journeys.Stop | None) -> dict[str, Any] | None:
    return None if stop is None else {"id": stop.id, "name": stop.name, "at": [stop.latitude, stop.longitude]}


def _found(network: Network, question: Asked) -> list[journeys.Journey]:
    return journeys.journeys(network, question.start.place, question.end.place, question.at, WINDOW)[:MOST]


def _said(wrong: BadQuery, say: Callable[..., str]) -> dict[str, str]:
    return {"field": wrong.field, "message": say(wrong.key, **wrong.values)}


def _problem(status: int, title: str, errors: list[dict[str, str]]) -> Response:
    """RFC 9457."""
    detail = "; ".join(": ".join(one.values()) for one in errors)
    body = {"title": title, "status": status, "detail": detail, "errors": errors}
    return JSONResponse(body, status, headers=FOR_ANYBODY, media_type="application/problem+json")
