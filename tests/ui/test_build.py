"""The assets are those that are pinned, and come without anything installed before but Python."""

import json
import shutil
from pathlib import Path

import pytest

from havre_ui import build


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build works in a folder of the test."""
    monkeypatch.setattr(build, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(build, "WORK", tmp_path / "work")
    return tmp_path


def test_every_package_is_pinned_by_its_content_and_by_no_address() -> None:
    lock = json.loads((build.PINNED / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert "node_modules/maplibre-gl" in packages
    assert [name for name, one in packages.items() if "integrity" not in one or "resolved" in one] == []


def test_exact_versions_are_asked_for() -> None:
    asked = json.loads((build.PINNED / "package.json").read_text())
    versions = [*asked["dependencies"].values(), *asked["devDependencies"].values()]
    assert [version for version in versions if not version[0].isdigit()] == []


def test_a_second_build_does_nothing(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build.build()
    for name in build.FILES.values():
        assert (elsewhere / "vendor" / name).stat().st_size > 0
    assert "maplibre" in (elsewhere / "vendor/LICENCES.txt").read_text().lower()
    monkeypatch.setattr(build, "npm", lambda: pytest.fail("npm was asked for"))
    assert not build.build()


def test_a_build_that_was_cut_off_is_none(elsewhere: Path) -> None:
    (elsewhere / "vendor").mkdir()
    (elsewhere / "vendor/htmx.js").write_text("half")
    assert not build.is_built()


def test_other_pins_make_another_build(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.wanted()
    shutil.copytree(build.PINNED, elsewhere / "npm")
    (elsewhere / "npm/package-lock.json").write_text("{}")
    monkeypatch.setattr(build, "PINNED", elsewhere / "npm")
    assert build.wanted() != before


def test_what_npm_says_when_it_fails_is_told(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(build.PINNED, elsewhere / "npm")
    (elsewhere / "npm/package-lock.json").write_text("{}")
    monkeypatch.setattr(build, "PINNED", elsewhere / "npm")
    with pytest.raises(build.BuildError, match="npm ci"):
        build.build()
    assert not build.is_built()
