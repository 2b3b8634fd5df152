"""What ``static/chart.js`` draws: a line with the band of likely values around it, as JSON for an attribute."""

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo


def series(
    zone: ZoneInfo, points: Sequence[object], middle: str, low: str, high: str, floor: float | None = None
) -> str:
    """``points`` have ``at`` and the three named attributes; ``floor`` is where the axis begins, else below all."""
    columns = {name: [getattr(point, name) for point in points] for name in {middle, low, high}}
    times = [point.at.timestamp() for point in points]  # type: ignore[attr-defined]
    drawn = {"middle": columns[middle], "low": columns[low], "high": columns[high]}
    return json.dumps({"zone": zone.key, "floor": floor, "times": times, **drawn}, separators=(",", ":"))
