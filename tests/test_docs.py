"""The documentation is true to the code: what can be compared is compared."""

import ast
import base64
import importlib
import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import click
import pytest
from starlette.routing import Route

from havre import policy
from havre.cli import main as command_line
from havre.client import Exchange
from havre.errors import HavreError
from havre.main import Node
from havre.messages import reactions
from havre.settings import Settings
from havre.web import STATUS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINKED = [*PAGES, ROOT / "README.md"]
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"<<'END'\n.*?^END$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
OF_THE_CLIENT = {"HAVRE_URL", "HAVRE_TOKEN"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=named)


def blocks(language: str) -> list[tuple[Path, str]]:
    return [(page, text) for page in LINKED for found, text in FENCE.findall(page.read_text()) if found == language]


# Generated parts


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@each_page
def test_generated_parts_are_up_to_date(page: Path, generate: ModuleType) -> None:
    text = page.read_text()
    assert text == generate.renewed(text), "run .venv/bin/python docs/generate.py"


def test_every_generated_part_stands_on_a_page(generate: ModuleType) -> None:
    marked = [name for page in PAGES for name in re.findall(r"<!-- generated: (\w+) -->", page.read_text())]
    assert sorted(marked) == sorted(generate.PARTS)


# Settings and errors


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented(name: str) -> None:
    assert f"`HAVRE_{name.upper()}`" in (DOCS / "reference/settings.md").read_text()
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("page", LINKED, ids=named)
def test_no_setting_is_invented(page: Path) -> None:
    known = {f"HAVRE_{name.upper()}" for name in Settings.model_fields} | OF_THE_CLIENT
    assert set(re.findall(r"HAVRE_[A-Z_]*[A-Z]", page.read_text())) <= known


def test_every_code_has_a_status_and_is_documented() -> None:
    text = (DOCS / "reference/errors.md").read_text()
    family = {kind.code for kind in HavreError.__subclasses__() if kind.__module__ == "havre.errors"}
    assert family == set(STATUS)
    assert [code for code in family if f"| `{code}` | {STATUS[code]} |" not in text] == []


# The API


def test_the_api_is_documented_route_by_route(tmp_path: Path) -> None:
    node = Node(Settings(home=tmp_path, node_key=base64.b64encode(bytes(32)).decode()))
    routes = {
        (method, re.sub(r":\w+}", "}", route.path))
        for route in node.app.routes
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    node.context.database.close()
    text = (DOCS / "reference/http-api.md").read_text()
    documented = re.findall(r"^\| `([A-Z]+)` \| `(/api/[^`]*)` \|", text, re.MULTILINE)
    assert sorted(documented) == sorted(routes)


# Links


@pytest.mark.parametrize("page", LINKED, ids=named)
def test_a_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        path, _, anchor = unquote(target).partition("#")
        if "://" in path:
            continue
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    listed = {(DOCS / target).resolve() for target in LINK.findall(index.read_text())}
    assert [named(page) for page in PAGES if page != index and page not in listed] == []


# Decisions


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_its_parts(page: Path) -> None:
    text = page.read_text()
    assert re.match(rf"# {page.name[:4]} \S.*\n\n20\d\d-\d\d-\d\d\n\n", text)
    parts = re.findall(r"^\*\*(\w+)\.\*\* \S", text, re.MULTILINE)
    assert parts == ["Decision", "Rationale", "Approach"]
    assert 5 <= len(text.splitlines()) <= 20


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_code_names_decisions_that_there_are() -> None:
    numbers = {page.name[:4] for page in DECISIONS}
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for listed in re.findall(r"decisions? (0\d{3}(?:(?:, | and )0\d{3})*)", path.read_text()):
            assert set(re.findall(r"0\d{3}", listed)) <= numbers, named(path)


# Snippets


def has(module: str, name: str) -> bool:
    """Whether it is in the module, or a module within it."""
    return hasattr(importlib.import_module(module), name) or find_spec(f"{module}.{name}") is not None


@pytest.mark.parametrize(("page", "text"), blocks("python"), ids=lambda value: named(value) if value in LINKED else "")
def test_a_python_snippet_is_of_this_client(page: Path, text: str) -> None:
    tree = ast.parse(text, named(page))
    compile(tree, named(page), "exec")
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                assert [one.name for one in names if not has(module, one.name)] == []
            case ast.Attribute(value=ast.Name(id="exchange"), attr=name):
                assert hasattr(Exchange, name), name


def test_json_snippets_are_json_and_policies_can_be_read() -> None:
    found = [json.loads(text) for _, text in blocks("json")]
    for one in found:
        if "negotiation" in one:
            reactions.checked(one, "provider")
    policies = [one for one in found if "status" not in one and "negotiation" not in one]
    assert len(policies) >= 3
    for one in policies:
        policy.parse(one)


def commands(text: str) -> Iterator[list[str]]:
    """The commands of ours in a block for a shell, also as the tutorial's two participants."""
    text = HEREDOC.sub("", text).replace("\\\n", " ")
    for line in text.splitlines():
        for part in re.split(r"\$\(|\|", line):
            words = shlex.split(part) if part.lstrip().startswith(("havre ", "harbour ", "lab ")) else []
            if words:
                yield words[1:]


COMMANDS = [(page, words) for page, text in blocks("") for words in commands(text)]
MENTIONED = [
    (page, shlex.split(text)[1:]) for page in LINKED for text in re.findall(r"`(havre [^`]*)`", page.read_text())
]


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS + MENTIONED, ids=lambda value: named(value) if value in LINKED else value[0]
)
def test_a_command_exists_and_has_these_options(page: Path, words: list[str]) -> None:
    command: click.Command = command_line
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        assert name in command.commands, f"{name} of {' '.join(words)}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert [word for word in rest if re.match(r"--?[a-z]", word) and word not in known] == []
