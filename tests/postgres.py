"""A PostgreSQL server of our own: on a free loopback port, in a folder of its own, durable as in production.

``with server() as running`` starts it and stops it; ``running.database()`` is the URL of a new, empty database.
``Missing`` says why there can be none here. It uses Debian's package ``postgresql``, and installs it where it may.
"""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from havre.demo.nodes import free_port

INSTALLED = Path("/usr/lib/postgresql")
MEMORY = Path("/dev/shm")
START_SECONDS = 30.0
INSTALL_SECONDS = 300.0
USERS = ("postgres", "nobody")
"""Who runs it when we are root: the server refuses to be root."""


class Missing(Exception):
    """There is no PostgreSQL here, and why."""


@dataclass(frozen=True)
class Server:
    """A running server; all that may connect to its port may do everything."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def database(self, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the one at ``template``, to which nobody is connected."""
        name = f"test_{uuid.uuid4().hex}"
        copied = f' TEMPLATE "{sa.make_url(template).database}"' if template else ""
        self._admin(f'CREATE DATABASE "{name}"{copied}')
        return self.url(name)

    def drop(self, url: str) -> None:
        self._admin(f'DROP DATABASE "{sa.make_url(url).database}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


@contextmanager
def server(*, in_memory: bool = False) -> Iterator[Server]:
    """A server with PostgreSQL's own settings (``fsync`` and ``synchronous_commit`` are on).

    ``in_memory`` is for tests that kill processes, never the machine: they need not wait for a disk.
    """
    programs = _programs()
    where = MEMORY if in_memory and MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="havre-postgresql-", dir=where))
    user = _user()
    if user is not None:
        shutil.chown(folder, user)
    as_user: dict[str, Any] = {} if user is None else {"user": user, "group": _group(user), "extra_groups": ()}
    data, port = folder / "data", free_port()
    command = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **as_user)
    options = ("-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", "unix_socket_directories=")
    with (folder / "log").open("wb") as log:
        command = [programs / "postgres", "-D", data, *options]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_user)
    try:
        _wait(process, port, folder / "log")
        yield Server(port)
    finally:
        process.send_signal(2)  # "fast": whoever is connected is sent away
        process.wait(START_SECONDS)
        shutil.rmtree(folder)


def _programs() -> Path:
    """The newest installed version's folder of programs."""
    if not _versions():
        _install()
    found = _versions()
    if not found:
        raise Missing(f"PostgreSQL is not in {INSTALLED}; install Debian's package postgresql")
    return found[-1]


def _versions() -> list[Path]:
    found = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    return sorted(found, key=lambda path: float(path.parent.name))


def _install() -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*sudo, "apt-get", "install", "-y", "--no-install-recommends", "postgresql"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=INSTALL_SECONDS, env=environment, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"PostgreSQL is not installed, and cannot be: {error}") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Missing(f"PostgreSQL is not installed, and `{' '.join(command)}` failed: {said}")


def _user() -> str | None:
    """Whom the server is run as; None for ourselves."""
    import pwd

    if getpass.getuser() != "root" and os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in USERS if user in known)


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    engine = sa.create_engine(Server(port).url("postgres"), poolclass=sa.NullPool)
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError:
            time.sleep(0.05)
    raise Missing(f"PostgreSQL does not start:\n{log.read_text()[-2000:]}")
