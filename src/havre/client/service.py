"""The frame of a service: what it needs, what it makes, how it is.

A service is a participant like any other. It says by name what it ``needs``; its configuration says which dataset of
whom that is. It makes ``products``: datasets of its own, with what they were made of.

Rules that hold here:

1. Each need is asked for once: an agreement on the same terms that runs is used again. When it ends, or a person has
   still to decide, it is asked for again, later each time, and said.
2. A service keeps nothing: it reads what it needs from as far back as it wants, then live. So it may be killed at any
   time, and begun again anywhere.
3. What it publishes has a time, later for each result, which follows from what it has read and not from when it did:
   a result that was published before, as after a new start, is not published again.
4. ``take`` and ``results`` are called by one thread at a time.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from havre.client import Exchange
from havre.client.errors import ExchangeError
from havre.client.following import Following
from havre.client.model import Schema
from havre.client.query import Filter

if TYPE_CHECKING:
    import polars

log = logging.getLogger("havre.service")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Need:
    """A dataset of ``provider`` (a DID) that is read from ``back`` ago on; None is all of it."""

    provider: str
    dataset: str
    purpose: str | None = None
    back: timedelta | None = None


@dataclass(frozen=True)
class Product:
    """A dataset that a service makes ``of`` its needs, by their names; ``policy`` are the terms of its offer.

    ``time`` names the column by which its rows are in order; ``decision`` is automatic, or human: then a person decides
    who gets it.
    """

    id: str
    title: str
    schema: Schema
    policy: Mapping[str, Any]
    of: tuple[str, ...]
    time: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    decision: str = "automatic"


class Work(Protocol):
    """What a service does."""

    def take(self, need: str, rows: "polars.DataFrame") -> None:
        """Rows of a need, in order of their positions."""

    def results(self, now: datetime) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """New rows by product, as dicts; called every few seconds, and soon after ``take`` where that is wanted.

        A product is declared when it is named first.
        """


@dataclass(frozen=True)
class Service:
    """``needs`` says for each name what it is for; those in ``optional`` may be left out of the configuration.

    ``make`` gives what does the work, from the service's own settings; ``pages``, an ASGI application that shows it.
    Results are asked for ``every`` so often. With ``soonest``, rows that come have them asked for at once, that long
    after those before at the soonest.
    """

    name: str
    needs: Mapping[str, str]
    products: tuple[Product, ...]
    make: Callable[[Mapping[str, Any]], Work]
    pages: "Callable[[Running], Any] | None" = None
    optional: frozenset[str] = frozenset()
    every: timedelta = timedelta(seconds=5)
    soonest: timedelta | None = None

    def require(self, needs: Mapping[str, Need]) -> None:
        """``ValueError`` names what is not needed, and what is missing."""
        unknown, missing = needs.keys() - self.needs.keys(), self.needs.keys() - self.optional - needs.keys()
        if unknown or missing:
            wrong = [f"{name} is not needed" for name in sorted(unknown)]
            wrong += [f"{name} is missing" for name in sorted(missing)]
            raise ValueError(f"needs of {self.name}: {'; '.join(wrong)}")


class State(StrEnum):
    """Of a need. WAITING is for a person at the provider, who has still to decide."""

    ASKING = "asking"
    WAITING = "waiting"
    READING = "reading"
    LIVE = "live"
    FAILED = "failed"


@dataclass(frozen=True)
class NeedHealth:
    """``rows`` that came since the start; ``input`` is when the last one came to its provider, by the provider's clock.

    ``lag`` is from there to here, as it was last.
    """

    name: str
    dataset: str
    provider: str
    state: State = State.ASKING
    agreement: str | None = None
    rows: int = 0
    input: datetime | None = None
    lag: timedelta | None = None
    error: str | None = None


@dataclass(frozen=True)
class ProductHealth:
    id: str
    rows: int = 0
    published: datetime | None = None
    error: str | None = None


@dataclass(frozen=True)
class Health:
    """How a service is: ``error`` is what its own work failed with last."""

    service: str
    at: datetime
    needs: tuple[NeedHealth, ...]
    products: tuple[ProductHealth, ...]
    error: str | None = None

    @property
    def well(self) -> bool:
        """Whether all that it needs comes, and all that it makes leaves."""
        flows = all(need.state in (State.READING, State.LIVE) for need in self.needs)
        return flows and self.error is None and all(product.error is None for product in self.products)


@dataclass
class _Known:
    needs: dict[str, NeedHealth]
    products: dict[str, ProductHealth]
    error: str | None = None
    followings: dict[str, Following] = field(default_factory=dict)


class Running:
    """A service at work. ``start`` it, then ``stop``; ``health`` says how it is."""

    def __init__(
        self,
        service: Service,
        work: Work,
        exchange: Exchange,
        needs: Mapping[str, Need],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        service.require(needs)
        self.service, self.work = service, work
        self._exchange, self._needs, self._clock = exchange, needs, clock
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._stopping, self._fresh = threading.Event(), threading.Event()
        self._last: dict[str, datetime] = {}
        self._unsent: dict[str, list[Mapping[str, Any]]] = {}
        self._known = _Known(
            {name: NeedHealth(name, need.dataset, need.provider) for name, need in needs.items()},
            {product.id: ProductHealth(product.id) for product in service.products},
        )
        self._threads = [
            threading.Thread(target=self._keep_reading, args=(name, need), name=f"need-{name}", daemon=True)
            for name, need in needs.items()
        ]
        self._threads.append(threading.Thread(target=self._keep_publishing, name="products", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._fresh.set()
        with self._lock:
            followings = list(self._known.followings.values())
        for following in followings:
            following.close()
        for thread in self._threads:
            thread.join()

    def health(self) -> Health:
        now = self._clock()
        with self._lock:
            needs = tuple(self._seen(need) for need in self._known.needs.values())
            return Health(self.service.name, now, needs, tuple(self._known.products.values()), self._known.error)

    def published(
        self,
        product: str,
        *,
        columns: Iterable[str] | None = None,
        filters: Iterable[Filter] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> "polars.DataFrame":
        """The rows of a product until now, those of earlier starts too; a frame without columns before the first.

        What is asked is as of ``Exchange.rows_of``. ``ExchangeError``.
        """
        import polars

        if not self._exchange.declared(product):
            return polars.DataFrame()
        asked = self._exchange.rows_of(product, columns, filters, since, until, limit=limit)
        return asked.to_polars()

    def _seen(self, need: NeedHealth) -> NeedHealth:
        """With what the exchange has said of it since."""
        following = self._known.followings.get(need.name)
        live = following.live if following is not None else None
        if live is None or need.state not in (State.READING, State.LIVE):
            return need
        return replace(need, state=State.LIVE, input=live.input, lag=self._clock() - live.at)

    # What it needs

    def _keep_reading(self, name: str, need: Need) -> None:
        failures, anew = 0, False
        while not self._stopping.is_set():
            try:
                if self._read(name, need, anew):
                    failures = 0
            except Exception as error:  # whatever it is, it is said, and tried again
                # an agreement that the provider has ended may still look good here
                anew = isinstance(error, ExchangeError) and error.code == "denied" and not anew
                self._note(name, state=State.FAILED, error=f"{type(error).__name__}: {error}")
                log.warning("need %s: %s", name, error, exc_info=not isinstance(error, ExchangeError))
            self._stopping.wait(min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE))
            failures += 1

    def _read(self, name: str, need: Need, anew: bool) -> bool:
        """Agree, and take rows until the agreement ends; whether there was one."""
        exchange = self._exchange
        done = exchange.negotiate(exchange.offer(need.provider, need.dataset), anew=anew)
        if done.agreement is None:
            self._note(name, state=State.WAITING, error=None)
            return False
        since = None if need.back is None else self._clock() - need.back
        after = -1 if since is None else None
        with exchange.follow(done.agreement, after=after, since=since, purpose=need.purpose) as following:
            with self._lock:
                self._known.followings[name] = following
            if self._stopping.is_set():  # perhaps too late for ``stop`` to have seen it
                return True
            self._note(name, state=State.READING, agreement=done.agreement, error=None)
            for rows in following.frames():
                with self._working:
                    self.work.take(name, rows)
                self._fresh.set()
                self._note(name, more=len(rows))
        return True

    def _note(self, name: str, more: int = 0, **changes: Any) -> None:
        with self._lock:
            known = self._known.needs[name]
            self._known.needs[name] = replace(known, rows=known.rows + more, **changes)

    # What it makes

    def _keep_publishing(self) -> None:
        while self._is_time():
            try:
                with self._working:
                    found = self.work.results(self._clock())
            except Exception as error:
                self._known.error = f"{type(error).__name__}: {error}"
                log.exception("the results of %s", self.service.name)
                continue
            self._known.error = None
            for product in self.service.products:
                if product.id in found or self._unsent.get(product.id):
                    self._publish(product, found.get(product.id, ()))

    def _is_time(self) -> bool:
        """Wait for the next results; False when there are none any more."""
        every, soonest = self.service.every, self.service.soonest
        self._stopping.wait((every if soonest is None else soonest).total_seconds())
        if soonest is not None:
            self._fresh.wait((every - soonest).total_seconds())
        self._fresh.clear()
        return not self._stopping.is_set()

    def _publish(self, product: Product, rows: Sequence[Mapping[str, Any]]) -> None:
        """What cannot be published now is kept, and tried again with what comes next."""
        known, unsent = self._known.products[product.id], self._unsent.setdefault(product.id, [])
        unsent += rows
        try:
            if product.id not in self._last:
                self._last[product.id] = self._declare(product)
            new = [row for row in unsent if row[product.time] > self._last[product.id]]
            if new:
                new.sort(key=lambda row: row[product.time])
                self._exchange.publish(product.id, new)
                self._last[product.id] = new[-1][product.time]
                known = replace(known, rows=known.rows + len(new), published=self._clock())
            unsent.clear()
            changed = replace(known, error=None)
        except ExchangeError as error:
            self._last.pop(product.id, None)  # the rows may be in all the same: that is looked up
            changed = replace(known, error=str(error))
            log.warning("product %s: %s", product.id, error)
        with self._lock:
            self._known.products[product.id] = changed

    def _declare(self, product: Product) -> datetime:
        """The time of the last row that was published before."""
        made_of = ", ".join(
            f"{self._needs[name].dataset} of {self._needs[name].provider}" for name in product.of if name in self._needs
        )
        declared = self._exchange.declare(
            product.id,
            product.schema,
            product.title,
            description=product.description or None,
            keywords=product.keywords,
            origin=f"Made by the service {self.service.name}" + (f" of {made_of}" if made_of else ""),
        )
        self._exchange.offer_dataset(product.id, product.policy, product.decision, id=f"{product.id}-offer")
        # it is told to the millisecond
        return (declared.statistics.last or EPOCH) + timedelta(microseconds=999)
