"""Debian's Chromium, driven by Playwright: it reaches loopback only, and everything that it did not like is kept.

Skipped loudly where there is no Chromium: the last lines of the run say so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from havre_ui import build

CHROMIUM = Path("/usr/bin/chromium")
MISSING = "NOT SEEN IN A BROWSER"
PICTURES = Path(__file__).parents[1] / "build/pages"
AXE = build.WORK / "node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


@dataclass
class Sheet:
    """A page that is open, and what went wrong on it: requests to elsewhere, messages of the console, errors."""

    page: Any
    wrong: list[str] = field(default_factory=list)

    def axe(self) -> list[str]:
        """The rules of axe-core that are broken, serious or critical, with where."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {node['html'][:120]} {node['failureSummary']}" for one in grave for node in one["nodes"]]

    def overflows(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser with a user data folder of its own."""
    if not CHROMIUM.exists():
        pytest.skip(f"{MISSING}: there is no {CHROMIUM} (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason=f"{MISSING}: Playwright is not installed")
    build.build()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def sheet(browser: Any, *, width: int = 1280, height: int = 900, dark: bool = False, **options: Any) -> Iterator[Sheet]:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        timezone_id="Pacific/Auckland",
        reduced_motion="reduce",
        **options,
    )
    opened = Sheet(context.new_page())
    page = opened.page
    page.set_default_timeout(30_000)  # a machine that others use too has slow moments
    page.on("request", lambda one: _note_address(opened, one.url))
    page.on("console", lambda one: opened.wrong.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: opened.wrong.append(str(error)))
    yield opened
    context.close()


def _note_address(opened: Sheet, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1:")):
        opened.wrong.append(f"asked for {url}")
