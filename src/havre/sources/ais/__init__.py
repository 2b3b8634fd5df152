"""AIS: what ships say by radio (ITU-R M.1371), as receivers pass it on in NMEA 0183 sentences (IEC 61162-1).

From bytes to rows: ``block`` finds the lines, ``sentences`` those of AIS, ``clock`` and ``tags`` tell when each was
received, ``fragments`` puts messages of several sentences together. The common position reports are decoded all at once
(``reports`` with ``positions`` and ``sixbit``), everything else one by one with pyais (``messages``); ``rows`` are the
columns.
"""
