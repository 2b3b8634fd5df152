"""The body of a request, never more of it than may come."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def body(request: Request, largest: int) -> bytes:
    """413 for more bytes than that."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        parts.append(part)
    return b"".join(parts)
