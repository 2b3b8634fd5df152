"""Runs the sources of a node: those that go on by themselves from its start, any of them on demand.

Rules that hold here:

1. A source has one thread at a time in a process. Of several processes one reads all sources, the one that leads; what
   the others are asked for they write down and tell. The lease of a dataset's writer keeps it alone in any case.
2. What a pass ends with is in its status; a failed one is tried again, later each time, when it goes on by itself.
3. A stop ends what is under way after its present commit; nothing is lost, the next pass goes on from there.
"""

import logging
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from havre.context import Context
from havre.database import Touched, touch
from havre.errors import Conflict, HavreError, NotFound
from havre.lake.model import Ingested
from havre.lake.usecases import dataset
from havre.sources import store
from havre.sources.model import Source, State, Status
from havre.sources.transports import Transport, module, split

log = logging.getLogger("havre.sources")

LONGEST_PAUSE = 300.0
TOLD_EVERY = timedelta(seconds=0.5)
WANTED = "source wanted:"
"""What is touched, with the source, when a process that does not read is asked for something."""
Key = tuple[str, str]


class Runner:
    """Call ``start``, then ``stop``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._jobs: dict[Key, Job] = {}
        self._reads = True
        self._stopped = False

    def start(self) -> None:
        processes = self._context.database.processes
        if processes is None:
            self._take_up()
            return
        self._reads = False
        self._context.database.after_commit(self._heard)
        processes.when_leading(self._led)

    def _led(self, leads: bool) -> None:
        self._reads = leads and not self._stopped
        threading.Thread(target=self._take_up if self._reads else self._let_go, daemon=True).start()

    def _heard(self, touched: Touched) -> None:
        """Another process was asked for something."""
        wanted = [key.removeprefix(WANTED) for key in touched if key.startswith(WANTED)]
        if wanted and self._reads:
            threading.Thread(target=self._reconsider, args=(wanted,), daemon=True).start()

    def _reconsider(self, wanted: list[str]) -> None:
        for key in wanted:
            participant, _, id = key.partition("/")
            try:
                with self._context.database.read() as conn:
                    source, status = store.load(conn, participant, id)
            except NotFound:
                self._end((participant, id))
            else:
                self.run(source) if status.state is State.RUNNING else self.begin(source)

    def _take_up(self) -> None:
        with self._context.database.read() as conn:
            listed = store.sources_of(conn)
        for source, status in listed:
            # one that was running when the process ended goes on, also when it was run on demand
            if status.state is State.RUNNING:
                self.run(source)
            else:
                self.begin(source)

    def stop(self) -> None:
        self._stopped, self._reads = True, False
        self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job.end()
        for job in jobs:
            job.join()

    def begin(self, source: Source) -> None:
        """Read a source from now on, if it is one that goes on by itself."""
        if _repeated(self._context, source):
            self.run(source)

    def run(self, source: Source) -> None:
        """Read a source now; one that is waiting for its time is woken."""
        key = (source.participant, source.id)
        if not self._reads:
            self._context.database.write(lambda conn: _want(conn, source, Status().begun(self._context.clock())))
            return
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and known.wake():
                return
            job = self._jobs[key] = Job(self._context, source)
        job.begin()

    def forget(self, source: Source) -> None:
        """Stop a source for good."""
        if self._reads:
            self._end((source.participant, source.id))
        else:
            self._context.database.write(lambda conn: _want(conn, source, None))

    def _end(self, key: Key) -> None:
        with self._lock:
            job = self._jobs.pop(key, None)
        if job is not None:
            job.end()
            job.join()


def _want(conn: Connection, source: Source, status: Status | None) -> None:
    """Have the process that reads look at a source again, which it finds as it is stored."""
    if status is not None:
        store.save_status(conn, source.participant, source.id, status)
    touch(conn, f"{WANTED}{source.participant}/{source.id}")


def _repeated(context: Context, source: Source) -> bool:
    try:
        return _transport(context, source)[0].interval is not None
    except HavreError:
        return True  # a pass will say what is wrong


def _transport(context: Context, source: Source) -> tuple[Transport, dict[str, str]]:
    options, rest = split(source.transport, dict(source.options))
    return module(source.transport).transport(options, context.settings, source.participant), rest


class Job:
    """One source at work."""

    def __init__(self, context: Context, source: Source) -> None:
        self._context = context
        self._source = source
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._over = False
        self._status = Status()
        self._told = context.clock()
        self._transport: Transport | None = None
        self._options: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name=f"source-{source.id}", daemon=True)

    def begin(self) -> None:
        self._tell(self._status.begun(self._context.clock()))
        self._thread.start()

    def wake(self) -> bool:
        """Have a pass now; False when this job is over."""
        with self._lock:
            if self._over:
                return False
            if self._status.state is not State.RUNNING:
                self._tell(self._status.begun(self._context.clock()))
            self._wake.set()
        return True

    def end(self) -> None:
        self._stop.set()
        self._wake.set()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        failures = 0
        while True:
            error = self._pass()
            failures = failures + 1 if error else 0
            # stopped, the status stays as it is: what was running goes on with the next start
            if self._stop.is_set() or not self._wait(error, self._pause(failures)):
                return
            self._tell(self._status.begun(self._context.clock()))

    def _pass(self) -> str | None:
        """One pass; returns what went wrong."""
        self._wake.clear()
        source = self._source
        try:
            with self._context.database.read() as conn:
                target = dataset(conn, source.participant, source.dataset)
            if target.withdrawn is not None:
                raise Conflict(f"dataset {target.id} was withdrawn")
            if self._transport is None:
                self._transport, self._options = _transport(self._context, source)
            from havre.sources.intake import Intake  # PyArrow, with the first pass

            intake = Intake(self._context, source, target, self._options, self._progress, self._stop)
            self._transport.read(intake)
        except Exception as error:
            return self._problem(error)
        return None

    def _pause(self, failures: int) -> float | None:
        """Seconds to the next pass, doubled with each failure; None when there is none by itself."""
        interval = None if self._transport is None else self._transport.interval
        if interval is None or not failures:
            return interval
        return min(interval * (1 << min(failures - 1, 20)), max(interval, LONGEST_PAUSE))

    def _wait(self, error: str | None, pause: float | None) -> bool:
        """Tell how the pass ended and wait for the next one; False when there is none."""
        now = self._context.clock()
        with self._lock:
            self._over = pause is None and not self._wake.is_set()
        due = None if pause is None else now + timedelta(seconds=pause)
        self._tell(self._status.ended(now, next=due, error=error))
        if self._over:
            return False
        self._wake.wait(pause)
        return not self._stop.is_set()

    def _problem(self, error: Exception) -> str:
        if isinstance(error, HavreError | OSError):
            log.warning("source %s/%s: %s", self._source.participant, self._source.id, error)
            return str(error)
        log.exception("source %s/%s failed", self._source.participant, self._source.id)
        return f"an error on our side: {type(error).__name__}"

    def _progress(self, taken: Ingested, done: int, total: int | None) -> None:
        self._status = replace(self._status.taken(taken), done=done, total=total)
        now = self._context.clock()
        if taken.rows or now - self._told >= TOLD_EVERY:
            self._told = now
            self._tell(self._status)

    def _tell(self, status: Status) -> None:
        self._status = status
        key = (self._source.participant, self._source.id)

        def save(conn: Connection) -> Any:
            store.save_status(conn, *key, status)

        self._context.database.write(save)
