"""Files of a round for other devices: its way as GPX, its stops as a calendar."""

from havre_waste.live.work import Live


def export(live: Live, round: str, form: str) -> tuple[bytes, str] | None:
    """Of the round with this id, in the form ``gpx`` or ``ics``, with its media type; None where there is none."""
    return None
