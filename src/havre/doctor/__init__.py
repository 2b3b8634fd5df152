"""The doctor: whether a node can do its work, and what to do where it cannot. Nothing is changed by it."""
