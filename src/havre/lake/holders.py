"""Who holds a lease: a writer of a process of a machine. Whether a process of this machine lives can be seen here."""

import os
import socket
import uuid

PROCESS = uuid.uuid4().hex
"""Tells this process from an earlier one with the same number, as there is in a container that was started again."""


def new(id: str) -> str:
    """The name of a writer of this process."""
    return f"{socket.gethostname()} {os.getpid()} {PROCESS} {id}"


def gone(holder: str) -> bool:
    """Whether the writer's process is known to have ended; False when nobody here can know."""
    host, number, process, _ = holder.split(" ", 3)
    if host != socket.gethostname() or process == PROCESS:
        return False
    return int(number) == os.getpid() or not _lives(int(number))


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
