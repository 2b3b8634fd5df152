"""Rounds: who empties what today, in which order, over which roads, and when.

``model`` ← ``timetable`` ← ``adapter`` (the only module that knows PyVRP) ← ``planning``; ``checker`` is written from
the statement of the problem and shares nothing with the planner but the model.
"""
