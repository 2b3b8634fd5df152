"""What ``taking.take`` writes into while it works: copies, and lists of what was found."""

from dataclasses import dataclass, field

from havre_waste.levels.state import Belief, Counters, Floats, Ints, Levels, Visits, Watch, copied


@dataclass
class Work:
    """``levels`` is as it was before; what is found is added to the lists, one entry an array of rows."""

    levels: Levels
    belief: Belief
    watch: Watch
    visits: Visits
    counters: Counters
    emptied: list[tuple[Ints, Floats, Floats, str]] = field(default_factory=list)
    """Rows, when, level before, and what told it: sensor, note or pass."""
    judged: list[tuple[Ints, Ints, Floats, Floats]] = field(default_factory=list)
    """Rows, fault from now on (none: it is well again), when, and the value to be shown."""
    intervals: list[tuple[Ints, Floats, Floats, Floats, Floats]] = field(default_factory=list)
    """Rows, begin, end, what came in, own rate."""

    @classmethod
    def on(cls, levels: Levels) -> "Work":
        return cls(levels, copied(levels.belief), copied(levels.watch), copied(levels.visits), levels.counters)

    def count(self, **more: int) -> None:
        self.counters = self.counters.plus(**more)
