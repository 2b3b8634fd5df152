"""The catalogue in JSON-LD (Dataspace Protocol 2025-1, section 5, on DCAT 3), and our own API's shapes.

What DCAT and Dublin Core say of a dataset stands under prefixes that the protocol's context defines (``dct:title``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from havre.catalog.model import Decision, Offer
from havre.lake.model import Dataset, Schema, Statistics
from havre.messages.wire import Message, shape
from havre.participants.model import Participant

REQUEST = "CatalogRequestMessage"
ERROR = "CatalogError"
FORMATS = ("HttpData-PULL", "HttpData-PUSH")
OWN, HOSTED = "/catalog/request", "/hosted/catalog/request"
"""Where a participant is asked for its catalogue, and for those of all that its node hosts."""
COLUMNS = "http://www.w3.org/ns/csvw#column"
Listed = tuple[Dataset, Statistics, Sequence[Offer]]


class CatalogRequest(Message):
    filter: list[Any] = Field(default_factory=list)


class OfferForm(BaseModel):
    """What is given to publish an offer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    policy: dict[str, Any]
    id: str | None = Field(None, min_length=1, max_length=200)
    decision: Decision = Decision.AUTOMATIC
    reactions: dict[str, Any] = Field(default_factory=dict)
    visible_to: frozenset[Annotated[str, Field(min_length=1)]] = frozenset()


def catalog(participant: Participant, listed: Iterable[Listed]) -> dict[str, Any]:
    """A participant's catalogue, of the datasets and offers that the asking one may see."""
    whole = _catalog(participant, listed)
    return shape(whole.pop("@type"), **whole)


def hosted_catalog(participant: Participant, hosted: Iterable[tuple[Participant, Iterable[Listed]]]) -> dict[str, Any]:
    """The catalogues of those whom a node hosts, in one of the ``participant`` who was asked."""
    nested = [_catalog(*one) for one in hosted]
    id = f"{participant.url}{HOSTED.removesuffix('/request')}"
    return shape("Catalog", **{"@id": id}, participantId=participant.did, catalog=nested or None)


def _catalog(participant: Participant, listed: Iterable[Listed]) -> dict[str, Any]:
    service = data_service(participant)
    datasets = [_dataset(*one, service["@id"]) for one in listed]
    return {
        "@id": f"{participant.url}/catalog",
        "@type": "Catalog",
        "dct:title": participant.name,
        "participantId": participant.did,
        "service": [service],
        **({"dataset": datasets} if datasets else {}),
    }


def dataset(participant: Participant, listed: Listed) -> dict[str, Any]:
    """One dataset by itself."""
    whole = _dataset(*listed, data_service(participant))
    return shape(whole.pop("@type"), **whole)


def data_service(participant: Participant) -> dict[str, Any]:
    return {
        "@id": f"{participant.url}/service",
        "@type": "DataService",
        "endpointURL": participant.protocol_url,
    }


def _dataset(
    dataset: Dataset, statistics: Statistics, offers: Sequence[Offer], service: str | Mapping[str, Any]
) -> dict[str, Any]:
    told = {
        "dct:title": dataset.title,
        "dct:description": dataset.description,
        "dcat:keyword": list(dataset.keywords),
        "dcat:theme": dataset.theme,
        "dct:license": dataset.licence,
        "dct:provenance": dataset.origin,
        "dct:language": dataset.language,
        "dct:temporal": _temporal(statistics),
        "dcat:bbox": _wkt(statistics),
        COLUMNS: _columns(dataset.schema),
    }
    return {
        "@id": dataset.id,
        "@type": "Dataset",
        **{name: value for name, value in told.items() if value},
        "hasPolicy": [offer_json(offer) for offer in offers],
        "distribution": [{"@type": "Distribution", "format": one, "accessService": service} for one in FORMATS],
    }


def offer_json(offer: Offer) -> dict[str, Any]:
    """An offer as it stands in a catalogue: without a target, which is the dataset around it."""
    return {**offer.policy, "@id": offer.id, "@type": "Offer"}


def _temporal(statistics: Statistics) -> dict[str, Any] | None:
    if statistics.first is None or statistics.last is None:
        return None
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in (statistics.first, statistics.last))
    return {"@type": "dct:PeriodOfTime", "dcat:startDate": start, "dcat:endDate": end}


def _wkt(statistics: Statistics) -> str | None:
    """The bounding box as a WKT polygon (DCAT 3, section 6.15)."""
    if statistics.bbox is None:
        return None
    west, south, east, north = (degrees + 0.0 for degrees in statistics.bbox)  # Parquet's least zero is -0
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return "POLYGON((" + ",".join(f"{longitude:g} {latitude:g}" for longitude, latitude in corners) + "))"


def _columns(schema: Schema) -> list[dict[str, Any]]:
    """The columns, in the words of CSV on the Web (W3C Recommendation, section 5.6)."""
    return [
        {
            "name": field.name,
            "datatype": field.type.value,
            "required": not field.nullable,
            **({"unit": field.unit} if field.unit else {}),
            **({"dc:description": field.description} if field.description else {}),
            **({"personal": True} if field.personal else {}),
        }
        for field in schema.fields
    ]


def own_offer_json(offer: Offer) -> dict[str, Any]:
    """An offer as our own API shows it to its owner."""
    return {
        "id": offer.id,
        "dataset": offer.dataset,
        "policy": offer_json(offer),
        "decision": offer.decision,
        "reactions": offer.reactions,
        "visible_to": sorted(offer.visible_to),
        "created": offer.created,
    }
