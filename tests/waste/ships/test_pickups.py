"""What may stay on board, when a collector may come and with what, and what is given and counted after it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from havre_waste.ships.kinds import KINDS
from havre_waste.ships.model import Notification, Received
from havre_waste.ships.pickups import Carrier, Pickup, Rules, pickups
from havre_waste.ships.reading import notification
from havre_waste.ships.receipts import differences, receipt
from havre_waste.ships.statistics import COLUMNS, by_type
from havre_waste.ships.stays import Stay, stay
from havre_waste.ships.sufficiency import sufficiency
from tests.waste.ships.forms import NOW, form, line

PARIS = ZoneInfo("Europe/Paris")
ARRIVES = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def one(**changes: Any) -> Notification:
    found, wrong = notification(form(**changes), "n-1", NOW)
    assert wrong == []
    assert found is not None
    return found


def keeping(
    kind: str, retained: float, capacity: float, generated: float = 0.0, next_port: str | None = "ESBIO"
) -> Any:
    kept = line(kind, capacity_m3=capacity, retained_m3=retained, generated_m3=generated, remaining_port="ESBIO")
    return one(voyage__delivering="none", voyage__next_port=next_port, waste=[kept])


@pytest.mark.parametrize(
    ("kind", "retained", "capacity", "generated", "next_port", "may_keep"),
    [
        # rows of annex I of regulation (EU) 2022/89, at the threshold and over it
        ("oily-bilge-water", 50, 100, 0, "ESBIO", True),
        ("oily-bilge-water", 51, 100, 0, "ESBIO", False),
        ("oily-bilge-water", 25, 100, 0, "USNYC", True),
        ("oily-bilge-water", 26, 100, 0, "USNYC", False),
        ("sewage", 50, 100, 0, "USNYC", True),
        ("sewage", 51, 100, 0, "ESBIO", False),
        ("plastics", 25, 100, 0, "ESBIO", True),
        ("plastics", 21, 100, 0, "USNYC", False),
        ("exhaust-gas-cleaning", 75, 100, 0, "ESBIO", True),
        ("exhaust-gas-cleaning", 26, 100, 0, "USNYC", False),
        # the room: what is kept and what will come
        ("sewage", 50, 100, 50, "ESBIO", True),
        ("sewage", 50, 100, 51, "ESBIO", False),
        # the method is not for annex II, the room is
        ("passively-fished", 90, 100, 10, "USNYC", True),
        ("passively-fished", 90, 100, 11, "USNYC", False),
    ],
)
def test_what_may_stay_on_board(
    kind: str, retained: float, capacity: float, generated: float, next_port: str, may_keep: bool
) -> None:
    found = sufficiency(keeping(kind, retained, capacity, generated, next_port))
    assert found.may_keep is may_keep
    assert [each.kind.id for each in found.must_deliver] == ([] if may_keep else [kind])


def test_the_storage_of_noxious_liquids_is_judged_by_room_alone() -> None:
    kept = line("nls-y", capacity_m3=100, retained_m3=99, specified="palm oil", remaining_port="ESBIO")
    found = sufficiency(one(voyage__delivering="none", waste=[kept]))
    assert (found.may_keep, found.lines[0].used_pct) == (True, None)


def test_a_ship_that_goes_nobody_knows_where_delivers_all() -> None:
    found = sufficiency(keeping("sewage", 1, 100, next_port=None))
    assert (found.may_keep, found.why, len(found.must_deliver)) == (False, "unknown_port", 1)


def test_an_exemption_and_an_anchorage_let_a_ship_keep_it() -> None:
    full = keeping("sewage", 99, 100)
    assert not sufficiency(full).may_keep
    assert sufficiency(full, exempted=True).why == "exempted"
    assert sufficiency(full, at_anchor_only=True).why == "anchorage"
    assert sufficiency(keeping("plastics", 24, 100, next_port="GBSOU"), also_like_union=["GBSOU"]).may_keep
    assert not sufficiency(keeping("plastics", 24, 100, next_port="GBSOU")).may_keep


def told(event: str, classifier: str, at: datetime, said: int, mmsi: int = 200100001, **more: Any) -> dict[str, Any]:
    said_at = NOW + timedelta(minutes=said)
    return {
        "told_at": said_at, "call": "c-1", "movement": "m-1", "mmsi": mmsi, "service": "BERTH", "event": event,
        "place": "CITY-03", "classifier": classifier, "at": at, "said_at": said_at, "issuer": "port", **more,
    }  # fmt: skip


def test_without_port_calls_the_notification_s_times_stand() -> None:
    found = stay(one(), now=NOW)
    assert (found.berth, found.arrival, found.arrives_at) == (None, "notified", ARRIVES)


def test_what_happened_counts_before_what_is_planned_and_the_last_word_before_others() -> None:
    rows = [
        told("ARRI", "EST", ARRIVES + 5 * HOUR, 9),
        told("ARRI", "PLN", ARRIVES + 2 * HOUR, 1),
        told("ARRI", "PLN", ARRIVES + 3 * HOUR, 5),
        told("DEPA", "PLN", ARRIVES + 20 * HOUR, 5),
        told("ARRI", "ACT", ARRIVES + 90 * HOUR, 7, mmsi=200100002),
        told("ARRI", "ACT", ARRIVES - 90 * HOUR, 7, call="c-0", movement="m-0"),
    ]
    found = stay(one(), rows, now=NOW + HOUR)
    assert (found.arrives_at, found.arrival, found.berth) == (ARRIVES + 3 * HOUR, "PLN", "CITY-03")
    assert found.departs_at == ARRIVES + 20 * HOUR
    assert stay(one(), rows, now=NOW + timedelta(minutes=2)).arrives_at == ARRIVES + 2 * HOUR  # nothing from later


def test_a_forecast_says_how_late_she_may_be_until_she_is_there() -> None:
    eta = {
        "made_at": NOW, "movement": "m-1", "mmsi": 200100001, "point": "berth", "berth": "CITY-01",
        "p10": ARRIVES, "p50": ARRIVES + HOUR, "p90": ARRIVES + 4 * HOUR,
    }  # fmt: skip
    found = stay(one(), [told("ARRI", "PLN", ARRIVES, 0)], [eta], now=NOW)
    assert (found.arrives_at, found.latest_arrival, found.berth) == (ARRIVES + HOUR, ARRIVES + 4 * HOUR, "CITY-01")
    there = stay(one(), [told("ARRI", "ACT", ARRIVES, 0)], [eta], now=NOW)
    assert (there.arrival, there.latest_arrival) == ("ACT", ARRIVES)


def test_a_ship_that_shifts_is_where_she_came_to_last_until_she_leaves_that() -> None:
    rows = [
        told("ARRI", "ACT", ARRIVES, 1),
        told("DEPA", "ACT", ARRIVES + 4 * HOUR, 2),
        told("ARRI", "ACT", ARRIVES + 5 * HOUR, 3, place="CITY-01"),
        told("DEPA", "PLN", ARRIVES + 14 * HOUR, 0, place="CITY-01"),
    ]
    first = stay(one(), rows[:1] + rows[3:], now=NOW + HOUR)
    assert (first.berth, first.departs_at, first.departure) == ("CITY-03", ARRIVES + 12 * HOUR, "notified")
    second = stay(one(), rows, now=NOW + HOUR)
    assert (second.berth, second.arrives_at) == ("CITY-01", ARRIVES + 5 * HOUR)
    assert (second.departs_at, second.departure) == (ARRIVES + 14 * HOUR, "PLN")


def test_a_ship_that_comes_late_stays_as_long_as_she_had_said() -> None:
    found = stay(one(), [told("ARRI", "PLN", ARRIVES + 14 * HOUR, 0)], now=NOW)
    assert (found.departs_at, found.departure) == (ARRIVES + 26 * HOUR, "notified")


def lying(hours: float, berth: str | None = "CITY-03", arrives: datetime = ARRIVES) -> Stay:
    return Stay(berth, arrives, arrives, arrives + hours * HOUR, "PLN", "PLN")


def loads(*waste: dict[str, Any], hours: float = 12, **more: Any) -> list[Pickup]:
    return pickups(one(voyage__delivering="all", waste=list(waste)), lying(hours, **more), PARIS)


@pytest.mark.parametrize(
    ("kind", "m3", "carrier", "count"),
    [
        ("oily-bilge-water", 40, Carrier.TANK_TRUCK, 2),
        ("oily-bilge-water", 41, Carrier.BARGE, 1),
        ("oily-bilge-water", 401, Carrier.BARGE, 2),
        ("plastics", 12, Carrier.TRUCK, 1),
        ("plastics", 80, Carrier.TRUCK, 7),
        ("food-waste", 24, Carrier.TRUCK, 2),
        ("incinerator-ashes", 12, Carrier.TRUCK, 2),  # 9.6 t in loads of 6 t
    ],
)
def test_barge_or_truck_follows_from_volume_and_kind(kind: str, m3: float, carrier: Carrier, count: int) -> None:
    found = loads(line(kind, deliver_m3=m3, capacity_m3=1000), hours=48)
    assert ([each.carrier for each in found], len(found)) == ([carrier] * count, count)
    assert sum(each.m3 for each in found) == pytest.approx(m3)
    assert sum(each.kg for each in found) >= m3 * KINDS[kind].kg_per_m3
    assert all(each.kg <= Rules().truck_kg for each in found if carrier is Carrier.TRUCK)


def test_families_travel_apart_and_what_is_kept_is_not_collected() -> None:
    found = pickups(one(), lying(12), PARIS)
    assert [(each.family, each.m3) for each in found] == [("oily", 8), ("garbage", 2)]


def test_a_truck_comes_within_the_stay_and_the_collector_s_hours() -> None:
    (found,) = loads(line("plastics", deliver_m3=6), hours=40)
    work = timedelta(minutes=50)  # 20 for the tackle, and 6 m³ at 12 m³ an hour
    assert found.work == work
    at = [(each.opens_at, each.closes_at) for each in found.windows]
    assert at[0] == (ARRIVES + HOUR, datetime(2026, 3, 2, 21, tzinfo=UTC) - work)  # 22:00 in Paris
    assert at[1] == (datetime(2026, 3, 3, 5, tzinfo=UTC), datetime(2026, 3, 3, 21, tzinfo=UTC) - work)
    assert ARRIVES + 40 * HOUR - HOUR - work > at[1][1]


def test_the_work_is_over_before_she_leaves() -> None:
    (found,) = loads(line("plastics", deliver_m3=6), hours=5)
    (window,) = found.windows
    assert window.closes_at + found.work + HOUR == ARRIVES + 5 * HOUR


def test_a_barge_comes_at_night() -> None:
    (found,) = loads(
        line("sewage", deliver_m3=60, capacity_m3=100), hours=9, arrives=datetime(2026, 3, 2, 21, tzinfo=UTC)
    )
    assert found.windows[0].opens_at == datetime(2026, 3, 2, 22, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "berth", "why"), [(2, "CITY-03", "no_time"), (12, None, "no_berth")])
def test_what_cannot_be_collected_says_why(hours: float, berth: str | None, why: str) -> None:
    (found,) = loads(line("plastics", deliver_m3=6), hours=hours, berth=berth)
    assert (found.windows, found.why_not) == ((), why)


def given(*received: Received) -> Any:
    times: Any = {"delivered_from": ARRIVES + HOUR, "delivered_to": ARRIVES + 2 * HOUR}
    return receipt(one(), "r-1", received, reception_facility="Invented Collector", **times)


def test_a_receipt_says_what_was_taken_and_what_is_not_what_was_told() -> None:
    found = given(Received("oily-bilge-water", 9.5), Received("plastics", 1.5), Received("cooking-oil", 0.1))
    assert (found.terminal, found.ship.name) == ("CITY-02", "HV COASTER 01")
    assert [(each.kind, each.m3) for each in differences(one(), found)] == [
        ("oily-bilge-water", 1.5), ("food-waste", -0.5), ("cooking-oil", 0.1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "received", [(), (Received("plastics", -1),), (Received("plastics", 1), Received("plastics", 2))]
)
def test_a_receipt_that_cannot_be_is_refused(received: tuple[Received, ...]) -> None:
    with pytest.raises(ValueError, match="received"):
        given(*received)
    with pytest.raises(ValueError, match="kind"):
        Received("gold", 1)


def test_statistics_by_type_and_month_name_no_ship_and_say_when_a_notification_is_missing() -> None:
    receipts = [given(Received("plastics", 1.0)), given(Received("plastics", 2.0), Received("oily-bilge-water", 8.0))]
    found = by_type(receipts, [one()])
    assert [tuple(each.values()) for each in found] == [
        ("2026-03", "oily-bilge-water", "I", 1, 8.0, 8.0),
        ("2026-03", "plastics", "V", 2, 3.0, 1.5),  # in two loads of what was notified once
    ]
    assert {tuple(each) for each in found} == {COLUMNS}
    assert [each["notified_m3"] for each in by_type(receipts)] == [None, None]
    assert "HV COASTER" not in repr(found)
