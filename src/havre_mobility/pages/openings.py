"""The pages of requests to open a bridge: what each time costs whom, by which formulas and weights, and who decided.

Whoever reads may put in other weights and see what they would change: nothing is kept of that, and the decision stands
on those that were in force. The work of a request is bounded: so many times are looked at again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from havre_mobility.opening.costs import Cost
from havre_mobility.opening.model import SOURCES, Asked, Traffic, Weights
from havre_mobility.opening.proposals import Bounds, Proposal, proposals
from havre_ui.languages import Language
from havre_ui.shell import Shell
from havre_ui.texts import Texts

SHOWN = 8
"""Possible times that the page has before one asks for all."""
WEIGHTS = tuple(one.name for one in fields(Weights) if one.name != "sources")
LARGEST = 1e9


@dataclass(frozen=True)
class Decided:
    """``starts_at``: the time chosen, None where all were refused. ``problem``: why it does not hold."""

    at: datetime
    by: str
    why: str
    starts_at: datetime | None
    exception: bool = False
    problem: str | None = None


@dataclass(frozen=True)
class Discussed:
    """A request, and what came of it: ``problem`` says why it has no answer, then there is nothing of ``asked``."""

    request: str
    said_at: datetime
    bridge: str
    by: str
    weights: Weights
    asked: Asked | None = None
    traffic: Traffic | None = None
    bounds: Bounds | None = None
    proposals: tuple[Proposal, ...] = ()
    problem: str | None = None
    decisions: tuple[Decided, ...] = ()

    def weighed(self, weights: Weights) -> tuple[Proposal, ...]:
        """The proposals with other weights."""
        if weights == self.weights or self.asked is None or self.traffic is None or self.bounds is None:
            return self.proposals
        return proposals(self.asked, self.traffic, weights, self.bounds)

    @property
    def decided(self) -> Decided | None:
        """The decision that stands."""
        return next((one for one in reversed(self.decisions) if one.problem is None), None)


@dataclass(frozen=True)
class Openings:
    """``discussed()`` gives what was asked, the newest first; ``names`` of bridges by id."""

    shell: Shell
    discussed: Callable[[], Sequence[Discussed]]
    names: Mapping[str, str]

    def all(self, request: Request) -> Response:
        values = {"live": False, "discussed": self.discussed(), "name": self._name}
        return self.shell.respond(request, "openings.html", request.path_params["language"], **values)

    def one(self, request: Request) -> Response:
        language: Language = request.path_params["language"]
        say = self.shell.texts[language]
        found = next((one for one in self.discussed() if one.request == request.path_params["request"]), None)
        if found is None:
            raise HTTPException(404)
        weights, wrong = given(request.query_params, found.weights)
        weighed = found.weighed(weights)
        possible = [one for one in weighed if not one.out]
        values = {
            "live": False, "one": found, "name": self._name, "possible": possible, "shown": SHOWN,
            "others": [one for one in weighed if one.out], "best": possible[0] if possible else None,
            "weights": [_weight(name, weights, say) for name in WEIGHTS],
            "written": {name: request.query_params.get(name, f"{getattr(weights, name):g}")[:20] for name in WEIGHTS},
            "is_changed": weights != found.weights, "wrong": wrong, "formula": formula, "money": money,
            "length": length,
        }  # fmt: skip
        response = self.shell.respond(request, "opening.html", language, **values)
        response.status_code = 400 if wrong else 200
        return response

    def _name(self, bridge: str) -> str:
        return self.names.get(bridge, bridge)


def routes(shell: Shell, discussed: Callable[[], Sequence[Discussed]], names: Mapping[str, str]) -> Sequence[BaseRoute]:
    pages = Openings(shell, discussed, names)
    shell.environment.globals["openings"] = True
    return [
        Route("/{language:language}/openings", pages.all),
        Route("/{language:language}/openings/{request:path}", pages.one),
    ]


def given(written: Mapping[str, str], weights: Weights) -> tuple[Weights, frozenset[str]]:
    """The weights with those that were written, and the names of those that are none."""
    figures: dict[str, Any] = {}
    wrong = set()
    for name in WEIGHTS:
        text = written.get(name, "").strip().replace(",", ".")
        try:
            value = float(text) if text else getattr(weights, name)
        except ValueError:
            value = math.nan
        if 0 <= value <= LARGEST:
            figures[name] = value
        else:
            wrong.add(name)
    return replace(weights, **figures), frozenset(wrong)


def money(euros: float, say: Texts) -> str:
    return say("opening_page.euros", amount=say.number(euros, 0 if euros >= 100 else 2))


def length(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def formula(cost: Cost, say: Texts) -> str:
    """In words of the page."""
    found = say(f"cost.{cost.side}", **{name: _figure(name, value, say) for name, value in cost.figures.items()})
    tide = cost.figures.get("tide")
    return found + say("cost.tide", price=money(tide, say)) if tide else found


def _figure(name: str, value: float, say: Texts) -> str:
    if name == "share":
        return say.percent(value)
    return say.number(value, 0 if value >= 100 or float(value).is_integer() else 1)


def _weight(name: str, weights: Weights, say: Texts) -> dict[str, Any]:
    """Its source in the page's words where it is ours, else as it was given."""
    source = weights.sources.get(name, "")
    ours = source == SOURCES.get(name)
    return {"name": name, "source": say(f"weight.source.{name}") if ours else source, "is_ours": ours}
