"""All datasets of the waste service, field by field: this table is the only place where they are described.

Times are UTC; local times of day and weekdays are those of the place. A fill is a share of the usable volume.
"""

from typing import Any

from havre_waste.sites.fields import Dataset, Field, Kind, Text
from havre_waste.sites.model import Flow, Side

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


def _field(name: str, kind: Kind, en: str, fr: str, about_en: str, about_fr: str, **rest: Any) -> Field:
    return Field(name, kind, Text(en, fr), Text(about_en, about_fr), **rest)


def _id(en: str, fr: str) -> Field:
    return _field("id", TEXT, "Identifier", "Identifiant", f"Identifies the {en}.", f"Identifie {fr}.", pattern=r"\S+")


def _ref(name: str, dataset: str, en: str, fr: str, to: str = "id", **rest: Any) -> Field:
    return _field(
        name, TEXT, en, fr, f"A value of `{to}` in `{dataset}`.", f"Une valeur de `{to}` dans `{dataset}`.",
        refers=(dataset, to), **rest,
    )  # fmt: skip


def _time(en: str, fr: str, name: str = "time") -> Field:
    return _field(name, Kind.DATETIME, "Time", "Heure", f"{en} UTC, RFC 3339.", f"{fr} UTC, RFC 3339.")


LONGITUDE = _field(
    "longitude", NUMBER, "Longitude", "Longitude", "WGS 84, degrees east.", "WGS 84, degrés vers l’est.",
    minimum=-180, maximum=180, unit="deg",
)  # fmt: skip
LATITUDE = _field(
    "latitude", NUMBER, "Latitude", "Latitude", "WGS 84, degrees north.", "WGS 84, degrés vers le nord.",
    minimum=-90, maximum=90, unit="deg",
)  # fmt: skip
NAME = _field("name", TEXT, "Name", "Nom", "As people call it.", "Nom d’usage.")
HOURS = _field(
    "hours", TEXT, "Opening hours", "Horaires d’accès",
    "When a truck may come, as the `opening_hours` of OpenStreetMap: `Mo-Fr 06:00-12:00; Sa 08:00-12:00`; empty: "
    "always.",
    "Quand un camion peut venir, comme `opening_hours` d’OpenStreetMap : `Mo-Fr 06:00-12:00; Sa 08:00-12:00` ; "
    "vide : toujours.",
    required=False, pattern=OPENING,
)  # fmt: skip
SOME = _field(
    "flows", TEXT, "Flows", "Flux", "What is accepted, separated by spaces.",
    "Ce qui est accepté, séparé par des espaces.",
    pattern=SOME_FLOWS,
)  # fmt: skip
WEEKDAY = _field(
    "weekday", WHOLE, "Weekday", "Jour de la semaine", "0 is Monday.", "0 pour lundi.", minimum=0, maximum=6
)  # fmt: skip
FILL = {"minimum": 0, "unit": "1"}

