"""Usage: what was read under which agreement, in events that never change."""
