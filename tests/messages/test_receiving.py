"""Promises of the door for messages: long ones and short ones, crowds and loners are received alike."""

from concurrent.futures import ThreadPoolExecutor

from havre.messages.receiving import LARGE
from havre.web import MESSAGE_LIMIT
from tests.puppet import puppet, request
from tests.two_nodes import TwoNodes


def test_a_message_is_taken_up_to_the_limit(standing: TwoNodes) -> None:
    offer = standing.offer(decision="human")
    for size in (LARGE // 2, LARGE * 2, MESSAGE_LIMIT - 4096):
        assert request(puppet(standing, standing.startup), offer, x="y" * size).status == 201


def test_more_messages_at_once_than_there_are_threads_are_all_taken(standing: TwoNodes) -> None:
    offer = standing.offer(decision="human")
    puppets = [puppet(standing, standing.startup) for _ in range(150)]
    with ThreadPoolExecutor(75) as pool:
        assert {reply.status for reply in pool.map(lambda one: request(one, offer), puppets)} == {201}
