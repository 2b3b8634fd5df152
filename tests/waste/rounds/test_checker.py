"""The checker finds what is wrong, and names it. Nothing here is made by the planner but the plan that is spoiled."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_waste.rounds.checker import Rule, check
from havre_waste.rounds.model import Closure, Crossing, Kind, Matrix, Plan, Problem, Round, Tip, Visit, Window
from havre_waste.rounds.planning import Stopping, plan
from tests.waste.rounds.problems import HOUR, LUNCH, line, problem, street, truck

PROBLEM = problem(
    8,
    stops=(*line(7, service=HOUR // 2), *line(8, windows=(Window(6 * HOUR, 13 * HOUR),))[7:]),
    vehicles=(
        truck("a", shift=Window(9 * HOUR, 17 * HOUR), lunch=LUNCH, kg_a_day=1500, stops_a_day=5),
        truck("b", shift=Window(9 * HOUR, 17 * HOUR), lunch=LUNCH, kg_a_day=1500, stops_a_trip=3),
    ),
    tips=(Tip("plant", 1, 600), Tip("other", 2, 600)),
)
GOOD = plan(PROBLEM, stop=Stopping(seconds=None, iterations=300))
Spoil = Callable[[Problem, Plan], tuple[Problem, Plan]]


def of(known: Plan, number: int, visits: list[Visit]) -> Plan:
    rounds = list(known.rounds)
    rounds[number] = Round(rounds[number].vehicle, tuple(visits))
    return replace(known, rounds=tuple(rounds))


def at(known: Plan, kind: Kind, number: int = 0) -> int:
    return [one.kind for one in known.rounds[number].visits].index(kind)


def changed(kind: Kind, **said: object) -> Spoil:
    def spoil(given: Problem, known: Plan) -> tuple[Problem, Plan]:
        visits = list(known.rounds[0].visits)
        visits[at(known, kind)] = replace(visits[at(known, kind)], **said)  # type: ignore[arg-type]
        return given, of(known, 0, visits)

    return spoil


def without(kind: Kind) -> Spoil:
    def spoil(given: Problem, known: Plan) -> tuple[Problem, Plan]:
        return given, of(known, 0, [one for one in known.rounds[0].visits if one.kind != kind])

    return spoil


def trucks(**said: object) -> Spoil:
    """The plan is right for other trucks than these."""

    def spoil(given: Problem, known: Plan) -> tuple[Problem, Plan]:
        return replace(given, vehicles=tuple(replace(one, **said) for one in given.vehicles)), known  # type: ignore[arg-type]

    return spoil


def stops(**said: object) -> Spoil:
    def spoil(given: Problem, known: Plan) -> tuple[Problem, Plan]:
        return replace(given, stops=tuple(replace(one, **said) for one in given.stops)), known  # type: ignore[arg-type]

    return spoil


def twice(given: Problem, known: Plan) -> tuple[Problem, Plan]:
    return given, replace(known, rounds=(*known.rounds, replace(known.rounds[0], vehicle=known.rounds[1].vehicle)))


def shut(given: Problem, known: Plan) -> tuple[Problem, Plan]:
    """A bridge on every way, shut all day but for the night after."""
    legs = {(a, b): (Crossing("bridge", 0),) for a in range(10) for b in range(10) if a != b}
    matrix = Matrix(given.matrix.metres, given.matrix.seconds, "with a bridge", legs)
    return replace(given, matrix=matrix, closures=(Closure("bridge", 0, 24 * HOUR),)), known


SPOILT: dict[str, tuple[Spoil, Rule]] = {
    "a truck that nobody has": (lambda p, k: (replace(p, vehicles=p.vehicles[:1]), k), Rule.UNKNOWN),
    "a stop that nobody has": (changed(Kind.STOP, id="nowhere"), Rule.UNKNOWN),
    "a stop visited twice": (twice, Rule.TWICE),
    "a truck with two rounds": (lambda p, k: (p, replace(k, rounds=(*k.rounds, k.rounds[0]))), Rule.UNKNOWN),
    "a stop not visited": (without(Kind.STOP), Rule.MISSING),
    "a stop said to be left out": (lambda p, k: (p, replace(k, left_out=("s1",))), Rule.MISSING),
    "a start elsewhere": (changed(Kind.START, place=3), Rule.SHAPE),
    "a stop elsewhere": (changed(Kind.STOP, place=0), Rule.SHAPE),
    "no end": (without(Kind.END), Rule.SHAPE),
    "a shorter way": (changed(Kind.STOP, metres=1), Rule.WAY),
    "a way that is not there": (changed(Kind.STOP, way=1), Rule.WAY),
    "there too soon": (changed(Kind.STOP, arrives=0), Rule.TIME),
    "gone too soon": (lambda p, k: stops(service=3 * HOUR)(p, k), Rule.TIME),
    "through a shut bridge": (shut, Rule.TIME),
    "outside its windows": (stops(windows=(Window(0, 1),)), Rule.WINDOW),
    "before the shift": (trucks(shift=Window(16 * HOUR, 17 * HOUR)), Rule.SHIFT),
    "after the shift": (trucks(shift=Window(0, 7 * HOUR)), Rule.SHIFT),
    "no lunch": (without(Kind.LUNCH), Rule.LUNCH),
    "lunch too late": (trucks(lunch=replace(LUNCH, earliest=0, latest=1)), Rule.LUNCH),
    "lunch too short": (trucks(lunch=replace(LUNCH, seconds=HOUR)), Rule.LUNCH),
    "lunch for who has none": (trucks(lunch=None), Rule.LUNCH),
    "a load that was not collected": (changed(Kind.STOP, kg=1), Rule.LOAD),
    "too much on board": (trucks(kg=500), Rule.CAPACITY),
    "home with a load": (without(Kind.TIP), Rule.EMPTY),
    "too much a day": (trucks(kg_a_day=299), Rule.KG_A_DAY),
    "too many stops a day": (trucks(stops_a_day=1), Rule.STOPS_A_DAY),
    "too many stops a trip": (trucks(stops_a_trip=1), Rule.STOPS_A_TRIP),
    "too many trips": (trucks(trips=0), Rule.TRIPS),
    "too long": (trucks(longest=60), Rule.LONGEST),
    "a truck that may not come": (stops(vehicles=frozenset({"c"})), Rule.VEHICLE),
    "a tip that is not its own": (trucks(tips=frozenset({"none"})), Rule.VEHICLE),
    "a truck that is out and stays there": (
        lambda p, k: (replace(p, vehicles=(*p.vehicles, truck("c", out=True))), k), Rule.HOME
    ),
}  # fmt: skip


def test_the_good_plan_is_good() -> None:
    assert check(PROBLEM, GOOD) == ()
    assert len(GOOD.rounds) == 2


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_is_named(name: str) -> None:
    spoil, rule = SPOILT[name]
    assert rule in {one.rule for one in check(*spoil(PROBLEM, GOOD))}


def test_every_rule_can_be_broken() -> None:
    assert {rule for _, rule in SPOILT.values()} == set(Rule)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_change_of_a_number_goes_through(data: st.DataObject) -> None:
    """Any visit later than it was cannot be reached from, any earlier cannot be reached; a load is what it is."""
    number = data.draw(st.integers(0, len(GOOD.rounds) - 1))
    visits = list(GOOD.rounds[number].visits)
    which = data.draw(st.integers(1, len(visits) - 2))
    name = data.draw(st.sampled_from(["arrives", "begins", "ends", "kg", "metres", "place", "kind"]))
    if name == "kind":
        spoilt: object = data.draw(st.sampled_from([one for one in Kind if one != visits[which].kind]))
    else:
        off = data.draw(st.integers(1, 10_000)) * data.draw(st.sampled_from([1, -1]))
        if name == "arrives" and off > 0:
            off += visits[which].begins - visits[which].arrives
        if name == "begins" and off < 0:
            off -= visits[which].begins - visits[which].arrives
        spoilt = getattr(visits[which], name) + off
    slack = visits[which + 1].begins - visits[which + 1].arrives
    visits[which] = replace(visits[which], **{name: spoilt})
    if name in ("begins", "ends") and slack > 0:
        return
    assert check(PROBLEM, of(GOOD, number, visits)) != ()


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_two_visits_change_places(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(GOOD.rounds) - 1))
    visits = list(GOOD.rounds[number].visits)
    a, b = data.draw(st.lists(st.integers(1, len(visits) - 2), min_size=2, max_size=2, unique=True))
    visits[a], visits[b] = visits[b], visits[a]
    assert check(PROBLEM, of(GOOD, number, visits)) != ()


def test_a_matrix_of_the_wrong_shape_is_refused() -> None:
    usual = street(2)
    with pytest.raises(ValueError, match="seconds: got"):
        Matrix(usual.metres, usual.seconds[:2], "wrong")
