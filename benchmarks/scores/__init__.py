"""How good the answers are: one module a part, against the truth of the scenario and against real records."""
