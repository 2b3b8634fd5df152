"""People on their way: timetables and real time, lines hit by an opening, journeys door to door that know of openings.

Pure but for the reading of bytes: times, feeds and forecasts are arguments. Instants are seconds since 1970 (UTC)
inside, ``datetime`` in UTC at the edges; a place is (latitude, longitude) in WGS 84.
"""
