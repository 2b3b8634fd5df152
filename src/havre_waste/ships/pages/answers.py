"""What the addresses of ships share: what a request says, and what is wrong with it as a problem (RFC 9457)."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from havre_ui.shell import NEVER_OLD
from havre_waste.ships.pages import form
from havre_waste.ships.wrong import Wrong

LONGEST_BODY = 1_000_000
PROBLEM = "application/problem+json"


async def body(request: Request) -> bytes:
    """The whole of it. ``HTTPException`` 413: it is too long."""
    if int(request.headers.get("content-length") or 0) > LONGEST_BODY:
        raise HTTPException(413)
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LONGEST_BODY:
            raise HTTPException(413)
    return bytes(read)


async def written(request: Request) -> dict[str, str]:
    """The fields of a form. ``HTTPException`` 400: it is none."""
    try:
        return form.fields(await body(request))
    except ValueError:
        raise HTTPException(400) from None


def no_json() -> Response:
    return problem(400, "No JSON", [Wrong("", "not_object", {"got": "something that is no JSON"})])


def problem(status: int, title: str, wrong: Sequence[Wrong]) -> Response:
    """RFC 9457."""
    errors = [{"field": one.path, "code": one.key, "message": one.message} for one in wrong]
    told = {"title": title, "status": status, "detail": "; ".join(map(str, wrong))[:2000], "errors": errors}
    return JSONResponse(told, status, headers=NEVER_OLD, media_type=PROBLEM)
