"""The demonstration: two nodes on this machine, six organisations, and a story in which each step is checked."""
