"""The outbox worker: sends what is pending, in order within a process, many processes at once.

Rules that hold here:

1. It is woken at commit; between commits it sleeps until the next message is due. There is no polling interval.
2. A message is settled in the same transaction as what its answer changes.
3. A crash at any point leaves the message pending; sending it twice is harmless, the receiver recognises it.
"""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from havre.context import Context
from havre.errors import HavreError
from havre.messages import store
from havre.messages.asking import post
from havre.messages.model import Answer, Outgoing
from havre.messages.schedule import Outcome, outcome, pause
from havre.messages.usecases import clear_body
from havre.participants.identity import Identity
from havre.participants.keys import node_key
from havre.participants.model import Participant
from havre.participants.usecases import participant

log = logging.getLogger("havre.messages")

SENDERS = 16
LONGEST_SLEEP = 30.0


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
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._hosted: dict[str, Participant] = {}
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="outbox")
        self._dispatcher = threading.Thread(target=self._dispatch_forever, name="outbox-dispatcher", daemon=True)

    def start(self) -> None:
        self._context.database.after_commit(self._committed)
        self._wake.set()
        self._dispatcher.start()

    def stop(self) -> None:
        """Finish what is being sent; the rest stays pending."""
        self._stopping = True
        self._wake.set()
        self._dispatcher.join()
        self._senders.shutdown(wait=True, cancel_futures=True)

    def _committed(self, touched: frozenset[str]) -> None:
        if store.OUTBOX in touched:
            self._wake.set()

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
        with self._lock:  # before the reading: what is under way then may be settled by now, and read as pending
            busy = frozenset(self._under_way)
        with self._context.database.read() as conn:
            waiting = store.pending(conn)
        now = self._context.clock()
        sleep = LONGEST_SLEEP
        for message in waiting:
            due = (message.next_try - now).total_seconds()
            if message.process in busy:
                continue  # its sender wakes us
            if due > 0:
                return min(sleep, due)
            with self._lock:
                self._under_way.add(message.process)
            self._senders.submit(self._deliver, message)
        return sleep

    def _deliver(self, message: Outgoing) -> None:
        try:
            answer, problem = self._send(message)
            self._recorded(message, answer, problem)
        except Exception:
            log.exception("%s for %s could not even be put off", message.kind, message.process)
            return  # nobody is woken: the next round is soon enough for a database that does not take anything
        finally:
            with self._lock:
                self._under_way.discard(message.process)
        self._wake.set()

    def _recorded(self, message: Outgoing, answer: Answer | None, problem: str) -> None:
        """Settle it. An answer that we cannot digest is none: the message waits like any that was not answered."""
        try:
            self._context.database.write(lambda conn: self._settle(conn, message, answer, problem))
        except Exception as error:
            log.exception("%s for %s could not be settled; trying again", message.kind, message.process)
            why = f"the answer could not be taken: {type(error).__name__}"
            self._context.database.write(lambda conn: self._settle(conn, message, None, why))

    def _send(self, message: Outgoing) -> tuple[Answer | None, str]:
        """Send it once: the answer, or None and why there is none."""
        try:
            authorization = self._identity.authorization(self._sender(message.sender), message.receiver)
            return post(self._context, message.url, clear_body(message, self._node_key), authorization), ""
        except HavreError as error:
            return None, error.message

    def _sender(self, slug: str) -> Participant:
        """Who sends; what matters of it, key and identifier, never changes."""
        if slug not in self._hosted:
            with self._context.database.read() as conn:
                self._hosted[slug] = participant(conn, slug)
        return self._hosted[slug]

    def _settle(self, conn: Connection, message: Outgoing, answer: Answer | None, problem: str) -> None:
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
            return
        store.settle(conn, message.sequence, outcome=came.value, answer=said, at=now, attempts=attempts)
        topic = self._topics[message.topic]
        if came is Outcome.DELIVERED and answer is not None:
            topic.delivered(conn, message, answer, now)
        else:
            log.warning("%s %s: %s, %s", message.kind, message.process, came.value, said)
            topic.failed(conn, message, f"{message.kind} was {came.value} ({said})", now)
