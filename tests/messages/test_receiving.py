"""Promises of the door for messages: long ones and short ones, crowds and loners are received alike."""

from concurrent.futures import ThreadPoolExecutor

from havre.messages.receiving import LARGE
from havre.web import MESSAGE_LIMIT
from tests import puppet
from tests.two_nodes import TwoNodes


def test_a_message_is_taken_up_to_the_limit_and_no_further(standing: TwoNodes) -> None:
    for index, size in enumerate((LARGE // 2, LARGE * 2, MESSAGE_LIMIT - 4096)):
        message = puppet.contract_request(standing, consumer_pid=f"urn:test:{index}") | {"x": "y" * size}
        assert standing.startup.send(standing.harbour, "/negotiations/request", message).status == 201
    message = puppet.contract_request(standing, consumer_pid="urn:test:long") | {"x": "y" * MESSAGE_LIMIT}
    assert standing.startup.send(standing.harbour, "/negotiations/request", message).status == 413


def test_more_messages_at_once_than_threads_are_all_taken(standing: TwoNodes) -> None:
    def send(index: int) -> int:
        message = puppet.contract_request(standing, consumer_pid=f"urn:test:crowd:{index}")
        return standing.startup.send(standing.harbour, "/negotiations/request", message).status

    with ThreadPoolExecutor(100) as pool:
        assert set(pool.map(send, range(200))) == {201}
