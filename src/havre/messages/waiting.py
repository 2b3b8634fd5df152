"""Waiting for a commit on the event loop: what a request with ``?wait=`` does, without holding a thread."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from havre.database import Database, Touched
from havre.errors import Invalid

T = TypeVar("T")
_Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Event]
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
    """Wakes requests when what they wait for was touched by a commit of this process."""

    def __init__(self, database: Database) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[_Waiter]] = {}
        self._engine = database.engine
        database.after_commit(self._wake)

    async def until(self, key: str, load: Callable[[], T], done: Callable[[T], bool], wait: float) -> T:
        """What ``load`` gives, as soon as it is ``done`` or the time is over. Another process' commit takes longer.

        ``load`` reads a row or two by their keys: on SQLite that takes less than handing it to a thread.
        """
        until = time.monotonic() + wait
        with self.woken(key) as event:
            while True:
                event.clear()
                found = load() if _at_once(self._engine) else await run_in_threadpool(load)
                left = until - time.monotonic()
                if left <= 0 or done(found):
                    return found
                await passed(event, min(left, CHECKED_AGAIN))

    @contextmanager
    def woken(self, *keys: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever one of ``keys`` was touched."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            for key in keys:
                self._waiting.setdefault(key, set()).add(waiter)
        try:
            yield waiter[1]
        finally:
            with self._lock:
                for key in keys:
                    self._waiting[key].discard(waiter)
                    if not self._waiting[key]:
                        del self._waiting[key]

    def _wake(self, touched: Touched) -> None:
        with self._lock:
            woken = [waiter for key in touched.keys() & self._waiting.keys() for waiter in self._waiting[key]]
        for loop, event in woken:
            with suppress(RuntimeError):  # the loop has closed: nobody waits there any more
                loop.call_soon_threadsafe(event.set)


def _at_once(engine: sa.Engine) -> bool:
    """Whether a short read waits for nothing: a file that is at hand, and a connection to it that is free."""
    pool = engine.pool
    return engine.dialect.name == "sqlite" and isinstance(pool, sa.QueuePool) and pool.checkedout() < pool.size()


async def passed(event: asyncio.Event, seconds: float) -> None:
    """Return when ``event`` is set, or so many seconds have passed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