STILL = (
    Dataset("sites", Text("Sites", "Emplacements"), Text(
        "Where containers stand, and how a truck may come to them.",
        "Où se trouvent les conteneurs, et comment un camion peut y venir.",
    ), (
        _id("site", "l’emplacement"), NAME, LONGITUDE, LATITUDE,
        _field("commune", TEXT, "Municipality", "Commune", "Name of the municipality.", "Nom de la commune.",
               required=False),
        _field("street", TEXT, "Street", "Voie", "Name of the street.", "Nom de la voie.", required=False),
        _field("side", TEXT, "Side", "Côté",
               "On which side a truck that comes along must have it (R437).",
               "De quel côté le camion qui passe doit l’avoir (R437).",
               enum=tuple(Side), default="both"),
        _field("reversing", FLAG, "Reversing", "Marche arrière",
               "Whether a truck may reverse there, for want of another way (R437).",
               "Vrai si un camion peut y reculer, faute d’autre accès (R437).", default="false"),
        HOURS,
        _field("heaviest_t", NUMBER, "Weight limit", "Tonnage maximal", "Of the way to it, tonnes; empty: none.",
               "De la voie d’accès, en tonnes ; vide : aucun.", required=False, minimum=0, unit="t"),
        _field("density", NUMBER, "Density", "Densité", "Inhabitants a square kilometre around it.",
               "Habitants au kilomètre carré alentour.", minimum=0, unit="/km2", default="0"),
        _field("sensitive", TEXT, "Sensitive place", "Lieu sensible", "A school, a hospital … beside it; empty: none.",
               "École, hôpital… à côté ; vide : aucun.", required=False),
    ), ("id",)),
    Dataset("containers", Text("Containers", "Conteneurs"), Text(
        "Containers with their flow, size and equipment.", "Les conteneurs, leur flux, leur taille et leur équipement.",
    ), (
        _id("container", "le conteneur"), _ref("site", "sites", "Site", "Emplacement"),
        _field("flow", TEXT, "Flow", "Flux", "What is collected in it.", "Ce qui y est collecté.", enum=FLOWS),
        _field("litres", WHOLE, "Volume", "Volume", "Usable volume, litres.", "Volume utile, en litres.", minimum=1,
               unit="L"),
        _field("depth_mm", WHOLE, "Depth", "Profondeur", "From the sensor to the bottom, millimetres.",
               "Du capteur au fond, en millimètres.", minimum=1, unit="mm"),
        _field("dead_zone_mm", WHOLE, "Dead zone", "Zone morte",
               "From the sensor to the waste when it is full, millimetres.",
               "Du capteur aux déchets quand il est plein, en millimètres.", minimum=0, unit="mm", default="250"),
        _field("sensor", TEXT, "Sensor", "Capteur", "Its level sensor; empty: none.",
               "Son capteur de niveau ; vide : aucun.",
               required=False),
        _field("counts", FLAG, "Counts deposits", "Compte les dépôts", "Whether each deposit is counted, by a card.",
               "Vrai si chaque dépôt est compté, par badge.", default="false"),
        _field("kg_per_litre", NUMBER, "Density of waste", "Masse volumique", "Kilograms a litre of waste.",
               "Kilogrammes par litre de déchets.", minimum=0, unit="kg/L", default="0.1"),
        _field("model", TEXT, "Model", "Modèle", "Name of its model.", "Nom de son modèle.", required=False),
    ), ("id",)),
    Dataset("depots", Text("Depots", "Dépôts"), Text("Where trucks begin and end.",
    "Où les camions commencent et finissent."),
            (_id("depot", "le dépôt"), LONGITUDE, LATITUDE), ("id",)),
    Dataset("plants", Text("Plants", "Exutoires"), Text("Where trucks are emptied.", "Où les camions vident."), (
        _id("plant", "l’exutoire"), NAME, LONGITUDE, LATITUDE, SOME, HOURS,
        _field("minutes", NUMBER, "Time at the tip", "Temps de vidage", "Minutes from the gate and back to it.",
               "Minutes de l’entrée à la sortie.", minimum=0, unit="min", default="12"),
    ), ("id",)),
    Dataset("trucks", Text("Trucks", "Camions"), Text("Trucks and their shifts.", "Les camions et leurs services."), (
        _id("truck", "le camion"), _ref("depot", "depots", "Depot", "Dépôt"), SOME,
        _field("kg", WHOLE, "Payload", "Charge utile", "Kilograms.", "Kilogrammes.", minimum=1, unit="kg"),
        _field("shift", TEXT, "Shift", "Service", "Hours of work, local: `Mo-Sa 05:00-13:00`.",
               "Heures de travail, locales : `Mo-Sa 05:00-13:00`.", pattern=OPENING),
        _field("lunch", TEXT, "Lunch", "Pause", "Between these local times it begins; empty: none.",
               "Elle commence entre ces heures locales ; vide : aucune.", required=False, pattern=f"{HOUR}-{HOUR}"),
        _field("lunch_minutes", WHOLE, "Length of lunch", "Durée de la pause", "Minutes.", "Minutes.", minimum=0,
               unit="min",
               default="45"),
        _field("kg_a_day", WHOLE, "Kilograms a day", "Kilogrammes par jour", "At most; empty: no limit.",
               "Au plus ; vide : sans limite.", required=False, minimum=1, unit="kg/d"),
        _field("stops_a_day", WHOLE, "Stops a day", "Arrêts par jour", "At most; empty: no limit.",
               "Au plus ; vide : sans limite.", required=False, minimum=1, unit="/d"),
        _field("tonnes", NUMBER, "Weight", "Masse", "Of the loaded truck, for limits on the way, tonnes.",
               "Du camion chargé, pour les limites de tonnage, en tonnes.", minimum=0, unit="t", default="19"),
        _field("litres_per_100km", NUMBER, "Fuel", "Consommation", "Litres of diesel on 100 km; 0: electric.",
               "Litres de gazole aux 100 km ; 0 : électrique.", minimum=0, unit="L/(100.km)", default="60"),
        _field("eur_per_km", NUMBER, "Cost a kilometre", "Coût au kilomètre", "Euros.", "Euros.", minimum=0,
               unit="EUR/km",
               default="1.1"),
        _field("eur_per_hour", NUMBER, "Cost an hour", "Coût horaire", "Euros, with its crew.",
               "Euros, équipage compris.",
               minimum=0, unit="EUR/h", default="70"),
    ), ("id",)),
    Dataset("fixed_rounds", Text("Fixed rounds", "Tournées fixes"), Text(
        "What is emptied week after week, in the order of driving.",
        "Ce qui est vidé chaque semaine, dans l’ordre de passage.",
    ), (
        _field("round", TEXT, "Round", "Tournée", "Name of the round.", "Nom de la tournée."), WEEKDAY,
        _field("weeks", TEXT, "Weeks", "Semaines", "All, or those of an even or odd number (ISO 8601).",
               "Toutes, ou celles de numéro pair ou impair (ISO 8601).", enum=("all", "even", "odd"), default="all"),
        _ref("truck", "trucks", "Truck", "Camion"),
        _field("order", WHOLE, "Order", "Rang", "From 1.", "À partir de 1.", minimum=1),
        _ref("container", "containers", "Container", "Conteneur"),
    ), ("round", "weekday", "weeks", "order")),
    Dataset("places", Text("Movable bridges", "Ponts mobiles"), Text(
        "Bridges that open to ships.", "Les ponts qui s’ouvrent aux navires.",
    ), (_field("bridge", TEXT, "Bridge", "Pont", "Identifies the bridge.", "Identifie le pont."), LATITUDE, LONGITUDE),
    ("bridge",)),
    Dataset("street_nodes", Text("Crossings", "Carrefours"), Text("Nodes of the streets.", "Les nœuds de la voirie."), (
        _field("node", WHOLE, "Node", "Nœud", "Identifies the node.", "Identifie le nœud.", minimum=0), LATITUDE,
               LONGITUDE,
    ), ("node",)),
    Dataset("streets", Text("Streets", "Voirie"), Text(
        "Pieces of street between two crossings, one direction a row.",
        "Tronçons entre deux carrefours, un sens par ligne.",
    ), (
        _field("start", WHOLE, "From", "De", "A value of `node` in `street_nodes`.",
               "Une valeur de `node` dans `street_nodes`.",
               refers=("street_nodes", "node")),
        _field("end", WHOLE, "To", "À", "A value of `node` in `street_nodes`.",
               "Une valeur de `node` dans `street_nodes`.",
               refers=("street_nodes", "node")),
        _field("metres", NUMBER, "Length", "Longueur", "Metres.", "Mètres.", minimum=0, unit="m"),
        _field("seconds", NUMBER, "Time", "Durée", "Seconds of a truck’s drive.", "Secondes de trajet d’un camion.",
               minimum=0,
               unit="s"),
        _ref("bridge", "places", "Bridge", "Pont", to="bridge", required=False),
    )),
)  # fmt: skip

