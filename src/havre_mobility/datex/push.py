"""Push: the publication is posted to a subscriber (DATEX II Exchange 2020, snapshot push and delta push on HTTP).

The first is a snapshot. From then on only what has changed is sent, with what is closed or cancelled by reference,
until the subscriber asks for a snapshot (``snapshotSynchronisationRequest``). What was not acknowledged is sent again
with the next: a ``Subscriber`` holds only what has been.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from havre_mobility.bridges.model import CANCELLED
from havre_mobility.datex.model import Published
from havre_mobility.datex.publication import Publisher, container

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]
"""Posts a body with headers to an address; the status and the body of the answer. It may raise ``OSError``."""
HEADERS = {"Content-Type": "application/xml; charset=utf-8"}
ACK, FAIL, SNAPSHOT = "ack", "fail", "snapshotSynchronisationRequest"
_RETURNED = re.compile(rb"returnStatus>\s*(\w+)\s*<")
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Subscriber:
    """``versions``: by the id of a situation, the version and status that were acknowledged; None before the first."""

    address: str
    versions: Mapping[str, tuple[int, str]] | None = None


def push(
    post: Post, subscriber: Subscriber, openings: Sequence[Published], publisher: Publisher, at: datetime.datetime
) -> tuple[Subscriber, str]:
    """Send what the subscriber lacks of ``openings`` (all that are to be known at ``at``).

    Gives the subscriber as it is then, and ack or fail; nothing is sent, and that is ack, where nothing has changed.
    """
    had = subscriber.versions
    news = [one for one in openings if had is None or had.get(one.id) != (one.version, one.status)]
    current = {one.id: (one.version, one.status) for one in openings}
    gone = [
        (id, "cancelled" if status == CANCELLED else "closed") for id, (_, status) in (had or {}).items()
        if id not in current
    ]  # fmt: skip
    if had is not None and not news and not gone:
        return subscriber, ACK
    protocol = "snapshotPush" if had is None else "deltaPush"
    body = container(news, publisher, at, protocol=protocol, gone=gone)
    match _answer(post, subscriber.address, body):
        case "ack":
            return Subscriber(subscriber.address, current), ACK
        case "snapshotSynchronisationRequest" if had is not None:
            return push(post, Subscriber(subscriber.address), openings, publisher, at)
        case _:
            return subscriber, FAIL


def _answer(post: Post, address: str, body: bytes) -> str:
    """What the receiver returned. One that says nothing but 2xx has taken it."""
    try:
        status, answer = post(address, body, HEADERS)
    except OSError:
        return FAIL
    returned = _RETURNED.search(answer[:_LONGEST_ANSWER])
    if returned:
        return returned.group(1).decode()
    return ACK if 200 <= status < 300 else FAIL
