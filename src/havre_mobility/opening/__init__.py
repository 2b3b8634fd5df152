"""The opening of a bridge as a decision that ship, road, truck, tram and rail share: what each minute costs whom.

``queue`` is the road's delay, ``costs`` what it is worth to each side, ``proposals`` the times that remain, ranked with
their reasons, ``decision`` who chose what and why. ``detours`` says what a lost bridge does to the others. All pure.
"""
