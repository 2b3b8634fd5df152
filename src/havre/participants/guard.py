"""At the door of our own API: who calls, and may it.

Rules that hold here: whom a token belongs to is kept for a moment (``havre.participants.kept``); a token or a member
that this process ends is refused with the commit that ends it.
"""

from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from havre.context import Context
from havre.database import Database
from havre.errors import NotFound
from havre.participants import store, usecases
from havre.participants.identity import bearer
from havre.participants.kept import Kept
from havre.participants.model import Caller, Scope

_kept: WeakKeyDictionary[Database, Kept[Caller]] = WeakKeyDictionary()


def caller(request: Request, context: Context, scope: Scope | None) -> Caller:
    """The caller of a request. ``NotFound`` for strangers, ``Denied`` without the scope (None: any scope will do)."""
    authorization, now = request.headers.get("authorization"), context.clock()

    def load() -> Caller | None:
        with context.database.look() as conn:
            return usecases.caller(conn, authorization, None, now)

    found = _callers(context.database).find(_name(authorization), now, load)
    if found is None:
        raise NotFound("not a caller")
    return _admitted(request, found, scope)


async def called(request: Request, context: Context, scope: Scope | None) -> Caller:
    """As ``caller``, for the event loop."""
    name = _name(request.headers.get("authorization"))
    found = _callers(context.database).get(name, context.clock())
    if found is None:
        return await run_in_threadpool(caller, request, context, scope)
    return _admitted(request, found, scope)


def operator(request: Request, context: Context) -> None:
    """``NotFound`` for everybody but the operator."""
    with context.database.look() as conn:
        usecases.operator(conn, request.headers.get("authorization"), context.clock())
    request.state.caller = "operator"


def _admitted(request: Request, found: Caller, scope: Scope | None) -> Caller:
    # known from here on, also when it is denied
    request.state.caller = f"{found.participant.slug}/{found.member.id}"
    return usecases.allowed(found, scope)


def _callers(database: Database) -> Kept[Caller]:
    """One memory a database: two nodes in one process, as in tests, know nothing of each other."""
    return _kept.get(database) or _kept.setdefault(database, Kept(database, store.CALLERS))


def _name(authorization: str | None) -> str:
    """Under which name the caller is kept: never the secret itself."""
    return store.fingerprint(bearer(authorization))
