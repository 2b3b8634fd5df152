"""What the organisations of the story publish: a seeded day of Le Havre, and real data where it is at hand.

Each dataset says where it truly comes from. The five of the scenario stand on five different terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from havre.client import Exchange, Ingested, OwnOffer

SCENARIO = "Invented: the seeded scenario of Havre, a day of Le Havre that never was"
POSITION = ("time", "mmsi", "type", "latitude", "longitude", "speed", "course", "heading", "status")
PARTICULARS = ("time", "mmsi", "name", "callsign", "imo", "ship_type", "draught", "destination")
MOST_READS = 3
SAMPLE_BYTES = 512 * 1024
Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """A dataset of ``owner``, from a file, on terms. ``columns`` are those that are kept; none means all."""

    owner: str
    id: str
    title: str
    origin: str
    file: Path
    format: str
    policy: Policy
    options: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    decision: str = "automatic"
    licence: str | None = None
    keywords: tuple[str, ...] = ()


def permission(*constraints: Policy) -> Policy:
    """Use is allowed when all the constraints hold."""
    return {"permission": [{"action": "use", **({"constraint": list(constraints)} if constraints else {})}]}


def constraint(left: str, operator: str, right: object) -> Policy:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def of_scenario(folder: Path, now: datetime) -> list[Published]:
    """Open to all; for a purpose, until a day; for members; after a person's decision; so many times."""
    until = (now + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [*_of_port(folder, until), *_of_city(folder)]


def _of_port(folder: Path, until: str) -> list[Published]:
    mobility = constraint("purpose", "isAnyOf", ["mobility", "research"])
    return [
        Published(
            "harbour",
            "ship-positions",
            "Positions of ships, from AIS",
            SCENARIO,
            folder / "ais.nmea",
            "nmea",
            permission(),
            {"messages": "positions"},
            POSITION,
            keywords=("ship", "AIS", "position"),
        ),
        Published(
            "terminal",
            "gate-passes",
            "Trucks at the gates",
            SCENARIO,
            folder / "gates.csv",
            "csv",
            permission(mobility, constraint("dateTime", "lteq", until)),
            keywords=("truck", "gate"),
        ),
        Published(
            "harbour",
            "ship-particulars",
            "Names and particulars of ships, from AIS",
            SCENARIO,
            folder / "ais.nmea",
            "nmea",
            permission(),
            {"messages": "static"},
            PARTICULARS,
            decision="human",
            keywords=("ship", "AIS"),
        ),
    ]


def _of_city(folder: Path) -> list[Published]:
    return [
        Published(
            "collector",
            "bin-levels",
            "Levels of bins, as their sensors send them",
            SCENARIO,
            folder / "bins.ndjson",
            "ndjson",
            permission(constraint("membership", "eq", "research")),
            keywords=("waste", "bin", "LoRaWAN"),
        ),
        Published(
            "city",
            "places",
            "Quays, locks, bridges and gates (schematic)",
            SCENARIO,
            folder / "places.geojson",
            "geojson",
            permission(constraint("count", "lteq", MOST_READS)),
            keywords=("quay", "bridge", "lock"),
        ),
    ]


def real(data: Path) -> list[Published]:
    """Those real datasets that are there, each open to all."""
    listed = [
        Published(
            "harbour",
            "channel-ais",
            "AIS of a day in the English Channel",
            "OpenCPN: log of a yacht from Dartmouth to Guernsey, 2011-07-26",
            data / "ais_nmea_english_channel" / "Go_to_Guernesey.nmea.txt",
            "nmea",
            permission(),
            {"messages": "positions"},
            POSITION,
            licence="GPL-2.0-or-later",
        ),
        Published(
            "harbour",
            "tide",
            "Water level at Le Havre, 2026, every ten minutes",
            "Predicted from the constants of TICON-4 (REFMAR gauge of Le Havre)",
            data / "tide_le_havre" / "derived_predicted_2026_10min.csv",
            "csv",
            permission(),
            licence="https://creativecommons.org/licenses/by/4.0/",
        ),
        Published(
            "terminal",
            "gate-counts",
            "Vehicles at two gates of a port, by the hour",
            "Port of Thessaloniki, H2020 PIXEL, 2018-2020",
            data / "port_thessaloniki_gates" / "thpa_traffic_volume_prepared.csv",
            "csv",
            permission(),
            licence="Apache-2.0",
        ),
        Published(
            "collector",
            "bin-collections",
            "Collections of litter bins",
            "City of Edinburgh Council, 2016",
            data / "waste_edinburgh_collections" / "collections.csv",
            "csv",
            permission(),
            licence="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        ),
        Published(
            "city",
            "stops",
            "Stops of tram and bus",
            "Bibus, Brest métropole, spring 2023",
            data / "gtfs_brest_bibus" / "gtfs.zip",
            "gtfs",
            permission(),
            {"table": "stops"},
        ),
    ]
    return [one for one in listed if one.file.exists()]


def load(owner: Exchange, one: Published) -> Ingested:
    """Declare a dataset with the schema that a sample suggests, and read its file as a source."""
    with one.file.open("rb") as file:
        sample = file.read(SAMPLE_BYTES) if one.format in ("nmea", "csv", "ndjson") else file.read()
    if one.format in ("nmea", "csv", "ndjson"):
        sample = sample[: sample.rfind(b"\n") + 1]
    proposed = owner.propose(sample, one.format, one.options)
    schema = proposed.keeping(one.columns) if one.columns else proposed
    owner.declare(
        one.id, schema, one.title, keywords=one.keywords, licence=one.licence, origin=one.origin, language="en"
    )
    owner.add_source(one.id, one.id, "file", one.format, {**one.options, "path": str(one.file.resolve())})
    return owner.run_source(one.id)


def publish(owner: Exchange, one: Published) -> OwnOffer:
    return owner.offer_dataset(one.id, one.policy, one.decision, id=f"{one.id}-offer")
