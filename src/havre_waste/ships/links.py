"""The secret link of who collects ships' waste with trucks, tank trucks or barges: who has it, sees what is asked.

It is made as the link of a round is (``field.links``), and lasts until the key changes.

``python -m havre_waste.ships.links KEY ADDRESS`` says the three of them; ``ADDRESS`` is that of the ships' pages.
"""

import sys
from pathlib import Path

from havre_waste.field import links
from havre_waste.ships.pickups import Carrier

KIND = "collector"


def name(carrier: Carrier) -> str:
    """As it stands in an address."""
    return carrier.replace(" ", "-")


def token(key: bytes, carrier: Carrier) -> str:
    """``ValueError`` for a key that could be guessed."""
    return links.token(key, carrier, KIND)


def carrier_of(key: bytes, given: str, secret: str) -> Carrier | None:
    """Whose link it is; None where the secret is not that of the carrier."""
    found = next((one for one in Carrier if name(one) == given), None)
    return found if found is not None and links.matches(key, found, secret, KIND) else None


def link(key: bytes, carrier: Carrier, address: str) -> str:
    return f"{address.rstrip('/')}/requests/{name(carrier)}/{token(key, carrier)}/"


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m havre_waste.ships.links KEY ADDRESS")
    key = Path(sys.argv[1]).read_bytes()
    for one in Carrier:
        sys.stdout.write(f"{name(one)} {link(key, one, sys.argv[2])}\n")


if __name__ == "__main__":
    main()
