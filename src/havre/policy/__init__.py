"""Policies: the Open Digital Rights Language, read from the wire and evaluated with reasons."""

from havre.policy.evaluation import Decision, Facts, decide
from havre.policy.wire import parse, same_rules

__all__ = ["Decision", "Facts", "decide", "parse", "same_rules"]
