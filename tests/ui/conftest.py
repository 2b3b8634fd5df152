"""A small service with one page: what the shell does with any."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre_ui import build
from havre_ui.shell import Shell
from tests.asgi import Reply, ask

PAGE = '{% extends "page.html" %}{% block content %}<h1>{{ say("page.title") }} {{ given }}</h1>{% endblock %}'
TEXT = '[page]\nname = "{0}"\ntitle = "{0}"\ndescription = "{0}"\n'


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    build.build()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("templates", "texts", "static"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates/one.html").write_text(PAGE)
    (tmp_path / "texts/fr.toml").write_text(TEXT.format("Une page"))
    (tmp_path / "texts/en.toml").write_text(TEXT.format("One page"))
    (tmp_path / "static/own.css").write_text("p { color: red }")
    return tmp_path


class Site:
    """The service, as a browser asks it."""

    def __init__(self, folder: Path, tiles: str | None = None) -> None:
        self.shell = Shell("own", folder, ZoneInfo("Europe/Paris"), tiles)
        self.app = self.shell.application([Route("/{language:language}/", self.page)])

    def page(self, request: Request) -> Response:
        given = request.query_params.get("given", "")
        if given == "fail":
            raise RuntimeError("a secret of ours")
        return self.shell.respond(request, "one.html", request.path_params["language"], given=given, live=False)

    def get(self, path: str, **headers: str) -> Reply:
        return ask(self.app, "GET", path, headers={"accept": "text/html", **headers})


@pytest.fixture
def site(folder: Path) -> Site:
    return Site(folder)
