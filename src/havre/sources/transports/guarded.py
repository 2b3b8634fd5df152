"""Connections to the outside, which must not lead to the inside.

A participant of a node names addresses; behind some of them may be what is private to the operator. So the address that
a connection has in truth is looked at, after the name was resolved and before anything is sent.
"""

import ipaddress
import socket
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from havre.errors import Invalid


def require_public(address: str) -> None:
    """``Invalid`` for an address of this machine, of a private network, or of no host at all (RFC 6890)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    if not mapped.is_global or mapped.is_multicast:
        raise Invalid(
            f"{address} is a private address", field="options", expected="a public one, or HAVRE_PRIVATE_SOURCES=true"
        )


def connect(host: str, port: int, timeout: float, *, private: bool) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=timeout)
    if not private:
        _require_peer(connection)
    return connection


def pools(*, private: bool) -> PoolManager:
    """HTTP connections; to public addresses alone, unless ``private`` ones are allowed."""
    manager = PoolManager(retries=False)
    if not private:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager


def _require_peer(connection: socket.socket) -> None:
    try:
        require_public(connection.getpeername()[0])
    except Invalid:
        connection.close()
        raise


class _Connection(HTTPConnection):
    def _new_conn(self) -> Any:
        connection = super()._new_conn()
        _require_peer(connection)
        return connection


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        connection = super()._new_conn()
        _require_peer(connection)
        return connection


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
