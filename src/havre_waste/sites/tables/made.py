"""What the service makes of it."""

from havre_waste.sites.fields import Dataset, Kind, Text
from havre_waste.sites.tables.words import (
    BASES,
    CONTAINER,
    FAULTS,
    FILL,
    FLOW,
    NUMBER,
    SAID,
    TEXT,
    WHOLE,
    field,
    moment,
    reference,
)

MADE = (
    Dataset("levels", Text("Levels", "Niveaux"), Text(
        "How full containers are, with how sure that is. A fill above 1 is an overflow.",
        "Le remplissage des conteneurs et sa certitude. Au-dessus de 1, le conteneur déborde.",
    ), (
        moment("For which it is told,", "Heure concernée,"), CONTAINER,
        field("p10", NUMBER, "P10", "P10", "With a chance of 10 % it is less full.",
               "Une chance sur dix qu’il soit moins plein.", **FILL),
        field("p50", NUMBER, "P50", "P50", "It is as likely less full as fuller.",
               "Autant de chances qu’il soit moins ou plus plein.",
               **FILL),
        field("p90", NUMBER, "P90", "P90", "With a chance of 10 % it is fuller.",
               "Une chance sur dix qu’il soit plus plein.", **FILL),
        field("overflow_p", NUMBER, "Risk of overflow", "Risque de débordement", "Chance of it before the next round.",
               "Probabilité avant la prochaine tournée.", required=False, minimum=0, maximum=1, unit="1"),
        field("basis", TEXT, "Basis", "Source", "What the estimate is made from.", "Ce dont l’estimation est tirée.",
               enum=BASES),
        field("fault", TEXT, "Fault", "Défaut",
               "Of its sensor, if one is believed; the level is then told without it.",
               "Défaut présumé de son capteur ; le niveau est alors estimé sans lui.", required=False),
    ), ("time", "container")),
    Dataset("sensor_faults", Text("Sensor faults", "Défauts de capteurs"), Text(
        "Level sensors that are not believed, and those that are again.",
        "Les capteurs de niveau auxquels on ne se fie plus, et ceux auxquels on se fie de nouveau.",
    ), (
        SAID, moment("When it was found,", "Heure de la découverte,"), CONTAINER,
        field("fault", TEXT, "Fault", "Défaut", "What it does; empty: it is well again.",
              "Ce qu’il fait ; vide : il va de nouveau bien.", required=False, enum=FAULTS),
        field("value", NUMBER, "Value", "Valeur", "What shows it.", "Ce qui le montre.", required=False),
    ), ("said_at", "time", "container")),
    Dataset("emptyings", Text("Emptyings", "Vidages"), Text(
        "Emptyings of containers, as they were found.", "Les vidages de conteneurs, tels que constatés.",
    ), (
        SAID, moment("Of the emptying,", "Heure du vidage,"), CONTAINER, FLOW,
        field("fill_before", NUMBER, "Fill before", "Remplissage avant", "As it was believed to be.",
              "Tel qu’il était estimé.", required=False, **FILL),
        field("kg", NUMBER, "Weight", "Masse", "By the fill and the usual density of the flow, kilograms.",
              "Selon le remplissage et la masse volumique usuelle du flux, en kilogrammes.", required=False, minimum=0,
              unit="kg"),
        field("told", TEXT, "Told by", "Constaté par", "By a sensor, a note or a pass.",
              "Par un capteur, une note ou un passage.", enum=("sensor", "note", "pass")),
    ), ("time", "container")),
    Dataset("rounds", Text("Rounds", "Tournées"), Text(
        "Rounds of a day, visit by visit, as they were planned; what was said last counts.",
        "Les tournées d’un jour, passage par passage, telles que planifiées ; la dernière annonce fait foi.",
    ), (
        SAID,
        field("day", Kind.DATE, "Day", "Jour", "Local date.", "Date locale."),
        field("round", TEXT, "Round", "Tournée", "Name of the round.", "Nom de la tournée."),
        reference("truck", "trucks", "Truck", "Camion"), FLOW,
        field("order", WHOLE, "Order", "Rang", "Of the visit in the round.", "Du passage dans la tournée.", minimum=0),
        field("kind", TEXT, "Kind", "Nature", "What the truck does there.", "Ce que le camion y fait.",
              enum=("start", "stop", "tip", "lunch", "end")),
        field("stop", TEXT, "Stop", "Arrêt", "A container, a ship or a plant; empty: none.",
              "Un conteneur, un navire ou un exutoire ; vide : aucun.", required=False),
        moment("As planned, its beginning,", "Début prévu,", name="begins_at"),
        moment("As planned, its end,", "Fin prévue,", name="ends_at"),
        field("metres", WHOLE, "Way", "Trajet", "From the visit before, metres.",
              "Depuis le passage précédent, en mètres.",
              minimum=0, unit="m"),
        field("kg_on_board", WHOLE, "Load", "Chargement", "When the visit ends, kilograms.",
              "À la fin du passage, en kilogrammes.", minimum=0, unit="kg"),
        field("fill", NUMBER, "Fill", "Remplissage", "As it is expected to be.", "Tel qu’il est attendu.",
              required=False,
              **FILL),
        field("wait_s", WHOLE, "Wait", "Attente", "Expected at bridges on the way, seconds.",
              "Attendue aux ponts sur le trajet, en secondes.", minimum=0, unit="s"),
    ), ("said_at", "round", "order")),
    Dataset("hazardous_waste_forms", Text("Forms of hazardous waste", "Bordereaux de déchets dangereux"), Text(
        "Tracking forms (BSDD) of one establishment on Trackdéchets: a row when one is new, and each time that its "
        "status changed.",
        "Bordereaux (BSDD) d’un établissement sur Trackdéchets : une ligne à chaque nouveau bordereau et à chaque "
        "changement de statut.",
    ), (
        moment("When the platform was asked,", "Heure de l’interrogation,", name="said_at"),
        field("form", TEXT, "Form", "Bordereau", "Its identifier on the platform.",
              "Son identifiant sur la plateforme."),
        field("readable_id", TEXT, "Number", "Numéro", "As it is written on the form.", "Tel qu’il figure dessus."),
        field("custom_id", TEXT, "Own identifier", "Identifiant propre", "Given by who made it; empty: none.",
              "Donné par qui l’a créé ; vide : aucun.", required=False),
        field("status", TEXT, "Status", "Statut", "The platform’s word: `DRAFT`, `SEALED`, `SENT` …",
              "Le terme de la plateforme : `DRAFT`, `SEALED`, `SENT`…"),
    ), ("said_at", "form")),
    Dataset("deposit_counts", Text("Counts of deposits", "Nombres de dépôts"), Text(
        "How often each container was used, by six hours of the local day, of a whole month; no badge is in it.",
        "Nombre de dépôts par conteneur et par tranche de six heures locales, mois entier ; aucun badge n’y figure.",
    ), (
        moment("Two days after the end of the month,", "Deux jours après la fin du mois,", name="said_at"),
        moment("When the six hours begin,", "Début des six heures,", name="from_at"), CONTAINER,
        field("deposits", WHOLE, "Deposits", "Dépôts", "Empty where they were of fewer than five badges.",
              "Vide s’ils sont de moins de cinq badges.", required=False, minimum=5),
    ), ("from_at", "container")),
)  # fmt: skip
