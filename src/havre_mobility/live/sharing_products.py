"""What is published of openings as a matter of several."""

from havre.client import Field, Schema
from havre.client.service import Product
from havre_mobility.live.sharing import DECISIONS, PROPOSALS, RECORDS, REQUESTS
from havre_mobility.opening.model import SIDES

USE = {"permission": [{"action": "use"}]}
SAID_OF = ("gates", "bridge_messages", "reserved_slots", "closures")
PRODUCTS = (
    Product(
        PROPOSALS,
        "Times proposed for requests to open a bridge",
        Schema(
            (
                Field("said_at", "timestamp", nullable=False, description="of the request"),
                Field("request", "string", nullable=False),
                Field("bridge", "string"),
                Field("rank", "integer", description="1 is the cheapest for all; empty where the time is out"),
                Field("starts_at", "timestamp", description="the road is closed from then"),
                Field("ends_at", "timestamp", description="until then"),
                *(Field(side, "number", unit="EUR", description=f"what it costs {side}") for side in SIDES),
                Field("total", "number", unit="EUR"),
                Field("reason", "string", nullable=False, description="the formulas with their figures, or why not"),
                Field("source", "string", description="where the figures of the traffic come from"),
            ),
            time="said_at",
        ),
        USE,
        of=(REQUESTS, *SAID_OF),
        time="said_at",
        description="What an opening at each time costs road, trucks, trams, rail and ship; and why others are out.",
        keywords=("bridge", "opening", "decision"),
    ),
    Product(
        RECORDS,
        "Decisions on requests to open a bridge, on record",
        Schema(
            (
                Field("said_at", "timestamp", nullable=False, description="of the decision"),
                Field("decision", "string", description="its id; empty where it does not hold"),
                Field("request", "string", nullable=False),
                Field("bridge", "string"),
                Field("starts_at", "timestamp", description="the time chosen; empty where all were refused"),
                Field("decided_by", "string"),
                Field("why", "string"),
                Field("problem", "string", description="why it does not hold"),
                Field("sha256", "string", description="of the document without this member, as canonical JSON"),
                Field("document", "string", description="all of it as JSON: request, proposals, weights, who and why"),
            ),
            time="said_at",
        ),
        USE,
        of=(REQUESTS, DECISIONS, *SAID_OF),
        time="said_at",
        description="Who chose which time and why, with all that it was chosen from; a document is never changed.",
        keywords=("bridge", "opening", "decision"),
    ),
)
