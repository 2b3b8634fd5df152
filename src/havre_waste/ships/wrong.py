"""What can be wrong with a notification, as data: the field, what was found, and what was expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "unknown_field": "is not a field of the form; it has {names}",
    "not_text": "got {got}, expected text of 1 to {most} characters",
    "not_number": "got {got}, expected a number of cubic metres, 0 or more, {most} at most",
    "unit": "got {got}, expected cubic metres: a number, or one with m3 behind it",
    "not_whole": "got {got}, expected a whole number of {least} or more",
    "not_time": "got {got}, expected a time with its offset, such as 2026-03-02T06:30:00Z",
    "not_date": "got {got}, expected a date, such as 2026-03-02",
    "not_choice": "got {got}, expected one of {names}",
    "not_list": "got {got}, expected a list of types of waste with their amounts",
    "not_object": "got {got}, expected an object with named members",
    "not_port": "got {got}, expected a UN/LOCODE, such as FRLEH",
    "not_flag": "got {got}, expected the two letters of a State (ISO 3166-1), such as PA",
    "not_mmsi": "got {got}, expected the nine digits of an MMSI",
    "not_imo": "got {got}, expected the seven digits of an IMO number",
    "imo_check": "got {got}: its last digit should be {expected}; a digit is wrong",
    "imo_or_mmsi": "an IMO number or an MMSI is needed to know the ship",
    "departs_before": "{got} is not after the arrival, {expected}",
    "delivered_later": "{got} is after this notification",
    "no_waste": "no type of waste; a ship that has nothing on board says so with a line of 0",
    "twice": "{got} is there more than once",
    "specify": "has to say what it is",
    "over_capacity": "{got} m3 stay on board, but the storage that is dedicated to it holds {expected} m3",
    "all_but_retained": "{got} m3 stay on board, though all waste is to be delivered",
    "none_but_delivered": "{got} m3 are to be delivered, though no waste is",
    "some_but_none": "some waste is to be delivered, but no line has an amount",
    "some_but_all": "some waste is to be delivered, but nothing stays on board; say all",
    "not_csv": "is no CSV: {got}",
    "no_column": "is no column of the file, and is needed",
    "unknown_column": "is not a column of the form; it has {names}",
    "too_long": "got {got} lines, expected {most} at most",
    "differs": "got {got}, which is not what line {line} of the same notification has",
    "not_in_window": "{got} is in no window of the load",
    "unknown_load": "{got} is no load that is asked of you",
    "ends_before": "{got} is before the begin, {expected}",
    "to_come": "{got} has not come yet",
    "remaining_port": "{got} m3 stay on board; the port where they will be delivered is needed",
}
"""By key; a field of ``Wrong.values`` in braces."""


@dataclass(frozen=True)
class Wrong:
    """``path`` is that of the JSON form: ``ship.imo``, ``waste[2].deliver_m3``."""

    path: str
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return MESSAGES[self.key].format_map(self.values)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"
