"""The forms in which a notification travels, and the schemas that are published of them."""

import csv
import io
import json
from dataclasses import replace

import jsonschema

from havre_waste.ships import wire
from havre_waste.ships.model import Notification
from havre_waste.ships.reading import notification
from tests.waste.ships.forms import NOW, form, line


def one(id: str = "n-1") -> Notification:
    found, _ = notification(form(), id, NOW)
    assert found is not None
    return found


def test_json_there_and_back_is_the_same() -> None:
    told = json.loads(json.dumps(wire.document(one())))
    assert notification(told, "n-1", NOW) == (one(), [])


def test_csv_there_and_back_is_the_same() -> None:
    both = [one(), one("n-2")]
    assert wire.read_csv(wire.write_csv(both), NOW) == (both, {})


def test_a_file_of_a_spreadsheet_is_read() -> None:
    """With a byte order mark, CRLF, and columns in another order."""
    lines = list(csv.DictReader(io.StringIO(wire.write_csv([one()]))))
    out = io.StringIO()
    table = csv.DictWriter(out, sorted(wire.CSV_COLUMNS), lineterminator="\r\n")
    table.writeheader()
    table.writerows(lines)
    assert wire.read_csv("\ufeff" + out.getvalue(), NOW) == ([one()], {})


def test_a_wrong_cell_is_named_by_its_line_and_column_and_the_other_notifications_are_taken() -> None:
    bad = replace(one("n-2"), ship=replace(one().ship, name=""))
    text = wire.write_csv([one(), bad]).replace("n-1,", "n-1,")
    right, wrong = wire.read_csv(text, NOW)
    assert [found.id for found in right] == ["n-1"]
    assert [str(each) for each in wrong["n-2"]] == ["line 6: ship_name: is missing"]
    cells = wire.write_csv([one()]).replace("plastics,,1.5", "plastics,,1.5 t")
    _, wrong = wire.read_csv(cells, NOW)
    assert [(each.path, each.key) for each in wrong["n-1"]] == [("line 3: waste_deliver_m3", "unit")]


def test_lines_that_speak_of_different_ships_are_no_notification() -> None:
    lines = wire.write_csv([one()]).splitlines()
    lines[2] = lines[2].replace("HV COASTER 01", "HV COASTER 02")
    right, wrong = wire.read_csv("\n".join(lines), NOW)
    assert right == []
    assert [(each.path, each.key) for each in wrong["n-1"]] == [("line 3: ship_name", "differs")]


def test_a_file_without_the_columns_says_which() -> None:
    _, wrong = wire.read_csv("notification,ship_nom\nn-1,x\n", NOW)
    assert ("ship_nom", "unknown_column") in [(each.path, each.key) for each in wrong[""]]
    assert ("waste_capacity_m3", "no_column") in [(each.path, each.key) for each in wrong[""]]
    for broken in ('notification,"ship', "notification\nn-1,x,y\n"):
        right, wrong = wire.read_csv(broken, NOW)
        assert right == []
        assert wrong[""]


def test_the_schema_takes_what_is_read_and_refuses_what_is_refused() -> None:
    schema = wire.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    assert list(check.iter_errors(wire.document(one()))) == []
    for bad in (
        form(ship__name=None), form(ship__colour="red"), form(waste=[]), form(voyage__last_port="x"),
        form(waste=[line("gold")]), form(waste=[line("plastics", deliver_m3=-1)]),
    ):  # fmt: skip
        assert list(check.iter_errors(bad))
        assert notification(bad, "n-1", NOW)[0] is None


def test_the_table_schema_has_the_columns_of_the_file() -> None:
    fields = wire.table_schema()["fields"]
    assert [field["name"] for field in fields] == list(wire.CSV_COLUMNS)
    by_name = {field["name"]: field for field in fields}
    assert by_name["voyage_arrives_at"]["type"] == "datetime"
    assert by_name["waste_deliver_m3"]["constraints"] == {"required": True, "minimum": 0, "maximum": 100_000.0}
