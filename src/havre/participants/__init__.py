"""Participants: organisations, their people and machine clients, keys, tokens, and whom the node trusts."""
