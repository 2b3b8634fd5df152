"""The level of the sea at Le Havre, schematic: the seven largest waves of a published tide, fitted for 2026.

Amplitudes and phases were fitted to a prediction made from the harmonic constants of TICON-4 (source REFMAR/SHOM,
CC BY 4.0); what the other forty waves add stays out, about 0.25 m (root mean square). Never for navigation.
"""

import datetime

import numpy as np

from havre_scenario.plane import Floats

EPOCH = datetime.date(2026, 1, 1)
MEAN_LEVEL = 4.75
WAVES = {
    # name: degrees an hour, metres, degrees of phase at the epoch
    "M2": (28.9841042, 2.537, 219.2),
    "S2": (30.0, 0.873, 333.4),
    "N2": (28.4397295, 0.471, 207.0),
    "K2": (30.0821373, 0.330, 122.1),
    "M4": (57.9682084, 0.237, 304.6),
    "MS4": (58.9841042, 0.170, 63.3),
    "MN4": (57.4238337, 0.084, 288.8),
}


def level(day: datetime.date, seconds: Floats) -> Floats:
    """Metres above the lowest astronomical tide, at seconds after midnight UTC of ``day``."""
    hours = (day - EPOCH).days * 24 + np.asarray(seconds) / 3600
    return MEAN_LEVEL + sum(
        (metres * np.cos(np.radians(speed * hours - phase)) for speed, metres, phase in WAVES.values()),
        np.zeros_like(hours),
    )
