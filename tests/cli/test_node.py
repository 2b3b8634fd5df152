"""A node from nothing with its own commands, as the processes that a person would start."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from havre.demo.nodes import free_port

pytestmark = pytest.mark.real
PATIENCE = 30.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """Ours, without any setting that this machine may have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HAVRE_")}
    return {**kept, "XDG_CONFIG_HOME": str(home.parent / "config"), **more}


def havre(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "havre", *words]
    env = environment(home, **more)
    return subprocess.run(command, env=env, cwd=home.parent, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "node"


@pytest.fixture
def operator(home: Path) -> str:
    """The operator's token of a node that was just made."""
    made = havre(home, "node", "init", "--home", str(home), "--json")
    assert made.returncode == 0, made.stderr
    token: str = json.loads(made.stdout)["token"]
    return token


@contextmanager
def running(home: Path, **more: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A node that answers: its address and its process. Killed at the end if it still runs."""
    port = free_port()
    command = [sys.executable, "-m", "havre", "run", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, env=environment(home, **more), stderr=subprocess.PIPE, text=True)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.communicate()


def wait_until_healthy(url: str, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1]
        try:
            if urllib3.request("GET", f"{url}/healthz", retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")


def test_a_node_is_made_with_a_key_a_database_and_the_next_steps(home: Path) -> None:
    made = havre(home, "node", "init", "--home", str(home))
    assert made.returncode == 0, made.stderr
    assert [line.partition(":")[0] for line in made.stdout.splitlines()] == ["home", "token"]
    assert stat.S_IMODE((home / "node.key").stat().st_mode) == 0o600
    assert (home / "havre.db").exists()
    assert f"havre run --home {home}" in made.stderr
    assert "hvo_" not in made.stderr


def test_a_node_is_made_once(home: Path, operator: str) -> None:
    key = (home / "node.key").read_bytes()
    again = havre(home, "node", "init", "--home", str(home))
    assert (again.returncode, again.stdout) == (1, "")
    assert "has an operator already\nNext: `havre node token` renews" in again.stderr
    assert (home / "node.key").read_bytes() == key


def test_a_node_hosts_runs_and_ends_when_it_is_told_to(home: Path, operator: str) -> None:
    with running(home) as (url, process):
        added = havre(
            home, "participant", "add", "port", "--name", "Port of Test", "--url", url, "--token", operator, "--json"
        )
        assert added.returncode == 0, added.stderr
        admin = json.loads(added.stdout)["token"]
        me = havre(home, "me", HAVRE_URL=url, HAVRE_TOKEN=admin)
        assert (me.returncode, "participant name: Port of Test" in me.stdout) == (0, True), me.stderr
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0, log
    assert "listening on" in log
    assert not any(token in log for token in (operator, admin))


def test_the_operators_token_is_renewed_while_the_node_runs(home: Path, operator: str) -> None:
    with running(home) as (url, _):
        renewed = havre(home, "node", "token", HAVRE_HOME=str(home))
        assert renewed.returncode == 0, renewed.stderr
        token = renewed.stdout.split()[-1]
        assert havre(home, "participant", "list", "--url", url, "--token", token).returncode == 0
        ended = havre(home, "participant", "list", "--url", url, "--token", operator)
        assert (ended.returncode, operator in ended.stderr) == (1, False)


def test_the_doctor_finds_a_node_well_while_it_runs_and_unreachable_when_it_has_ended(
    home: Path, operator: str
) -> None:
    with running(home) as (url, _):
        port = url.rpartition(":")[2]
        havre(home, "participant", "add", "port", "--name", "Port", "--url", url, "--token", operator)
        here = havre(home, "doctor", "--home", str(home), "--json", HAVRE_PORT=port)
        there = havre(home, "doctor", "--url", url, "--token", operator, "--json")
        stranger = havre(home, "doctor", "--url", url, "--token", "hvo_x")
    ended = havre(home, "doctor", "--home", str(home), HAVRE_PORT=port)
    assert (here.returncode, there.returncode, stranger.returncode, ended.returncode) == (0, 0, 1, 1), here.stdout
    assert {one["status"] for one in json.loads(here.stdout) + json.loads(there.stdout)} == {"ok"}
    assert [line.partition(": ")[0] for line in ended.stdout.splitlines() if line.startswith("problem")] == [
        "problem  our address",
        "problem  our DID",
    ]
    assert operator not in "".join(one.stdout + one.stderr for one in (here, there, ended))


def test_the_doctor_makes_nothing_where_no_node_is(home: Path) -> None:
    result = havre(home, "doctor", "--home", str(home))
    assert (result.returncode, "problem  database" in result.stdout) == (1, True)
    assert "Next: `havre node init`" in result.stdout
    assert not home.exists()


@pytest.mark.parametrize("more", [{"HAVRE_PORT": "eighty"}, {"HAVRE_DATABASE_URL": "oracle://u:secret@h/x"}], ids=str)
def test_the_doctor_says_what_is_wrong_with_the_settings(more: dict[str, str], home: Path, operator: str) -> None:
    result = havre(home, "doctor", "--home", str(home), **more)
    assert (result.returncode, "Traceback" in result.stderr) == (1, False), result.stderr
    assert [name in result.stdout for name in more] == [True]
    assert "problem  " in result.stdout and "secret" not in result.stdout + result.stderr


@pytest.mark.parametrize("words", [("run",), ("node", "token")], ids="-".join)
def test_where_no_node_is_nothing_is_made(words: tuple[str, ...], home: Path) -> None:
    result = havre(home, *words, "--home", str(home))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: there is no node in {home}\nNext: ")
    assert not home.exists()


def test_a_port_that_is_taken_is_said_to_be(home: Path, operator: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = havre(home, "run", "--home", str(home), "--port", str(taken.getsockname()[1]))
    assert (result.returncode, "cannot be listened on" in result.stderr) == (1, True)
    assert "port: expected a free port (HAVRE_PORT)" in result.stderr
    assert "Traceback" not in result.stderr


WRONG = {
    "HAVRE_PORT": "eighty",
    "HAVRE_CATALOG_PAGE_SIZE": "0",
    "HAVRE_GIVE_UP_HOURS": "-1",
    "HAVRE_LOG_LEVEL": "loud",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(name: str, home: Path, operator: str) -> None:
    result = havre(home, "run", "--home", str(home), **{name: WRONG[name]})
    assert (result.returncode, name in result.stderr) == (2, True), result.stderr
    assert WRONG[name] not in result.stderr.replace("10", "")  # it may be a secret that stands in the wrong place


UNFIT = [
    {"HAVRE_DATABASE_URL": "nonsense"},
    {"HAVRE_DATABASE_URL": "oracle://localhost/havre"},
    {"HAVRE_DATABASE_URL": "sqlite:////proc/nowhere/havre.db"},
    {"HAVRE_HOME": "/proc/nowhere"},
    {"HAVRE_NODE_KEY": "c2VjcmV0"},
]


@pytest.mark.parametrize("more", UNFIT, ids=lambda more: "-".join(more.values()).replace("/", ""))
def test_what_cannot_be_used_is_a_failure_without_a_traceback(more: dict[str, str], home: Path) -> None:
    result = havre(home, "node", "init", **{"HAVRE_HOME": str(home), **more})
    assert (result.returncode, result.stdout) == (1, ""), result.stderr
    assert result.stderr.startswith("Error: ")
    assert "\nNext: " in result.stderr or ": expected " in result.stderr
    assert "c2VjcmV0" not in result.stderr


def test_the_command_stands_beside_its_python() -> None:
    command = Path(sys.executable).with_name("havre")
    shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("havre, version ")
