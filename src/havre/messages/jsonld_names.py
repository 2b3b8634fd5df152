"""What the names in a message mean by its context (JSON-LD 1.1, section 4.1), and how they are written plainly.

Rules that hold here:

1. Nothing is fetched. A context that is not pinned counts for nothing beside the protocol's own; without that, the
   message cannot be understood.
2. Where the protocol's context is, its terms and prefixes mean what they mean there: it is protected.
3. A name that no context explains is taken as it stands.
"""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from havre.errors import Invalid
from havre.messages.jsonld_terms import KINDS, NAMES, NAMESPACES, PINNED, PREFIXES, short
from havre.messages.wire import CONTEXT

MOST_HOPS = 8
"""How many definitions may hang on each other."""
LONGEST = 1000
"""Characters of a name or a definition: a short name in a message must not become a long one again and again."""
SCHEMES = frozenset({"http", "https", "urn", "did"})
"""No prefixes, whatever a context says: identifiers begin with them."""


@dataclass(frozen=True)
class Names:
    """A context in force: ``terms`` and prefixes with their IRIs, ``vocab`` for all other names if there is one."""

    terms: ChainMap[str, str]
    protocol: bool = False
    vocab: str | None = None

    def within(self, context: Any) -> "Names":
        """With another context on top. ``Invalid`` when it is not known here, or contradicts the protocol's."""
        listed = context if isinstance(context, list) else [context]
        protocol = self.protocol or CONTEXT in listed
        terms, vocab = self.terms.new_child(), self.vocab
        for one in listed:
            match one:
                case dict():
                    terms.update(_definitions(one, protocol))
                    vocab = one.get("@vocab", vocab)
                case None:
                    pass
                case str() if protocol or one in PINNED:
                    pass
                case _:
                    raise Invalid(f"{one!r} is not known here", field="@context", expected=" or ".join(sorted(PINNED)))
        return Names(terms, protocol, vocab if isinstance(vocab, str) and vocab else None)

    def iri(self, name: str, hops: int = 0) -> str:
        """The IRI of a name, or the keyword that it is an alias of; the name itself when nothing explains it."""
        if hops > MOST_HOPS:
            raise Invalid(f"{name!r} is defined by itself", field="@context")
        if len(name) > LONGEST:
            raise Invalid(f"{name[:40]!r}… is a name of {len(name)} characters", expected=f"at most {LONGEST}")
        known = None if self.protocol and name in KINDS else self.terms.get(name)
        if known is not None and known != name:
            return known if known.startswith("@") else self.iri(known, hops + 1)
        prefix, colon, local = name.partition(":")
        if colon:
            base = None if local.startswith("//") or prefix in SCHEMES else self.terms.get(prefix)
            return name if base is None else self.iri(base, hops + 1) + local
        if self.vocab is None or self.protocol or name.startswith("@"):
            return name
        return self.iri(self.vocab, hops + 1) + name

    def member(self, name: str) -> str:
        """The plain name of a member."""
        return short(self.iri(name))

    def term(self, text: str) -> str:
        """A value out of a vocabulary, plainly. What stands there without a prefix stays, whatever ``@vocab`` says."""
        if ":" not in text and (text in NAMES or text not in self.terms):
            return text
        return short(self.iri(text)).removeprefix("dspace:")

    def identifier(self, text: str) -> str:
        """An identifier that means the same where only the protocol's context is."""
        prefix, colon, _ = text.partition(":")
        if not colon or self.terms.get(prefix) == PREFIXES.get(prefix):
            return text
        return self.iri(text)


def _definitions(context: Mapping[str, Any], protocol: bool) -> dict[str, str]:
    """The terms and prefixes that an inline context defines."""
    found = {}
    for name, definition in context.items():
        id = definition.get("@id") if isinstance(definition, Mapping) else definition
        if name.startswith("@") or not isinstance(id, str):
            continue
        if protocol and name in PREFIXES and NAMESPACES.get(id) != name:
            raise Invalid(f"{name!r} cannot be {id!r}", field="@context", expected=PREFIXES[name])
        found[name] = id
    return found


PLAIN = Names(ChainMap(dict(PREFIXES)))
"""Where a message has no context: the protocol's prefixes are known all the same."""
