"""Forms of hazardous waste as a product: each change once, nothing waits for the platform, and failures are said."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from havre_waste.live import traced
from havre_waste.live.traced import AFTER_FAILURE, EVERY, OVERLAP, PRODUCT
from havre_waste.live.work import Live
from tests.asgi import ask
from tests.waste.live.published import answering, joined
from tests.waste.live.test_live import EVENING, SECOND, made, pages
from tests.waste.tracing.platform import TOKEN, Platform, running
from tests.waste.tracing.test_client import OURS


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as one:
        yield one


def following(folder: Path, platform: Platform, **more: Any) -> Live:
    """The service with its settings, one attempt for each question."""
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(f"{TOKEN}\n")
    given = {"url": platform.url, "token": str(folder / "token"), "siret": OURS, **more}
    found = made(folder, trackdechets=given)
    assert found.traced is not None
    client = found.traced._client
    found.traced._client = replace(client, patience=replace(client.patience, attempts=1, first=0.0))
    return found


@pytest.fixture
def live(platform: Platform, tmp_path: Path) -> Iterator[Live]:
    found = following(tmp_path / "first", platform)
    yield found
    found.book.close()


def asked(live: Live, now: Any) -> Any:
    """What is told of the question that is asked at ``now``."""
    assert not live.results(now)[PRODUCT]
    assert live.traced is not None and live.traced._asking is not None
    live.traced._asking.join()
    return live.results(now + SECOND)[PRODUCT]


def make(platform: Platform, *names: str) -> None:
    for name in names:
        platform.answer("mutation A { createForm", {"createFormInput": {"customId": name}})


def test_a_form_is_told_when_it_is_new_and_when_its_status_changes(live: Live, platform: Platform) -> None:
    make(platform, "a", "b")
    rows = asked(live, EVENING)
    assert [(row["custom_id"], row["form"], row["status"]) for row in rows] == [
        ("a", "f1", "DRAFT"),
        ("b", "f2", "DRAFT"),
    ]
    assert {row["said_at"] for row in rows} == {EVENING} and rows[0]["readable_id"] == "BSD-000000001"
    platform.forms["f2"]["status"] = "SEALED"
    assert [(row["form"], row["status"]) for row in asked(live, EVENING + EVERY)] == [("f2", "SEALED")]
    assert asked(live, EVENING + 2 * EVERY) == []
    questions = [one for one in platform.values if "siret" in one]
    assert {one["siret"] for one in questions} == {OURS}
    since = [one["updatedAfter"] for one in questions]
    assert since == [None, (EVENING - OVERLAP).isoformat(), (EVENING + EVERY - OVERLAP).isoformat()]


def test_it_is_asked_no_more_often_than_that(live: Live, platform: Platform) -> None:
    asked(live, EVENING)
    before = platform.operations.count("forms")
    live.results(EVENING + EVERY - SECOND)
    assert live.traced is not None and live.traced._asking is not None
    live.traced._asking.join()
    assert platform.operations.count("forms") == before


def test_after_a_new_start_a_form_is_not_told_again(live: Live, platform: Platform, tmp_path: Path) -> None:
    make(platform, "a", "b")
    told = joined({PRODUCT: asked(live, EVENING)})
    platform.forms["f1"]["status"] = "SEALED"
    anew = following(tmp_path / "anew", platform)
    assert anew.traced is not None
    anew.traced.published = answering(told)
    later = EVENING + timedelta(days=1)
    assert [(row["form"], row["status"]) for row in asked(anew, later)] == [("f1", "SEALED")]
    assert platform.values[-1]["updatedAfter"] == (EVENING - OVERLAP).isoformat()
    anew.book.close()


@pytest.mark.parametrize(
    ("trouble", "said"), [(503, "Unreachable"), ("cut", "Unreachable"), ("internal", "Unreachable"), (404, "Refused")]
)
def test_a_failure_is_said_and_does_not_end_the_service(
    live: Live, platform: Platform, trouble: Any, said: str
) -> None:
    make(platform, "a")
    platform.troubles.append(trouble)
    assert asked(live, EVENING) == []
    health = ask(pages(live), "GET", "/health")
    problem = json.loads(health.body)["problem"]
    assert health.status == 503 and problem.startswith(f"Trackdéchets: {said}: ") and TOKEN not in problem
    assert live.traced is not None
    live.traced.published = None
    assert len(asked(live, EVENING + AFTER_FAILURE)) == 1
    assert json.loads(ask(pages(live), "GET", "/health").body)["problem"] is None


def test_nothing_waits_for_a_platform_that_does_not_answer(
    live: Live, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    answer = platform.answer

    def late(query: str, values: dict[str, Any]) -> dict[str, Any]:
        answers.wait(10)
        return answer(query, values)

    monkeypatch.setattr(platform, "answer", late)
    told = [live.results(EVENING + number * EVERY)[PRODUCT] for number in range(5)]
    assert not any(told)
    assert live.traced is not None and live.traced._asking is not None and live.traced._asking.is_alive()
    answers.set()
    live.traced._asking.join()
    assert platform.operations == ["forms"]


def test_without_the_setting_there_is_no_such_product(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert PRODUCT not in found.results(EVENING)
    found.book.close()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"siret": "12345678901234"}, "settings.trackdechets.siret: got '12345678901234'"),
        ({"url": "http://api.trackdechets.example/"}, "settings.trackdechets.url: got http"),
        ({"secret": "x"}, "settings.trackdechets.secret is not known"),
    ],
)
def test_settings_that_are_wrong_are_named(platform: Platform, tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        following(tmp_path, platform, **more)


def test_a_token_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    given = {"url": "https://x.example", "token": str(tmp_path / "token"), "siret": OURS}
    with pytest.raises(ValueError, match=r"settings\.trackdechets\.token: the file is empty"):
        traced.traced(given)
    with pytest.raises(ValueError, match=r"settings\.trackdechets\.siret is missing"):
        traced.traced({"url": "https://x.example", "token": "x"})
