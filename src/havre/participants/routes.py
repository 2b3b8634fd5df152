"""HTTP: who am I, members, tokens, the operator's participants and trust list, DID documents."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.participants import did, store, usecases
from havre.participants.guard import caller, operator
from havre.participants.model import Member, Role, Scope, Token
from havre.web import body, endpoint, json_response


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewMember(Form):
    name: str = Field(min_length=1)
    kind: Literal["person", "machine"] = "person"
    role: Role


class NewToken(Form):
    member: str
    scopes: frozenset[Scope] | None = None
    days: int = usecases.TOKEN_DAYS


class NewParticipant(Form):
    slug: str
    name: str = Field(min_length=1)


class NewTrust(Form):
    id: str
    name: str = Field(min_length=1)
    memberships: frozenset[str] = frozenset()
    sends: str | None = None
    receives: str | None = None


def routes(context: Context) -> list[Route]:
    database = context.database

    def me(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.READ)
        return json_response(
            {
                "participant": vars(who.participant),
                "member": _member(who.member),
                "scopes": sorted(who.scopes),
            }
        )

    def members(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        with database.read() as conn:
            return json_response([_member(member) for member in store.members_of(conn, who.participant.slug)])

    def add_member(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        form = body(raw, NewMember)
        member = database.write(
            lambda conn: usecases.add_member(
                conn, who.participant.slug, form.name, form.kind, form.role, new_id=context.new_id
            )
        )
        return json_response(_member(member), 201)

    def remove_member(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        id = request.path_params["id"]
        database.write(lambda conn: usecases.remove_member(conn, who.participant.slug, id, now=context.clock()))
        return Response(status_code=204)

    def tokens(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        with database.read() as conn:
            return json_response([_token(token) for token in store.tokens_of(conn, who.participant.slug)])

    def add_token(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        form = body(raw, NewToken)
        issued = database.write(
            lambda conn: usecases.issue_token_for(
                conn,
                who.participant.slug,
                form.member,
                now=context.clock(),
                new_id=context.new_id,
                scopes=form.scopes,
                days=form.days,
            )
        )
        return json_response({**_token(issued.token), "token": issued.secret}, 201)

    def revoke_token(request: Request, raw: bytes) -> Response:
        who = caller(request, context, Scope.ADMIN)
        id = request.path_params["id"]
        database.write(lambda conn: usecases.revoke_token(conn, who.participant.slug, id, now=context.clock()))
        return Response(status_code=204)

    def participants(request: Request, raw: bytes) -> Response:
        operator(request, context)
        with database.read() as conn:
            return json_response([vars(participant) for participant in store.participants_of_node(conn)])

    def add_participant(request: Request, raw: bytes) -> Response:
        operator(request, context)
        form = body(raw, NewParticipant)
        participant, issued = usecases.add_participant(context, form.slug, form.name)
        return json_response({**vars(participant), "token": issued.secret}, 201)

    def trust(request: Request, raw: bytes) -> Response:
        operator(request, context)
        with database.read() as conn:
            return json_response([_trusted(trusted) for trusted in store.trust_list(conn)])

    def add_trust(request: Request, raw: bytes) -> Response:
        operator(request, context)
        form = body(raw, NewTrust)

        def add(conn: Connection) -> dict[str, Any]:
            usecases.trust(
                context, conn, form.id, form.name, form.memberships, sends=form.sends, receives=form.receives
            )
            found = store.trusted(conn, form.id)
            return _trusted(found) if found else {}

        return json_response(database.write(add), 201)

    def remove_trust(request: Request, raw: bytes) -> Response:
        operator(request, context)
        database.write(lambda conn: usecases.distrust(conn, request.path_params["id"]))
        return Response(status_code=204)

    def did_document(request: Request, raw: bytes) -> Response:
        with database.read() as conn:
            participant = usecases.participant(conn, request.path_params["slug"])
            public_key = store.public_key(conn, participant.slug)
        document = did.document(participant.did, public_key, participant.protocol_url)
        return json_response(document, headers={"content-type": "application/did+json"})

    table = [
        ("GET", "/api/me", me),
        ("GET", "/api/members", members),
        ("POST", "/api/members", add_member),
        ("DELETE", "/api/members/{id}", remove_member),
        ("GET", "/api/tokens", tokens),
        ("POST", "/api/tokens", add_token),
        ("DELETE", "/api/tokens/{id}", revoke_token),
        ("GET", "/api/node/participants", participants),
        ("POST", "/api/node/participants", add_participant),
        ("GET", "/api/node/trust", trust),
        ("POST", "/api/node/trust", add_trust),
        ("DELETE", "/api/node/trust/{id:path}", remove_trust),
        ("GET", "/participants/{slug}/did.json", did_document),
    ]
    return [Route(path, endpoint(handler), methods=[method]) for method, path, handler in table]


def _member(member: Member) -> dict[str, Any]:
    return {"id": member.id, "name": member.name, "kind": member.kind, "role": member.role}


def _token(token: Token) -> dict[str, Any]:
    return {**vars(token), "scopes": sorted(token.scopes)}


def _trusted(trusted: store.Trusted) -> dict[str, Any]:
    counterparty = trusted.counterparty
    return {
        "id": counterparty.id,
        "name": counterparty.name,
        "memberships": sorted(counterparty.memberships),
        "identity": trusted.identity,
    }
