"""Who asks for what is not there yet waits for it on the event loop, and holds no thread."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Waiting:
    """Those who wait. ``tell`` them from any thread when there may be what they wait for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    async def until(self, there: Callable[[], bool], seconds: float) -> None:
        """Return when what is waited for is ``there``, or when so many seconds have passed."""
        until, one = time.monotonic() + seconds, (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.add(one)
        try:
            while not there() and (left := until - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(one[1].wait(), left)
                one[1].clear()
        finally:
            with self._lock:
                self._waiting.discard(one)

    def tell(self) -> None:
        with self._lock:
            woken = list(self._waiting)
        for loop, event in woken:
            with suppress(RuntimeError):  # the loop has closed: nobody waits there any more
                loop.call_soon_threadsafe(event.set)
