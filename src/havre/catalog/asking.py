"""Reading the catalogues of other participants (Dataspace Protocol 2025-1, section 6: request, filter, pages).

Rules that hold here:

1. What is asked for is held against the answer once more (``havre.catalog.matching``): a provider that knows no filter
   may pass it over, and one that refuses ours is asked for everything.
2. All pages are asked for with the same message, and only where the first one was: our token goes with it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from havre.catalog import filter, wire
from havre.catalog.matching import matching, objects
from havre.context import Context
from havre.errors import NotFound, Unreachable
from havre.messages.asking import request
from havre.messages.model import Answer
from havre.messages.wire import dump
from havre.participants.identity import Identity
from havre.participants.model import Participant
from havre.participants.resolver import Resolver

PAGES = 1000
PAGE_SIZE = 500
"""What we ask for: a tenth of the requests that 50 a page would take, and far from the longest answer that we read."""

Json = Mapping[str, Any]
Ask = Callable[[str], Answer]


def catalog_of(
    context: Context,
    identity: Identity,
    resolver: Resolver,
    asking: Participant,
    provider: str,
    wanted: Mapping[str, Any] | None = None,
    *,
    hosted: bool = False,
) -> Json:
    """The catalogue of another participant, all its pages as one. Asks the network.

    ``wanted`` has the members of ``havre.catalog.filter``; with ``hosted`` it is that of all whom the provider's node
    hosts. ``Unreachable`` says what went wrong; ``NotFound`` when the other side does not know us.
    """
    understood = (filter.members(wanted),) if wanted else ()
    filters = [wanted] if wanted else []
    base = resolver.protocol_url(provider)
    url = f"{base}{wire.HOSTED if hosted else wire.OWN}?limit={PAGE_SIZE}"

    def ask(url: str) -> Answer:
        authorization = identity.authorization(asking, provider)
        return request(context, "POST", url, authorization, dump(wire.REQUEST, filter=filters))

    first = ask(url)
    if first.status == 400 and filters:
        filters = []
        first = ask(url)
    if first.status == 404:
        raise NotFound(
            f"{provider} shows no catalogue to {asking.did}: it may not have {asking.slug} on its trust list"
        )
    whole: dict[str, Any] = {}
    for page in _pages(first, url, ask):
        _join(whole, matching(page, understood))
    return whole


def _pages(answer: Answer, first: str, ask: Ask) -> Iterator[Json]:
    """The page that was had, and those after it."""
    url = first
    for _ in range(PAGES):
        if not answer.accepted or answer.body.get("@type") != "Catalog":
            raise Unreachable(f"{url} gave no catalogue: {answer}")
        yield answer.body
        following = next_of(answer.headers.get("link"))
        if following is None:
            return
        url = _within(first, urljoin(url, following))
        answer = ask(url)
    raise Unreachable(f"the catalogue at {first} has no end: more than {PAGES} pages")


def _join(whole: dict[str, Any], page: Json) -> None:
    """Add a page to those before it; a nested catalogue may go on in it."""
    nested = {one.get("@id"): one for one in whole.get("catalog", [])}
    for name, value in page.items():
        match name:
            case "dataset":
                whole.setdefault("dataset", []).extend(objects(value))
            case "catalog":
                for one in objects(value):
                    known = nested.setdefault(one.get("@id"), {})
                    if not known:
                        whole.setdefault("catalog", []).append(known)
                    _join(known, one)
            case _:
                whole.setdefault(name, value)


def next_of(link: str | None) -> str | None:
    """The target of ``rel="next"`` in a Link header (RFC 8288)."""
    for part in (link or "").split(","):
        target, _, parameters = part.strip().partition(";")
        if 'rel="next"' in parameters.replace(" ", "") and target.startswith("<"):
            return target.strip("<> ")
    return None


def _within(base: str, url: str) -> str:
    """The next page, which must be at the same place: our token goes with the request."""
    if urlsplit(url)[:2] != urlsplit(base)[:2]:
        raise Unreachable(f"the catalogue goes on somewhere else: {url}")
    return url
