"""Every command that calls a node does what it says, for people and with --json for programs."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli.conftest import Havre
from tests.cli.tree import COMMANDS
from tests.client.simulator import CITY, Simulator

AGREEMENT, NEGOTIATION, TRANSFER = "urn:uuid:agreement-n0", "urn:uuid:n0", "urn:uuid:t0"
LOCAL = {"node init", "node token", "run", "demo", "service run"}


@dataclass(frozen=True)
class Example:
    """``words`` is the command, ``more`` its arguments; ``shown`` stands in what people see, ``path`` in the JSON."""

    words: str
    more: tuple[str, ...]
    shown: str
    path: tuple[str | int, ...]
    value: Any


EXAMPLES = [
    Example("login", (), "logged in to http://127.0.0.1:", ("message",), ...),
    Example("logout", (), "there was nothing to forget", ("message",), "there was nothing to forget"),
    Example("me", (), "participant slug: port", ("participant", "slug"), "port"),
    Example("catalog", ("--provider", CITY), "calls  Port calls", (0, "offers", 0, "id"), "automatic"),
    Example("catalog", ("-q", "ship"), "automatic", (0, "provider"), ...),
    Example("catalog", ("--hosted", "--keyword", "ship", "--bbox", "-1,49,1,50"), "calls", (0, "id"), "calls"),
    Example("dataset list", (), "ships  Ships in port     2", (0, "statistics", "rows"), 2),
    Example("dataset show", ("ships",), "schema fields:\nNAME", ("schema", "fields", 0, "name"), "ship"),
    Example("dataset propose", ("ships.csv",), "length  integer", ("fields", 1, "type"), "integer"),
    Example("dataset declare", ("tugs", "--schema", "schema.json"), "title:", ("title",), "tugs"),
    Example("dataset publish", ("ships", "ships.csv"), "rows:        1", ("rows",), 1),
    Example("dataset publish", ("tugs", "ships.csv", "--title", "Tugs"), "rows:        1", ("version",), 1),
    Example("dataset rows", ("ships",), "Ever     400", (1, "length"), 12),
    Example("dataset quarantine", ("ships",), "berth: got 'x'", ("count",), 12),
    Example("dataset replay", ("ships",), "rows:        11", ("rows",), 11),
    Example("dataset withdraw", ("ships",), "ships is withdrawn", ("message",), ...),
    Example("source list", (), "ais  ships    tcp        nmea    idle", (0, "status", "state"), "idle"),
    Example("source show", ("ais",), "localhost:10110", ("options", "address"), "localhost:10110"),
    Example(
        "source add",
        ("quay", "--dataset", "ships", "--transport", "http", "--format", "csv", "--option", "interval=60"),
        '{"interval": 60}',
        ("options", "interval"),
        60,
    ),
    Example("source run", ("ais",), "rows:        4", ("rows",), 4),
    Example("source status", (), "ais  idle      0", (0, "id"), "ais"),
    Example("source status", ("ais",), "ais  idle      0", (0, "status", "state"), "idle"),
    Example("source remove", ("ais",), "ais is removed; its rows stay", ("message",), "ais is removed; its rows stay"),
    Example("offer list", (), "offer-1  ships    automatic", (0, "id"), "offer-1"),
    Example(
        "offer add",
        ("ships", "--policy", "terms.json", "--id", "offer-2", "--decision", "human", "--visible-to", CITY),
        "human",
        ("visible_to", 0),
        CITY,
    ),
    Example("offer remove", ("offer-1",), "offer-1 is removed", ("message",), ...),
    Example("negotiation list", ("--state", "FINALIZED"), "FINALIZED", (0, "pid"), NEGOTIATION),
    Example("negotiation show", (NEGOTIATION,), AGREEMENT, ("agreement",), AGREEMENT),
    Example("negotiation start", (CITY, "calls"), AGREEMENT, ("state",), "FINALIZED"),
    Example("negotiation start", (CITY, "calls", "--anew"), "urn:uuid:agreement-n1", ("state",), "FINALIZED"),
    Example("negotiation agree", (NEGOTIATION,), "AGREED", ("state",), "AGREED"),
    Example("negotiation refuse", (NEGOTIATION, "--reason", "no"), "TERMINATED", ("reason",), "no"),
    Example("negotiation accept", (NEGOTIATION,), "ACCEPTED", ("state",), "ACCEPTED"),
    Example(
        "negotiation propose", (CITY, "ships", "--offer", "offer-1"), "state:        OFFERED", ("counterparty",), CITY
    ),
    Example("negotiation counter", (NEGOTIATION, "--policy", "terms.json"), "REQUESTED", ("state",), "REQUESTED"),
    Example("negotiation verify", (NEGOTIATION,), "VERIFIED", ("state",), "VERIFIED"),
    Example("negotiation finalize", (NEGOTIATION,), "FINALIZED", ("state",), "FINALIZED"),
    Example("negotiation trace", (NEGOTIATION,), "sent       RequestMessage  pending  ", ("steps", 1, "answer"), "503"),
    Example("negotiation terminate", (NEGOTIATION, "--reason", "late"), "late", ("state",), "TERMINATED"),
    Example("agreement list", (), AGREEMENT, (0, "signed"), "2026-03-02T12:00:00Z"),
    Example("agreement show", (AGREEMENT,), '"rightOperand": 9', ("policy", "permission", 0, "action"), "use"),
    Example("agreement end", (AGREEMENT, "--reason", "over"), "ended:", ("ended",), "2026-03-02T12:00:00Z"),
    Example("transfer list", ("--agreement", AGREEMENT), TRANSFER, (0, "state"), "STARTED"),
    Example("transfer start", (AGREEMENT, "--wait", "1"), "urn:uuid:t1", ("state",), "STARTED"),
    Example(
        "transfer start",
        (AGREEMENT, "--push-to", "https://lab.example/in", "--property", "purpose", "research"),
        "HttpData-PUSH",
        ("state",),
        "STARTED",
    ),
    Example("transfer show", (TRANSFER,), "STARTED", ("agreement",), AGREEMENT),
    Example("transfer trace", (TRANSFER,), "waits for: delivery of RequestMessage", ("steps", 0, "at"), ...),
    Example("transfer give", (TRANSFER,), "STARTED", ("state",), "STARTED"),
    Example("transfer suspend", (TRANSFER, "--reason", "storm"), "SUSPENDED", ("reason",), "storm"),
    Example("transfer resume", (TRANSFER,), "STARTED", ("state",), "STARTED"),
    Example("transfer complete", (TRANSFER,), "COMPLETED", ("state",), "COMPLETED"),
    Example("transfer terminate", (TRANSFER, "--reason", "over"), "TERMINATED", ("reason",), "over"),
    Example("transfer access", (TRANSFER,), "token:    hva_1", ("token",), "hva_1"),
    Example("read", (AGREEMENT,), "Ever      7", (2, "ship"), "Ida"),
    Example("follow", (AGREEMENT, "--after", "0", "--limit", "1"), '"ship": "Zo"', ("berth",), 8),
    Example("usage", (), "2048", (0, "bytes"), 2048),
    Example("audit list", ("--after", "7", "--limit", "2"), "8  2026-03-02T12:00:00Z", (1, "sequence"), 9),
    Example("audit verify", (), "whole:   yes", ("whole",), True),
    Example("member list", (), "urn:uuid:member-0  Lab   person  reader", (0, "name"), "Lab"),
    Example("member add", ("Crane", "--role", "publisher", "--kind", "machine"), "machine", ("role",), "publisher"),
    Example("member remove", ("urn:uuid:member-0",), "its tokens have ended", ("message",), ...),
    Example("token list", (), "urn:uuid:token-0", (0, "scopes", 0), "read"),
    Example(
        "token add", ("urn:uuid:member-0", "--scope", "read", "--days", "9"), "hvr_secret", ("token",), "hvr_secret"
    ),
    Example("token revoke", ("urn:uuid:token-0",), "is revoked", ("message",), "urn:uuid:token-0 is revoked"),
]
OPERATORS = [
    Example("participant list", (), "city  City of Test", (0, "slug"), "city"),
    Example("participant add", ("lab", "--name", "Lab"), "hvr_first", ("token",), "hvr_first"),
    Example("doctor", (), "ok       node key: node.key: opens all keys", (0, "status"), "ok"),
    Example("trust list", (), CITY, (0, "identity"), "did"),
    Example("trust add", ("did:web:lab", "--name", "Lab", "--membership", "m"), "m", ("memberships", 0), "m"),
    Example("trust add", ("lab", "--name", "L", "--sends", "a", "--receives", "b"), "fixed", ("identity",), "fixed"),
    Example("trust remove", (CITY,), "no longer trusted", ("message",), ...),
]


def test_every_command_has_an_example() -> None:
    assert {example.words for example in EXAMPLES + OPERATORS} == set(COMMANDS) - LOCAL


@pytest.mark.parametrize("example", EXAMPLES + OPERATORS, ids=lambda one: "-".join([one.words, *one.more]))
def test_a_command_shows_what_it_did(example: Example, havre: Havre, filled: Simulator) -> None:
    call = havre.as_operator() if example in OPERATORS else havre
    result = call(*example.words.split(), *example.more)
    assert (result.exit_code, example.shown in result.stdout) == (0, True), result.output


@pytest.mark.parametrize("example", EXAMPLES + OPERATORS, ids=lambda one: "-".join([one.words, *one.more]))
def test_a_command_shows_programs_the_same(example: Example, havre: Havre, filled: Simulator) -> None:
    call = havre.as_operator() if example in OPERATORS else havre
    result = call(*example.words.split(), *example.more, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    for step in example.path:
        found = found[step]
    assert found == example.value or (example.value is ... and found)


EMPTY = ["dataset list", "source list", "source status", "offer list", "negotiation list", "agreement list"]


@pytest.mark.parametrize("words", [*EMPTY, "transfer list", "token list", "member list"])
def test_nothing_is_said_to_be_nothing(words: str, havre: Havre) -> None:
    shown, machine = havre(*words.split()), havre(*words.split(), "--json")
    assert shown.stdout.startswith(("no ", "there are none"))
    assert json.loads(machine.stdout) == []


def test_a_negotiation_that_waits_says_for_whom(havre: Havre, filled: Simulator) -> None:
    human = havre("negotiation", "start", CITY, "waste", "--offer", "human", "--wait", "0.2")
    assert "the provider has yet to decide: `havre negotiation show urn:uuid:n1`" in human.stderr
    counter = havre("negotiation", "start", CITY, "waste", "--offer", "counter", "--json")
    assert "`havre negotiation accept urn:uuid:n2`" in counter.stderr
    assert json.loads(counter.stdout)["state"] == "OFFERED"


def test_an_end_without_an_agreement_says_why_and_is_a_failure_for_who_waits(havre: Havre, filled: Simulator) -> None:
    havre("negotiation", "start", CITY, "waste", "--offer", "human", "--wait", "0")
    havre("negotiation", "terminate", "urn:uuid:n1", "--reason", "the \x1b[31mbudget is gone")
    shown = havre("negotiation", "show", "urn:uuid:n1")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "reason:       the \\x1b[31mbudget is gone\n" in shown.stdout
    waited = havre("negotiation", "show", "urn:uuid:n1", "--wait", "5", "--json")
    assert (waited.exit_code, json.loads(waited.stdout)["state"]) == (1, "TERMINATED")
    assert waited.stderr.startswith("Error: the negotiation was terminated\n  - the \\x1b[31mbudget is gone\nNext: ")
    assert "havre negotiation trace urn:uuid:n1" in waited.stderr


def test_a_transfer_that_is_refused_says_why_and_is_a_failure(havre: Havre, filled: Simulator) -> None:
    filled.of("refusing")[AGREEMENT] = {}
    result = havre("transfer", "start", AGREEMENT)
    assert (result.exit_code, "TERMINATED" in result.stdout) == (1, True)
    assert result.stderr.startswith("Error: the transfer was terminated\n  - the agreement has ended\nNext: ")


def test_a_transfer_that_waits_says_where_to_look(havre: Havre, filled: Simulator) -> None:
    result = havre("transfer", "start", AGREEMENT, "--wait", "0")
    assert (result.exit_code, "REQUESTED" in result.stdout) == (0, True)
    assert "`havre transfer trace urn:uuid:t1`" in result.stderr


def test_a_trace_cannot_rewrite_the_terminal(havre: Havre, filled: Simulator) -> None:
    assert "too \\x1b[2Jdear" in havre("negotiation", "trace", NEGOTIATION).stdout


def test_what_the_doctor_finds_says_what_to_do_and_is_a_failure(havre: Havre, filled: Simulator) -> None:
    finding = {"status": "problem", "check": "clock", "subject": CITY, "what": "40 s \x1b[2J", "next": "keep time"}
    filled.of("findings")["clock"] = finding
    result = havre.as_operator()("doctor")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 3)
    assert result.stdout.endswith(f"problem  clock: {CITY}: 40 s \\x1b[2J\n         Next: keep time\n")
    assert result.stderr.startswith("Error: 1 of 2 checks found a problem\n")
    filled.of("findings")["clock"] = finding | {"status": "warning"}
    assert havre.as_operator()("doctor").exit_code == 0
    assert havre("doctor").exit_code == 1  # who is not the operator


def test_what_is_published_from_a_pipe_is_whole(havre: Havre, filled: Simulator) -> None:
    result = havre("dataset", "publish", "tugs", "-", "--format", "csv", input="ship\nA\nB\n")
    assert result.exit_code == 0, result.output
    assert filled.rows["tugs"][0].to_pylist() == [{"ship": "A"}, {"ship": "B"}]


def test_with_a_source_and_an_offset_a_repeat_adds_nothing(havre: Havre, filled: Simulator) -> None:
    words = ("dataset", "publish", "ships", "ships.csv", "--source", "register", "--offset", "19", "--json")
    assert [json.loads(havre(*words).stdout)["rows"] for _ in range(2)] == [1, 0]
