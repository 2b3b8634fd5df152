"""A node that is told to stop does, whoever is connected."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from havre.client import Exchange, Field, Schema
from havre.demo import nodes
from havre.demo.nodes import Node

pytestmark = pytest.mark.real
ROWS = 40_000
"""Too many for what lies between two processes: the reader's side of it is kept small."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = nodes.make("node", tmp_path / "node")
    made.start()
    yield made
    made.kill()


def test_a_follower_that_has_stopped_reading_does_not_keep_it(node: Node) -> None:
    harbour = node.operator.add_participant("harbour", "Harbour")
    holder = Exchange(node.url, harbour.token or "")
    holder.declare("series", Schema((Field("text", "string"),)))
    holder.publish("series", [{"text": f"{number:0500}"} for number in range(ROWS)])
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("localhost", node.port))
        asked = f"GET /api/datasets/series/events?after=-1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {harbour.token}"
        reader.sendall(f"{asked}\r\n\r\n".encode())
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
        time.sleep(2)  # until it is stuck: nothing outside of the node tells that
        process = node.process
        node.stop()  # it raises when the process does not end
        assert process is not None and process.returncode == 0
    node.start()  # nothing of it was left locked
    with holder.follow_own("series", after=ROWS - 2) as rows:
        assert next(iter(rows))["text"] == f"{ROWS - 1:0500}"
