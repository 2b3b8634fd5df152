"""Three processes of one node on one PostgreSQL database: they share the work, none is done twice, and one may die."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from havre.client import Exchange, ExchangeError, Offer
from havre.database import Database
from havre.demo import nodes
from havre.demo.nodes import Node, free_port
from havre.messages.store import outbox
from tests.postgres import Server
from tests.real.proxy import proxy
from tests.two_nodes import within

pytestmark = pytest.mark.real
NEGOTIATIONS, AT_ONCE = 90, 12


@dataclass
class Shared:
    """A start-up's node of three ``processes``, and the harbour's of one."""

    processes: list[Node]
    token: str
    holder: Exchange
    offer: Offer
    database: str

    def asking(self, index: int) -> Exchange:
        return Exchange(self.processes[index].url, self.token)


@pytest.fixture
def shared(tmp_path: Path, server: Server) -> Iterator[Shared]:
    database, port = server.database(), free_port()
    more = {"HAVRE_DATABASE_URL": database, "HAVRE_PUBLIC_URL": f"http://localhost:{port}"}
    first = nodes.make("start-up", tmp_path / "start-up", more=more)
    provider = nodes.make("provider", tmp_path / "provider")
    processes = [first, first.beside(), first.beside()]
    with proxy([one.port for one in processes], port):
        try:
            for node in (*processes, provider):
                node.start()
            yield _prepared(processes, provider, database)
        finally:
            for node in (*processes, provider):
                node.stop()
    server.drop(database)


def _prepared(processes: list[Node], provider: Node, database: str) -> Shared:
    harbour = provider.operator.add_participant("harbour", "Harbour")
    startup = processes[0].operator.add_participant("startup", "Start-up")
    for node in (processes[1], provider):
        for one in (harbour, startup):
            node.operator.trust(one.did, one.name)
    holder = Exchange(provider.url, harbour.token or "")
    holder.publish("ships", [{"ship": "one"}, {"ship": "two"}])
    holder.offer_dataset("ships", {"permission": [{"action": "use"}]})
    token = startup.token or ""
    offer = Exchange(processes[2].url, token).offer(harbour.did, "ships")
    return Shared(processes, token, holder, offer, database)


def begun(exchange: Exchange, offer: Offer) -> str | None:
    """A negotiation that has begun and is not waited for; its identifier, None when there was no answer."""
    form = {"provider": offer.provider, "dataset": offer.dataset, "offer": dict(offer.policy), "reuse": False}
    try:
        return str(exchange._connection.post("negotiations", data=form)["pid"])
    except ExchangeError as error:
        assert error.status is None, error
        return None


def test_three_processes_share_the_work_and_one_is_killed(shared: Shared) -> None:
    chance = random.Random(5)
    dies = shared.processes[1]

    def begin(index: int) -> str | None:
        if index == NEGOTIATIONS // 2:
            dies.kill()
        return begun(shared.asking(chance.randrange(3)), shared.offer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        pids = [pid for pid in pool.map(begin, range(NEGOTIATIONS)) if pid]
        ended = list(pool.map(lambda pid: shared.asking(chance.choice([0, 2])).negotiation(pid, wait=30), pids))
    lost = [one for one in ended if one.state != "FINALIZED"]
    assert [(one, shared.asking(0).negotiation_trace(one.pid)) for one in lost] == []
    assert len(set(pids)) == len(pids) >= 60
    _nothing_is_lost_or_there_twice(shared, [one.agreement for one in ended])


def _nothing_is_lost_or_there_twice(shared: Shared, agreements: list[str | None]) -> None:
    asking = shared.asking(0)
    # also those whose begin was answered to nobody, and what the dead process has left
    within(20, lambda: _unsettled(shared.database), lambda count: count == 0)
    within(20, lambda: {one.state for one in asking.negotiations()}, {"FINALIZED"}.__eq__)
    ours, theirs = ([one.id for one in exchange.agreements()] for exchange in (asking, shared.holder))
    assert sorted(ours) == sorted(theirs) and len(set(ours)) == len(ours)
    assert set(agreements) <= set(ours) and len(set(agreements)) == len(agreements)
    negotiations = [exchange.negotiations() for exchange in (asking, shared.holder)]
    assert [{one.state for one in side} for side in negotiations] == [{"FINALIZED"}, {"FINALIZED"}]
    assert {len(side) for side in negotiations} == {len(ours)}
    assert asking.verify_audit().whole and shared.holder.verify_audit().whole
    _each_message_was_accepted_once(shared.database, len(ours))


def _unsettled(database: str) -> int:
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        waits = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.outcome.is_(None))
        return int(connection.execute(waits).scalar_one())


def _each_message_was_accepted_once(database: str, count: int) -> None:
    opened = Database(database)
    with opened.read() as conn:
        sent = list(conn.execute(sa.select(outbox.c.process, outbox.c.kind, outbox.c.outcome)))
        senders = set(conn.execute(sa.select(outbox.c.claimed_by).distinct()).scalars())
    opened.close()
    assert {row.outcome for row in sent} == {"delivered"}
    assert Counter(row.kind for row in sent) == {
        "ContractRequestMessage": count,
        "ContractAgreementVerificationMessage": count,
    }
    assert len({(row.process, row.kind) for row in sent}) == len(sent)
    assert len(senders) >= 2
