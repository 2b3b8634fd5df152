"""A clock that stands still during lunch (pure).

The solver knows no breaks. It works in time without lunch, and windows are told to it in that time: what lies before
the lunch stays, what lies after it comes earlier by its length. Between the earliest and the latest beginning of a
lunch it is not known on which side of it one is, so windows are narrowed to what holds on both; where the lunches of
vehicles differ, to what holds for all. Where nothing would be left, to what holds for any. The timetable is the judge.
"""

from collections.abc import Iterable

from havre_waste.rounds.model import Lunch, Window

Lunches = tuple[Lunch | None, ...]


def without_lunch(window: Window, lunches: Iterable[Lunch | None]) -> Window:
    """The window in the solver's time."""
    known = tuple(lunches)
    opens = max(_opens(window.opens, one) for one in known)
    closes = min(_closes(window.closes, one) for one in known)
    if opens <= closes:
        return Window(opens, closes)
    opens = min(_opens_at_best(window.opens, one) for one in known)
    return Window(opens, max(opens, *(_closes_at_best(window.closes, one) for one in known)))


def shift_without_lunch(shift: Window, lunch: Lunch | None) -> Window:
    """The shift in the solver's time; who comes at the end of the lunch window or later has had it."""
    if lunch is None or shift.opens >= lunch.latest:
        return shift
    return Window(shift.opens, max(shift.opens, _closes(shift.closes, lunch)))


def _opens(at: int, lunch: Lunch | None) -> int:
    return at if lunch is None or at <= lunch.latest else max(lunch.latest, at - lunch.seconds)


def _closes(at: int, lunch: Lunch | None) -> int:
    return at if lunch is None or at <= lunch.earliest else max(lunch.earliest, at - lunch.seconds)


def _opens_at_best(at: int, lunch: Lunch | None) -> int:
    return at if lunch is None or at <= lunch.earliest else max(lunch.earliest, at - lunch.seconds)


def _closes_at_best(at: int, lunch: Lunch | None) -> int:
    return at if lunch is None or at <= lunch.latest else max(lunch.latest, at - lunch.seconds)
