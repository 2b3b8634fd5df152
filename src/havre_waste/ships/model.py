"""An advance notification of waste and a receipt, as values: the fields of directive (EU) 2019/883, annexes 2 and 3.

Amounts in cubic metres, times aware. Ports are UN/LOCODEs, flags ISO 3166-1 alpha-2. Field names are ours and follow
the order of the annexes; what is not in an annex is marked so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from havre_waste.ships.kinds import KINDS, Kind


class ShipType(StrEnum):
    """The boxes of the form."""

    OIL_TANKER = "oil tanker"
    CHEMICAL_TANKER = "chemical tanker"
    BULK_CARRIER = "bulk carrier"
    CONTAINER = "container"
    OTHER_CARGO = "other cargo ship"
    PASSENGER = "passenger ship"
    RO_RO = "ro-ro"
    OTHER = "other"


class Delivering(StrEnum):
    """How much of what is on board is delivered here."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True)
class Ship:
    """Section 1. One of ``imo`` and ``mmsi`` is there. ``call_sign`` is the form's "distinctive number or letters"."""

    name: str
    gross_tonnage: int
    type: ShipType
    flag_state: str
    imo: str | None = None
    mmsi: str | None = None
    call_sign: str | None = None
    owner_or_operator: str | None = None


@dataclass(frozen=True)
class Voyage:
    """Section 2. ``next_port`` is None where it is not known yet.

    ``call``, ``left_last_port_at`` and ``port_known_at`` are not in the annex: the port call's key in our data of port
    calls, and the times from which article 6 counts when a voyage is short or the port of call was chosen late.
    """

    terminal: str
    arrives_at: datetime
    departs_at: datetime
    last_port: str
    next_port: str | None
    last_delivery_port: str | None
    last_delivery_date: date | None
    next_delivery_port: str | None
    delivering: Delivering
    submitted_by: str | None = None
    call: str | None = None
    left_last_port_at: datetime | None = None
    port_known_at: datetime | None = None


@dataclass(frozen=True)
class Waste:
    """A line of section 3. ``specified`` names what it is, where the form asks for it.

    ``generated_m3``: estimated, from the notification until the next port of call.
    """

    kind: Kind
    deliver_m3: float
    capacity_m3: float
    retained_m3: float
    remaining_port: str | None
    generated_m3: float
    specified: str = ""

    @property
    def on_board_m3(self) -> float:
        return self.deliver_m3 + self.retained_m3


@dataclass(frozen=True)
class Notification:
    """``notified_at`` is when it was received, not what it says of itself."""

    id: str
    notified_at: datetime
    ship: Ship
    voyage: Voyage
    waste: tuple[Waste, ...]

    def line(self, kind: str, specified: str = "") -> Waste | None:
        return next((one for one in self.waste if (one.kind.id, one.specified) == (kind, specified)), None)


@dataclass(frozen=True)
class Received:
    """What was taken of one type."""

    kind: str
    received_m3: float
    specified: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: got {self.kind!r}, expected one of {', '.join(KINDS)}")


@dataclass(frozen=True)
class Receipt:
    """Annex 3: who took what, where, from when to when, of which ship.

    Ours: ``notification``, what it answers; ``load``, which load of it (``pickups``), None for all of it;
    ``as_notified``, the amounts are those that the ship had told: all was taken, and nobody measured it.
    """

    id: str
    notification: str
    terminal: str
    reception_facility: str
    treatment_facility: str | None
    delivered_from: datetime
    delivered_to: datetime
    ship: Ship
    received: tuple[Received, ...]
    load: str | None = None
    as_notified: bool = False
