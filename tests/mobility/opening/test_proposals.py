"""Proposals: what an opening costs whom, what is not possible and why, and what is on record of a decision."""

import datetime
import json
from dataclasses import FrozenInstanceError, replace

import pytest

from havre_mobility.opening.costs import Cost, costs, merged
from havre_mobility.opening.decision import Decision, NotProposed, decide, is_whole, record
from havre_mobility.opening.model import SIDES, Asked, Crossing, Traffic, Weights
from havre_mobility.opening.proposals import Bounds, Proposal, proposals

DAY = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def at(hour: int, minute: float = 0) -> datetime.datetime:
    return DAY + datetime.timedelta(hours=hour, minutes=minute)


ASKED = Asked("bridge-rouge", "Coaster", at(6), at(5, 30), at(8), 12)
TRAFFIC = Traffic(
    vehicles=((at(0), 100), (at(6), 900), (at(8), 300)),
    trucks=((at(0), 100),),
    crossings=(Crossing(at(6, 5), "tram", 80, "A"), Crossing(at(7), "rail", 0)),
    source="counts of a test",
)
WEIGHTS = Weights()


def by_side(start: datetime.datetime, traffic: Traffic = TRAFFIC, weights: Weights = WEIGHTS) -> dict[str, Cost]:
    return {one.side: one for one in costs(ASKED, start, traffic, weights)}


def test_every_side_is_told_its_cost_with_the_formula() -> None:
    found = by_side(at(6))
    assert tuple(found) == SIDES
    assert all(one.formula for one in found.values())


def test_the_road_pays_the_whole_queue_in_proportion_to_its_share() -> None:
    found = by_side(at(6))
    delay = 60 * 1000 * (12 / 60) ** 2 / (2 * (1 - 1000 / 1800))  # vehicle-minutes
    assert found["road"].minutes == pytest.approx(0.9 * delay)
    assert found["truck"].minutes == pytest.approx(0.1 * delay)
    assert found["road"].euros == pytest.approx(0.9 * delay / 60 * 1.3 * 12.6)
    assert found["truck"].euros == pytest.approx(0.1 * delay / 60 * 50)


def test_the_queue_that_is_told_is_that_of_this_opening_and_not_of_one_near_it() -> None:
    earlier, later = (at(4, 30), at(5, 10)), (at(6, 30), at(7, 30))  # of 133 and 1,000 vehicles
    alone, beside = (costs(ASKED, at(5, 30), TRAFFIC, WEIGHTS, others)[0] for others in ((), (earlier, later)))
    assert alone.figures["longest"] == beside.figures["longest"] == pytest.approx(200 * 12 / 60)
    assert "the queue of 40 has drained" in beside.formula
    joined = costs(ASKED, at(6, 20), TRAFFIC, WEIGHTS, (later,))[0]
    assert joined.figures["longest"] == pytest.approx(1000 * 70 / 60)  # made one with it


def test_trams_and_trains_wait_that_are_due_while_the_road_is_closed() -> None:
    found = by_side(at(6))
    assert (found["tram"].count, found["tram"].minutes) == (1, 80 * 7)
    assert found["tram"].euros == pytest.approx(7 / 60 * (80 * 12.6 + 120))
    assert found["rail"].euros == 0
    assert by_side(at(7))["rail"].euros == pytest.approx(12 / 60 * 600)
    # due in the second in which the road is free again
    assert by_side(at(5, 53))["tram"].euros == 0


def test_the_ship_pays_for_each_minute_from_her_wish_and_for_a_missed_tide() -> None:
    asked = replace(ASKED, tide=((at(5), at(6, 30)),))
    euros = {minute: costs(asked, at(6, minute), TRAFFIC, WEIGHTS)[-1].euros for minute in (0, 15, 18, 20)}
    assert euros[0] == 0 and euros[15] == pytest.approx(225) and euros[18] == pytest.approx(270)
    assert euros[20] == pytest.approx(300 + 6000)


def test_a_side_without_weight_does_not_count() -> None:
    assert by_side(at(6), weights=replace(WEIGHTS, truck_hour=0))["truck"].euros == 0


def test_joined_openings_cost_what_the_second_adds() -> None:
    planned = ((at(6, 2), at(6, 14)),)
    alone = sum(one.euros for one in costs(ASKED, at(6), TRAFFIC, WEIGHTS))
    joined = sum(one.euros for one in costs(ASKED, at(6), TRAFFIC, WEIGHTS, planned))
    assert joined < 0.5 * alone


