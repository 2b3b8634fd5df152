"""What all pages of the collection share: the view, the desk, the time, and answers that many ask for at once.

Nobody may keep an answer: no-store. What pages ask for every few seconds is made once a second for all who look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from havre_ui.languages import Language
from havre_ui.shell import Shell
from havre_ui.texts import Texts
from havre_waste.field import words
from havre_waste.field.desk import Desk
from havre_waste.field.events import OLDEST, Progress, progress
from havre_waste.field.model import Round, View
from havre_waste.field.passages import Passage, passages
from havre_waste.field.standing import is_old, is_past

Found = TypeVar("Found")
Export = Callable[[str, str], tuple[bytes, str] | None]
"""The file of a round (its id) in a form (``gpx``, ``ics``), with its media type; None where there is none."""

MOST_KEPT = 200
"""Answers in memory: the rounds of each day have addresses of their own."""


@dataclass(frozen=True)
class Pages:
    """``ground`` is the GeoJSON of the map's ground; ``caller`` says from where a request comes, for limits."""

    shell: Shell
    view: Callable[[], View]
    desk: Desk
    now: Callable[[], datetime]
    ground: Mapping[str, Any]
    caller: Callable[[Request], str]
    export: Export | None = None
    ships: str = ""
    """Where the pages of ships' waste are, below these; empty: nowhere."""
    kept: dict[str, tuple[View, int, Response]] = field(default_factory=dict, repr=False)

    def say(self, request: Request) -> Texts:
        language: Language = request.path_params["language"]
        return self.shell.texts[language]

    def progress(self, view: View) -> Progress:
        return progress(view, self.desk.events(self.now() - OLDEST))

    def passages(self, view: View, said: Progress) -> Mapping[str, Passage]:
        """When each container is emptied next."""
        return passages(view, said, self.now(), self.shell.texts[Language.FRENCH].zone)

    def page(self, request: Request, template: str, *, live: bool = False, **values: object) -> Response:
        """The template with what all of them use."""
        view, now = self.view(), self.now()
        given = {
            "view": view, "now": now, "words": words, "live": live, "is_past": lambda level: is_past(level, now),
            "age": (now - view.at).total_seconds(), "old": is_old(view, now), "exports": self.export is not None,
            "ships": self.ships,
        }  # fmt: skip
        return self.shell.respond(request, template, request.path_params["language"], **{**given, **values})

    def once(self, request: Request, make: Callable[[], Response]) -> Response:
        """The answer that was made for this path in this second, of the same view; else a new one."""
        path, view, second = request.url.path, self.view(), int(self.now().timestamp())
        before = self.kept.get(path)
        if before is None or before[0] is not view or before[1] != second:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            before = self.kept[path] = view, second, make()
        # a new one: whoever hands an answer on, writes into its headers
        return Response(before[2].body, headers=dict(before[2].headers))


def round_of(view: View, id: str) -> Round:
    return found(next((one for one in view.rounds if one.id == id), None))


def found(one: Found | None) -> Found:
    """It; 404 where there is none."""
    if one is None:
        raise HTTPException(404)
    return one
