"""What a filter may say, and what it finds: in SQL in our own catalogue, and in a catalogue that was received."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from havre.catalog import filter, store, usecases, wire
from havre.catalog.matching import matching
from havre.catalog.model import Offer
from havre.context import Context
from havre.errors import Invalid
from havre.lake import store as lake
from havre.lake.model import Dataset, Statistics
from havre.participants.model import Counterparty, Participant
from havre.participants.store import insert_participant
from tests.engines import on_both
from tests.lake.rows import SCHEMA

__all__ = ["on_both"]

HARBOUR = Participant("harbour", "did:web:harbour.example", "Harbour", "https://harbour.example")
ASKING = Counterparty("did:web:asking.example", "Asking", frozenset({"alliance", "pilots"}))
DAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(days: float) -> datetime:
    return DAY + timedelta(days=days)


DATASETS: Mapping[str, tuple[Mapping[str, Any], Statistics]] = {
    "berths": (
        {"title": "Quay walls", "description": "100% of them, by_name", "keywords": ("Quay", "walls"), "theme": "TRAN"},
        Statistics(1, 1, at(0), at(10), (0.0, 49.0, 0.5, 49.5)),
    ),
    "ships": (
        {"title": "Ships", "keywords": ("AIS", "quay"), "theme": "TRAN"},
        Statistics(1, 1, at(20), at(30), (-10.0, 40.0, 10.0, 60.0)),
    ),
    "bins": (
        {"title": "Bins", "description": "Les bacs de la ville, été", "keywords": ("déchets",), "theme": "ENVI"},
        Statistics(1, 1, at(5), at(25), (170.0, -20.0, 179.0, -10.0)),
    ),
    "plans": ({"title": "Plans without rows"}, Statistics()),
}

FOUND: list[tuple[list[Any], set[str]]] = [
    ([], {"berths", "ships", "bins", "plans"}),
    ([{}], {"berths", "ships", "bins", "plans"}),
    ([{"dataset": "ships"}], {"ships"}),
    ([{"dataset": ["ships", "bins", "none"]}], {"ships", "bins"}),
    ([{"keyword": "quay"}], {"berths", "ships"}),
    ([{"keyword": ["ais", "DÉCHETS"]}], {"ships", "bins"}),
    ([{"keyword": "qua"}], set()),
    ([{"keyword": "quay"}, {"keyword": "ais"}], {"ships"}),
    ([{"theme": "TRAN"}], {"berths", "ships"}),
    ([{"theme": ["ENVI", "GOVE"]}], {"bins"}),
    ([{"theme": "TRAN", "keyword": "ais"}], {"ships"}),
    ([{"format": ["HttpData-PUSH", "HttpData-PULL"], "theme": "ENVI"}], {"bins"}),
    ([{"format": "Kafka"}], set()),
    ([{"holder": HARBOUR.did, "theme": "ENVI"}], {"bins"}),
    ([{"holder": ["did:web:another.example"]}], set()),
    ([{"bbox": [0.2, 49.2, 1, 50]}], {"berths", "ships"}),
    ([{"bbox": [0.5, 49.5, 1, 50]}], {"berths", "ships"}),
    ([{"bbox": [5, 49, 6, 50]}], {"ships"}),
    ([{"bbox": [0.2, 61, 1, 62]}], set()),
    ([{"bbox": [175, -30, -5, 45]}], {"bins", "ships"}),
    ([{"bbox": [179.5, -30, -20, 45]}], set()),
    ([{"period": {"from": "2026-03-23T00:00:00Z"}}], {"ships", "bins"}),
    ([{"period": {"to": "2026-03-03T00:00:00Z"}}], {"berths"}),
    ([{"period": {"to": "2026-03-01"}}], set()),
    ([{"period": {"to": "2026-03-02"}}], {"berths"}),
    ([{"period": {"from": "2026-03-14T00:00:00+01:00", "to": "2026-03-16"}}], {"bins"}),
    ([{"q": "quay"}], {"berths", "ships"}),
    (["QUAY walls"], {"berths"}),
    (["100%"], {"berths"}),
    (["1%0"], set()),
    (["y_n"], {"berths"}),
    (["u_y"], set()),
    (["été"], {"bins"}),
    (["plans"], {"plans"}),
    (["quay", "ships"], {"ships"}),
    (["envi"], {"bins"}),
]


@pytest.fixture
def filled(context: Context) -> Context:
    context.database.create_tables()
    now = context.clock()

    def fill(conn: Any) -> None:
        insert_participant(conn, HARBOUR, sealed_key=b"", public_key=b"", now=now)
        for id, (said, statistics) in DATASETS.items():
            lake.insert_datasets(conn, [Dataset("harbour", id, schema=SCHEMA, created=now, **said)])
            if statistics.rows:
                lake.save_statistics(conn, "harbour", id, statistics)
            store.insert(conn, offer(id, f"offer-{id}"))

    context.database.write(fill)
    return context


def offer(dataset: str, id: str, *visible_to: str) -> Offer:
    return Offer("harbour", id, dataset, {"permission": [{"action": "use"}]}, {}, DAY, frozenset(visible_to))


def page(context: Context, entries: list[Any], asking: Counterparty | None = ASKING) -> dict[str, Any]:
    with context.database.read() as conn:
        listed = usecases.page(conn, "harbour", asking, limit=100, filters=filter.read(entries))
    return wire.catalog(HARBOUR, listed)


def ids(catalog: Mapping[str, Any]) -> set[str]:
    return {one["@id"] for one in catalog.get("dataset", [])}


@pytest.mark.parametrize(("entries", "found"), FOUND, ids=str)
def test_a_filter_finds_what_it_says(filled: Context, entries: list[Any], found: set[str]) -> None:
    assert ids(page(filled, entries)) == found
    assert ids(page(filled, entries, None)) == found


@pytest.mark.parametrize(("entries", "found"), FOUND, ids=str)
def test_a_filter_finds_the_same_in_a_catalogue_that_was_received(
    filled: Context, entries: list[Any], found: set[str]
) -> None:
    whole = page(filled, [])
    assert ids(matching(whole, filter.read(entries))) == found
    nested = {"@id": "c", "participantId": "did:web:operator.example", "catalog": [whole]}
    assert ids(matching(nested, filter.read(entries))["catalog"][0]) == found


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ([{"colour": "red"}], "filter.0.colour"),
        ([{}, {"keyword": []}], "filter.1.keyword"),
        ([{"keyword": [1]}], "filter.0.keyword"),
        ([{"keyword": ["x"] * 101}], "filter.0.keyword"),
        ([{"keyword": "two\nlines"}], "filter.0.keyword"),
        ([{"dataset": ""}], "filter.0.dataset"),
        ([{"theme": None}], "filter.0.theme"),
        ([{"q": "   "}], "filter.0.q"),
        ([""], "filter.0"),
        ([7], "filter.0"),
        ([["ships"]], "filter.0"),
        ([{"q": "a" * 1001}], "filter.0.q"),
        ([{"q": "a\0b"}], "filter.0.q"),
        ([{"bbox": [0, 1, 2]}], "filter.0.bbox"),
        ([{"bbox": "0,1,2,3"}], "filter.0.bbox"),
        ([{"bbox": [0, 50, 1, 49]}], "filter.0.bbox"),
        ([{"bbox": [0, 0, 181, 1]}], "filter.0.bbox"),
        ([{"bbox": [0, 0, True, 1]}], "filter.0.bbox"),
        ([{"period": {}}], "filter.0.period"),
        ([{"period": "2026"}], "filter.0.period"),
        ([{"period": {"until": "2026-03-02"}}], "filter.0.period"),
        ([{"period": {"from": "yesterday"}}], "filter.0.period.from"),
        ([{"period": {"to": 5}}], "filter.0.period.to"),
        ([{"period": {"to": "9999-12-31"}}], "filter.0.period.to"),
        ([{"period": {"from": "2026-03-03", "to": "2026-03-02"}}], "filter.0.period"),
        (["x"] * 11, "filter"),
    ],
    ids=str,
)
def test_what_is_not_supported_is_refused_by_its_place(entries: list[Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        filter.read(entries)
    assert refused.value.field == field


# Who sees what


def test_the_database_shows_what_the_offers_say(filled: Context) -> None:
    """Against ``Offer.visible``, with every combination of audiences that there is."""
    pool, seed = ["alliance", "pilots", ASKING.id, "others", "*"], random.Random(5)
    made = [
        offer(seed.choice([*DATASETS]), f"made-{index}", *seed.sample(pool, seed.randrange(4))) for index in range(60)
    ]
    gone = seed.sample(made, 15)

    def change(conn: Any) -> None:
        for one in made:
            store.insert(conn, one)
        for one in gone:
            store.remove(conn, one, DAY)

    filled.database.write(change)
    standing = {one.id: one for one in made if one not in gone}
    for asking in (
        ASKING,
        Counterparty("did:web:else", "Else", frozenset()),
        Counterparty("x", "X", frozenset({"others"})),
    ):
        seen = {one["@id"] for each in page(filled, [], asking)["dataset"] for one in each["hasPolicy"]}
        expected = {id for id, one in standing.items() if one.visible(asking)}
        assert expected and seen - {f"offer-{id}" for id in DATASETS} == expected


def test_a_name_that_nobody_has_opens_nothing(filled: Context) -> None:
    filled.database.write(lambda conn: store.remove(conn, offer("plans", "offer-plans"), DAY))
    filled.database.write(lambda conn: store.insert(conn, offer("plans", "hidden", "%", "*", "did:web:other")))
    assert ids(page(filled, [], Counterparty("did:web:a", "A", frozenset({"b"})))) == {"berths", "ships", "bins"}


def test_a_counterparty_with_many_memberships_sees_each_dataset_once(filled: Context) -> None:
    many = Counterparty("did:web:many", "Many", frozenset(f"group-{index}" for index in range(700)))
    filled.database.write(lambda conn: store.insert(conn, offer("ships", "many", *many.memberships)))
    with filled.database.read() as conn:
        listed = usecases.page(conn, "harbour", many, limit=100)
    assert [(one.id, len(offers)) for one, _, offers in listed] == [
        ("berths", 1),
        ("bins", 1),
        ("plans", 1),
        ("ships", 2),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("entries", [[], [{"keyword": ["quay", "déchets"]}]], ids=str)
def test_pages_together_are_all_and_nothing_twice(filled: Context, limit: int, entries: list[Any]) -> None:
    filled.database.write(lambda conn: store.insert(conn, offer("ships", "twice", "alliance", "pilots")))
    # what is no longer there takes no place on a page
    filled.database.write(lambda conn: store.insert(conn, offer("plans", "second")))
    for id, dataset in (("second", "plans"), ("offer-berths", "berths")):
        filled.database.write(lambda conn, id=id, dataset=dataset: store.remove(conn, offer(dataset, id), DAY))
    found: list[str] = []
    with filled.database.read() as conn:
        while True:
            after = found[-1] if found else ""
            listed = usecases.page(conn, "harbour", ASKING, after=after, limit=limit, filters=filter.read(entries))
            found += [one.id for one, _, _ in listed]
            assert len(found) <= len(DATASETS), found
            if len(listed) < limit:
                break
    assert found == sorted(ids(page(filled, entries)))
    assert found == [id for id in ("bins", "plans", "ships") if not entries or id != "plans"]


def test_what_describes_a_dataset_is_searched_as_it_is_now(filled: Context) -> None:
    changed = Dataset("harbour", "ships", "Tugs", SCHEMA, filled.clock(), keywords=("towage",))
    filled.database.write(lambda conn: lake.update_dataset(conn, changed))
    assert ids(page(filled, [{"keyword": "towage", "q": "tugs"}])) == {"ships"}
    assert ids(page(filled, [{"keyword": "ais"}])) == ids(page(filled, [{"theme": "TRAN", "q": "ais"}])) == set()
