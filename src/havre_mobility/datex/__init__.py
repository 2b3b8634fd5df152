"""DATEX II: openings of bridges told to the road, and openings that others tell.

``publication`` writes version 3 (schemas 3.6), ``pull`` and ``push`` hand it out as in DATEX II Exchange 2020;
``reading`` makes openings of rows that the exchange's source ``datex2`` has read, of version 2 or 3.
"""
