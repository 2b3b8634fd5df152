"""Files are brought in whole or not at all, and each error names its row, its field and what was expected."""

import contextlib
import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_waste.sites import layout
from havre_waste.sites.layout import BadLayout, Layout, Source, from_json
from havre_waste.sites.rows import NotAccepted, read, read_csv, read_geojson

SITES = "id,name,longitude,latitude\na,Rue A,0.1,49.5\nb,Rue B,0.2,49.6\n"
CONTAINERS = Layout({"depth_mm": Source("{h}", unit="m"), "litres": Source("{v}", unit="m3")})


def problems(text: str, name: str, how: Layout = layout.AS_OURS) -> list[tuple[int, str, str, str]]:
    with pytest.raises(NotAccepted) as refused:
        read_csv(text, name, how)
    return [(one.row, one.field, one.expected, one.found) for one in refused.value.problems]


def test_our_own_columns_need_no_layout() -> None:
    first, second = read_csv(SITES, "sites")
    assert first == {
        "id": "a", "name": "Rue A", "longitude": 0.1, "latitude": 49.5, "commune": None, "street": None,
        "side": "both", "reversing": False, "hours": None, "heaviest_t": None, "density": 0.0, "sensitive": None,
    }  # fmt: skip
    assert second["id"] == "b"


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert read_csv(f"\ufeff{SITES}", "sites") == read_csv(SITES, "sites")


def test_all_that_is_wrong_is_told_at_once_with_row_field_and_what_was_expected() -> None:
    text = SITES + 'c,Rue C,east,49.5\nd,,0.1,95\n"e f",Rue E,0.1,49.5\n'
    assert problems(text, "sites") == [
        (4, "longitude", "a number", "'east'"),
        (5, "name", "text", "nothing"),
        (5, "latitude", "at most 90", "'95'"),
        (6, "id", "text without spaces", "'e f'"),
    ]


def test_a_message_for_people_tells_the_first_and_how_many_more() -> None:
    with pytest.raises(NotAccepted, match=r"sites, row 2, name: expected text, found nothing; .*; and 2 more"):
        read_csv("id,name,longitude,latitude\n" + "".join(f"x{n},,0,0\n" for n in range(7)), "sites")


def test_units_decimals_and_words_of_the_file_become_ours() -> None:
    text = "ref;lieu;type;m3;haut\n1;a;Verre;2,5;1,75\n2;a;Ordures;4;2\n"
    how = from_json({
        "fields": {
            "id": "bac-{ref}", "site": "{lieu}", "depth_mm": {"text": "{haut}", "unit": "m"},
            "flow": {"text": "{type}", "values": {"Verre": "glass", "Ordures": "residual"}},
            "litres": {"text": "{m3}", "unit": "m3"}, "kg_per_litre": {"default": "0.2"},
        },
        "delimiter": ";", "decimal": ",",
    })  # fmt: skip
    first, second = read_csv(text, "containers", how)
    assert (first["id"], first["flow"], first["litres"], first["depth_mm"]) == ("bac-1", "glass", 2500, 1750)
    assert (second["flow"], second["litres"], second["kg_per_litre"]) == ("residual", 4000, 0.2)


def test_what_stands_where_nothing_is_told_is_in_the_unit_of_the_file_or_ours() -> None:
    fields = {"litres": {"text": "{v}", "unit": "m3", "default": "1.5"}, "dead_zone_mm": {"text": "{d}", "unit": "m"},
              "flow": {"text": "{t}", "values": {"Verre": "glass"}, "default": "residual"}}  # fmt: skip
    text = "id,site,t,v,d,depth_mm\n1,a,,,,1500\n2,a,Verre,2,0.2,1500\n"
    first, second = read_csv(text, "containers", from_json({"fields": fields}))
    assert (first["flow"], first["litres"], first["dead_zone_mm"]) == ("residual", 1500, 250)
    assert (second["flow"], second["litres"], second["dead_zone_mm"]) == ("glass", 2000, 200)
    assert isinstance(first["dead_zone_mm"], int)


def test_a_word_without_a_translation_is_refused_and_skipped_rows_are_not_looked_at() -> None:
    how = Layout(
        {**CONTAINERS.fields, "flow": Source("{type}", values={"Verre": "glass"})}, skip={"type": ["Livres", "?"]}
    )
    text = "id,site,type,v,h\n1,a,Verre,1,1\n2,a,Papier,1,1\n3,a,Livres,?,?\n"
    assert problems(text, "containers", how) == [(3, "flow", "one of Verre", "'Papier'")]


