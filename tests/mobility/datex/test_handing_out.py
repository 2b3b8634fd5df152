"""Pull and push: who has it already gets nothing again, and what was not taken is sent again."""

import asyncio
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from lxml import etree
from starlette.applications import Starlette

from havre_mobility.datex.pull import Current, route
from havre_mobility.datex.push import ACK, FAIL, SNAPSHOT, Subscriber, push
from tests.mobility.datex.test_publication import AT, NAMES, PUBLISHER, problems, published

ADDRESS = "https://subscriber.example/push"
THEN = datetime.datetime(2026, 3, 2, 9, 0, 0, 400_000, tzinfo=datetime.UTC)


@dataclass
class Answer:
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def client(*bodies: bytes) -> Callable[[Mapping[str, str]], Answer]:
    """Asks for the publication, which is the next of ``bodies`` each time."""
    given = iter(bodies)
    app = Starlette(routes=[route("/datex2/openings", lambda: Current(next(given), THEN))])

    def get(headers: Mapping[str, str]) -> Answer:
        answer = Answer()

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Mapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {key.decode(): value.decode() for key, value in message["headers"]}
            else:
                answer.body += message["body"]

        sent = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": "/datex2/openings", "query_string": b"", "headers": sent}
        asyncio.run(app(scope, receive, send))
        return answer

    return get


def test_the_publication_is_given_with_its_tag_and_time() -> None:
    answer = client(b"<a/>")({})
    assert (answer.status, answer.body) == (200, b"<a/>")
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["last-modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"


def test_who_has_it_is_told_so_without_a_body() -> None:
    asked = client(b"<a/>", b"<a/>", b"<b/>")
    tag = asked({}).headers["etag"]
    again = asked({"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert asked({"If-None-Match": tag}).status == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 08:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": "*"}, 304),
        # a tag that differs says more than a time that does not (RFC 9110, section 13.1.3)
        ({"If-None-Match": '"x"', "If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}, 200),
    ],
)
def test_a_time_is_believed_where_there_is_no_tag(header: dict[str, str], status: int) -> None:
    assert client(b"<a/>")(header).status == status


class Receiver:
    """A subscriber that answers as it is told, and keeps what it was sent."""

    def __init__(self, *answers: tuple[int, bytes] | OSError) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []

    def __call__(self, address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        assert address == ADDRESS and headers["Content-Type"].startswith("application/xml")
        assert problems(body, "MessageContainer") == ""
        self.sent.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def told(self) -> list[tuple[str, list[str]]]:
        """Of each message its protocol and the ids of its situations."""
        found = []
        for one in self.sent:
            tree = etree.fromstring(one)
            (protocol,) = tree.xpath("//*[local-name()='codedExchangeProtocol']/text()")
            found.append((protocol, [str(each.get("id")) for each in tree.iterfind(".//sit:situation", NAMES)]))
        return found


def returned(status: str) -> tuple[int, bytes]:
    return 200, f"<ex:returnStatus>{status}</ex:returnStatus>".encode()


ONE, TWO = published(opening="o1"), published(opening="o2")


def test_the_first_is_a_snapshot_and_then_only_what_has_changed_is_sent() -> None:
    receiver = Receiver(returned("ack"), returned("ack"), returned("ack"))
    subscriber, answer = push(receiver, Subscriber(ADDRESS), [ONE], PUBLISHER, AT)
    subscriber, _ = push(receiver, subscriber, [ONE], PUBLISHER, AT)
    subscriber, _ = push(receiver, subscriber, [ONE, TWO], PUBLISHER, AT)
    started = published("starting", opening="o1")
    subscriber, _ = push(receiver, subscriber, [started, TWO], PUBLISHER, AT)
    assert answer == ACK
    assert receiver.told() == [
        ("snapshotPush", ["bridge-5_o1"]), ("deltaPush", ["bridge-5_o2"]), ("deltaPush", ["bridge-5_o1"]),
    ]  # fmt: skip


def test_what_is_gone_is_told_by_reference() -> None:
    receiver = Receiver(returned("ack"), returned("ack"))
    gone = published("cancelled", opening="o1")
    subscriber, _ = push(receiver, Subscriber(ADDRESS), [gone, TWO], PUBLISHER, AT)
    push(receiver, subscriber, [], PUBLISHER, AT)
    tree = etree.fromstring(receiver.sent[1])
    status = tree.xpath("//*[local-name()='managementStatus']/text()")
    ids = tree.xpath("//*[local-name()='reference']/@id")
    assert list(zip(ids, status, strict=True)) == [("bridge-5_o1", "cancelled"), ("bridge-5_o2", "closed")]


@pytest.mark.parametrize("bad", [returned("fail"), (500, b""), (302, b""), OSError("refused")])
def test_what_was_not_taken_is_sent_again(bad: tuple[int, bytes] | OSError) -> None:
    receiver = Receiver(returned("ack"), bad, (204, b""))
    subscriber, _ = push(receiver, Subscriber(ADDRESS), [ONE], PUBLISHER, AT)
    same, answer = push(receiver, subscriber, [ONE, TWO], PUBLISHER, AT)
    assert (same, answer) == (subscriber, FAIL)
    push(receiver, same, [ONE, TWO], PUBLISHER, AT)
    assert receiver.told()[1] == receiver.told()[2]


def test_a_subscriber_that_asks_for_a_snapshot_gets_one() -> None:
    receiver = Receiver(returned("ack"), returned(SNAPSHOT), returned("ack"))
    subscriber, _ = push(receiver, Subscriber(ADDRESS), [ONE], PUBLISHER, AT)
    _, answer = push(receiver, subscriber, [ONE, TWO], PUBLISHER, AT)
    assert answer == ACK
    assert receiver.told()[2] == ("snapshotPush", ["bridge-5_o1", "bridge-5_o2"])


def test_a_subscriber_that_asks_for_snapshots_without_end_gets_one() -> None:
    receiver = Receiver(returned(SNAPSHOT))
    assert push(receiver, Subscriber(ADDRESS), [ONE], PUBLISHER, AT)[1] == FAIL
