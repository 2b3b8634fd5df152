"""HTTP: who am I, members, tokens, the operator's participants and trust list, DID documents."""

from collections.abc import Callable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.participants import did, guard, store, usecases
from havre.participants.model import Caller, Member, Recognition, Role, Scope, Token, Trusted
from havre.web import Handler, body, json_response, resource


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewMember(Form):
    name: str
    kind: Literal["person", "machine"] = "person"
    role: Role


class NewToken(Form):
    member: str
    scopes: frozenset[Scope] | None = None
    days: int = usecases.TOKEN_DAYS


class NewParticipant(Form):
    slug: str
    name: str


class NewTrust(Form):
    id: str = Field(min_length=1)
    name: str
    memberships: frozenset[str] = frozenset()
    identity: Recognition | None = None
    sends: str | None = None
    receives: str | None = None

    @model_validator(mode="after")
    def _values_for_fixed_alone(self) -> Self:
        fixed = self.identity is Recognition.FIXED
        if self.identity is not None and fixed != bool(self.sends and self.receives):
            raise ValueError("identity 'fixed' has both sends and receives, identity 'did' has neither")
        return self


def routes(context: Context) -> list[Route]:
    """All routes of the room."""
    return [*_own(context), *_members(context), *_tokens(context), *_node(context), *_public(context)]


def _own(context: Context) -> list[Route]:
    def me(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, None)
        member = {"name": who.member.name, "kind": who.member.kind, "role": who.member.role}
        return json_response({"participant": vars(who.participant), "member": member, "scopes": sorted(who.scopes)})

    return [resource("/api/me", GET=me)]


def _members(context: Context) -> list[Route]:
    database, admin = context.database, _for_admin(context)

    def listed(who: Caller, request: Request, raw: bytes) -> Response:
        with database.read() as conn:
            return json_response([_member(member) for member in store.members_of(conn, who.participant.slug)])

    def add(who: Caller, request: Request, raw: bytes) -> Response:
        form, slug, new_id = body(raw, NewMember), who.participant.slug, context.new_id
        member = database.write(
            lambda conn: usecases.add_member(conn, slug, form.name, form.kind, form.role, new_id=new_id)
        )
        return json_response(_member(member), 201)

    def remove(who: Caller, request: Request, raw: bytes) -> Response:
        slug, id, now = who.participant.slug, request.path_params["id"], context.clock()
        database.write(lambda conn: usecases.remove_member(conn, slug, id, now=now))
        return Response(status_code=204)

    return [
        resource("/api/members", GET=admin(listed), POST=admin(add)),
        resource("/api/members/{id}", DELETE=admin(remove)),
    ]


def _tokens(context: Context) -> list[Route]:
    database, admin = context.database, _for_admin(context)

    def listed(who: Caller, request: Request, raw: bytes) -> Response:
        with database.read() as conn:
            return json_response([_token(token) for token in store.tokens_of(conn, who.participant.slug)])

    def add(who: Caller, request: Request, raw: bytes) -> Response:
        form, slug, now = body(raw, NewToken), who.participant.slug, context.clock()
        issued = database.write(
            lambda conn: usecases.issue_token(
                conn, slug, form.member, now=now, new_id=context.new_id, scopes=form.scopes, days=form.days
            )
        )
        return json_response(_token(issued.token) | {"token": issued.secret}, 201, NOT_STORED)

    def revoke(who: Caller, request: Request, raw: bytes) -> Response:
        slug, id, now = who.participant.slug, request.path_params["id"], context.clock()
        database.write(lambda conn: usecases.revoke_token(conn, slug, id, now=now))
        return Response(status_code=204)

    return [
        resource("/api/tokens", GET=admin(listed), POST=admin(add)),
        resource("/api/tokens/{id}", DELETE=admin(revoke)),
    ]


def _node(context: Context) -> list[Route]:
    database, operator = context.database, _for_operator(context)

    def participants(request: Request, raw: bytes) -> Response:
        with database.read() as conn:
            return json_response([vars(participant) for participant in store.participants_of_node(conn)])

    def add_participant(request: Request, raw: bytes) -> Response:
        form = body(raw, NewParticipant)
        participant, issued = usecases.add_participant(context, form.slug, form.name)
        return json_response(vars(participant) | {"token": issued.secret}, 201, NOT_STORED)

    def trusted(request: Request, raw: bytes) -> Response:
        with database.read() as conn:
            return json_response([_trusted(entry) for entry in store.trust_list(conn)])

    def trust(request: Request, raw: bytes) -> Response:
        form = body(raw, NewTrust)
        entry = usecases.trust(context, form.id, form.name, form.memberships, sends=form.sends, receives=form.receives)
        return json_response(_trusted(entry), 201)

    def distrust(request: Request, raw: bytes) -> Response:
        id = request.path_params.get("id") or request.query_params.get("id", "")
        database.write(lambda conn: usecases.distrust(conn, id))
        return Response(status_code=204)

    return [
        resource("/api/node/participants", GET=operator(participants), POST=operator(add_participant)),
        resource("/api/node/trust", GET=operator(trusted), POST=operator(trust), DELETE=operator(distrust)),
        resource("/api/node/trust/{id:path}", DELETE=operator(distrust)),
    ]


def _public(context: Context) -> list[Route]:
    def did_document(request: Request, raw: bytes) -> Response:
        with context.database.read() as conn:
            participant = usecases.participant(conn, request.path_params["slug"])
            public_key = store.public_key(conn, participant.slug)
        document = did.document(participant.did, public_key, participant.protocol_url)
        return json_response(document, headers={"content-type": "application/did+json"})

    return [resource("/participants/{slug}/did.json", GET=did_document)]


NOT_STORED = {"cache-control": "no-store"}

ForAdmin = Callable[[Caller, Request, bytes], Response]


def _for_admin(context: Context) -> Callable[[ForAdmin], Handler]:
    def guarded(function: ForAdmin) -> Handler:
        return lambda request, raw: function(guard.caller(request, context, Scope.ADMIN), request, raw)

    return guarded


def _for_operator(context: Context) -> Callable[[Handler], Handler]:
    def guarded(function: Handler) -> Handler:
        def run(request: Request, raw: bytes) -> Response:
            guard.operator(request, context)
            return function(request, raw)

        return run

    return guarded


def _member(member: Member) -> dict[str, Any]:
    return {"id": member.id, "name": member.name, "kind": member.kind, "role": member.role}


def _token(token: Token) -> dict[str, Any]:
    return {**vars(token), "scopes": sorted(token.scopes)}


def _trusted(entry: Trusted) -> dict[str, Any]:
    """An entry as it is shown: the values of a fixed identity stay inside."""
    return {
        "id": entry.counterparty.id,
        "name": entry.counterparty.name,
        "memberships": sorted(entry.counterparty.memberships),
        "identity": entry.recognition,
        "added": entry.added,
    }
