"""Catalogues are long and repeat themselves: who can read gzip gets them so (RFC 9110, section 12.5.3).

Here alone, and not for all answers of the node: rows go out in streams that compress themselves where it pays.
"""

import gzip

from starlette.requests import Request
from starlette.responses import Response

SHORTEST = 2048
LEVEL = 1
"""Nine tenths are saved already by the fastest level; the best saves little more and takes four times as long."""


def gzipped(request: Request, response: Response) -> Response:
    """The response, in gzip when the request accepts that and it is worth the while."""
    response.headers["vary"] = "Accept-Encoding"
    if len(response.body) >= SHORTEST and accepts_gzip(request.headers.get("accept-encoding", "")):
        response.body = gzip.compress(response.body, LEVEL, mtime=0)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response


def accepts_gzip(header: str) -> bool:
    """Whether an ``Accept-Encoding`` takes gzip."""
    weights = {}
    for part in header.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        weights[name] = not any(one.replace(" ", "") in REFUSED for one in parameters)
    return weights.get("gzip", weights.get("*", False))


REFUSED = {"q=0", "q=0.0", "q=0.00", "q=0.000"}
