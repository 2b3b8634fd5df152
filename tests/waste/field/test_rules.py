"""Links, photos, limits, the search for a street, what still stands, and how far a round is on the map."""

import hashlib
import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from havre_waste.field import links, photos, standing, streets, wire
from havre_waste.field.events import progress
from havre_waste.field.limits import Limit
from havre_waste.field.model import Street
from havre_waste.sites.model import Flow
from tests.waste.field import towns
from tests.waste.field.served import KEY, PARIS
from tests.waste.field.test_events import FIRST, said
from tests.waste.field.towns import NOW, after


def test_a_link_is_of_one_round_and_one_key() -> None:
    token = links.token(KEY, "20261125-r1")
    assert links.matches(KEY, "20261125-r1", token)
    assert not links.matches(KEY, "20261125-r2", token)
    assert not links.matches(KEY, "20261126-r1", token)
    assert not links.matches(KEY + b"!", "20261125-r1", token)
    assert (len(token), token == token.strip("=+/")) == (22, True)


@given(st.text())
def test_a_guess_is_no_link(guess: str) -> None:
    assert not links.matches(KEY, "20261125-r1", guess)


def test_a_key_that_could_be_guessed_makes_no_links() -> None:
    with pytest.raises(ValueError, match="16 or more"):
        links.token(b"short", "20261125-r1")


def jpeg(**options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", **options)
    return out.getvalue()


def checked(photo: bytes) -> None:
    photos.check(photo, hashlib.sha256(photo).hexdigest())


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "where"
    return jpeg(exif=exif)


def test_a_plain_photo_is_taken() -> None:
    checked(jpeg())
    checked(jpeg(progressive=True))


@pytest.mark.parametrize(
    "photo",
    [
        with_exif(), jpeg(comment="me"), jpeg(xmp=b"<x/>"), b"", b"\xff\xd8", b"GIF89a", jpeg()[:40],
        b"\xff\xd8\xff\xe0\x00\x00" * 3, b"\xff\xd8" + b"\xff\xe2\x00\x08MPF\0\0\0" + jpeg()[2:],
        jpeg() + b"\0" * photos.LARGEST,
    ],
)  # fmt: skip
def test_a_photo_with_metadata_or_that_is_none_is_refused(photo: bytes) -> None:
    with pytest.raises(photos.BadPhoto):
        checked(photo)


def test_a_photo_under_the_hash_of_another_is_refused() -> None:
    with pytest.raises(photos.BadPhoto, match="SHA-256"):
        photos.check(jpeg(), "0" * 64)


def test_a_caller_waits_and_others_do_not() -> None:
    limit = Limit(KEY, timedelta(hours=1))
    assert [limit.take({"a": 2, "all": 3}, after(minutes=n)) for n in range(2)] == [None, None]
    assert limit.take({"a": 2, "all": 3}, after(minutes=10)) == timedelta(minutes=50)
    assert limit.take({"b": 2, "all": 3}, after(minutes=10)) is None
    assert limit.take({"c": 2, "all": 3}, after(minutes=10)) == timedelta(minutes=50)
    assert limit.take({"a": 2, "all": 3}, after(minutes=60)) is None


def test_a_limit_keeps_no_name_and_forgets() -> None:
    limit = Limit(KEY, timedelta(hours=1))
    limit.take({"192.0.2.7": 5}, NOW)
    assert "192.0.2.7" not in repr(vars(limit))
    limit.take({"198.51.100.1": 5}, after(hours=2))
    assert len(vars(limit)["_taken"]) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rue du Sémaphore", ["Rue du Sémaphore"]), ("12 rue du semaphore", ["Rue du Sémaphore"]),
        ("12 bis, r. Semaphore", ["Rue du Sémaphore"]), ("estran rue", ["Rue de l’Estran"]),
        ("bd des dunes", ["Boulevard des Dunes"]), ("RUE DE L'ESTRAN PORT-L'ESTRAN", ["Rue de l’Estran"]),
        ("cab", ["Rue du Cabestan"]), ("rue inconnue", []), ("", []), ("12", []), ("de la", []),
    ],
)  # fmt: skip
def test_a_street_is_found_as_people_write_it(asked: str, found: list[str]) -> None:
    assert [one.name for one in streets.search(asked, towns.streets())] == found


def test_streets_of_one_name_are_all_shown() -> None:
    twins = [Street(f"s{n}", "Rue du Port", commune, "z") for n, commune in enumerate(("Amont", "Aval"))]
    assert len(streets.search("rue du port", twins)) == 2
    assert [one.id for one in streets.search("rue du port, aval", twins)] == ["s1"]


@given(st.text(max_size=200))
def test_any_search_has_an_answer(asked: str) -> None:
    assert len(streets.search(asked, towns.streets())) <= streets.MOST


def test_an_estimate_that_is_old_is_not_among_those_to_watch() -> None:
    assert standing.worst_first(towns.levels(), NOW)[0].container == "c-2-glass"
    assert standing.worst_first(towns.levels(), after(hours=3)) == []


def test_a_cancelled_collection_is_shown_and_is_not_the_next() -> None:
    street = towns.streets()[1]
    coming = standing.coming(towns.busy(), street, NOW)
    cancelled = [one for one in coming if one.cancelled]
    assert cancelled and cancelled[0] not in standing.next_of_each(coming).values()
    assert set(standing.next_of_each(coming)) == {Flow.RESIDUAL, Flow.PACKAGING, Flow.FOOD}


def test_a_change_is_told_where_it_holds_until_it_is_over() -> None:
    view = towns.busy()
    a, b = towns.streets()[1], towns.streets()[0]
    assert [one.id for one in standing.changes(view, NOW, PARIS, a)] == ["c2", "c1"]
    assert [one.id for one in standing.changes(view, NOW, PARIS, b)] == ["c1"]
    assert [one.id for one in standing.changes(view, after(days=31), PARIS)] == ["c1"]  # the day to which it moved
    assert standing.changes(view, after(days=33), PARIS) == []


def test_the_way_is_cut_where_the_round_has_come_to() -> None:
    view = towns.busy()
    found = wire.city(view, progress(view, [said("event-01", FIRST)]), NOW)["features"]
    ways = [one for one in found if one["properties"].get("id") == view.rounds[0].id]
    assert [one["properties"]["driven"] for one in ways] == [True, False]
    assert ways[0]["geometry"]["coordinates"][-1] == view.rounds[0].steps[1].place
    assert ways[1]["geometry"]["coordinates"][0] == view.rounds[0].steps[1].place


def test_an_old_view_has_no_rounds_on_the_map() -> None:
    view = towns.busy()
    found = wire.city(view, progress(view, []), after(minutes=5))
    assert found["old"] and {one["properties"]["kind"] for one in found["features"]} == {"container"}


def test_the_depot_gets_the_links_of_today(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.setattr(sys, "argv", ["links", str(tmp_path / "key"), "https://havre.example/services/waste/"])
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"rounds": [{"id": "20261125-r1"}]}'))
    links.main()
    token = links.token(KEY, "20261125-r1")
    assert capsys.readouterr().out == f"20261125-r1 https://havre.example/services/waste/drive/20261125-r1/{token}/\n"
