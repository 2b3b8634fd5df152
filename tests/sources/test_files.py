"""Files and folders come in exactly once, whatever happens to them in between."""

import pytest

from havre.context import Context
from havre.errors import Conflict, HavreError, Invalid
from havre.lake.writer import Writer
from havre.sources.model import State
from havre.sources.runner import Runner
from tests.sources.sources import declare, inbox, numbers, quarantined, run, source, status, until


def test_a_file_is_read_once(context: Context) -> None:
    dataset = declare(context)
    (inbox(context) / "a.csv").write_text("number,name\n1,one\n2,two\n")
    one = source(context, "file", "csv", path="a.csv")
    assert run(context, one).rows == 2
    assert run(context, one).rows == 0
    assert numbers(context, dataset) == [1, 2]


def test_a_file_that_grew_gives_what_is_new(context: Context) -> None:
    dataset = declare(context)
    file = inbox(context) / "a.csv"
    file.write_text("number,name\n1,one\n")
    one = source(context, "file", "csv", path="a.csv")
    run(context, one)
    with file.open("a") as more:
        more.write("2,two\n3,three\n")
    assert run(context, one).rows == 2
    assert numbers(context, dataset) == [1, 2, 3]


@pytest.mark.parametrize("replacement", ["number,name\n7,seven\n", "number,name\n7,seven\n8,eight\n9,nine\n"])
def test_a_file_that_was_replaced_is_read_from_its_beginning(context: Context, replacement: str) -> None:
    dataset = declare(context)
    file = inbox(context) / "a.csv"
    file.write_text("number,name\n1,one\n2,two\n")
    one = source(context, "file", "csv", path="a.csv")
    run(context, one)
    file.write_text(replacement)
    assert run(context, one).rows == replacement.count("\n") - 1
    assert numbers(context, dataset)[:3] == [1, 2, 7]


def test_what_does_not_fit_is_set_apart_and_the_rest_passes(context: Context) -> None:
    dataset = declare(context)
    (inbox(context) / "a.ndjson").write_text(
        '{"number": 1}\n{"number": "x"}\nnot json\n{"name": "none"}\n{"number": 5}\n'
    )
    ended = run(context, source(context, "file", "ndjson", path="a.ndjson"))
    assert (ended.rows, ended.quarantined, ended.state) == (2, 3, State.IDLE)
    assert numbers(context, dataset) == [1, 5]
    assert {raw for _, raw in quarantined(context)} >= {b"not json"}


def test_a_crash_between_two_commits_adds_nothing_twice(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = declare(context)
    monkeypatch.setattr("havre.sources.intake.BLOCK_BYTES", 64)
    monkeypatch.setattr("havre.lake.writer.BATCH_ROWS", 10)
    lines = "".join(f"{number},name {number}\n" for number in range(100))
    (inbox(context) / "a.csv").write_text("number,name\n" + lines)
    one = source(context, "file", "csv", path="a.csv")
    commits, whole = 0, Writer.flush

    def crashing(writer: Writer) -> object:
        nonlocal commits
        commits += 1
        if commits % 3 == 0:
            raise OSError("the disk is gone")
        return whole(writer)

    monkeypatch.setattr(Writer, "flush", crashing)
    for _ in range(60):
        if run(context, one).state is State.IDLE:
            break
    monkeypatch.setattr(Writer, "flush", whole)
    run(context, one)
    assert commits > 6
    assert numbers(context, dataset) == list(range(100))


def test_a_folder_is_read_file_by_file_and_documents_once(context: Context) -> None:
    dataset = declare(context)
    folder = inbox(context) / "daily"
    folder.mkdir()
    (folder / "1.json").write_text('[{"number": 1}]')
    (folder / "2.json").write_text('[{"number": 2}]')
    (folder / "notes.txt").write_text("no rows")
    one = source(context, "file", "json", path="daily", pattern="*.json")
    assert run(context, one).rows == 2
    (folder / "3.json").write_text('[{"number": 3}]')
    (folder / "1.json").write_text('[{"number": 10}, {"number": 11}]')
    assert run(context, one).rows == 3
    assert run(context, one).rows == 0
    assert sorted(numbers(context, dataset)) == [1, 2, 3, 10, 11]


def test_a_watched_file_comes_in_as_it_grows(context: Context) -> None:
    dataset = declare(context)
    file = inbox(context) / "live.csv"
    runner = Runner(context)
    runner.run(source(context, "file", "csv", path="live.csv", watch=True, every=0.1))
    until(lambda: status(context).state is State.WAITING)
    file.write_text("number,name\n1,one\n2,tw")
    until(lambda: numbers(context, dataset) == [1])
    with file.open("a") as more:
        more.write("o\n")
    until(lambda: numbers(context, dataset) == [1, 2])
    runner.stop()


def test_a_watched_source_goes_on_after_a_restart(context: Context) -> None:
    dataset = declare(context)
    file = inbox(context) / "live.csv"
    file.write_text("number,name\n1,one\n")
    source(context, "file", "csv", path="live.csv", watch=True, every=0.1)
    for number in (2, 3):
        runner = Runner(context)
        runner.start()
        with file.open("a") as more:
            more.write(f"{number},again\n")
        until(lambda number=number: numbers(context, dataset)[-1:] == [number])  # type: ignore[misc]
        runner.stop()
    assert numbers(context, dataset) == [1, 2, 3]


@pytest.mark.parametrize("path", ["../../havre.db", "/etc/passwd", "link.csv"])
def test_only_what_the_operator_has_opened_is_read(context: Context, path: str) -> None:
    declare(context)
    (inbox(context) / "link.csv").symlink_to("/etc/passwd")
    with pytest.raises(Invalid) as caught:
        source(context, "file", "csv", path=path)
    assert caught.value.field == "options.path"


def test_a_link_in_a_folder_does_not_lead_out(context: Context) -> None:
    declare(context)
    folder = inbox(context) / "daily"
    folder.mkdir()
    (folder / "x.csv").symlink_to("/etc/passwd")
    ended = run(context, source(context, "file", "csv", path="daily"))
    assert ended.state is State.FAILED and "open for sources" in (ended.error or "")


def test_a_file_that_is_not_there_is_said(context: Context) -> None:
    declare(context)
    ended = run(context, source(context, "file", "csv", path="none.csv"))
    assert ended.state is State.FAILED and "none.csv" in (ended.error or "")


@pytest.mark.parametrize(
    ("transport", "format", "options", "field"),
    [
        ("carrier", "csv", {}, "transport"),
        ("file", "xls", {"path": "a"}, "format"),
        ("file", "csv", {}, "options.path"),
        ("file", "csv", {"path": "a", "wach": True}, "options.wach"),
        ("file", "csv", {"path": "a", "every": "soon"}, "options.every"),
        ("http", "csv", {"url": "ftp://x"}, "options.url"),
        ("tcp", "nmea", {"host": "x", "port": 70_000}, "options.port"),
    ],
)
def test_a_wrong_source_is_refused_by_the_name_of_its_field(
    context: Context, transport: str, format: str, options: dict[str, object], field: str
) -> None:
    declare(context)
    with pytest.raises(HavreError) as caught:
        source(context, transport, format, **options)
    assert caught.value.field == field


def test_another_source_of_the_same_name_is_a_conflict(context: Context) -> None:
    declare(context)
    source(context, "file", "csv", path="a.csv")
    source(context, "file", "csv", path="a.csv")
    with pytest.raises(Conflict):
        source(context, "file", "csv", path="b.csv")
