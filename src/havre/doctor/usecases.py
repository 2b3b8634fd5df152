"""Examine the node: what it is made of first, then what the network says of it, all counterparties at once."""

from concurrent.futures import ThreadPoolExecutor

from havre.context import Context
from havre.doctor import others, ourselves
from havre.doctor.model import Finding, Status
from havre.participants import store

AT_ONCE = 32


def examine(context: Context) -> list[Finding]:
    """All that was found, good or bad; without a database nothing else can be looked at. Takes seconds.

    The rooms' stores must have been imported.
    """
    database = ourselves.database(context)
    if database.status is not Status.OK:
        return [database, *ourselves.contexts()]
    return [
        database,
        ourselves.node_key(context),
        *_network(context),
        *ourselves.contexts(),
        *ourselves.outbox(context),
    ]


def _network(context: Context) -> list[Finding]:
    with context.database.read() as conn:
        hosted = store.participants_of_node(conn)
        keys = [store.public_key(conn, participant.slug) for participant in hosted]
        trusted = store.trust_list(conn)
    ours = {participant.did for participant in hosted}
    elsewhere = [entry for entry in trusted if entry.counterparty.id not in ours]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as threads:
        address = threads.submit(others.own_address, context, hosted)
        documents = threads.map(lambda one: others.own_document(context, *one), zip(hosted, keys, strict=True))
        theirs = threads.map(lambda entry: others.counterparty(context, entry), elsewhere)
        return [*address.result(), *documents, *(finding for found in theirs for finding in found)]
