"""What is published for trucks."""

from havre.client import Field, Schema
from havre.client.service import Product

USE = {"permission": [{"action": "use"}]}
PRODUCTS = (
    Product(
        "gate-waits",
        "Waits at the gates of terminals, in the hour that comes",
        Schema(
            (
                Field("made_at", "timestamp", nullable=False),
                Field("gate", "string", nullable=False),
                Field("at", "timestamp", nullable=False, description="of who comes then"),
                Field("wait", "number", unit="min", nullable=False, description="expected, without the handling"),
                Field("low", "number", unit="min", nullable=False),
                Field("high", "number", unit="min", nullable=False),
            ),
            time="made_at",
        ),
        USE,
        of=("appointments", "gates"),
        time="made_at",
        keywords=("truck", "gate", "forecast"),
    ),
    Product(
        "gate-arrivals",
        "Trucks that will come to the gates of terminals, by the hour of the next day",
        Schema(
            (
                Field("made_at", "timestamp", nullable=False),
                Field("gate", "string", nullable=False),
                Field("hour", "timestamp", nullable=False, description="its beginning"),
                Field("expected", "number", nullable=False, description="trucks in that hour"),
                Field("low", "number", nullable=False, description="P10"),
                Field("high", "number", nullable=False, description="P90"),
            ),
            time="made_at",
        ),
        USE,
        of=("appointments", "gates", "movements"),
        time="made_at",
        description="From appointments, from who comes as a rule, and from the ships at the quays behind the gate.",
        keywords=("truck", "gate", "forecast"),
    ),
    Product(
        "truck-certificates",
        "Certificates of why a truck was late",
        Schema(
            (
                Field("said_at", "timestamp", nullable=False, description="when it could be said"),
                Field("booking", "string", nullable=False),
                Field("verdict", "string", nullable=False),
                Field("late_s", "integer", unit="s", description="none where there is no such booking"),
                Field("document", "string", description="the signed certificate: a JWS as JSON"),
            ),
            time="said_at",
        ),
        USE,
        of=("certificate_requests", "appointments", "gates", "bridge_messages", "closures", "ais"),
        time="said_at",
        description="Empty where the service has no key to sign with.",
        keywords=("truck", "certificate"),
    ),
)
