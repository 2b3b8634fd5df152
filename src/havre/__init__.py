"""Havre: a data exchange for a port and its city."""

__version__ = "0.1.0"
