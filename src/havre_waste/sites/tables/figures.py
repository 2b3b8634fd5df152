"""What the yearly figures need beside it: weighings, kilometres, accounts and the territory."""

from havre_waste.sites.fields import Dataset, Kind, Text
from havre_waste.sites.tables.words import COMMUNE, KG, NAME, NUMBER, TEXT, WHOLE, YEAR, field, moment

STAGES = ("pre_collection", "collection", "transport", "treatment", "other")
TREATMENTS = ("material", "organic", "energy", "incineration", "landfill")
ENTRIES = ("charge", "sale", "support", "aid", "financing")
ANY_FLOW = field("flow", TEXT, "Flow", "Flux", "As of containers, or another that the accounts know.",
                 "Comme celui des conteneurs, ou un autre que les comptes connaissent.")  # fmt: skip
TREATMENT = field("treatment", TEXT, "Treatment", "Traitement", "Where a weighed load goes.", "Où va une pesée.",
                  enum=TREATMENTS)  # fmt: skip
INHABITANTS = field("inhabitants", WHOLE, "Inhabitants", "Habitants", "Number of inhabitants.", "Nombre d’habitants.",
                    minimum=0)  # fmt: skip
PLANT = field(
    "plant", TEXT, "Plant", "Exutoire", "Name or identifier of the plant.", "Nom ou identifiant de l’exutoire."
)

FIGURES = (
    Dataset("weighings", Text("Weighings", "Pesées"), Text("Loads at the plants.", "Les apports aux exutoires."),
            (moment("Of the weighing,", "Heure de la pesée,"), PLANT, ANY_FLOW, TREATMENT, KG)),
    Dataset("driven_rounds", Text("Rounds as driven", "Tournées effectuées"), Text(
        "What each round drove, for kilometres, hours and CO₂.",
        "Ce qu’a roulé chaque tournée : kilomètres, heures, CO₂.",
    ), (
        field("date", Kind.DATE, "Date", "Date", "Local date.", "Date locale."),
        field("round", TEXT, "Round", "Tournée", "Name of the round.", "Nom de la tournée."),
        field("truck", TEXT, "Truck", "Camion", "Identifies the truck.", "Identifie le camion."), ANY_FLOW,
        field("metres", NUMBER, "Way", "Trajet", "Metres.", "Mètres.", minimum=0, unit="m"),
        field("seconds", NUMBER, "Time", "Durée", "Seconds.", "Secondes.", minimum=0, unit="s"),
        field("litres_per_100km", NUMBER, "Fuel", "Consommation", "Litres of diesel on 100 km.",
              "Litres de gazole aux 100 km.", required=False, minimum=0, unit="L/(100.km)"),
        field("kwh_per_100km", NUMBER, "Electricity", "Électricité", "Kilowatt-hours on 100 km.",
              "Kilowattheures aux 100 km.", required=False, minimum=0, unit="kW.h/(100.km)"),
    ), ("date", "round")),
    Dataset("accounts", Text("Accounts", "Comptes"), Text(
        "Costs and income by flow and stage, after the cost matrix of ADEME.",
        "Charges et produits par flux et par étape, selon la matrice des coûts de l’ADEME.",
    ), (
        YEAR, ANY_FLOW,
        field("stage", TEXT, "Stage", "Étape", "Of the cost matrix.", "De la matrice des coûts.", enum=STAGES),
        field("kind", TEXT, "Kind", "Nature",
              "A charge, a sale, support of eco-organisations, an aid, or a tax or fee that pays for it.",
              "Charge, vente, soutien des éco-organismes, aide, ou taxe ou redevance qui finance.", enum=ENTRIES),
        field("item", TEXT, "Item", "Poste", "What for.", "Objet."),
        field("supplier", TEXT, "Supplier", "Prestataire", "Who is paid; empty: the authority itself.",
              "Qui est payé ; vide : la collectivité elle-même.", required=False),
        field("eur", NUMBER, "Amount", "Montant", "Euros before VAT, positive.", "Euros hors taxes, positifs.",
              minimum=0,
              unit="EUR"),
    )),
    Dataset("territory", Text("Territory", "Territoire"), Text("Municipalities and inhabitants.",
    "Communes et habitants."),
            (YEAR, COMMUNE, INHABITANTS), ("year", "commune")),
    Dataset("services", Text("Services", "Services"), Text(
        "How each flow is collected.", "Comment chaque flux est collecté.",
    ), (
        YEAR, ANY_FLOW,
        field("mode", TEXT, "Mode", "Mode", "At the door, or brought.", "Porte-à-porte ou apport volontaire.",
              enum=("door", "bring")),
        INHABITANTS,
        field("a_week", NUMBER, "A week", "Par semaine", "Collections a week.", "Collectes par semaine.",
              required=False,
              minimum=0, unit="/wk"),
        field("run_by", TEXT, "Run by", "Mode de gestion", "The authority itself, or a contract.",
              "Régie ou marché.", required=False),
    )),
    Dataset("recycling_centres", Text("Recycling centres", "Déchèteries"), Text(
        "Where inhabitants bring what is not collected.", "Où les habitants apportent ce qui n’est pas collecté.",
    ), (
        YEAR, NAME, COMMUNE,
        field("accepts", TEXT, "Accepts", "Accepte", "What is taken there.", "Ce qui y est repris.", required=False),
    ), ("year", "name")),
    Dataset("treatment_plants", Text("Treatment plants", "Installations de traitement"), Text(
        "Where the waste of the year was treated.", "Où les déchets de l’année ont été traités.",
    ), (
        YEAR, PLANT, COMMUNE, TREATMENT,
        field("r1", NUMBER, "R1", "R1", "Energy efficiency of directive 2008/98/EC; empty: it burns nothing.",
              "Performance énergétique de la directive 2008/98/CE ; vide : n’incinère pas.", required=False, minimum=0),
    ), ("year", "plant")),
    Dataset("reference_2010", Text("Reference of 2010", "Référence 2010"), Text(
        "Tonnages of 2010, against which goals of the law are told.",
        "Les tonnages de 2010, auxquels la loi compare.",
    ), (
        field("measure", TEXT, "Measure", "Mesure", "Household and similar waste, or what went to landfill.",
              "Déchets ménagers et assimilés, ou mis en décharge.", enum=("household", "landfilled")),
        KG, INHABITANTS,
    ), ("measure",)),
    Dataset("professionals", Text("Professionals", "Professionnels"), Text(
        "Waste of firms that is collected with that of households.",
        "Les déchets d’entreprises collectés avec ceux des ménages.",
    ), (
        YEAR, ANY_FLOW, KG,
        field("most_litres_a_week", NUMBER, "Limit", "Limite", "Litres a week that a firm may give.",
              "Litres par semaine qu’une entreprise peut présenter.", required=False, minimum=0, unit="L/wk"),
    ), ("year", "flow")),
    Dataset("sorting", Text("Sorting", "Tri"), Text(
        "What sorting centres took in and refused.", "Ce que les centres de tri ont reçu et refusé.",
    ), (
        YEAR, ANY_FLOW,
        field("sorted_kg", NUMBER, "Sorted", "Trié", "Kilograms that were sorted.", "Kilogrammes triés.", minimum=0,
              unit="kg"),
        field("refused_kg", NUMBER, "Refused", "Refus", "Kilograms of errors.", "Kilogrammes d’erreurs de tri.",
              minimum=0,
              unit="kg"),
    ), ("year", "flow")),
)  # fmt: skip
