"""Tokens are shown once and go where they belong; what others wrote cannot rewrite a terminal."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Havre
from tests.cli.test_commands import EXAMPLES
from tests.client.simulator import CITY, OPERATOR, TOKEN, Simulator, running

SHOWN_ONCE = {"token add", "participant add", "transfer access"}
SPECIAL = "\x1b]0;owned\x07\x9b31m\u202e\r"


def profile(tmp_path: Path) -> Path:
    return tmp_path / "config" / "havre" / "profile.json"


@pytest.fixture
def logged_in(havre: Havre, simulator: Simulator, tmp_path: Path) -> Havre:
    """Somebody whose address and token stand in the profile alone."""
    anew = havre.without_token()
    result = anew("login", "--url", simulator.url + "/", input=f"{TOKEN}\n")
    assert result.exit_code == 0, result.output
    assert TOKEN not in result.output
    return anew


def test_the_profile_is_its_owners_alone(logged_in: Havre, tmp_path: Path, simulator: Simulator) -> None:
    file = profile(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text()) == {"url": simulator.url, "token": TOKEN}
    assert logged_in("me").exit_code == 0


def test_a_profile_that_others_could_read_is_closed_by_the_next_login(logged_in: Havre, tmp_path: Path) -> None:
    profile(tmp_path).chmod(0o644)
    assert logged_in("login", input="\n").exit_code == 1  # nothing was typed for the token
    logged_in("login", "--url", json.loads(profile(tmp_path).read_text())["url"], "--token", TOKEN)
    assert stat.S_IMODE(profile(tmp_path).stat().st_mode) == 0o600


def test_the_profiles_token_goes_to_its_address_alone(logged_in: Havre, simulator: Simulator) -> None:
    with running() as other:
        for result in (logged_in("me", "--url", other.url), logged_in("offer", "list", "--url", other.url)):
            assert (result.exit_code, "there is no token for" in result.stderr) == (2, True)
        assert other.asked == []


def test_a_token_that_is_refused_is_not_kept(havre: Havre, simulator: Simulator, tmp_path: Path) -> None:
    result = havre("login", "--token", "hvr_wrong")
    assert (result.exit_code, "hvr_wrong" in result.output) == (1, False)
    assert not profile(tmp_path).exists()


def test_the_operator_logs_in_too(havre: Havre, tmp_path: Path) -> None:
    result = havre("login", "--token", OPERATOR)
    assert (result.exit_code, "as the operator" in result.stdout, OPERATOR in result.output) == (0, True, False)
    assert havre.without_token()("participant", "list").exit_code == 0


def test_logout_forgets(logged_in: Havre, tmp_path: Path) -> None:
    assert logged_in("logout").stdout == "logged out\n"
    assert not profile(tmp_path).exists()
    assert logged_in("me").exit_code == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}', '{"url": "http://localhost"}'])
def test_a_broken_profile_says_how_to_mend_it(text: str, logged_in: Havre, tmp_path: Path) -> None:
    profile(tmp_path).write_text(text)
    result = logged_in("me")
    assert (result.exit_code, "write it anew with `havre login`" in result.stderr) == (2, True)


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["people", "programs"])
def test_no_command_shows_a_token_but_those_that_make_one(
    flags: tuple[str, ...], havre: Havre, filled: Simulator
) -> None:
    for example in EXAMPLES:
        output = havre(*example.words.split(), *example.more, *flags).output
        assert TOKEN not in output, example.words
        assert example.words in SHOWN_ONCE or not any(name in output for name in ("hvr_", "hva_", "hvo_")), (
            example.words
        )


def test_what_opens_an_endpoint_is_read_from_a_file_and_not_shown(
    havre: Havre, filled: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "opens").write_text("s3cret\n")
    agreement = next(iter(filled.of("agreements")))
    words = ("transfer", "start", agreement, "--push-to", "https://lab.example/in", "--authorization-file", "opens")
    result = havre(*words)
    assert (result.exit_code, "s3cret" in result.output) == (0, False)
    assert filled.calls("POST", "/api/transfers")[-1].json["data_address"]["authorization"] == "s3cret"
    assert havre(*words[:3], *words[5:]).exit_code == 2


def test_errors_and_help_show_no_token(havre: Havre, simulator: Simulator) -> None:
    for words in (("me", "-h"), ("dataset", "show", "gone"), ("participant", "list"), ("me", "--nothing")):
        assert TOKEN not in havre(*words).output
    broken = havre("me", "--token", "hvr_with a space")
    assert (broken.exit_code, "hvr_with" in broken.output) == (1, False)


def written_by_others(filled: Simulator) -> None:
    for members in (*filled.of("negotiations").values(), *filled.of("agreements").values()):
        members |= {"counterparty": CITY + SPECIAL, "reason": SPECIAL}
    filled.of("datasets")["ships"]["title"] = SPECIAL
    filled.of("datasets")["ships"]["schema"]["fields"][0]["name"] = SPECIAL
    filled.of("agreements")["urn:uuid:agreement-n0"]["policy"] = {"permission": [SPECIAL]}
    filled.source_error = SPECIAL


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["people", "programs"])
@pytest.mark.parametrize(
    "words",
    [
        ("negotiation", "list"),
        ("negotiation", "show", "urn:uuid:n0"),
        ("agreement", "show", "urn:uuid:agreement-n0"),
        ("dataset", "list"),
        ("dataset", "show", "ships"),
        ("dataset", "quarantine", "ships"),
        ("source", "run", "ais"),
        ("catalog", "--provider", CITY + SPECIAL),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_control_characters_are_shown_as_escapes(
    words: tuple[str, ...], flags: tuple[str, ...], havre: Havre, filled: Simulator
) -> None:
    written_by_others(filled)
    output = havre(*words, *flags).output
    assert [letter for letter in output.replace("\n", "") if not letter.isprintable()] == []
    assert "owned" in output or "[31m" in output


def test_json_with_escapes_reads_as_what_was_written(havre: Havre, filled: Simulator) -> None:
    written_by_others(filled)
    assert json.loads(havre("dataset", "show", "ships", "--json").stdout)["title"] == SPECIAL


def test_who_one_is_to_a_node_cannot_rewrite_the_terminal(
    havre: Havre, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from havre.client import Exchange, Me, Member, Participant

    named = Me(Participant("p", "did:web:p", SPECIAL, "http://p"), Member(SPECIAL, "person", "admin"), ())
    monkeypatch.setattr(Exchange, "me", lambda self: named)
    output = havre("login").output
    assert [letter for letter in output.replace("\n", "") if not letter.isprintable()] == []
