"""Ship movements and port calls, found in positions: cleaned, set against areas, put in sequence, told as timestamps.

``cleaning`` → ``detection`` over ``areas`` → ``sequence`` → ``timestamps``; ``wire`` and ``relay`` speak DCSA Port
Call 2.0 with other parties. All but ``routes`` is pure.
"""