def test_spans_that_touch_are_one() -> None:
    assert merged([(at(2), at(3)), (at(1), at(2)), (at(5), at(6))]) == [(at(1), at(3)), (at(5), at(6))]


RESERVED = Bounds(reserved=((at(6, 15), at(7, 15)),))


def proposed(bounds: Bounds = RESERVED, weights: Weights = WEIGHTS) -> tuple[Proposal, ...]:
    return proposals(ASKED, TRAFFIC, weights, bounds)


def test_reserved_slots_are_out_with_the_reason() -> None:
    found = proposed()
    out = {one.starts_at: tuple(map(str, one.out)) for one in found if one.out}
    assert set(out) == {at(6, minute) for minute in range(5, 75, 5)}
    assert set(out.values()) == {("reserved slot 06:15–07:15 UTC",)}
    assert all(one.rank is None for one in found if one.out)


def test_the_cheapest_for_all_sides_comes_first() -> None:
    possible = [one for one in proposed() if not one.out]
    assert [one.rank for one in possible] == list(range(1, len(possible) + 1))
    assert [one.total for one in possible] == sorted(one.total for one in possible)
    # before the road fills, rather than when the ship wished
    assert possible[0].starts_at < at(6)


def test_weights_decide_who_waits() -> None:
    dear = proposed(weights=replace(WEIGHTS, ship_hour=1e6))
    assert dear[0].starts_at == ASKED.wished_at


def test_the_road_gets_its_pause_or_one_opening_for_both() -> None:
    planned = Bounds(planned=((at(5, 40), at(5, 52)),))
    found = {one.starts_at: one for one in proposed(planned)}
    assert found[at(5, 40)].joins and not found[at(5, 40)].out
    assert tuple(map(str, found[at(5, 30)].out)) == (
        "with the opening 05:40–05:52 UTC the road would be closed for 22 min",
    )
    assert tuple(map(str, found[at(5, 55)].out)) == (
        "the road would have less than 8 min beside the opening 05:40–05:52 UTC",
    )
    assert not found[at(6)].out


def test_a_closed_bridge_is_not_opened() -> None:
    found = proposed(Bounds(closures=((at(5), at(9)),)))
    assert all(tuple(map(str, one.out)) == ("the bridge is closed 05:00–09:00 UTC",) for one in found)


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"wished_at": at(9)}, {"earliest": at(6, 1)}])
def test_a_request_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(ASKED, **wrong)  # type: ignore[arg-type]


def decided(chosen: datetime.datetime | None, exception: bool = False, why: str = "cheapest for all") -> Decision:
    return decide(
        "d1", "r1", ASKED, proposed(), chosen, weights=WEIGHTS, traffic=TRAFFIC, by="harbour master", why=why, at=at(4),
        exception=exception,
    )  # fmt: skip


def test_a_decision_is_on_record_with_who_and_why_and_what_it_was_chosen_from() -> None:
    kept: dict[str, bytes] = {}
    decision = decided(at(6))
    document = record(decision, kept.__setitem__)
    said = json.loads(kept["d1"])
    assert (said["by"], said["why"], said["at"]) == ("harbour master", "cheapest for all", "2026-03-02T04:00:00Z")
    assert said["chosen"]["starts_at"] == "2026-03-02T06:00:00Z" and len(said["considered"]) == len(proposed())
    assert said["source"] == "counts of a test" and "Quinet" in said["weights"]["sources"]["person_hour"]
    assert is_whole(document) and not is_whole(document.replace(b"harbour", b"bargain"))
    with pytest.raises(FrozenInstanceError):
        decision.why = "another"  # type: ignore[misc]


def test_what_is_out_is_chosen_only_as_an_exception_that_says_so() -> None:
    with pytest.raises(NotProposed, match="reserved slot"):
        decided(at(6, 30))
    assert decided(at(6, 30), exception=True).exception
    assert not decided(at(6), exception=True).exception


def test_only_what_was_proposed_can_be_chosen_or_nothing() -> None:
    with pytest.raises(NotProposed):
        decided(at(6, 1))
    assert decided(None).chosen is None


def test_a_decision_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="why"):
        decided(at(6), why=" ")


@pytest.mark.parametrize("broken", [b"", b"[]", b"{}", b'{"sha256": 1}', b"\xff"])
def test_what_is_no_document_is_not_whole(broken: bytes) -> None:
    assert not is_whole(broken)
