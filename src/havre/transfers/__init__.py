"""Transfers: the access to a dataset under an agreement, with tokens that live and die with it."""
