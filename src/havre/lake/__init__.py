"""Rows at rest: one Delta Lake table a dataset, appended exactly once, with its schema, quarantine and statistics."""
