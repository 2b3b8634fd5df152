"""The standard's own JSON schemas (Dataspace Protocol 2025-1), and what they say of a message.

They are data beside the repository: where they are not, ``problems`` finds nothing, and
``tests/messages/test_standard.py`` skips and says so.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[2] / "shared/standards/dsp-2025-1"
BASE = "https://w3id.org/dspace/2025/1/"
SCHEMAS = {
    "Catalog": "catalog/catalog-schema.json",
    "Dataset": "catalog/dataset-schema.json",
    "CatalogError": "catalog/catalog-error-schema.json",
    "DatasetRequestMessage": "catalog/dataset-request-message-schema.json",
    "CatalogRequestMessage": "catalog/catalog-request-message-schema.json",
    "ContractNegotiation": "negotiation/contract-negotiation-schema.json",
    "ContractNegotiationError": "negotiation/contract-negotiation-error-schema.json",
    "ContractRequestMessage": "negotiation/contract-request-message-schema.json",
    "ContractOfferMessage": "negotiation/contract-offer-message-schema.json",
    "ContractAgreementMessage": "negotiation/contract-agreement-message-schema.json",
    "ContractAgreementVerificationMessage": "negotiation/contract-agreement-verification-message-schema.json",
    "ContractNegotiationEventMessage": "negotiation/contract-negotiation-event-message-schema.json",
    "ContractNegotiationTerminationMessage": "negotiation/contract-negotiation-termination-message-schema.json",
    "TransferProcess": "transfer/transfer-process-schema.json",
    "TransferError": "transfer/transfer-error-schema.json",
    "TransferRequestMessage": "transfer/transfer-request-message-schema.json",
    "TransferStartMessage": "transfer/transfer-start-message-schema.json",
    "TransferSuspensionMessage": "transfer/transfer-suspension-message-schema.json",
    "TransferCompletionMessage": "transfer/transfer-completion-message-schema.json",
    "TransferTerminationMessage": "transfer/transfer-termination-message-schema.json",
}
VERSIONS = "common/protocol-version-schema.json"


def present() -> bool:
    return FOLDER.is_dir()


@cache
def _registry() -> "Registry[Any]":
    read = [_read(path) for path in FOLDER.glob("*/*.json")]
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in read)


def _read(path: Path) -> Any:
    # a slash is missing in three schemas as they were published
    return json.loads(
        path.read_text().replace("transfer-schema.json#definitions/", "transfer-schema.json#/definitions/")
    )


@cache
def _validator(schema: str) -> Draft201909Validator:
    return Draft201909Validator({"$ref": BASE + schema}, registry=_registry())


def problems(message: Mapping[str, Any], schema: str | None = None) -> list[str]:
    """What is wrong with a message by the schema of its type (or by ``schema``); empty when nothing is."""
    schema = schema or SCHEMAS.get(str(message.get("@type")))
    if schema is None:
        return [f"{message.get('@type')!r} is not a type of the standard"]
    if not present():
        return []
    return [f"{error.json_path}: {error.message}" for error in _validator(schema).iter_errors(message)]
