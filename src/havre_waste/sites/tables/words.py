"""Fields that more than one dataset has, and short ways to write one down."""

from typing import Any

from havre_waste.sites.fields import Field, Kind, Text
from havre_waste.sites.model import Flow

TEXT, WHOLE, NUMBER, FLAG = Kind.STRING, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN
FLOWS = tuple(Flow)
ONE_FLOW = "|".join(FLOWS)
SOME_FLOWS = rf"({ONE_FLOW})( ({ONE_FLOW}))*"
HOUR = r"(([01]\d|2[0-3]):[0-5]\d|24:00)"
DAYS = "(Mo|Tu|We|Th|Fr|Sa|Su)"
SOME_DAYS = f"{DAYS}(-{DAYS})?(,{DAYS}(-{DAYS})?)*"
OPENING = f"({SOME_DAYS} )?{HOUR}-{HOUR}(; ?({SOME_DAYS} )?{HOUR}-{HOUR})*"
STATES = ("emptied", "full", "half", "empty", "blocked", "damaged", "not_found")
BASES = ("sensor", "counts", "model")
FAULTS = ("spikes", "tilt", "stuck", "dead", "drift", "bag")


def field(name: str, kind: Kind, en: str, fr: str, about_en: str, about_fr: str, **rest: Any) -> Field:
    return Field(name, kind, Text(en, fr), Text(about_en, about_fr), **rest)


def identifier(en: str, fr: str) -> Field:
    return field("id", TEXT, "Identifier", "Identifiant", f"Identifies the {en}.", f"Identifie {fr}.", pattern=r"\S+")


def reference(name: str, dataset: str, en: str, fr: str, to: str = "id", **rest: Any) -> Field:
    return field(
        name, TEXT, en, fr, f"A value of `{to}` in `{dataset}`.", f"Une valeur de `{to}` dans `{dataset}`.",
        refers=(dataset, to), **rest,
    )  # fmt: skip


def moment(en: str, fr: str, name: str = "time") -> Field:
    return field(name, Kind.DATETIME, "Time", "Heure", f"{en} UTC, RFC 3339.", f"{fr} UTC, RFC 3339.")


LONGITUDE = field(
    "longitude", NUMBER, "Longitude", "Longitude", "WGS 84, degrees east.", "WGS 84, degrés vers l’est.",
    minimum=-180, maximum=180, unit="deg",
)  # fmt: skip
LATITUDE = field(
    "latitude", NUMBER, "Latitude", "Latitude", "WGS 84, degrees north.", "WGS 84, degrés vers le nord.",
    minimum=-90, maximum=90, unit="deg",
)  # fmt: skip
NAME = field("name", TEXT, "Name", "Nom", "As people call it.", "Nom d’usage.")
HOURS = field(
    "hours", TEXT, "Opening hours", "Horaires d’accès",
    "When a truck may come, as the `opening_hours` of OpenStreetMap: `Mo-Fr 06:00-12:00; Sa 08:00-12:00`; empty: "
    "always.",
    "Quand un camion peut venir, comme `opening_hours` d’OpenStreetMap : `Mo-Fr 06:00-12:00; Sa 08:00-12:00` ; "
    "vide : toujours.",
    required=False, pattern=OPENING,
)  # fmt: skip
SOME = field(
    "flows", TEXT, "Flows", "Flux", "What is accepted, separated by spaces.",
    "Ce qui est accepté, séparé par des espaces.",
    pattern=SOME_FLOWS,
)  # fmt: skip
WEEKDAY = field(
    "weekday", WHOLE, "Weekday", "Jour de la semaine", "0 is Monday.", "0 pour lundi.", minimum=0, maximum=6
)  # fmt: skip
FILL = {"minimum": 0, "unit": "1"}
CONTAINER = reference("container", "containers", "Container", "Conteneur")
FLOW = field("flow", TEXT, "Flow", "Flux", "What is collected apart.", "Ce qui est collecté à part.", enum=FLOWS)
SAID = moment("When it was said,", "Heure de l’annonce,", name="said_at")
YEAR = field("year", WHOLE, "Year", "Année", "Calendar year.", "Année civile.", minimum=2000, maximum=2100)
COMMUNE = field("commune", TEXT, "Municipality", "Commune", "Name of the municipality.", "Nom de la commune.")
KG = field("kg", NUMBER, "Weight", "Masse", "Kilograms.", "Kilogrammes.", minimum=0, unit="kg")
