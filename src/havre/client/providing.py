"""As a data holder: declare, publish, offer, see what is used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, BinaryIO

from havre.client import query
from havre.client import rows as encoding
from havre.client.connection import Connection
from havre.client.errors import ExchangeError
from havre.client.following import Following
from havre.client.model import Access, Dataset, Ingested, OwnOffer, Quarantine, Schema, Source, UsageLine
from havre.client.reading import Reading
from havre.client.wire import without_nothing

MOST_AT_ONCE = 100
NEVER = datetime.max.replace(tzinfo=UTC)


class Providing:
    """The calls of a data holder."""

    _connection: Connection
    _token: str

    # Datasets

    def datasets(self) -> list[Dataset]:
        return self._connection.many(Dataset, self._connection.get("datasets"))

    def dataset(self, id: str) -> Dataset:
        return self._connection.one(Dataset, self._connection.get("datasets", id))

    def declared(self, id: str) -> bool:
        """Whether there is such a dataset of ours."""
        try:
            self.dataset(id)
        except ExchangeError as error:
            if error.status != 404:
                raise
            return False
        return True

    def propose(self, sample: bytes, format: str, options: Mapping[str, str] | None = None) -> Schema:
        """The schema that a sample in a format suggests, to be looked at before it is declared."""
        parameters = {**(options or {}), "format": format}
        return self._connection.one(Schema, self._connection.call("POST", "schema", parameters=parameters, body=sample))

    def declare(
        self,
        id: str,
        schema: Schema | Mapping[str, Any],
        title: str | None = None,
        description: str | None = None,
        keywords: Sequence[str] = (),
        theme: str | None = None,
        licence: str | None = None,
        origin: str | None = None,
        language: str | None = None,
    ) -> Dataset:
        """Declare a dataset. ``schema`` is one that was proposed, or as JSON."""
        form = _form(id, schema, title, description, keywords, theme, licence, origin, language)
        return self._connection.one(Dataset, self._connection.post("datasets", data=form))

    def declare_all(self, declared: Iterable[Mapping[str, Any]]) -> list[Dataset]:
        """Declare many datasets, each with the arguments of ``declare`` by name, a hundred in a request.

        Of a request all are declared or none; those of the requests before a failure are.
        """
        done: list[Dataset] = []
        forms = [_form(**one) for one in declared]
        for first in range(0, len(forms), MOST_AT_ONCE):
            answer = self._connection.post("datasets", data=forms[first : first + MOST_AT_ONCE])
            done += self._connection.many(Dataset, answer)
        return done

    def withdraw(self, id: str) -> None:
        """Withdraw a dataset: its offers end, agreements stay until they are ended."""
        self._connection.delete("datasets", id)

    # Rows

    def publish(
        self,
        dataset_id: str,
        rows: Any,
        schema: Schema | Mapping[str, Any] | None = None,
        title: str | None = None,
        source: str | None = None,
        offset: int | None = None,
    ) -> Ingested:
        """Add rows to a dataset, which is declared first if it is missing, with ``schema`` or a proposed one.

        ``rows`` is a list of dicts, a pyarrow Table or RecordBatch, a pandas or polars DataFrame. With ``source`` and
        ``offset`` (where in that source these rows end) all go in one request and a repeat adds nothing twice.
        Without, many rows go in several requests: those before a failure are in.
        """
        if not self.declared(dataset_id):
            self.declare(dataset_id, schema or self._proposed(rows), title)
        done = [
            self.post_rows(dataset_id, body.data, body.format, source=source, offset=offset)
            for body in encoding.bodies(rows, whole=source is not None)
        ]
        taken, kept_apart = sum(one.rows for one in done), sum(one.quarantined for one in done)
        return Ingested(taken, kept_apart, done[-1].version if done else None)

    def post_rows(
        self,
        dataset_id: str,
        body: bytes | BinaryIO,
        format: str,
        options: Mapping[str, str] | None = None,
        source: str | None = None,
        offset: int | None = None,
    ) -> Ingested:
        """Add rows, as bytes or a binary file.

        ``format`` is csv, ndjson, json, parquet, geojson, nmea, gtfs, datex2 or arrow.
        """
        place = {"source": source, "offset": None if offset is None else str(offset)}
        parameters = {**(options or {}), "format": format, **place}
        answer = self._connection.call("POST", "datasets", dataset_id, "rows", parameters=parameters, body=body)
        return self._connection.one(Ingested, answer)

    def rows_of(
        self,
        dataset_id: str,
        columns: Iterable[str] | None = None,
        filters: Iterable[query.Filter] = (),
        since: query.Moment | None = None,
        until: query.Moment | None = None,
        bbox: Sequence[float] | None = None,
        order: str | None = None,
        limit: int | None = None,
    ) -> Reading:
        """The rows of an own dataset, to be read. See ``query.parameters``."""
        asked = query.parameters(
            columns=columns, filters=filters, since=since, until=until, bbox=bbox, order=order, limit=limit
        )
        access = Access(self._connection.api("datasets", dataset_id, "rows"), self._token, NEVER)
        return Reading(self._connection, lambda fresh: access, tuple(asked))

    def follow_own(
        self,
        dataset_id: str,
        after: int | None = None,
        since: query.Moment | None = None,
        columns: Iterable[str] | None = None,
        filters: Iterable[query.Filter] = (),
        bbox: Sequence[float] | None = None,
    ) -> Following:
        """The rows of an own dataset as they come. See ``Exchange.follow``."""
        asked = query.followed(columns=columns, filters=filters, since=since, bbox=bbox)
        access = Access(self._connection.api("datasets", dataset_id), self._token, NEVER)
        return Following(self._connection, lambda fresh: access, asked, after)

    def quarantine(self, dataset_id: str, limit: int | None = None) -> Quarantine:
        """Rows that do not fit the schema, with the reasons."""
        parameters = {"limit": None if limit is None else str(limit)}
        answer = self._connection.get("datasets", dataset_id, "quarantine", parameters=parameters)
        return self._connection.one(Quarantine, answer)

    def replay(self, dataset_id: str) -> Ingested:
        """Try the rows in quarantine again, against the schema as it is now."""
        return self._connection.one(Ingested, self._connection.post("datasets", dataset_id, "quarantine", "replay"))

    def _proposed(self, rows: Any) -> Schema:
        sample = encoding.sample(rows)
        if not sample.data:
            raise ValueError("rows: there are none to propose a schema from; give a schema")
        return self.propose(sample.data, sample.format)

    # Sources

    def sources(self) -> list[Source]:
        return self._connection.many(Source, self._connection.get("sources"))

    def source(self, id: str) -> Source:
        return self._connection.one(Source, self._connection.get("sources", id))

    def add_source(self, id: str, dataset: str, transport: str, format: str, options: Mapping[str, Any]) -> Source:
        form = {"id": id, "dataset": dataset, "transport": transport, "format": format, "options": dict(options)}
        return self._connection.one(Source, self._connection.post("sources", data=form))

    def run_source(self, id: str, progress: Callable[[Source], None] | None = None) -> Ingested:
        """Read what a source has now, and wait until it is in; ``progress`` is told on the way.

        ``ExchangeError`` with the code ``failed`` says what stopped it; what was read before that is in.
        """
        found = self._connection.one(Source, self._connection.post("sources", id, "run"))
        while found.status.state == "running":
            if progress is not None:
                progress(found)
            answer = self._connection.get("sources", id, parameters={"wait": "1"})
            found = self._connection.one(Source, answer)
        if found.status.state == "failed":
            raise ExchangeError(None, "failed", found.status.error or f"the source {id} failed and does not say why")
        return Ingested(found.status.rows, found.status.quarantined)

    def remove_source(self, id: str) -> None:
        self._connection.delete("sources", id)

    # Offers and what is used

    def offers(self) -> list[OwnOffer]:
        return self._connection.many(OwnOffer, self._connection.get("offers"))

    def offer_dataset(
        self,
        dataset: str,
        policy: Mapping[str, Any],
        decision: str = "automatic",
        visible_to: Iterable[str] = (),
        id: str | None = None,
    ) -> OwnOffer:
        """Offer a dataset on terms (ODRL). ``decision`` is automatic or human, ``visible_to`` memberships or DIDs."""
        form = {"dataset": dataset, "policy": dict(policy), "decision": decision, "visible_to": list(visible_to)}
        return self._connection.one(OwnOffer, self._connection.post("offers", data=form | without_nothing(id=id)))

    def remove_offer(self, id: str) -> None:
        """Take an offer out of the catalogue; agreements on it stay."""
        self._connection.delete("offers", id)

    def usage(self) -> list[UsageLine]:
        """What others used of our datasets, a line for each agreement."""
        return self._connection.many(UsageLine, self._connection.get("usage"))


def _form(
    id: str,
    schema: Schema | Mapping[str, Any],
    title: str | None = None,
    description: str | None = None,
    keywords: Sequence[str] = (),
    theme: str | None = None,
    licence: str | None = None,
    origin: str | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    described = without_nothing(description=description, theme=theme, licence=licence, origin=origin, language=language)
    return {"id": id, "title": title or id, "schema": _schema(schema), "keywords": list(keywords), **described}


def _schema(schema: Schema | Mapping[str, Any]) -> dict[str, Any]:
    return asdict(schema) if isinstance(schema, Schema) else dict(schema)
