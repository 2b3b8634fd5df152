"""The waste of ships: told before arrival, checked, collected in the plan of the city, receipted, counted.

After directive (EU) 2019/883 on port reception facilities. Everything but ``pages`` is pure.
"""
