"""A load of hazardous waste as the form that Trackdéchets wants (``CreateFormInput``), checked before it is sent.

The waste of a ship comes from a foreign ship (``isForeignShip`` with her ``omiNumber``) or, where she has a French
establishment, from that. Everything else about a form, its signatures first, is for people who may sign.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from havre_waste.ships.kinds import KINDS

MOST_TONNES = {"ROAD": 40.0, "RIVER": 50_000.0, "SEA": 50_000.0}
"""By mode, as the schema says."""
CODE = re.compile(r"[0-9]{2} [0-9]{2} [0-9]{2}\*?")
NOT_SUBJECT = "non soumis"
"""What stands for the UN number where there is none; hazardous waste must say so."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """An establishment with the person to talk to; ``siret`` has 14 digits."""

    siret: str
    name: str
    address: str
    contact: str
    phone: str
    mail: str

    def document(self) -> Json:
        return {
            "siret": self.siret, "name": self.name, "address": self.address, "contact": self.contact,
            "phone": self.phone, "mail": self.mail,
        }  # fmt: skip


@dataclass(frozen=True)
class ForeignShip:
    imo: str
    name: str
    address: str
    contact: str
    phone: str
    mail: str

    def document(self) -> Json:
        return {
            "omiNumber": f"OMI {self.imo}", "name": self.name, "address": self.address, "contact": self.contact,
            "phone": self.phone, "mail": self.mail,
        }  # fmt: skip


@dataclass(frozen=True)
class Load:
    """``custom_id`` is ours, the same whenever the same load is told. ``cap``: the certificat d'acceptation préalable
    of the recipient, ``operation``: its code of treatment (R1 … D15), ``packaging``: FUT, GRV, CITERNE, BENNE,
    AUTRE."""

    custom_id: str
    waste_code: str
    name: str
    tonnes: float
    emitter: Company | ForeignShip
    recipient: Company
    transporter: Company
    cap: str
    operation: str
    mode: str = "ROAD"
    packaging: str = "CITERNE"
    packages: int = 1
    un_code: str = NOT_SUBJECT
    consistence: str = "LIQUID"


def custom_id(pickup: str) -> str:
    """Of a load of a ship (``ships.pickups.Pickup.id``)."""
    return f"havre/ship-waste/{pickup}"


def waste_code(kind: str) -> str | None:
    """Of a type of ship waste; None where the producer has to say it (``ships.kinds``)."""
    return KINDS[kind].waste_code


def wrong(load: Load) -> list[str]:
    """What Trackdéchets would refuse, each with its field; empty when nothing is known to be wrong."""
    found = []
    if not CODE.fullmatch(load.waste_code):
        found.append(f"waste_code: got {load.waste_code!r}, expected three pairs of digits, such as 13 04 03*")
    most = MOST_TONNES.get(load.mode, 50_000.0)
    if not 0 < load.tonnes <= most:
        found.append(f"tonnes: got {load.tonnes:g}, expected more than 0, {most:g} at most")
    parties: Mapping[str, Company | ForeignShip] = {
        "emitter": load.emitter, "recipient": load.recipient, "transporter": load.transporter,
    }  # fmt: skip
    for name, one in parties.items():
        if isinstance(one, Company) and not is_siret(one.siret):
            found.append(f"{name}.siret: got {one.siret!r}, expected the 14 digits of a SIRET")
    if load.packaging in ("CITERNE", "BENNE") and not 1 <= load.packages <= 2:
        found.append(f"packages: got {load.packages}, expected 1 or 2 of {load.packaging}")
    needed = ("custom_id", "name", "cap", "operation")
    return found + [f"{name}: is missing" for name in needed if not getattr(load, name)]


def is_siret(siret: str) -> bool:
    """14 digits that fit their check digit (Luhn); those of La Poste are summed plainly and divide by 5."""
    if not re.fullmatch("[0-9]{14}", siret):
        return False
    digits = [int(one) for one in siret]
    doubled = sum(digits[1::2]) + sum(sum(divmod(2 * one, 10)) for one in digits[::2])
    return doubled % 10 == 0 or (siret.startswith("356000000") and sum(digits) % 5 == 0)


def create_form_input(load: Load) -> Json:
    """``ValueError`` with all that is wrong with it."""
    if problems := wrong(load):
        raise ValueError("; ".join(problems))
    foreign = isinstance(load.emitter, ForeignShip)
    emitter: Json = {"type": "OTHER" if foreign else "PRODUCER", "company": load.emitter.document()}
    return {
        "customId": load.custom_id,
        "emitter": emitter | ({"isForeignShip": True} if foreign else {}),
        "recipient": {
            "cap": load.cap,
            "processingOperation": load.operation,
            "company": load.recipient.document(),
        },
        "transporter": {"company": load.transporter.document(), "mode": load.mode},
        "wasteDetails": {
            "code": load.waste_code,
            "name": load.name,
            "onuCode": load.un_code,
            "packagingInfos": [{"type": load.packaging, "quantity": load.packages}],
            "quantity": load.tonnes,
            "quantityType": "ESTIMATED",
            "consistence": load.consistence,
            "pop": False,
        },
    }
