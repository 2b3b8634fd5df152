"""The messages of contract negotiation in JSON (Dataspace Protocol 2025-1, section 7.2, HTTPS binding section 8)."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from havre.contracts.model import Agreement, Json, Negotiation
from havre.contracts.negotiation import Message as Kind
from havre.messages import wire
from havre.messages.wire import Message, ProcessMessage, Termination

REQUEST = "ContractRequestMessage"
OFFER = "ContractOfferMessage"
AGREEMENT = "ContractAgreementMessage"
VERIFICATION = "ContractAgreementVerificationMessage"
EVENT = "ContractNegotiationEventMessage"
TERMINATION = "ContractNegotiationTerminationMessage"


class Policy(BaseModel):
    """An offer or agreement: what the protocol itself needs; the rules are read by ``havre.policy``."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    id: str = Field(alias="@id", min_length=1)
    type: str = Field(alias="@type")
    target: str = Field(min_length=1)


class ContractRequest(Message):
    consumer_pid: str = Field(alias="consumerPid", min_length=1)
    provider_pid: str | None = Field(None, alias="providerPid")
    offer: Policy
    callback: str | None = Field(None, alias="callbackAddress")


class ContractOffer(Message):
    provider_pid: str = Field(alias="providerPid", min_length=1)
    consumer_pid: str | None = Field(None, alias="consumerPid")
    offer: Policy
    callback: str | None = Field(None, alias="callbackAddress")


class ContractAgreement(ProcessMessage):
    agreement: Policy


class Verification(ProcessMessage):
    pass


class Event(ProcessMessage):
    event: Literal["ACCEPTED", "FINALIZED"] = Field(alias="eventType")

    @property
    def kind(self) -> Kind:
        return Kind.ACCEPT if self.event == "ACCEPTED" else Kind.FINALIZE


class ContractTermination(Termination):
    pass


def request(negotiation: Negotiation, callback: str | None) -> str:
    """A first request names where the answers go; a counter-offer leaves that as it is."""
    return _message(REQUEST, negotiation, offer=negotiation.offer, callbackAddress=callback)


def offer(negotiation: Negotiation, callback: str | None) -> str:
    return _message(OFFER, negotiation, offer=negotiation.offer, callbackAddress=callback)


def agreement(negotiation: Negotiation) -> str:
    return _message(AGREEMENT, negotiation, agreement=negotiation.agreement)


def verification(negotiation: Negotiation) -> str:
    return _message(VERIFICATION, negotiation)


def event(negotiation: Negotiation, type_: Literal["ACCEPTED", "FINALIZED"]) -> str:
    return _message(EVENT, negotiation, eventType=type_)


def termination(negotiation: Negotiation) -> str:
    return _message(TERMINATION, negotiation, code="terminated", reason=list(negotiation.reasons))


def _message(type_: str, negotiation: Negotiation, **members: Any) -> str:
    return wire.dump(type_, id=negotiation.message_id, **_pids(negotiation), **members)


def state(negotiation: Negotiation) -> dict[str, Any]:
    """The ``ContractNegotiation`` that answers a message or a question."""
    return wire.shape("ContractNegotiation", **_pids(negotiation), state=negotiation.state.value)


def conclude(offer: Json, *, id: str, assigner: str, assignee: str, now: datetime) -> dict[str, Any]:
    """The agreement to an offer: its rules verbatim, with who agreed and when."""
    return {
        **offer,
        "@id": id,
        "@type": "Agreement",
        "assigner": assigner,
        "assignee": assignee,
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _pids(negotiation: Negotiation) -> dict[str, str | None]:
    return {"providerPid": negotiation.provider_pid, "consumerPid": negotiation.consumer_pid}


def negotiation_json(negotiation: Negotiation) -> dict[str, Any]:
    """A negotiation as our own API shows it."""
    return {
        "pid": negotiation.pid,
        "role": negotiation.role,
        "state": negotiation.state,
        "counterparty": negotiation.counterparty,
        "dataset": negotiation.dataset,
        "offer": negotiation.offer,
        "decision": "human" if negotiation.rests and not negotiation.final else "automatic",
        "agreement": negotiation.agreement and negotiation.agreement["@id"],
        "reason": "; ".join(negotiation.reasons) or None,
        "created": negotiation.created,
        "updated": negotiation.updated,
    }


def agreement_json(agreement: Agreement) -> dict[str, Any]:
    """An agreement as our own API shows it."""
    return {
        "id": agreement.id,
        "role": agreement.role,
        "dataset": agreement.dataset,
        "counterparty": agreement.counterparty,
        "policy": agreement.terms,
        "signed": agreement.signed,
        "ended": agreement.ended,
        "reason": agreement.reason,
        "negotiation": agreement.negotiation,
    }
