"""A catalogue of 10,000 datasets under 200 policies: put in over the API, asked for by another participant.

Protocol: two processes of `havre run` on SQLite with synchronous=FULL. The datasets are declared with
``declare_all`` of the client, a hundred in a request, one request after the other (``register_10000_s``); ``ALONE``
more are declared with a request each, ``AT_ONCE`` at once. Each of the 10,000 is offered with a request of its own.
Each of 200 policies has an audience of its own: every other one everybody, the rest the alliance and a group; who asks
is of the alliance and of some of the groups, so it sees all, and much of it in several ways. ``REQUESTS``
pages of 50 are then asked for one after the other, each with a new signed token, at random places and with one filter
after the other, of which the last two find nothing and must look at everything. Then the whole catalogue is walked, in
pages of 500 over the protocol, and once more through the client of the other node.
Anchor: Eclipse EDC 0.14.1 on such a machine: 10,000 assets registered in 14 to 27 s.
"""

import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.results import Result, less, table
from havre.client import Exchange, Field, Participant, Schema
from havre.context import Context
from havre.database import Database
from havre.demo import nodes
from havre.demo.nodes import Node
from havre.participants import usecases as participants
from havre.participants.identity import Identities
from havre.participants.resolver import Resolver
from havre.settings import Settings

DATASETS, POLICIES, AT_ONCE, REQUESTS, PAGE = 10_000, 200, 4, 400, 50
ALONE = 1000
EDC_REGISTER_S = 14.0
WORDS = ("arrivals", "berths", "bridges", "bins", "rounds", "tides", "lorries", "depots")
THEMES = ("TRAN", "ENVI", "GOVE")
FILTERS: tuple[list[Any], ...] = (
    [],
    [{"keyword": "bridges"}],
    [{"theme": "TRAN", "keyword": ["bins", "tides"]}],
    [{"q": "quay 77"}],
    ["lorries"],
    [{"bbox": [0, 49, 1, 50]}],
    [{"q": "not to be found", "keyword": "bridges"}],
)
SCHEMA = Schema(
    (Field("ship", "string"), Field("at", "timestamp"), Field("length", "number", unit="m"), Field("berth", "string")),
    time="at",
)
Ask = Callable[[str, list[Any]], tuple[dict[str, Any], str | None]]


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        provider = nodes.make("provider", Path(home) / "provider")
        consumer = nodes.make("consumer", Path(home) / "consumer")
        try:
            provider.start()
            consumer.start()
            return _measured(provider, consumer)
        finally:
            provider.stop()
            consumer.stop()


def _measured(provider: Node, consumer: Node) -> list[Result]:
    holder, harbour, asking = _prepared(provider, consumer)
    idle = provider.memory_mb() or 0
    declared = _timed(lambda: holder.declare_all(_dataset(index) for index in range(DATASETS)))
    alone = _timed(lambda: _each(lambda index: holder.declare(**_dataset(DATASETS + index)), ALONE))
    offered = _timed(lambda: _each(lambda index: _offer(holder, index), DATASETS))
    ask = _asker(consumer, harbour)
    filled = provider.memory_mb() or 0
    times = sorted(_pages(ask))
    walked, pages = _walked(ask, f"?limit={PAGE * 10}")
    client = _timed(lambda: _require(len(asking.catalog(harbour.did))))
    return [
        less("register_10000_s", declared, "s", EDC_REGISTER_S),
        less("register_one_ms", alone / ALONE * 1000, "ms"),
        less("offer_10000_s", offered, "s"),
        less("catalog_page_p50_ms", _percentile(times, 50), "ms"),
        less("catalog_page_p95_ms", _percentile(times, 95), "ms", 30.0),
        less("catalog_walk_s", walked, "s", 2.0),
        less("catalog_walk_pages", pages, ""),
        less("catalog_client_s", client, "s"),
        less("catalog_idle_mb", idle, "MB"),
        less("catalog_filled_mb", filled, "MB"),
        less("catalog_asked_mb", provider.memory_mb() or 0, "MB"),
    ]


def _prepared(provider: Node, consumer: Node) -> tuple[Exchange, Participant, Exchange]:
    harbour = provider.operator.add_participant("harbour", "Harbour authority")
    startup = consumer.operator.add_participant("startup", "Start-up")
    groups = {"alliance", *(f"group-{index}" for index in range(1, 20, 2))}
    for node in (provider, consumer):
        node.operator.trust(harbour.did, "Harbour authority")
        node.operator.trust(startup.did, "Start-up", groups)
    return Exchange(provider.url, harbour.token or ""), harbour, Exchange(consumer.url, startup.token or "")


def _each(one: Callable[[int], object], count: int) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(one, range(count)):
            pass


def _dataset(index: int) -> dict[str, Any]:
    word = WORDS[index % len(WORDS)]
    return {
        "id": f"set-{index:05}",
        "schema": SCHEMA,
        "title": f"{word.capitalize()} at quay {index}",
        "description": f"What the harbour knows of {word}, quay by quay, from the tower and from the gates.",
        "keywords": (word, "harbour"),
        "theme": THEMES[index % len(THEMES)],
    }


def _offer(holder: Exchange, index: int) -> None:
    policy = index % POLICIES
    count = {"leftOperand": "count", "operator": "lteq", "rightOperand": policy + 1}
    audience = ("alliance", f"group-{policy}") if policy % 2 else ()
    terms = {"permission": [{"action": "use", "constraint": [count]}]}
    holder.offer_dataset(f"set-{index:05}", terms, visible_to=audience)


def _asker(consumer: Node, harbour: Participant) -> Ask:
    """Asks the provider as the start-up's node would: a signed token with each request."""
    settings = Settings(home=consumer.home, port=consumer.port)
    context = Context(settings, Database(settings.database))
    identity = Identities(context, Resolver(context))
    with context.database.read() as conn:
        startup = participants.participant(conn, "startup")
    base, pool = f"{harbour.url}/dsp/2025-1/catalog/request", urllib3.PoolManager(retries=False)

    def ask(place: str, filter: list[Any]) -> tuple[dict[str, Any], str | None]:
        message = {
            "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"],
            "@type": "CatalogRequestMessage",
            "filter": filter,
        }
        headers = {"Authorization": identity.authorization(startup, harbour.did), "Accept-Encoding": "gzip"}
        answer = pool.request("POST", base + place, body=json.dumps(message).encode(), headers=headers)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.data[:500]!r}")
        following = answer.headers.get("link", "").partition(">")[0].partition("/catalog/request")[2]
        return json.loads(answer.data), following or None

    return ask


def _pages(ask: Ask) -> Iterator[float]:
    """The milliseconds of each request, the answer read."""
    places = random.Random(1)
    for filter in itertools.islice(itertools.cycle(FILTERS), REQUESTS):
        place = f"?after=set-{places.randrange(DATASETS):05}&limit={PAGE}"
        yield _timed(partial(ask, place, filter)) * 1000


def _walked(ask: Ask, place: str) -> tuple[float, int]:
    found, pages, following = 0, 0, place or None
    started = time.perf_counter()
    while following is not None:
        page, following = ask(following, [])
        found, pages = found + len(page.get("dataset", [])), pages + 1
    seconds = time.perf_counter() - started
    _require(found)
    return seconds, pages


def _require(found: int) -> None:
    if found != DATASETS:
        raise RuntimeError(f"{found} datasets of {DATASETS}")


def _timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    print(table(measure()))
