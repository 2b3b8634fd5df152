"""One file a revision, written by ``make migration`` and then read by a person."""