def test_keys_are_told_twice_only_when_asked_and_only_when_they_tell_the_same() -> None:
    twice = SITES + "a,Rue A,0.1,49.5\n"
    assert problems(twice, "sites") == [(4, "id", "a value of its own", "'a' again")]
    assert len(read_csv(twice, "sites", Layout(distinct=True))) == 2
    moved = SITES + "a,Rue A,0.3,49.5\n"
    assert problems(moved, "sites", Layout(distinct=True)) == [(4, "longitude", "0.1 as in row 2", "0.3")]


def test_rows_without_a_key_may_be_equal() -> None:
    deposit = "2026-03-02T06:00:00Z,c,0a1b,30\n"
    found = read_csv("time,container,badge,litres\n" + 2 * deposit, "deposits")
    assert len(found) == 2
    assert found[0]["time"] == datetime.datetime(2026, 3, 2, 6, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"fields": {"colour": "{c}"}}, "sites has no field 'colour'"),
        ({"fields": {"name": "{Nom}"}}, "the source of name names 'Nom'; the file has id, name"),
        ({"fields": {"density": {"text": "{name}", "unit": "m"}}}, "density is in /km2"),
        ({"skip": {"Type": ["x"]}}, "skip names 'Type'"),
        ({"columns": {}}, "a layout has no columns"),
        ({"fields": {"name": {"txt": "{name}"}}}, "the source of name has no txt"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused_before_any_row(how: dict[str, object], message: str) -> None:
    with pytest.raises(BadLayout, match=message):
        read_csv(SITES, "sites", from_json(how))


def test_a_field_that_nothing_tells_is_named() -> None:
    with pytest.raises(BadLayout, match="nothing tells latitude of sites: name its source; the file has id, name, lon"):
        read_csv("id,name,longitude\n", "sites")


def test_a_line_of_another_length_is_refused() -> None:
    assert problems(SITES + "c,Rue C,0.1\n", "sites") == [(4, "all", "4 cells", "3")]


@pytest.mark.parametrize(
    ("told", "found"), [("true", True), ("OUI", True), ("1", True), ("faux", False), ("no", False), ("0", False)]
)
def test_yes_and_no_are_understood_in_both_languages(told: str, found: bool) -> None:
    assert read_csv(f"{SITES.splitlines()[0]},reversing\na,A,0,0,{told}\n", "sites")[0]["reversing"] is found


@pytest.mark.parametrize("cell", ["1.5", "nan", "inf", "", "1e400", "douze"])
def test_what_is_no_whole_number_is_refused(cell: str) -> None:
    text = f"id,site,flow,depth_mm,litres\na,s,glass,1500,{cell}\n"
    assert [(row, field) for row, field, *_ in problems(text, "containers")] == [(2, "litres")]


def test_a_time_needs_its_offset() -> None:
    text = "time,container,badge,litres\n2026-03-02T06:00:00,c,x,\n"
    [(row, field, expected, _)] = problems(text, "deposits")
    assert (row, field) == (2, "time") and "offset" in expected


def test_geojson_has_its_columns_in_properties_and_geometry() -> None:
    feature = {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0.1, 49.5, 7.0]},
               "properties": {"nom": "Rue A", "hours": "Mo 06:00-07:00"}}  # fmt: skip
    other = {**feature, "id": "b", "properties": {"nom": "Rue B", "reversing": True}}
    text = json.dumps({"type": "FeatureCollection", "features": [feature, other]})
    first, second = read_geojson(text, "sites", Layout({"name": Source("{nom}")}))
    assert (first["id"], first["longitude"], first["latitude"], first["hours"]) == ("a", 0.1, 49.5, "Mo 06:00-07:00")
    assert (second["name"], second["reversing"], second["hours"]) == ("Rue B", True, None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 3}', '{"features": [{"geometry": null}]}',
    '{"features": [{"geometry": {"type": "Polygon", "coordinates": []}}]}', '{"features": [7]}'])  # fmt: skip
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(NotAccepted):
        read_geojson(text, "sites")


def test_rows_of_a_frame_are_read_with_their_values() -> None:
    cells = {"id": "a", "name": "A", "longitude": 0.1, "latitude": 49, "reversing": False, "heaviest_t": None}
    assert read([(1, cells)], list(cells), "sites")[0]["latitude"] == 49.0
    with pytest.raises(NotAccepted, match="latitude: expected a number, found True"):
        read([(1, {**cells, "latitude": True})], list(cells), "sites")


@given(st.text(), st.sampled_from(["sites", "containers", "trucks"]))
def test_whatever_the_file_is_it_is_read_or_refused(text: str, name: str) -> None:
    for reader in (read_csv, read_geojson):
        with contextlib.suppress(NotAccepted, BadLayout):
            reader(text, name)
