"""Movable bridges, seen from the road: when they were closed to it, when they will be, and whose time was respected.

``messages``, ``passages`` and ``counts`` say what took place, each its source; ``openings`` puts them together.
``plans``, ``ways`` and ``approach`` say what is expected with what is known at a time; ``features`` lays that out by
bridge and bin, ``forecast`` makes probabilities of it and keeps ``slots`` free. Pure throughout.
"""
