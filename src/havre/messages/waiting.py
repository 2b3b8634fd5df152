"""Waiting for a commit on the event loop: what a request with ``?wait=`` does, without holding a thread."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from havre.database import Database, Touched
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


class _Waiter:
    """A request that waits, on its event loop; ``found`` is what the commit has handed over, if it has."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.event = asyncio.Event()
        self.found: Any = None

    def wake(self, found: Any) -> None:
        self.found = found
        self.event.set()


class Waiting:
    """Wakes requests when what they wait for was touched by a commit of this process."""

    def __init__(self, database: Database) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[_Waiter]] = {}
        self._engine = database.engine
        database.after_commit(self._wake)

    async def until(
        self,
        key: str,
        load: Callable[[], T],
        done: Callable[[T], bool],
        wait: float,
        begin: Callable[[], Awaitable[T]] | None = None,
    ) -> T:
        """What ``load`` gives, as soon as it is ``done`` or the time is over. Another process' commit takes longer.

        ``load`` reads a row or two by their keys: on SQLite that takes less than handing it to a thread. The first time
        it is what ``begin`` gives, if there is one: whatever is committed after that is not missed.
        """
        until = time.monotonic() + wait
        with self._waiter(key) as waiter:
            found = await (begin() if begin is not None else self._loaded(load))
            while (left := until - time.monotonic()) > 0 and not done(found):
                await passed(waiter.event, min(left, CHECKED_AGAIN))
                waiter.event.clear()
                handed, waiter.found = waiter.found, None
                found = handed if handed is not None else await self._loaded(load)
            return found

    async def _loaded(self, load: Callable[[], T]) -> T:
        return load() if _at_once(self._engine) else await run_in_threadpool(load)

    @contextmanager
    def woken(self, *keys: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever one of ``keys`` was touched."""
        with self._waiter(*keys) as waiter:
            yield waiter.event

    @contextmanager
    def _waiter(self, *keys: str) -> Iterator[_Waiter]:
        waiter = _Waiter()
        with self._lock:
            for key in keys:
                self._waiting.setdefault(key, set()).add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                for key in keys:
                    self._waiting[key].discard(waiter)
                    if not self._waiting[key]:
                        del self._waiting[key]

    def _wake(self, touched: Touched) -> None:
        with self._lock:
            keys = touched.keys() & self._waiting.keys()
            woken = [(waiter, touched[key]) for key in keys for waiter in self._waiting[key]]
        for waiter, handed in woken:
            with suppress(RuntimeError):  # the loop has closed: nobody waits there any more
                waiter.loop.call_soon_threadsafe(waiter.wake, handed[-1] if handed else None)


def _at_once(engine: sa.Engine) -> bool:
    """Whether a short read waits for nothing: a file that is at hand, and a connection to it that is free."""
    pool = engine.pool
    return engine.dialect.name == "sqlite" and isinstance(pool, sa.QueuePool) and pool.checkedout() < pool.size()


async def passed(event: asyncio.Event, seconds: float) -> None:
    """Return when ``event`` is set, or so many seconds have passed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
