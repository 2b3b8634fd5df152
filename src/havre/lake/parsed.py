"""What a format makes of some input, before a dataset's schema is applied."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from havre.lake.model import Rejected

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Parsed:
    """``rows`` have the columns that the format found, typed or still as texts.

    ``positions`` (int64, one a row) say where in its source each row stands: the same on each reading.
    ``raw`` gives the input of the row with that index, for the quarantine, which ``raw_format`` reads on its own.
    ``rejected`` is what was no row at all.
    """

    rows: "pa.Table"
    positions: "pa.Array"
    raw: Callable[[int], bytes]
    raw_format: str
    rejected: tuple[Rejected, ...] = ()

    def shifted(self, by: int) -> "Parsed":
        """The same at other places: what was the first byte or row is ``by``."""
        import pyarrow.compute as pc

        rejected = tuple(replace(one, position=one.position + by) for one in self.rejected)
        return replace(self, positions=pc.add(self.positions, by), rejected=rejected)
