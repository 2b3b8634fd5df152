"""Read rows as a data user does: an access of the city to ``ships`` of the harbour, and what came."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.asgi import Reply, Taking, ask
from tests.two_nodes import USE, TwoNodes

Parameters = Mapping[str, Any] | list[tuple[str, Any]]


@dataclass(frozen=True)
class Reader:
    """``transfer`` is the reader's identifier; the token is asked for anew each time, as it may be renewed."""

    nodes: TwoNodes
    agreement: str
    transfer: str

    def read(self, parameters: Parameters = (), taking: Taking | None = None, **headers: str) -> Reply:
        access = self.nodes.town.access(self.transfer)
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.ask(f"{access['endpoint']}{query}", access["token"], taking, **headers)

    def ask(self, url: str, token: str, taking: Taking | None = None, **headers: str) -> Reply:
        sent = {"authorization": f"Bearer {token}", **headers}
        return ask(self.nodes.port.app, "GET", url, b"", sent, taking)

    def rows(self, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """All rows, as NDJSON."""
        reply = self.read([("format", "ndjson"), *dict(parameters).items()])
        assert reply.status == 200 and reply.whole, reply
        return [json.loads(line) for line in reply.body.splitlines()]

    def usage(self) -> Any:
        """The harbour's line of the agreement; None when there is none."""
        lines = [one for one in self.nodes.harbour.client.get("/api/usage") if one["agreement"] == self.agreement]
        return lines[0] if lines else None


def reader(nodes: TwoNodes, policy: Mapping[str, Any] = USE) -> Reader:
    """A started transfer of the city under an agreement on those terms."""
    agreement = nodes.town.agreement_with(nodes.harbour, nodes.offer(policy))
    return Reader(nodes, agreement, nodes.town.started(agreement))


def constrained(left: str, operator: str, right: Any) -> dict[str, Any]:
    """Terms with one constraint."""
    constraint = {"leftOperand": left, "operator": operator, "rightOperand": right}
    return {"permission": [{"action": "use", "constraint": [constraint]}]}
