"""What is told of containers over time: by sensors, cards, crews and trucks, and of the days."""

from havre_waste.sites.fields import Dataset, Kind, Text
from havre_waste.sites.tables.words import CONTAINER, FILL, NAME, NUMBER, STATES, TEXT, WHOLE, field, moment, reference

SEEN = (
    Dataset("readings", Text("Level readings", "Mesures de niveau"), Text(
        "What level sensors sent, as it was measured.", "Ce que les capteurs de niveau ont envoyé, tel que mesuré.",
    ), (
        moment("When it was measured,", "Heure de la mesure,"),
        reference("sensor", "containers", "Sensor", "Capteur", to="sensor"),
        field("distance_mm", WHOLE, "Distance", "Distance",
               "From the sensor to the waste, millimetres; empty: no echo.",
               "Du capteur aux déchets, en millimètres ; vide : aucun écho.", required=False, minimum=0, unit="mm"),
        field("tilt_deg", NUMBER, "Tilt", "Inclinaison", "Of the sensor from the upright, degrees.",
               "Du capteur par rapport à la verticale, en degrés.", required=False, minimum=0, maximum=180, unit="deg"),
        field("temperature_c", NUMBER, "Temperature", "Température", "Under the lid, degrees Celsius.",
               "Sous le couvercle, en degrés Celsius.", required=False, unit="Cel"),
        field("battery_mv", WHOLE, "Battery", "Pile", "Millivolts.", "Millivolts.", required=False, minimum=0,
               unit="mV"),
    ), ("time", "sensor")),
    Dataset("deposits", Text("Deposits", "Dépôts par badge"), Text(
        "Deposits counted by card. Badges are pseudonyms that change each month; the rows are personal data.",
        "Dépôts comptés par badge. Les badges sont des pseudonymes renouvelés chaque mois ; ce sont des données "
        "personnelles.",
    ), (
        moment("When it was opened,", "Heure de l’ouverture,"), reference("container", "containers", "Container",
        "Conteneur"),
        field("badge", TEXT, "Badge", "Badge", "Pseudonym of the card in this month.",
               "Pseudonyme du badge, ce mois-là."),
        field("litres", NUMBER, "Nominal volume", "Volume nominal", "Litres of the drum; empty: not told.",
               "Litres du tambour ; vide : inconnu.", required=False, minimum=0, unit="L"),
    )),
    Dataset("crew_notes", Text("Notes of crews", "Relevés des équipages"), Text(
        "What crews wrote down at a container.", "Ce que les équipages ont noté devant un conteneur.",
    ), (
        moment("When it was written,", "Heure de la note,"), CONTAINER,
        reference("truck", "trucks", "Truck", "Camion", required=False),
        field("state", TEXT, "State", "État",
               "`emptied`; or not emptied: seen `full`, `half` or `empty`, or `blocked`, `damaged`, `not_found`.",
               "`emptied` : vidé ; sinon non vidé : vu `full`, `half` ou `empty`, ou bien `blocked`, `damaged`, "
               "`not_found`.",
               enum=STATES),
        field("fill", NUMBER, "Fill", "Remplissage", "As the crew saw it, before it was emptied; empty: not told.",
               "Vu par l’équipage, avant de vider ; vide : non dit.", required=False, maximum=1, **FILL),
    )),
    Dataset("truck_passes", Text("Stops of trucks", "Arrêts des camions"), Text(
        "How long a truck stood by a container, from its positions.",
        "Combien de temps un camion s’est arrêté près d’un conteneur, d’après ses positions.",
    ), (
        moment("When it stopped,", "Heure de l’arrêt,"), reference("truck", "trucks", "Truck", "Camion"),
        CONTAINER,
        field("seconds", WHOLE, "Length", "Durée", "Seconds.", "Secondes.", minimum=0, unit="s"),
    )),
    Dataset("weather", Text("Weather", "Météo"), Text("Of a day.", "D’une journée."), (
        moment("Midnight that begins the day,", "Minuit du début du jour,"),
        field("temperature_c", NUMBER, "Temperature", "Température", "In the afternoon, degrees Celsius.",
               "L’après-midi, en degrés Celsius.", unit="Cel"),
        field("rain_mm", NUMBER, "Rain", "Pluie", "Millimetres.", "Millimètres.", minimum=0, unit="mm"),
    ), ("time",)),
    Dataset("holidays", Text("Holidays", "Jours fériés"), Text("Public holidays.", "Les jours fériés."),
            (field("date", Kind.DATE, "Date", "Date", "Local date.", "Date locale."), NAME), ("date",)),
)  # fmt: skip
