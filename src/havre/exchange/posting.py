"""The rows of a push on the wire: pages read in order of position, cut into parts, posted to the consumer's endpoint.

Each part is a POST of at most ``PART_BYTES`` (or one row) with these headers: ``Content-Type`` says how the rows are
encoded, ``Havre-Transfer`` is the consumer's identifier of the transfer, ``Havre-Positions: 0-4999/300000`` says the
positions of its rows and the position after the last one of all, ``Idempotency-Key`` is the same when a part comes
again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import urllib3

from havre.errors import Invalid
from havre.exchange.model import PAGE_ROWS, Part, Push
from havre.lake.model import POSITION, Dataset
from havre.lake.query import Cursor, Filter, Query
from havre.messages.model import Answer
from havre.settings import Settings
from havre.sources.transports.guarded import pools
from havre.transfers.destination import ARROW, Destination
from havre.transfers.model import Transfer

if TYPE_CHECKING:
    import pyarrow as pa

PART_ROWS = 5_000
PART_BYTES = 4 * 1024 * 1024
LONGEST_ANSWER = 64 * 1024


def connections(settings: Settings) -> urllib3.PoolManager:
    """The way to the endpoints: to public addresses alone, unless the operator allows others."""
    return pools(private=settings.private_pushes)


def length(settings: Settings, dataset: Dataset) -> int:
    """The position that the next row will have, as the table's log says."""
    from havre.lake import table  # PyArrow, with the first push

    return table.measured(table.create(settings, dataset), dataset.schema).next


def parts(settings: Settings, dataset: Dataset, page: range, media_type: str) -> Iterator[Part]:
    """The rows of a page, in parts; the last one reaches to the page's end."""
    import pyarrow as pa

    from havre.lake.reading import scan

    asked = Query(filters=(Filter(POSITION, "lt", (page.stop,)),), after=Cursor(None, page.start - 1), limit=PAGE_ROWS)
    found = scan(settings, dataset, asked)
    rows = pa.Table.from_batches(list(found.batches), found.schema)
    first, at = page.start, 0
    while at < rows.num_rows:
        body, count = _encoded(rows.slice(at, PART_ROWS), media_type)
        at += count
        last = rows[POSITION][at - 1].as_py() if at < rows.num_rows else page.stop - 1
        yield Part(first, last, count, body)
        first = last + 1
    if rows.num_rows == 0:
        yield Part(page.start, page.stop - 1, 0, b"")


def _encoded(rows: "pa.Table", media_type: str) -> tuple[bytes, int]:
    """As many of the rows as fit into a part, at least one."""
    from havre.exchange import encoding

    encoder = encoding.arrow if media_type == ARROW else encoding.ndjson
    count = rows.num_rows
    while True:
        body = b"".join(encoder(rows.schema, iter(rows.slice(0, count).to_batches())))
        if len(body) <= PART_BYTES or count == 1:
            return body, count
        count //= 2


@dataclass(frozen=True)
class Posting:
    """What came of a post: ``why`` it was not taken, and whether it is of use to try again. It names the host alone."""

    taken: bool
    why: str = ""
    again: bool = False


def post(
    http: urllib3.PoolManager, destination: Destination, transfer: Transfer, push: Push, part: Part, seconds: float
) -> Posting:
    """Post a part once. Redirections are not followed; of the answer its status alone counts."""
    host = destination.host
    try:
        response = http.request(
            "POST",
            destination.endpoint,
            body=part.body,
            headers=_headers(destination, transfer, push, part),
            timeout=seconds,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        with response:
            response.read(LONGEST_ANSWER)
    except Invalid:
        why = f"{host} is at a private address, where this node does not push to"
        return Posting(False, why)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return Posting(False, f"no answer from {host} ({type(error).__name__})", again=True)
    answer = Answer(response.status, {})
    if answer.accepted:
        return Posting(True)
    return Posting(False, f"{host} answered {answer}", again=not answer.refused and response.status >= 400)


def _headers(destination: Destination, transfer: Transfer, push: Push, part: Part) -> dict[str, str]:
    opens = destination.authorization
    return {
        "User-Agent": "havre",
        "Content-Type": destination.media_type,
        "Havre-Transfer": transfer.consumer_pid or "",
        "Havre-Positions": f"{part.first}-{part.last}/{push.end}",
        "Idempotency-Key": f'"{push.access}/{part.first}-{part.last}"',
        **({} if opens is None else {"Authorization": opens}),
    }
