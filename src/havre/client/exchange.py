"""An exchange, as a participant's token opens it."""

from havre.client.connection import Connection, checked_token
from havre.client.providing import Providing
from havre.client.running import Running
from havre.client.using import Using


class Exchange(Using, Providing, Running):
    """All calls of an exchange's HTTP API. They raise ``ExchangeError``; an instance can be shared among threads.

    ``url`` is the node's address, ``token`` an API token (``hvr_…``), or the operator's for the operator's calls.
    """

    def __init__(self, url: str, token: str) -> None:
        self._token = checked_token(token)
        self._connection = Connection(url, self._token)

    @property
    def url(self) -> str:
        return self._connection.url

    @property
    def token(self) -> str:
        """The token that was given, to be handed to another tool."""
        return self._token

    def __repr__(self) -> str:
        return f"Exchange({self._connection.url!r})"
