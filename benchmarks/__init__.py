"""Measurements, each beside a named anchor. ``make bench`` runs them all; ``python -m benchmarks.<name>`` runs one."""