SEEN = (
    Dataset("readings", Text("Level readings", "Mesures de niveau"), Text(
        "What level sensors sent, as it was measured.", "Ce que les capteurs de niveau ont envoyé, tel que mesuré.",
    ), (
        _time("When it was measured,", "Heure de la mesure,"),
        _ref("sensor", "containers", "Sensor", "Capteur", to="sensor"),
        _field("distance_mm", WHOLE, "Distance", "Distance",
               "From the sensor to the waste, millimetres; empty: no echo.",
               "Du capteur aux déchets, en millimètres ; vide : aucun écho.", required=False, minimum=0, unit="mm"),
        _field("tilt_deg", NUMBER, "Tilt", "Inclinaison", "Of the sensor from the upright, degrees.",
               "Du capteur par rapport à la verticale, en degrés.", required=False, minimum=0, maximum=180, unit="deg"),
        _field("temperature_c", NUMBER, "Temperature", "Température", "Under the lid, degrees Celsius.",
               "Sous le couvercle, en degrés Celsius.", required=False, unit="Cel"),
        _field("battery_mv", WHOLE, "Battery", "Pile", "Millivolts.", "Millivolts.", required=False, minimum=0,
               unit="mV"),
    ), ("time", "sensor")),
    Dataset("deposits", Text("Deposits", "Dépôts par badge"), Text(
        "Deposits counted by card. Badges are pseudonyms that change each month; the rows are personal data.",
        "Dépôts comptés par badge. Les badges sont des pseudonymes renouvelés chaque mois ; ce sont des données "
        "personnelles.",
    ), (
        _time("When it was opened,", "Heure de l’ouverture,"), _ref("container", "containers", "Container",
        "Conteneur"),
        _field("badge", TEXT, "Badge", "Badge", "Pseudonym of the card in this month.",
               "Pseudonyme du badge, ce mois-là."),
        _field("litres", NUMBER, "Nominal volume", "Volume nominal", "Litres of the drum; empty: not told.",
               "Litres du tambour ; vide : inconnu.", required=False, minimum=0, unit="L"),
    )),
    Dataset("crew_notes", Text("Notes of crews", "Relevés des équipages"), Text(
        "What crews wrote down at a container.", "Ce que les équipages ont noté devant un conteneur.",
    ), (
        _time("When it was written,", "Heure de la note,"), _ref("container", "containers", "Container", "Conteneur"),
        _ref("truck", "trucks", "Truck", "Camion", required=False),
        _field("state", TEXT, "State", "État",
               "`emptied`; or not emptied: seen `full`, `half` or `empty`, or `blocked`, `damaged`, `not_found`.",
               "`emptied` : vidé ; sinon non vidé : vu `full`, `half` ou `empty`, ou bien `blocked`, `damaged`, "
               "`not_found`.",
               enum=STATES),
        _field("fill", NUMBER, "Fill", "Remplissage", "As the crew saw it, before it was emptied; empty: not told.",
               "Vu par l’équipage, avant de vider ; vide : non dit.", required=False, maximum=1, **FILL),
    )),
    Dataset("truck_passes", Text("Stops of trucks", "Arrêts des camions"), Text(
        "How long a truck stood by a container, from its positions.",
        "Combien de temps un camion s’est arrêté près d’un conteneur, d’après ses positions.",
    ), (
        _time("When it stopped,", "Heure de l’arrêt,"), _ref("truck", "trucks", "Truck", "Camion"),
        _ref("container", "containers", "Container", "Conteneur"),
        _field("seconds", WHOLE, "Length", "Durée", "Seconds.", "Secondes.", minimum=0, unit="s"),
    )),
    Dataset("weather", Text("Weather", "Météo"), Text("Of a day.", "D’une journée."), (
        _time("Midnight that begins the day,", "Minuit du début du jour,"),
        _field("temperature_c", NUMBER, "Temperature", "Température", "In the afternoon, degrees Celsius.",
               "L’après-midi, en degrés Celsius.", unit="Cel"),
        _field("rain_mm", NUMBER, "Rain", "Pluie", "Millimetres.", "Millimètres.", minimum=0, unit="mm"),
    ), ("time",)),
    Dataset("holidays", Text("Holidays", "Jours fériés"), Text("Public holidays.", "Les jours fériés."),
            (_field("date", Kind.DATE, "Date", "Date", "Local date.", "Date locale."), NAME), ("date",)),
)  # fmt: skip

