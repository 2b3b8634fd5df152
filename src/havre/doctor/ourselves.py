"""What can be looked at without asking anybody: the node key, the database, the pinned contexts, the outbox."""

import sqlalchemy as sa

from havre.context import Context
from havre.doctor import store
from havre.doctor.model import Finding, ok, problem
from havre.doctor.rules import messages
from havre.errors import HavreError
from havre.messages.jsonld_terms import PINNED, pinned
from havre.participants import keys
from havre.participants import store as people

RESTORE = "give it the node key that it was made with: HAVRE_NODE_KEY, or the file from your backup"


def database(context: Context) -> Finding:
    """Whether the database answers, and has what this release needs."""
    subject = context.database.engine.url.render_as_string(hide_password=True)
    try:
        with context.database.read() as conn:
            missing = store.missing(conn)
    except sa.exc.SQLAlchemyError as error:
        why = getattr(error, "orig", None) or error
        return problem("database", subject, f"cannot be used: {why}", "see HAVRE_DATABASE_URL, and that it runs")
    if missing:
        what = f"lacks {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}"
        return problem("database", subject, what, "start the node with this release once: it makes them")
    return ok("database", subject, "answers, and has the tables of this release")


def node_key(context: Context) -> Finding:
    """Whether there is a node key, and it opens the signing keys of those whom the node hosts."""
    settings = context.settings
    subject = "HAVRE_NODE_KEY" if settings.node_key is not None else str(keys.key_file(settings))
    try:
        key = keys.node_key(settings)
    except HavreError as error:
        return problem("node key", subject, error.message, error.expected or "see the folder and its owner")
    with context.database.read() as conn:
        hosted = people.participants_of_node(conn)
        sealed = {one.slug: (people.sealed_key(conn, one.slug), people.public_key(conn, one.slug)) for one in hosted}
    for slug, (private, public) in sealed.items():
        try:
            opened = keys.unseal(key, private, keys.signing_key_of(slug))
        except HavreError as error:
            return problem("node key", subject, error.message, RESTORE)
        if keys.public_bytes(opened) != public:
            return problem("node key", subject, f"the signing key of {slug} is not the one in its document", RESTORE)
    return ok("node key", subject, f"opens the signing keys of {len(hosted)} participants")


def contexts() -> list[Finding]:
    """Which JSON-LD contexts are in the package. Others count for nothing: no context is ever fetched."""
    found = []
    for url in sorted(PINNED):
        try:
            pinned(url)
        except (OSError, ValueError, KeyError) as error:
            found.append(problem("context", url, f"its file cannot be read: {error}", "install Havre anew"))
        else:
            found.append(ok("context", url, "is pinned in the package; nothing is fetched"))
    return found


def outbox(context: Context) -> list[Finding]:
    now = context.clock()
    with context.database.read() as conn:
        found = store.examined_outbox(conn, now)
    return messages(found, now)
