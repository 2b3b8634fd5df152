"""Whoever runs the tests without a browser is told in the last lines."""

import pytest

from tests.browser import MISSING


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if MISSING in str(one.longrepr)]
    if skipped:
        why = str(skipped[0].longrepr[2]).removeprefix("Skipped: ")
        terminalreporter.write_line(f"{why}: {len(skipped)} tests", red=True, bold=True)
