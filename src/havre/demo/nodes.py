"""A node as a process of its own: made, started, waited for, stopped."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import urllib3

from havre.client import Exchange

START_SECONDS = 30.0
PORTS = range(20_000, 32_000)


@dataclass
class Node:
    """A node in ``home``. ``token`` is its operator's; ``process`` is there while it runs.

    ``more`` are settings of its own, as in ``{"HAVRE_DATABASE_URL": …}``.
    """

    name: str
    home: Path
    port: int
    folders: tuple[Path, ...]
    token: str
    more: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def operator(self) -> Exchange:
        """Its operator's way in."""
        return Exchange(self.url, self.token)

    @property
    def log(self) -> Path:
        return self.home / f"node-{self.port}.log"

    def beside(self) -> "Node":
        """Another process of the same node, at a port of its own: it shares the home, the database and the address."""
        return replace(self, port=free_port(), more={"HAVRE_PUBLIC_URL": self.url, **self.more}, process=None)

    def start(self) -> None:
        """Start it and return when it answers. ``RuntimeError`` shows the end of its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "havre", "run"],
                env=_environment(self.home, self.port, self.folders, self.more),
                stderr=log,
            )
        wait(self.process, f"{self.url}/healthz", self.log)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def kill(self) -> None:
        """As a power cut would: nothing is finished, nothing is said."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def memory_mb(self) -> float | None:
        """Resident memory; None where the system does not say."""
        try:
            text = Path(f"/proc/{self.process.pid if self.process else 0}/status").read_text()
        except OSError:
            return None
        kilobytes = next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))
        return int(kilobytes) / 1000


def make(
    name: str,
    home: Path,
    folders: tuple[Path, ...] = (),
    port: int | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Node:
    """A new node in an empty folder, at a free port."""
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    done = subprocess.run(
        [sys.executable, "-m", "havre", "node", "init", "--json"],
        env=_environment(home, port, folders, more),
        capture_output=True,
        check=True,
    )
    token = json.loads(done.stdout)["token"]
    return Node(name, home, port, folders, token, more)


def wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Wait until ``url`` answers. ``RuntimeError`` shows the end of the log when it does not."""
    pool, until = urllib3.PoolManager(retries=False, timeout=1.0), time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if pool.request("GET", url).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.02)
    raise RuntimeError(f"what should answer at {url} did not start:\n{log.read_text()[-2000:]}")


def free_port() -> int:
    """One that nothing listens on, below those that systems give to outgoing connections: one of these could take it
    before a server does. ``RuntimeError``: none is free."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no port from {PORTS.start} to {PORTS.stop - 1} is free")


def _environment(home: Path, port: int, folders: tuple[Path, ...], more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HAVRE_")}
    return {
        **kept,
        "HAVRE_HOME": str(home),
        "HAVRE_PORT": str(port),
        "HAVRE_SOURCE_FOLDERS": os.pathsep.join(map(str, folders)),
        **more,
    }
