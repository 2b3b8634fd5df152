"""Rows go to a table, a pipe or a file; a file is whole or it is not there."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest

from tests.cli.conftest import Havre
from tests.cli.test_commands import AGREEMENT
from tests.client.simulator import Simulator

SHIPS = ["Ever", "Zo", "Ida"]


def asked(simulator: Simulator) -> list[tuple[str, str]]:
    return simulator.calls("GET", "/participants/city/data/calls")[-1].parameters


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow", "rows.csv", "rows.ndjson", "rows.jsonl", "rows.json"])
def test_the_name_of_a_file_says_its_format(name: str, havre: Havre, filled: Simulator, tmp_path: Path) -> None:
    result = havre("read", AGREEMENT, "-o", name)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    data = (tmp_path / name).read_bytes()
    match name.removeprefix("rows."):
        case "parquet":
            assert pyarrow.parquet.read_table(io.BytesIO(data)).column("ship").to_pylist() == SHIPS
        case "arrow":
            assert pyarrow.ipc.open_stream(data).read_all().column("ship").to_pylist() == SHIPS
        case "csv":
            assert data.decode().splitlines()[1] == '"Ever",7'
        case "json":
            assert [row["ship"] for row in json.loads(data)] == SHIPS
        case _:
            assert [json.loads(line)["ship"] for line in data.splitlines()] == SHIPS


def test_a_file_is_whole_or_not_there(havre: Havre, filled: Simulator, tmp_path: Path) -> None:
    filled.cut = 20
    (tmp_path / "rows.csv").write_text("as it was")
    for name in ("rows.csv", "new.csv"):
        result = havre("read", AGREEMENT, "-o", name)
        assert (result.exit_code, "Next:" in result.stderr) == (1, True)
    assert (tmp_path / "rows.csv").read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.glob("*.csv*")) == ["rows.csv", "ships.csv"]


def test_a_folder_that_is_not_there_is_an_error(havre: Havre, filled: Simulator) -> None:
    result = havre("read", AGREEMENT, "-o", "no/such/rows.csv")
    assert (result.exit_code, "no/such/rows.csv" in result.stderr) == (1, True)


def test_a_query_reaches_the_provider(havre: Havre, filled: Simulator) -> None:
    query = ("--columns", "ship,berth", "--filter", "berth:ge:7", "--filter", "ship:in:Ever,Zo", "--order", "-berth")
    window = ("--from", "2026-03-01", "--to", "2026-03-02", "--bbox", "-1,49,1,50")
    result = havre("read", AGREEMENT, *query, *window, "--limit", "2", "--purpose", "planning")
    assert result.exit_code == 0, result.output
    sent = asked(filled)
    assert [value for name, value in sent if name == "filter"] == ["berth:ge:7", "ship:in:Ever,Zo"]
    times = {("from", "2026-03-01"), ("to", "2026-03-02")}
    others = {("columns", "ship,berth"), ("order", "-berth"), ("limit", "2"), ("purpose", "planning")}
    assert times | others <= set(sent)
    assert [float(part) for part in dict(sent)["bbox"].split(",")] == [-1, 49, 1, 50]
    assert "these are 2 rows, there may be more" in result.stderr


def test_a_table_is_short_and_a_stream_is_not(havre: Havre, filled: Simulator) -> None:
    filled.rows["calls"] = [pa.table({"n": range(50)})]
    assert len(havre("read", AGREEMENT).stdout.splitlines()) == 21
    assert len(json.loads(havre("read", AGREEMENT, "--json").stdout)) == 50
    assert len(havre("read", AGREEMENT, "--format", "csv").stdout.splitlines()) == 51


def test_columns_keep_their_names(havre: Havre, filled: Simulator) -> None:
    filled.rows["calls"] = [pa.table({"berth_no": [1]})]
    assert havre("read", AGREEMENT).stdout == "berth_no\n       1\n"


def test_the_name_of_a_column_is_one_line_of_text_also_in_a_pipe(havre: Havre, filled: Simulator) -> None:
    filled.rows["calls"] = [pa.table({"be\nrth\x1b[2J": [1]})]
    assert havre("read", AGREEMENT).stdout.splitlines()[0] == "be\\nrth\\x1b[2J"


def test_no_rows_are_said_to_be_none(havre: Havre, filled: Simulator) -> None:
    filled.rows["calls"] = [pa.table({"n": pa.array([], pa.int64())})]
    table = havre("read", AGREEMENT)
    assert (table.stdout, table.stderr) == ("", "no rows\n")
    assert json.loads(havre("read", AGREEMENT, "--json").stdout) == []


def test_a_refusal_shows_the_reasons(havre: Havre, filled: Simulator) -> None:
    result = havre("read", AGREEMENT, "--purpose", "resale")
    assert result.exit_code == 1
    assert "  - purpose must be planning\nNext: " in result.stderr


WRONG = [
    ("--bbox", "1,2,3"),
    ("--bbox", "a,b,c,d"),
    ("--format", "xml"),
    ("-o", "rows.xml"),
    ("--limit", "0"),
]


@pytest.mark.parametrize("words", WRONG, ids="-".join)
def test_a_wrong_option_is_wrong_usage(words: tuple[str, ...], havre: Havre, filled: Simulator) -> None:
    assert havre("read", AGREEMENT, *words).exit_code == 2
    assert not filled.calls("GET", "/participants/city/data/calls")


def on_a_terminal(havre: Havre, *words: str) -> tuple[int, str]:
    """What a person sees: the command as a process whose output is a terminal."""
    ours, its = pty.openpty()
    environment = {**os.environ, **{name: value for name, value in havre.environment.items() if value is not None}}
    command = [sys.executable, "-m", "havre", *words]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=its, stderr=its, env=environment) as process:
        os.close(its)
        seen = b""
        try:
            while data := os.read(ours, 4096):
                seen += data
        except OSError:  # Linux: the other end of a terminal is closed
            pass
        os.close(ours)
        return process.wait(), seen.decode()


@pytest.mark.real
@pytest.mark.parametrize("words", [(), ("--format", "csv"), ("--json",)], ids=["table", "csv", "json"])
def test_rows_of_others_cannot_rewrite_the_terminal(words: tuple[str, ...], havre: Havre, filled: Simulator) -> None:
    filled.rows["calls"] = [pa.table({"sh\x1b[2Jip": ["Ev\x1b]0;owned\x07er\x9b31m"], "crane": ["é\u202eyard"]})]
    status, seen = on_a_terminal(havre, "read", AGREEMENT, *words)
    assert status == 0, seen
    assert [letter for letter in seen.replace("\r\n", "") if not letter.isprintable()] == []
    assert "owned" in seen
    assert "é" in seen or words == ("--json",)


@pytest.mark.real
def test_what_is_binary_does_not_go_to_a_terminal(havre: Havre, filled: Simulator) -> None:
    status, seen = on_a_terminal(havre, "read", AGREEMENT, "--format", "parquet")
    assert (status, "give -o FILE" in seen) == (2, True)


@pytest.mark.real
def test_a_long_load_shows_how_far_it_is_and_leaves_the_line_clean(havre: Havre, filled: Simulator) -> None:
    status, seen = on_a_terminal(havre, "source", "run", "ais")
    assert status == 0, seen
    assert "\r\x1b[K[############            ]  50%  0.0 of 0.0 MB  2 rows\r\x1b[K" in seen
    assert seen.endswith("\r\x1b[Krows:        4\r\nquarantined: 1\r\n")


def test_without_a_terminal_there_is_no_bar(havre: Havre, filled: Simulator) -> None:
    result = havre("source", "run", "ais")
    assert (result.stderr, result.stdout) == ("", "rows:        4\nquarantined: 1\n")
