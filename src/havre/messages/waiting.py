"""Waiting for a commit on the event loop: what a request with ``?wait=`` does, without holding a thread."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from havre.database import Database
from havre.errors import Invalid

T = TypeVar("T")
LONGEST = 60.0
CHECKED_AGAIN = 5.0


def seconds(request: Request) -> float:
    """The ``wait`` parameter, 0 when it is not given."""
    text = request.query_params.get("wait", "0")
    try:
        wait = float(text)
    except ValueError:
        wait = -1.0
    if not 0 <= wait <= LONGEST:
        raise Invalid(f"got {text!r}", field="wait", expected=f"seconds, 0 to {LONGEST:g}")
    return wait


class Waiting:
    """Wakes requests at each commit of this process."""

    def __init__(self, database: Database) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        database.after_commit(self._wake)

    async def until(self, load: Callable[[], T], done: Callable[[T], bool], wait: float) -> T:
        """What ``load`` gives, as soon as it is ``done`` or the time is over. Another process' commit takes longer."""
        until = time.monotonic() + wait
        ours = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(ours)
        try:
            while True:
                ours[1].clear()
                found = await run_in_threadpool(load)
                left = until - time.monotonic()
                if left <= 0 or done(found):
                    return found
                await _wait(ours[1].wait(), min(left, CHECKED_AGAIN))
        finally:
            self._waiting.discard(ours)

    def _wake(self) -> None:
        for loop, event in list(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


async def _wait(event: Awaitable[object], timeout: float) -> None:
    try:
        await asyncio.wait_for(event, timeout)
    except TimeoutError:
        return
