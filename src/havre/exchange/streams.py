"""The streams of those who follow, on the event loop.

Rules that hold here:

1. Who waits holds no thread and asks for nothing: a commit wakes it, of rows or of what ends it, also one of another
   process; and from time to time it says that it is there.
2. What is to be sent next is found out when what was before has been taken.
3. However a stream ends, what left is recorded.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from havre.messages.waiting import Waiting, passed

if TYPE_CHECKING:
    from havre.exchange.following import Follower

HEARTBEAT = timedelta(seconds=15)
THREADS = 4
"""Of all threads of a process, so many work for those who follow."""
BEGIN = b"retry: 1000\n\n"
"""Milliseconds after which a browser comes again. It is sent at once: who follows knows that it was let in."""


class Streams:
    """The streams of a process. ``end`` them so that the server can stop; ``close`` those that could not end before the
    database does."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._threads = anyio.CapacityLimiter(THREADS)
        self._open: dict[Follower, asyncio.Event] = {}

    async def stream(self, follower: "Follower") -> AsyncIterator[bytes]:
        """The events, until the leave ends or nobody takes them any more."""
        try:
            with self._waiting.woken(*follower.keys) as woken:
                self._open[follower] = woken
                yield BEGIN
                while not follower.ended:
                    woken.clear()
                    event = await anyio.to_thread.run_sync(follower.next, limiter=self._threads)
                    if event:
                        yield event
                        follower.taken(event)
                    else:
                        await passed(woken, HEARTBEAT.total_seconds())
        finally:
            self._open.pop(follower, None)
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(follower.close)

    def end(self) -> None:
        """For the event loop. Who follows comes again elsewhere, or when the node runs again."""
        for follower, woken in self._open.items():
            follower.ended = True
            woken.set()

    def close(self) -> None:
        for follower in list(self._open):
            follower.close()