MADE = (
    Dataset("levels", Text("Levels", "Niveaux"), Text(
        "How full containers are, with how sure that is. A fill above 1 is an overflow.",
        "Le remplissage des conteneurs et sa certitude. Au-dessus de 1, le conteneur déborde.",
    ), (
        _time("For which it is told,", "Heure concernée,"), _ref("container", "containers", "Container", "Conteneur"),
        _field("p10", NUMBER, "P10", "P10", "With a chance of 10 % it is less full.",
               "Une chance sur dix qu’il soit moins plein.", **FILL),
        _field("p50", NUMBER, "P50", "P50", "It is as likely less full as fuller.",
               "Autant de chances qu’il soit moins ou plus plein.",
               **FILL),
        _field("p90", NUMBER, "P90", "P90", "With a chance of 10 % it is fuller.",
               "Une chance sur dix qu’il soit plus plein.", **FILL),
        _field("overflow_p", NUMBER, "Risk of overflow", "Risque de débordement", "Chance of it before the next round.",
               "Probabilité avant la prochaine tournée.", required=False, minimum=0, maximum=1, unit="1"),
        _field("basis", TEXT, "Basis", "Source", "What the estimate is made from.", "Ce dont l’estimation est tirée.",
               enum=BASES),
        _field("fault", TEXT, "Fault", "Défaut",
               "Of its sensor, if one is believed; the level is then told without it.",
               "Défaut présumé de son capteur ; le niveau est alors estimé sans lui.", required=False),
    ), ("time", "container")),
)  # fmt: skip

DATASETS: dict[str, Dataset] = {one.name: one for one in (*STILL, *SEEN, *MADE)}
