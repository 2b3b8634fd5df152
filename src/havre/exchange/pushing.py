"""The pusher: sends the rows of started pushes, page after page, as many at once as it has threads.

Rules that hold here:

1. A commit that touches a push wakes it; what waits for its time is taken up when it is due. There is no polling
   interval.
2. After each page a push goes to the end of the queue: a long one keeps no other waiting.
3. All that must outlive a crash is in the push's row: it goes on after the last part that was acknowledged.
4. Neither the endpoint nor what opens it is logged, but for the host.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from havre.context import Context
from havre.database import Touched
from havre.exchange import posting, pushes, store
from havre.exchange.model import Lease, Part, Push
from havre.exchange.pushes import Work
from havre.exchange.store import Key
from havre.lake import holders
from havre.lake.usecases import dataset
from havre.memory import give_back
from havre.messages.schedule import pause
from havre.participants.keys import node_key
from havre.transfers import store as transfers
from havre.transfers.store import PUSHES

log = logging.getLogger("havre.exchange")

PUSHERS = 4
PAUSE_AFTER_ERROR = 1.0
LEASE = timedelta(seconds=60)


class Pusher:
    """Call ``start``, then ``stop``."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self._context = context
        self._node_key = node_key(settings)
        self._http = posting.connections(settings)
        self._holder = holders.new(context.new_id())
        # a post takes its time-out several times at most: to connect, to send, to be answered
        self._lease = max(LEASE, timedelta(seconds=4 * settings.peer_timeout_seconds))
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._under_way: set[Key] = set()
        self._troubled: dict[Key, tuple[int, datetime]] = {}
        """What could not go on for a reason of our own: how often, and when to try again."""
        self._stopping = False
        self._pushers = ThreadPoolExecutor(PUSHERS, thread_name_prefix="pusher")
        self._dispatcher = threading.Thread(target=self._dispatch_forever, name="push-dispatcher", daemon=True)

    def start(self) -> None:
        self._context.database.after_commit(self._committed)
        self._wake.set()
        self._dispatcher.start()

    def stop(self) -> None:
        """Finish the posts that are under way; the rest goes on with the next start."""
        self._stopping = True
        self._wake.set()
        self._dispatcher.join()
        self._pushers.shutdown(wait=True, cancel_futures=True)
        self._http.clear()

    def wake(self) -> None:
        """Look again what is due."""
        self._wake.set()

    def _committed(self, touched: Touched) -> None:
        if PUSHES in touched:
            self._wake.set()

    def _dispatch_forever(self) -> None:
        sleep: float | None = None
        while not self._stopping:
            self._wake.wait(sleep)
            self._wake.clear()
            try:
                sleep = self._dispatch()
            except Exception:
                log.exception("the pushes could not be read; trying again")
                sleep = PAUSE_AFTER_ERROR

    def _dispatch(self) -> float | None:
        """Hand out what is due; returns the seconds until something else will be, None when nothing waits."""
        with self._context.database.read() as conn:
            started, left, known = store.started(conn), store.left(conn), store.opened(conn)
        now = self._context.clock()
        due = {}
        for key in (*started, *left):
            push = known.get(key[1])
            wanted = push.restarted(started[key]).next_try if push and key in started else now
            due[key] = max(wanted, self._free_from(key, push, now))
        for key, at in due.items():
            if at <= now:
                self._submit(key)
        return min(((at - now).total_seconds() for at in due.values() if at > now), default=None)

    def _free_from(self, key: Key, push: Push | None, now: datetime) -> datetime:
        """When to take up a push at the earliest; one in the hands of another process, when that may have died."""
        _, at = self._troubled.get(key, (0, now))
        return at if push is None or pushes.free(push, self._holder, now) else max(at, push.leased)

    def _submit(self, key: Key) -> None:
        with self._lock:
            if self._stopping or key in self._under_way:
                return
            self._under_way.add(key)
        self._pushers.submit(self._run, key)

    def _run(self, key: Key) -> None:
        try:
            self._go_on(key)
            self._troubled.pop(key, None)
        except Exception:
            log.exception("push %s could not go on; trying again", key[1])
            times, _ = self._troubled.get(key, (0, None))
            self._troubled[key] = (times + 1, self._now() + pause(times, None))
        with self._lock:
            self._under_way.discard(key)
        self._wake.set()

    # One page

    def _go_on(self, key: Key) -> None:
        """Send a page of a push, or what there is to do with it otherwise."""
        work = self._claimed(*key)
        if work is None:
            return
        if work.push.done:
            self._context.database.write(lambda conn: pushes.complete(conn, work, self._until(), now=self._now()))
            log.info("push %s: all is sent, %d rows", work.push.transfer, work.push.rows)
            return
        page = work.push.page
        for part in posting.parts(self._context.settings, work.dataset, page, work.destination.media_type):
            if self._stopping or not self._sent(work, part):
                break
        give_back()

    def _claimed(self, slug: str, pid: str) -> Work | None:
        with self._context.database.read() as conn:
            transfer, push = transfers.load(conn, slug, pid), store.push(conn, pid)
            of = dataset(conn, slug, transfer.dataset)
        end = posting.length(self._context.settings, of) if push is None else push.end
        now, new_id = self._now(), self._context.new_id
        return self._context.database.write(
            lambda conn: pushes.claim(conn, slug, pid, end, self._until(), self._node_key, now=now, new_id=new_id)
        )

    def _sent(self, work: Work, part: Part) -> bool:
        """Whether a part was acknowledged, and the push can go on."""
        settings, database = self._context.settings, self._context.database
        came = posting.Posting(True)
        if part.rows:
            seconds = settings.peer_timeout_seconds
            came = posting.post(self._http, work.destination, work.transfer, work.push, part, seconds)
        lease, now = self._until(), self._now()
        if came.taken:
            return database.write(lambda conn: pushes.acknowledged(conn, work, part, lease, now=now)) is not None
        log.info("push %s: %s", work.push.transfer, came.why)
        why = f"the rows could not be pushed: {came.why}"
        if came.again:
            give_up = timedelta(hours=settings.give_up_hours)
            database.write(lambda conn: pushes.failed(conn, work, why, lease, give_up, now=now))
        else:
            database.write(lambda conn: pushes.refused(conn, work, why, lease, now=now))
        return False

    def _now(self) -> datetime:
        return self._context.clock()

    def _until(self) -> Lease:
        return Lease(self._holder, self._context.clock() + self._lease)
