"""Whether a ship may keep waste on board until its next port: what follows from the numbers it gave.

Directive (EU) 2019/883, article 7: all waste on board is delivered before departure (1); a ship may go without, when
it has sufficient dedicated storage for all waste that it has and will have until the next port of call (4)(a), or
only lies at anchor for less than 24 hours or in bad weather (4)(c); but it must deliver when the next port is unknown
(5). Two computations say what is sufficient, and both must hold:

1. *Room*: what is retained and what will be generated until the next port fits into the storage dedicated to it.
2. *Used capacity* of implementing regulation (EU) 2022/89: retained × 100 / dedicated, in per cent, at most the
   threshold of the annex of MARPOL and of where the ship goes (``THRESHOLDS``). Its method is not for annex II, whose
   own rules say when tank washings are delivered: for those only the room is computed.

Not modelled, and for the port and its inspectors to judge: whether the facilities of the next port are adequate
(article 7(5)), the "group of additional selected ports" (give it as ``also_like_union``; it is empty here), what has
been dumped lawfully on the way, and article 9 beyond that the ship says that it has an exemption.
"""

from collections.abc import Collection
from dataclasses import dataclass

from havre_waste.ships.kinds import Annex
from havre_waste.ships.model import Notification, Waste

THRESHOLDS = {
    # of what is dedicated, in per cent: next port of the Union (or like one), any other
    Annex.I: (50.0, 25.0),
    Annex.IV: (50.0, 50.0),
    Annex.V: (25.0, 20.0),
    Annex.VI: (75.0, 25.0),
}
"""Regulation (EU) 2022/89, annex I."""
UNION = frozenset(
    {
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU",
        "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "GP", "GF", "MQ", "YT", "RE", "MF",
    }
)  # fmt: skip
"""Countries whose ports are of the Union, by the first letters of their UN/LOCODEs, overseas regions of France too."""


@dataclass(frozen=True)
class Line:
    """``used_pct`` and ``threshold_pct`` are None where the regulation's method does not apply."""

    waste: Waste
    has_room: bool
    used_pct: float | None
    threshold_pct: float | None

    @property
    def sufficient(self) -> bool:
        below = self.used_pct is None or self.threshold_pct is None or self.used_pct <= self.threshold_pct
        return self.has_room and below


@dataclass(frozen=True)
class Sufficiency:
    """``why``: exempted, anchorage, unknown_port, sufficient or insufficient; ``lines`` are all of the notification."""

    may_keep: bool
    why: str
    lines: tuple[Line, ...]

    @property
    def must_deliver(self) -> tuple[Waste, ...]:
        """What would have to be delivered though the ship means to keep it."""
        if self.may_keep:
            return ()
        insufficient = tuple(one.waste for one in self.lines if one.waste.retained_m3 and not one.sufficient)
        return (
            tuple(one.waste for one in self.lines if one.waste.retained_m3)
            if self.why != "insufficient"
            else insufficient
        )


def sufficiency(
    of: Notification, *, exempted: bool = False, at_anchor_only: bool = False, also_like_union: Collection[str] = ()
) -> Sufficiency:
    """``exempted``: article 9; ``at_anchor_only``: article 7(4)(c); ``also_like_union``: UN/LOCODEs of other ports."""
    next_port = of.voyage.next_port
    like_union = next_port is not None and (next_port[:2] in UNION or next_port in also_like_union)
    lines = tuple(_line(one, like_union=like_union) for one in of.waste)
    if exempted or at_anchor_only:
        return Sufficiency(True, "exempted" if exempted else "anchorage", lines)
    if next_port is None and any(one.retained_m3 for one in of.waste):
        return Sufficiency(False, "unknown_port", lines)
    enough = all(one.sufficient for one in lines)
    return Sufficiency(enough, "sufficient" if enough else "insufficient", lines)


def _line(one: Waste, *, like_union: bool) -> Line:
    has_room = one.retained_m3 + one.generated_m3 <= one.capacity_m3
    if one.kind.annex not in THRESHOLDS or (one.capacity_m3 == 0 and one.retained_m3 == 0):
        return Line(one, has_room, None, None)
    threshold = THRESHOLDS[one.kind.annex][0 if like_union else 1]
    return Line(one, has_room, 100 * one.retained_m3 / one.capacity_m3, threshold)
