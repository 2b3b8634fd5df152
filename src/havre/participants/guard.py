"""At the door of our own API: who calls, and may it."""

from starlette.requests import Request

from havre.context import Context
from havre.participants import usecases
from havre.participants.model import Caller, Scope


def caller(request: Request, context: Context, scope: Scope | None) -> Caller:
    """The caller of a request. ``NotFound`` for strangers, ``Denied`` without the scope (None: any scope will do)."""
    with context.database.read() as conn:
        found = usecases.caller(conn, request.headers.get("authorization"), None, context.clock())
    # known from here on, also when it is denied
    request.state.caller = f"{found.participant.slug}/{found.member.id}"
    return usecases.allowed(found, scope)


def operator(request: Request, context: Context) -> None:
    """``NotFound`` for everybody but the operator."""
    with context.database.read() as conn:
        usecases.operator(conn, request.headers.get("authorization"), context.clock())
    request.state.caller = "operator"
