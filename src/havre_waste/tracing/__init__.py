"""Hazardous waste on the State's platform Trackdéchets: forms made, sealed, signed and followed.

Written after its public documentation and its schema (repository MTES-MCT/trackdechets, ``apps/doc`` and
``bsdd.*.graphql``), and tried against a stub of them only: nothing here has met the live API.
"""
