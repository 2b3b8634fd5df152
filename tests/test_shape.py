"""The house's shape: small files, small functions, no drawers, and each module says what it is."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"
GENERATED = SRC / "havre/migrations/versions"
MODULES = sorted(path for path in SRC.rglob("*.py") if path.parent != GENERATED or path.name == "__init__.py")
ROOMS = sorted(path.parent for path in (SRC / "havre").glob("*/__init__.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
Function = ast.FunctionDef | ast.AsyncFunctionDef

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SRC)))


def functions_of(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 80
    assert "contracts" in [room.name for room in ROOMS]


@each_module
def test_a_file_is_small(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= LONGEST_FILE


@each_module
def test_a_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text())), f"{module.name} has no docstring"


@each_module
def test_a_function_is_small(module: Path) -> None:
    long = {one.name: lines_of(one) for one in functions_of(ast.parse(module.read_text()))}
    assert {name: lines for name, lines in long.items() if lines >= LONGEST_FUNCTION} == {}


def test_nothing_is_a_drawer() -> None:
    names = {path: set(path.relative_to(SRC).with_suffix("").parts) for path in MODULES}
    assert [path for path, parts in names.items() if parts & DRAWERS] == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_says_what_it_is_for(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert said is not None and len(said.split()) >= 5


def test_no_room_is_without_its_docstring_file() -> None:
    folders = {module.parent for module in MODULES}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
