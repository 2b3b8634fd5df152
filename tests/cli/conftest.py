"""The command line over the client's simulator: in this process, with a home and a folder of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from havre.cli import main
from havre.client import Exchange
from tests.client.simulator import CITY, OPERATOR, TOKEN, Simulator, running


@dataclass
class Havre:
    """Call it with the words of a command; ``environment`` is what the command finds."""

    environment: dict[str, str | None] = field(default_factory=dict)

    def __call__(self, *words: str, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, words, input, self.environment, catch_exceptions=False)

    def as_operator(self) -> "Havre":
        return Havre({**self.environment, "HAVRE_TOKEN": OPERATOR})

    def without_token(self) -> "Havre":
        return Havre({**self.environment, "HAVRE_TOKEN": None, "HAVRE_URL": None})


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def havre(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Havre:
    monkeypatch.chdir(tmp_path)
    return Havre({"HAVRE_URL": simulator.url, "HAVRE_TOKEN": TOKEN, "XDG_CONFIG_HOME": str(tmp_path / "config")})


@pytest.fixture
def filled(simulator: Simulator, tmp_path: Path) -> Simulator:
    """A node with one of everything, and files to give to commands in the working folder."""
    exchange = Exchange(simulator.url, TOKEN)
    exchange.publish("ships", [{"ship": "Ever", "length": 400}, {"ship": "Zo", "length": 12}], title="Ships in port")
    exchange.add_source("ais", "ships", "tcp", "nmea", {"address": "localhost:10110"})
    exchange.offer_dataset("ships", {"permission": [{"action": "use"}]}, id="offer-1")
    agreement = exchange.negotiate(exchange.offer(CITY, "calls")).agreement
    assert agreement is not None
    exchange.transfer(exchange.start_transfer(agreement).pid, wait=1)
    exchange.add_token(str(exchange.add_member("Lab", "reader").id), ["read"])
    operator = Exchange(simulator.url, OPERATOR)
    operator.add_participant("city", "City of Test")
    operator.trust(CITY, "City of Test")
    simulator.rows["calls"] = [pa.table({"ship": ["Ever", "Zo", "Ida"], "berth": [7, 8, 9]})]
    (tmp_path / "ships.csv").write_text("ship,length\nIda,90\n")
    (tmp_path / "terms.json").write_text('{"permission": [{"action": "use"}]}')
    (tmp_path / "schema.json").write_text('{"fields": [{"name": "ship", "type": "string"}]}')
    return simulator
