"""The application of one service's pages: both languages, templates, assets, error pages, safe headers.

A page has its language as the first part of its path (``/fr/``, ``/en/``); the same path without it leads to the
language that the browser prefers. So an address can be sent to somebody, kept by caches, and needs no cookie.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.assets import Assets
from havre_ui.build import FILES
from havre_ui.charts import series
from havre_ui.headers import SecurityHeaders
from havre_ui.languages import Language, preferred
from havre_ui.texts import Texts, load, sentence

log = logging.getLogger("havre.ui")

HERE = Path(__file__).parent
NEEDED = tuple(f"ui/vendor/{name}" for name in FILES.values())
NEVER_OLD = {"cache-control": "no-store"}
"""Of what tells a state: nobody may show it again later."""


class LanguageConvertor(Convertor[Language]):
    regex = "|".join(Language)

    def convert(self, value: str) -> Language:
        return Language(value)

    def to_string(self, value: Language) -> str:
        return str(value)


register_url_convertor("language", LanguageConvertor())


class Shell:
    """What the pages of one service share. ``folder`` has its ``templates``, ``texts`` and ``static`` files.

    ``tiles`` is the address of raster map tiles with ``{z}/{x}/{y}``, or None for the map without a network; pages of
    an ``example`` say that all of it is invented.
    NotBuilt when the assets were not built, TextsError when the languages do not say the same things.
    """

    def __init__(
        self, name: str, folder: Path, zone: ZoneInfo, tiles: str | None = None, *, example: bool = False
    ) -> None:
        self.tiles, self.example = tiles, example
        self.texts: Mapping[Language, Texts] = load([folder / "texts"], zone)
        self.assets = Assets({"ui": HERE / "static", name: folder / "static"}, NEEDED)
        self.environment = Environment(
            loader=FileSystemLoader([folder / "templates", HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["sentence"] = sentence

    def render(self, request: Request, template: str, language: Language, **values: object) -> str:
        """The template with ``say`` (the texts), ``url``, ``asset`` and what the service gives."""
        root = request.scope.get("root_path", "")
        here = request.url.path.removeprefix(root)
        asked = f"?{request.url.query}" if request.url.query else ""
        return self.environment.get_template(template).render(
            say=self.texts[language],
            language=language,
            languages=[(one, f"{root}/{one}{here[3:]}{asked}") for one in Language],
            origin=f"{request.url.scheme}://{request.url.netloc}",
            url=lambda path: f"{root}{path}",
            page=lambda path="/": f"{root}/{language}{path}",
            asset=lambda name: root + self.assets.path(name),
            tiles=self.tiles or "",
            example=self.example,
            chart=partial(series, self.texts[language].zone),
            **values,
        )

    def respond(self, request: Request, template: str, language: Language, **values: object) -> HTMLResponse:
        return HTMLResponse(self.render(request, template, language, **values), headers=NEVER_OLD)

    def application(self, routes: Sequence[BaseRoute]) -> Starlette:
        """Routes of pages begin with ``/{language:language}``; others are for machines."""
        return Starlette(
            routes=[
                Route("/static/{hash}/{name:path}", self.assets.serve),
                *routes,
                Route("/{path:path}", redirect),
            ],
            middleware=[
                Middleware(SecurityHeaders, tiles=self.tiles),
                Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
            ],
            exception_handlers={HTTPException: self._error, Exception: self._error},
        )

    def _error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if not isinstance(error, HTTPException):
            log.error("a page could not be made", exc_info=error)  # not where: an address may be a secret link
        if "html" not in request.headers.get("accept", ""):
            title = "Not Found" if status == 404 else "Error"
            return JSONResponse({"title": title, "status": status}, status, media_type="application/problem+json")
        language = _language(request)
        key = "broken" if status >= 500 else "missing"
        page = self.render(request, "error.html", language, key=key, live=False)
        return HTMLResponse(page, status, headers=NEVER_OLD)


def redirect(request: Request) -> Response:
    """To the same page in the language that the browser prefers."""
    path = request.path_params["path"]
    if path.split("/")[0] in list(Language) or path.startswith("static/"):
        raise HTTPException(404)
    language = preferred(request.headers.get("accept-language", ""))
    root = request.scope.get("root_path", "")
    headers = {"vary": "accept-language", **NEVER_OLD}
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{root}/{language}/{path}{asked}", 302, headers=headers)


def _language(request: Request) -> Language:
    """Of the path, or what the browser prefers."""
    given = request.url.path.removeprefix(request.scope.get("root_path", "")).strip("/").split("/")[0]
    return Language(given) if given in list(Language) else preferred(request.headers.get("accept-language", ""))
