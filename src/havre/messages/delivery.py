"""The outbox worker: sends what is pending, in order within a process, many processes at once.

Rules that hold here:

1. A commit hands its messages over; what waits for its time or its turn is read from the outbox when it is due. There
   is no polling interval.
2. A message is settled in the same transaction as what its answer changes.
3. A crash at any point leaves the message pending; sending it twice is harmless, the receiver recognises it.
4. Where several processes share the database, each sends what it has claimed. What a dead one has left is adopted by
   the others within ``ADOPTED_AFTER`` seconds.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from havre.context import Context
from havre.database import Touched
from havre.errors import HavreError
from havre.messages import store
from havre.messages.asking import post
from havre.messages.model import Answer, Outgoing
from havre.messages.schedule import Outcome, outcome, pause
from havre.messages.usecases import clear_body
from havre.participants.hosted import Hosted
from havre.participants.identity import Identity
from havre.participants.keys import node_key
from havre.processes import living

log = logging.getLogger("havre.messages")

SENDERS = 16
LONGEST_SLEEP = 30.0
ADOPTED_AFTER = 2.0


class Topic(Protocol):
    """What a room does when one of its messages is settled, within the settling transaction."""

    def delivered(self, conn: Connection, message: Outgoing, answer: Answer, now: datetime) -> None: ...

    def failed(self, conn: Connection, message: Outgoing, reason: str, now: datetime) -> None: ...


class Delivery:
    """Call ``start``, then ``stop``. ``topics`` maps a message's topic to the room that hears of its answer."""

    def __init__(self, context: Context, identity: Identity, topics: Mapping[str, Topic]) -> None:
        self._context = context
        self._identity = identity
        self._topics = topics
        self._node_key = node_key(context.settings)
        self._us = context.database.process
        self._ours = store.waiting_for(self._us)
        self._looked = 0.0
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.Lock()
        self._under_way: dict[str, int] = {}
        """The message that is being sent, by process."""
        self._next: dict[str, list[Outgoing]] = {}
        """What was handed over, by process, in order; the first is under way, and nothing else is in the outbox."""
        self._behind: set[str] = set()
        """Processes of which more waits in the outbox than what is under way."""
        self._told = False
        """Whether another process has put something behind a message of ours since the outbox was read."""
        self._ready = False
        self._hosted = Hosted(context)
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="outbox")
        self._dispatcher = threading.Thread(target=self._dispatch_forever, name="outbox-dispatcher", daemon=True)

    def start(self) -> None:
        self._context.database.after_commit(self._committed)
        if self._context.database.processes is not None:
            self._context.database.processes.join()
        self._wake.set()
        self._dispatcher.start()

    def stop(self) -> None:
        """Finish what is being sent; the rest stays pending."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        self._dispatcher.join()
        self._senders.shutdown(wait=True, cancel_futures=True)

    def _committed(self, touched: Touched) -> None:
        """Send what this commit has handed over; what must wait for another message is found in the outbox."""
        handed = touched.get(store.OUTBOX)
        left = handed is not None and (not handed or self._left(handed))
        if self._ours in touched:
            self._told = True
        if left or self._ours in touched:
            self._wake.set()

    def _left(self, handed: Sequence[Outgoing]) -> list[Outgoing]:
        """Begin to send what can be sent at once; returns what cannot."""
        return [message for message in handed if not self._claimed(message)]

    def _claimed(self, message: Outgoing) -> bool:
        """Begin to send it, at once or after those of its process that were handed over before it."""
        process = message.process
        with self._lock:
            if self._under_way.get(process) == message.sequence:  # it was read since it was committed
                if process not in self._behind:
                    self._next.setdefault(process, [message])
                return True
            before = self._next.get(process)
            known = (before[-1].sequence,) if before else () if process in self._under_way else (None,)
            # one that another process has put stands between, and is only in the outbox
            between = message.behind is not None and message.behind not in known
            if not self._ready or process in self._behind or not known or between:
                self._behind.add(process)
                return False
            if before:
                before.append(message)
            elif not self._stopping:  # else it stays in the outbox for the next start
                self._under_way[process] = message.sequence
                self._next[process] = [message]
                self._senders.submit(self._deliver, message)
        return True

    def _dispatch_forever(self) -> None:
        sleep = 0.0
        while not self._stopping:
            self._wake.wait(sleep)
            self._wake.clear()
            try:
                sleep = self._dispatch()
            except Exception:
                log.exception("the outbox could not be read; trying again")
                sleep = 1.0

    def _dispatch(self) -> float:
        """Hand out what is due; returns the seconds until something else will be."""
        if self._us is not None:
            self._adopt(self._us)
        told, self._told = self._told, False
        with self._context.database.look() as conn:
            waiting = store.pending(conn, self._us)
        now, sleep = self._context.clock(), LONGEST_SLEEP if self._us is None else ADOPTED_AFTER
        for message in waiting:
            due = (message.next_try - now).total_seconds()
            if due > 0:
                sleep = min(sleep, due)
            if self._due(message, due, told):
                self._senders.submit(self._deliver, message, read=True)
        self._ready = True
        return sleep

    def _adopt(self, us: int) -> None:
        """Claim what the dead have left, if it is time to look for that."""
        now = time.monotonic()
        if now - self._looked < ADOPTED_AFTER:
            return
        with self._context.database.read() as conn:
            alive = living(conn)
            left = store.abandoned(conn, alive)
        # who is not among the living has lost its connection: the others take it for dead, and so must it
        if left and us in alive:
            count = self._context.database.write(lambda conn: store.adopt(conn, us, alive))
            log.warning("messages that another process has left: %d adopted", count)
        self._looked = now

    def _due(self, message: Outgoing, seconds: float, told: bool) -> bool:
        """Claim a message that was read. One that waits for its time or its turn keeps later ones of its process."""
        with self._lock:
            line = self._next.get(message.process)
            if line and line[0].sequence == message.sequence and not told:
                return False  # it is under way, and nothing else of its process is in the outbox
            if seconds > 0 or message.process in self._under_way:
                self._behind.add(message.process)
                return False
            self._behind.discard(message.process)
            self._under_way[message.process] = message.sequence
            return True

    def _deliver(self, message: Outgoing, read: bool = False) -> None:
        """Send a message and settle it. One that was ``read`` may have been settled since, and others may follow it."""
        look, kept = False, True
        try:
            kept = not read or self._is_pending(message)
            if kept:
                look = kept = self._recorded(message, *self._send(message)) is Outcome.RETRY
        except Exception:
            # nobody is woken: the next round is soon enough for a database that does not take anything
            log.exception("%s for %s could not even be put off", message.kind, message.process)
            read = False
        with self._lock:
            look |= read and message.process not in self._next
            following = self._next.get(message.process, [])[1:]
            if following and not kept and not self._stopping:
                self._next[message.process] = following
                self._senders.submit(self._deliver, following[0])
            else:
                self._next.pop(message.process, None)
                look |= message.process in self._behind and not kept
                self._behind.add(message.process) if kept else self._behind.discard(message.process)
                del self._under_way[message.process]
        if look:
            self._wake.set()

    def _is_pending(self, message: Outgoing) -> bool:
        with self._context.database.look() as conn:
            return store.is_pending(conn, message.sequence)

    def _recorded(self, message: Outgoing, answer: Answer | None, problem: str) -> Outcome:
        """Settle it. An answer that we cannot digest is none: the message waits like any that was not answered."""
        try:
            settle = partial(self._settle, message=message, answer=answer, problem=problem)
            return self._context.database.write(settle, patient=True)
        except Exception as error:
            log.exception("%s for %s could not be settled; trying again", message.kind, message.process)
            why = f"the answer could not be taken: {type(error).__name__}"
            return self._context.database.write(lambda conn: self._settle(conn, message, None, why))

    def _send(self, message: Outgoing) -> tuple[Answer | None, str]:
        """Send it once: the answer, or None and why there is none."""
        try:
            authorization = self._identity.authorization(self._hosted.find(message.sender), message.receiver)
            return post(self._context, message.url, clear_body(message, self._node_key), authorization), ""
        except HavreError as error:
            return None, error.message

    def _settle(self, conn: Connection, message: Outgoing, answer: Answer | None, problem: str) -> Outcome:
        now, settings = self._context.clock(), self._context.settings
        came = outcome(
            message,
            answer,
            now=now,
            patience=timedelta(seconds=settings.patience_seconds),
            give_up=timedelta(hours=settings.give_up_hours),
        )
        said = problem if answer is None else str(answer)
        attempts = message.attempts + 1
        if came is Outcome.RETRY:
            next_try = now + pause(message.attempts, answer)
            store.postpone(conn, message.sequence, answer=said, next_try=next_try, attempts=attempts)
            log.info("%s %s: %s, attempt %d", message.kind, message.process, said, attempts)
            return came
        if not store.settle(conn, message.sequence, outcome=came.value, answer=said, at=now, attempts=attempts):
            return came
        topic = self._topics[message.topic]
        if came is Outcome.DELIVERED and answer is not None:
            topic.delivered(conn, message, answer, now)
        else:
            log.warning("%s %s: %s, %s", message.kind, message.process, came.value, said)
            topic.failed(conn, message, f"{message.kind} was {came.value} ({said})", now)
        return came
