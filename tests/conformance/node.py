"""A node for the conformance kit: ``python -m tests.conformance.node KIT_ADDRESS``, with the settings of any node.

What is not the product's: the webhooks by which the kit has negotiations and transfers begun, the agreements that it
takes for granted, and a pause before each message: the kit refuses what reaches it before it has read our last answer.
"""

import asyncio
import logging
import sys
import time
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.catalog import usecases as offers
from havre.catalog.wire import OfferForm
from havre.connections import Connections
from havre.connections import Response as HttpResponse
from havre.context import Context
from havre.contracts import store as contracts
from havre.contracts import usecases as negotiations
from havre.contracts.model import Agreement
from havre.contracts.negotiation import Role
from havre.database import Database
from havre.lake.model import Dataset, Field, FieldType, Schema
from havre.lake.usecases import declare
from havre.main import Node, serve
from havre.participants import usecases as participants
from havre.participants.model import Participant
from havre.settings import Settings
from havre.transfers import usecases as transfers
from havre.web import body, resource
from tests.conformance import profile

PAUSE_SECONDS = 0.15


class Unhurried(Connections):
    """The network, a moment later."""

    def request(self, *args: Any, **more: Any) -> HttpResponse:
        time.sleep(PAUSE_SECONDS)
        return super().request(*args, **more)


class Wish(BaseModel):
    """What the kit wants us to begin, with itself at ``connectorAddress``."""

    model_config = ConfigDict(extra="allow")

    connectorAddress: str
    datasetId: str = ""
    offerId: str = ""
    agreementId: str = ""
    format: str = "HttpData-PULL"


def prepare(context: Context, kit: str) -> Participant:
    """Host the connector, trust the kit, and publish what it looks for."""
    value = profile.AUTHORIZATION
    participants.init_node(context)
    own, _ = participants.add_participant(context, profile.SLUG, "Connector under test")
    participants.trust(context, profile.KIT, "Conformance kit", sends=value, receives=value)
    now, new_id = context.clock(), context.new_id
    use = {"permission": [{"action": "use"}]}
    schema = Schema((Field("value", FieldType.INTEGER),))
    published = {**profile.AS_PROVIDER, **{name: {} for name in profile.CATALOGUE}}
    for name, reactions in published.items():
        form = OfferForm(dataset=name, policy=use, id=profile.offer_of(name), reactions=dict(reactions))
        dataset = Dataset(profile.SLUG, name, name, schema, now)
        context.database.write(lambda conn, dataset=dataset: declare(conn, dataset, now=now))
        context.database.write(lambda conn, form=form: offers.publish(conn, profile.SLUG, form, now=now, new_id=new_id))
    for role, names in ((Role.PROVIDER, profile.GIVING), (Role.CONSUMER, profile.TAKING)):
        for name, reactions in names.items():
            terms = {"@id": name, "@type": "Agreement", "target": "CAT0101", **use}
            signed = Agreement(
                name, profile.SLUG, role, profile.KIT, "CAT0101", terms, new_id(), kit, now, reactions=dict(reactions)
            )
            context.database.write(lambda conn, signed=signed: contracts.insert_agreement(conn, signed))
    return own


def webhooks(context: Context, own: Participant) -> list[Route]:
    def negotiate(request: Request, raw: bytes) -> Response:
        wish, now = body(raw, Wish), context.clock()
        offer = {"@id": wish.offerId, "permission": [{"action": "use"}]}
        context.database.write(
            lambda conn: negotiations.begin(
                conn,
                own,
                provider=profile.KIT,
                provider_url=wish.connectorAddress,
                dataset=wish.datasetId,
                offer=offer,
                now=now,
                new_id=context.new_id,
                reactions=profile.AS_CONSUMER[wish.datasetId],
                reuse=False,
            )
        )
        return Response(status_code=202)

    def transfer(request: Request, raw: bytes) -> Response:
        wish, now = body(raw, Wish), context.clock()
        context.database.write(
            lambda conn: transfers.begin(
                conn, own, agreement=wish.agreementId, format=wish.format, now=now, new_id=context.new_id
            )
        )
        return Response(status_code=202)

    return [resource("/kit/negotiations", POST=negotiate), resource("/kit/transfers", POST=transfer)]


def main(kit: str) -> None:
    logging.basicConfig(stream=sys.stderr, level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings()
    context = Context(settings, Database(settings.database))
    own = prepare(context, kit)
    context.database.close()
    node = Node(settings, http=Unhurried())
    node.app.router.routes.extend(webhooks(node.context, own))
    asyncio.run(serve(node))


if __name__ == "__main__":
    main(sys.argv[1])
