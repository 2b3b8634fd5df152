"""A service as a process of its own beside a node, and its configuration."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from havre.demo.nodes import Node, free_port, wait

Needs = Mapping[str, tuple[str, str]]
"""Of each need the DID of its provider and the dataset."""


@dataclass
class Serving:
    """The service ``name``. ``probe`` is a path that answers once its pages are there."""

    name: str
    home: Path
    probe: str
    port: int = field(default_factory=free_port)
    node: Node | None = None
    """At which the service works, once it does."""
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """What its node must know to show its pages, as in ``HAVRE_SERVICES``."""
        return f"{self.name}=http://127.0.0.1:{self.port}"

    @property
    def own_url(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def url(self) -> str:
        """Its pages, at the node's address once it works there, else at the service's own."""
        return self.own_url if self.node is None else f"{self.node.url}/services/{self.name}/"

    @property
    def log(self) -> Path:
        return self.home / f"{self.name}.log"

    def start(self, node: Node, token: str, needs: Needs, settings: Mapping[str, Any]) -> None:
        """Return when its pages answer, at the node's address too. ``RuntimeError`` shows the end of its log."""
        config = self.home / f"{self.name}.toml"
        config.write_text(toml(needs, settings), encoding="utf-8")
        command = ["service", "run", self.name, "--config", str(config), "--port", str(self.port)]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "havre", *command, "--url", node.url, "--token", token], stderr=output
            )
        wait(self._process, f"{self.own_url}{self.probe}", self.log)
        self.node = node
        wait(self._process, f"{self.url}{self.probe}", self.log)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None


def toml(needs: Needs, settings: Mapping[str, Any]) -> str:
    """The configuration of a service; tables among the settings come last."""
    lines = []
    for name, (provider, dataset) in needs.items():
        lines += [f"[needs.{name}]", f"provider = {_said(provider)}", f"dataset = {_said(dataset)}", ""]
    tables = {name: value for name, value in settings.items() if isinstance(value, Mapping)}
    lines += ["[settings]", *(f"{name} = {_said(value)}" for name, value in settings.items() if name not in tables), ""]
    for name, table in tables.items():
        lines += [f"[settings.{name}]", *(f"{key} = {_said(value)}" for key, value in table.items()), ""]
    return "\n".join(lines)


def _said(value: Any) -> str:
    """Texts, numbers, truths and lists of them are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
