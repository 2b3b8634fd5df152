"""What the scenario's ships tell: the same for the same seed, and read as what it is."""

import csv
import datetime
import json
from pathlib import Path

from havre_scenario.city import city
from havre_scenario.waste import ships
from havre_waste.ships import rules
from havre_waste.ships.desk import Desk
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.reading import notification
from havre_waste.ships.sufficiency import sufficiency

START = datetime.date(2026, 3, 2)
CITY = city(1, START, 7)
TOLD = ships.notifications(CITY.calls, START, 1)
MIDNIGHT = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def test_every_wrong_notification_is_refused_for_what_is_wrong_with_it_and_no_other_is() -> None:
    seen = set()
    for one in TOLD:
        found, wrong = notification(one.form, one.notification, MIDNIGHT + datetime.timedelta(seconds=one.said_at))
        if one.fault in ("", "late"):
            assert wrong == []
            assert found is not None
            assert bool(rules.due(found).late) is (one.fault == "late")
        else:
            assert one.fault in {each.key for each in wrong}
        seen.add(one.fault)
    assert len(seen) > 6


def test_all_faults_are_found() -> None:
    right = next(one for one in TOLD if not one.fault)
    for fault, spoil in ships.FAULTS.items():
        form = json.loads(json.dumps(right.form))
        spoil(form)
        _, wrong = notification(form, "n", MIDNIGHT)
        assert fault in {each.key for each in wrong}, fault


def test_some_ships_may_keep_what_they_keep_and_some_may_not_and_barges_and_trucks_come() -> None:
    read = [notification(one.form, one.notification, MIDNIGHT)[0] for one in TOLD]
    whys = {sufficiency(one).why for one in read if one is not None}
    assert whys >= {"sufficient", "insufficient", "unknown_port"}
    desk = Desk(datetime.UTC, lambda: MIDNIGHT)  # type: ignore[arg-type]
    carriers = {load.carrier for one in read if one is not None for load in desk.pickups(one)}
    assert carriers == set(Carrier)


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    written = ships.write(TOLD, START, tmp_path)
    again = ships.notifications(city(1, START, 7).calls, START, 1)
    assert again == TOLD
    lines = (tmp_path / "waste/ship_notifications.ndjson").read_text().splitlines()
    assert written["waste/ship_notifications.ndjson"] == len(lines) == len(TOLD)
    with (tmp_path / "truth/waste/ship_notifications.csv").open() as file:
        assert {row["fault"] for row in csv.DictReader(file)} >= {"", "late"}
