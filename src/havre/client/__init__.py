"""The Python client of an exchange's HTTP API: what a data user imports, and all that a service may import of Havre.

exchange = Exchange("https://exchange.example", token)
offer = exchange.offer("did:web:port.example", "arrivals")
agreement = exchange.negotiate(offer).agreement
frame = exchange.open(agreement, columns=["ship", "eta"]).to_pandas()
"""

from havre.client.diagnosis import Finding, Step, Trace
from havre.client.errors import ExchangeError, Refused
from havre.client.exchange import Exchange
from havre.client.following import Following, Live
from havre.client.model import (
    Access,
    Agreement,
    AuditEntry,
    CatalogEntry,
    Dataset,
    Field,
    Ingested,
    Me,
    Member,
    Negotiation,
    Offer,
    OwnOffer,
    Participant,
    Quarantine,
    Rejected,
    Schema,
    Source,
    SourceStatus,
    Statistics,
    Token,
    Transfer,
    Trusted,
    UsageLine,
    Verification,
)
from havre.client.reading import Reading

__all__ = [
    "Access",
    "Agreement",
    "AuditEntry",
    "CatalogEntry",
    "Dataset",
    "Exchange",
    "ExchangeError",
    "Field",
    "Finding",
    "Following",
    "Ingested",
    "Live",
    "Me",
    "Member",
    "Negotiation",
    "Offer",
    "OwnOffer",
    "Participant",
    "Quarantine",
    "Reading",
    "Refused",
    "Rejected",
    "Schema",
    "Source",
    "SourceStatus",
    "Statistics",
    "Step",
    "Token",
    "Trace",
    "Transfer",
    "Trusted",
    "UsageLine",
    "Verification",
]
