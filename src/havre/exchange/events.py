"""Server-Sent Events on the wire (WHATWG HTML, section 9.2; pure but for the encoding of rows).

The id of an event is a position: everything up to it that was asked for has been sent. There are three kinds:

- without a name: rows, as a JSON array, or as an Arrow IPC stream in Base64, many in one event (decision record 0042).
- ``live``: all rows that are there have been sent. ``position`` is that of the last one, ``input`` when it came in,
  ``at`` when this was said. It comes again from time to time, so that a silent source differs from a dead connection.
- ``end``: nothing follows, as the members of a problem (RFC 9457) say.

An event without data carries an id alone: so far there was nothing that was asked for.
"""

import base64
from datetime import datetime

import pyarrow as pa

from havre.errors import HavreError
from havre.exchange import encoding


def rows(found: pa.Table, format: str, position: int) -> bytes:
    """The rows of a table, up to ``position``; an id alone when there are none."""
    if found.num_rows == 0:
        return b"id: %d\n\n" % position
    if format == "arrow":
        data = base64.b64encode(b"".join(encoding.arrow(found.schema, iter(found.to_batches()))))
    else:
        data = encoding.text(found.to_pylist()).encode()
    return b"id: %d\ndata: %b\n\n" % (position, data)


def live(position: int, at: datetime, input: datetime | None) -> bytes:
    members = {"position": position, "at": at, "input": input}
    return f"id: {position}\nevent: live\ndata: {encoding.text(members)}\n\n".encode()


def end(why: HavreError) -> bytes:
    return f"event: end\ndata: {encoding.text(why.details())}\n\n".encode()
