"""Which fields of GTFS are numbers and dates (GTFS Schedule reference, field definitions)."""

import pyarrow as pa
import pyarrow.compute as pc

# fmt: off
_NUMBERS = frozenset(
    {
        "amount", "length", "max_slope", "mean_duration_factor", "mean_duration_offset", "min_width", "price",
        "safe_duration_factor", "safe_duration_offset", "shape_dist_traveled", "shape_pt_lat", "shape_pt_lon",
        "stop_lat", "stop_lon"
    }
)
_INTEGERS = frozenset(
    {
        "bikes_allowed", "booking_type", "cars_allowed", "continuous_drop_off", "continuous_pickup", "direction_id",
        "drop_off_type", "duration_limit", "duration_limit_type", "exact_times", "exception_type", "fare_media_type",
        "fare_transfer_type", "friday", "headway_secs", "is_authority", "is_bidirectional", "is_operator",
        "is_producer", "location_type", "min_transfer_time", "monday", "pathway_mode", "payment_method",
        "pickup_type", "prior_notice_duration_max", "prior_notice_duration_min", "prior_notice_last_day",
        "prior_notice_start_day", "route_sort_order", "route_type", "rule_priority", "saturday", "shape_pt_sequence",
        "stair_count", "stop_access", "stop_sequence", "sunday", "thursday", "timepoint", "transfer_count",
        "transfer_duration", "transfer_type", "transfers", "traversal_time", "tuesday", "wednesday",
        "wheelchair_accessible", "wheelchair_boarding"
    }
)
_DATES = frozenset(
    {
        "date", "end_date", "feed_end_date", "feed_start_date", "start_date"
    }
)
# fmt: on
_DATE = r"^(\d{4})(\d{2})(\d{2})$"


def column(name: str, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in its type; as it is when a value does not fit, so that this row alone is rejected later."""
    if name in _DATES:
        return pc.replace_substring_regex(texts, _DATE, r"\1-\2-\3")
    kind = pa.int64() if name in _INTEGERS else pa.float64() if name in _NUMBERS else None
    if kind is None:
        return texts
    try:
        return pc.cast(pc.utf8_trim_whitespace(texts), kind)
    except pa.ArrowInvalid:
        return texts
