"""The waste service beside a real node: others read what it made under agreements, and a kill doubles nothing."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import urllib3

from havre.client import Exchange
from havre.demo import nodes
from havre.demo.collection import KEPT, TABLES
from havre.demo.datasets import Published, load, permission, publish
from havre.demo.nodes import Node
from havre.demo.serving import Serving
from havre_scenario import geojson, places
from havre_scenario.waste import city as scenario
from havre_waste.field import links
from havre_waste.ships import links as collectors
from havre_waste.ships.pickups import Carrier
from tests.browser import chromium, sheet
from tests.two_nodes import within
from tests.waste.tracing import platform as trackdechets
from tests.waste.tracing.test_client import OURS as OF_NOBODY

pytestmark = pytest.mark.real
HTTP = urllib3.PoolManager(retries=False, timeout=30.0)
NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
DRAWING = "GPU stall due to ReadPixels"  # what drawing without a graphics card says; nothing of ours
CALLS = "port_call_timestamps"
OURS = ("fixed_rounds", "deposits", "crew_notes", "truck_passes")
SHIP: dict[str, Any] = {
    "ship": {
        "name": "HV TEST", "mmsi": "200000001", "gross_tonnage": 9000, "type": "container", "flag_state": "FR",
        "owner_or_operator": "Nobody",
    },
    "waste": [
        {"type": "plastics", "deliver_m3": 3, "capacity_m3": 10, "retained_m3": 0, "generated_m3": 1}
    ],
}  # fmt: skip


@dataclass
class Town:
    """A node with a city that has the data, a collector that runs the service, and a laboratory that reads it."""

    node: Node
    serving: Serving
    people: dict[str, Exchange]
    dids: dict[str, str]
    settings: dict[str, Any]
    containers: int
    ship: str = ""
    """Where her notification is seen."""

    def start(self) -> None:
        needs = {name: (self.dids["city"], name) for name in (*TABLES, CALLS)}
        self.serving.start(self.node, self.people["collector"].token or "", needs, self.settings)
        if not self.ship:
            self.ship = notified(self.serving.url)
        within(120, lambda: self.health()["rounds"] > 0, bool)

    def health(self) -> dict[str, Any]:
        said: dict[str, Any] = HTTP.request("GET", f"{self.serving.own_url}health").json()
        return said

    def made(self, product: str) -> list[dict[str, Any]]:
        """What the laboratory reads of it under an agreement."""
        asking = self.people["laboratory"]
        done = asking.negotiate(asking.offer(self.dids["collector"], product), 20)
        rows: list[dict[str, Any]] = asking.open(done.agreement or "").to_arrow().to_pylist()
        return rows


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("town")
    serving = Serving("waste", home, "places.geojson")
    node = nodes.make("town", home / "node", (home,), more={"HAVRE_SERVICES": serving.address})
    node.start()
    people, dids = {}, {}
    try:
        for slug in ("city", "collector", "laboratory"):
            added = node.operator.add_participant(slug, slug)
            people[slug], dids[slug] = Exchange(node.url, added.token or ""), added.did
        for did in dids.values():
            node.operator.trust(did, "one of three", ())
        containers = told(home, people["city"])
        berthed(people["city"])
        (home / "ground.geojson").write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
        (home / "key").write_bytes(b"0123456789abcdef")
        files = {"places": str(home / "ground.geojson"), "book": str(home / "book.db"), "key": str(home / "key")}
        with trackdechets.running() as platform:
            platform.answer("mutation A { createForm", {"createFormInput": {"customId": "a"}})
            (home / "token").write_text(trackdechets.TOKEN)
            tracing = {"url": platform.url, "token": str(home / "token"), "siret": OF_NOBODY}
            more = {"plan_seconds": 0.5, "example": True, "trackdechets": tracing, "deposit_counts": True}
            found = Town(node, serving, people, dids, {**files, **more}, containers)
            found.start()
            yield found
    finally:
        serving.stop()
        node.stop()


def told(home: Path, owner: Exchange) -> int:
    """Nine days of every eighth site until now are loaded; how many containers that are."""
    now = datetime.now(UTC)
    scenario(1, (now - timedelta(days=9)).date(), 11).write(home)
    frames = {name: pl.read_csv(home / "waste" / f"{name}.csv", infer_schema=False) for name in TABLES}
    frames["sites"] = frames["sites"].gather_every(8)
    here = pl.col("site").is_in(frames["sites"]["id"].implode())
    frames["containers"] = frames["containers"].filter(here)
    ids, sensors = frames["containers"]["id"], frames["containers"]["sensor"].drop_nulls()
    for name in OURS:
        frames[name] = frames[name].filter(pl.col("container").is_in(ids.implode()))
    frames["readings"] = frames["readings"].filter(pl.col("sensor").is_in(sensors.implode()))
    for name, frame in frames.items():
        if "time" in frame.columns:
            frame = frame.filter(pl.col("time").str.to_datetime(time_zone="UTC") <= now)
        file = home / f"{name}.csv"
        frame.write_csv(file)
        one = Published("city", name, name, "scenario", file, "csv", permission(), {}, KEPT.get(name, ()))
        load(owner, one)
        publish(owner, one)
    return len(ids)


def berthed(owner: Exchange) -> None:
    """A ship lies at a berth, as the service of port mobility would tell it."""
    at = datetime.now(UTC) - timedelta(hours=2)
    told = {"told_at": at, "call": "c", "movement": "m", "mmsi": int(SHIP["ship"]["mmsi"]), "service": "BERTH"}
    owner.publish(CALLS, [{**told, "event": "ARRI", "place": "CITY-01", "classifier": "ACT", "at": at, "said_at": at}])
    owner.offer_dataset(CALLS, permission())


def notified(pages: str) -> str:
    """She tells of her waste before the day is planned."""
    now = datetime.now(UTC)
    times = {"arrives_at": now - timedelta(hours=3), "departs_at": now + timedelta(hours=72)}
    voyage = {
        "terminal": "City", "delivering": "all", "last_port": "NLRTM", "next_port": "ESALG",
        **{name: f"{at:%Y-%m-%dT%H:%MZ}" for name, at in times.items()},
    }  # fmt: skip
    answer = HTTP.request("POST", f"{pages}ships/notifications.json", body=json.dumps({**SHIP, "voyage": voyage}))
    assert answer.status == 201, answer.data
    return answer.headers["location"]


def test_others_read_levels_and_rounds_under_an_agreement(town: Town) -> None:
    levels = town.made("container-levels")
    assert len({row["container"] for row in levels}) == town.containers
    assert all(row["p10"] <= row["p50"] <= row["p90"] for row in levels)
    rounds = within(20, lambda: town.made("collection-rounds"), bool)
    assert {row["kind"] for row in rounds} >= {"start", "stop", "tip", "end"}


def test_whose_card_it_was_never_leaves_the_city(town: Town) -> None:
    declared = town.people["city"].dataset("deposits")
    assert [one.name for one in declared.schema.fields] == ["time", "container", "litres"]


def test_what_others_may_have_by_a_persons_leave_is_there(town: Town) -> None:
    """Forms of the platform; counts of deposits are not, since the city keeps its badges, and that is said."""
    own = town.people["collector"]
    within(20, lambda: own.declared("hazardous-waste-forms"), bool)
    (form,) = own.rows_of("hazardous-waste-forms").rows()
    assert (form["custom_id"], form["status"]) == ("a", "DRAFT")
    assert not own.declared("deposit-counts")
    assert town.health()["problem"] == "no deposit-counts: deposits: there is no column badge"


@pytest.mark.parametrize(
    ("language", "word", "invented"), [("fr", "tournées", "est inventé."), ("en", "rounds", "is invented.")]
)
def test_its_pages_are_at_the_nodes_address(town: Town, language: str, word: str, invented: str) -> None:
    round = town.health()["round"]
    for path in (f"{language}/{name}" for name in ("", "streets?q=rue", "first", f"rounds/{round}")):
        page = HTTP.request("GET", f"{town.serving.url}{path}")
        assert page.status == 200 and invented in page.data.decode()
        links_of_it = re.findall(r"""(?:href|src|action|hx-get|data-[a-z]+)=["'](/[^"']*)""", page.data.decode())
        assert links_of_it and all(one.startswith("/services/waste/") for one in links_of_it), links_of_it
    assert word in HTTP.request("GET", f"{town.serving.url}{language}/").data.decode()
    assert HTTP.request("GET", f"{town.serving.url}health").status == 404


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def test_a_crew_drives_without_a_network_at_the_nodes_address(town: Town, browser: Any) -> None:
    """What the phone keeps, and what it sends afterwards, passes through the node."""
    round = town.health()["round"]
    key = Path(town.settings["key"]).read_bytes()
    address = links.link(key, round, town.serving.url).replace("//localhost:", "//127.0.0.1:")
    with sheet(browser, width=390, height=844, locale="fr-FR") as opened:
        page = opened.page
        page.goto(address)
        page.wait_for_selector("#content[data-offline=ready]")
        page.wait_for_selector("#map[data-drawn]")
        page.context.set_offline(True)
        page.locator("#thumb .yes").click()
        page.wait_for_selector("#strip[data-waiting='1']")
        page.reload()
        page.wait_for_selector("#strip[data-waiting='1']")
        page.wait_for_selector("#map[data-drawn]")
        assert not opened.overflows()
        said = page.locator("#count").inner_text()
        page.context.set_offline(False)
        page.wait_for_selector("#strip[data-waiting='0']")
        assert [one for one in opened.wrong if NO_NETWORK not in one and DRAWING not in one] == []
    plan = HTTP.request("GET", address.replace("/drive/", "/fr/drive/") + "plan.json").json()
    settled = [state for state in plan["states"].values() if state["kind"] == "done"]
    assert len(settled) == 1 and said.startswith("1 / ")


@pytest.mark.parametrize(("language", "width"), [("fr", 390), ("en", 1280)])
def test_its_pages_ask_nobody_else(town: Town, browser: Any, language: str, width: int) -> None:
    with sheet(browser, width=width) as opened:
        opened.page.goto(f"{town.serving.url}{language}/".replace("//localhost:", "//127.0.0.1:"))
        opened.page.wait_for_selector("#map[data-drawn]")
        assert [one for one in opened.wrong if DRAWING not in one] == []
        assert not opened.overflows()


def test_a_ship_that_tells_of_her_waste_at_the_nodes_address_is_a_stop(town: Town) -> None:
    assert HTTP.request("GET", f"{town.node.url}{town.ship}").status == 200
    (told,) = {row["notification"] for row in within(20, lambda: town.made("ship-waste-notifications"), bool)}
    rounds = within(20, lambda: town.made("collection-rounds"), bool)
    assert [row["kind"] for row in rounds if (row["stop"] or "").startswith(told)] == ["stop"]


def test_killed_and_started_anew_it_says_nothing_twice(town: Town) -> None:
    before = within(30, lambda: town.made("container-emptyings"), bool)
    assert town.serving._process is not None
    town.serving._process.kill()
    town.serving._process.wait()
    town.start()
    time.sleep(3)
    after = town.made("container-emptyings")
    said = [(row["container"], row["time"]) for row in after]
    assert len(said) == len(set(said)) and len(after) >= len(before)
    levels = [(row["container"], row["time"]) for row in town.made("container-levels")]
    assert len(levels) == len(set(levels))
    assert len(town.made("ship-waste-notifications")) == 1
    assert len(list(town.people["collector"].rows_of("hazardous-waste-forms").rows())) == 1
    answer = HTTP.request("GET", f"{town.serving.url}report/{datetime.now(UTC).year}.csv").data.decode()
    told = {row["indicator"] for row in csv.DictReader(io.StringIO(answer)) if row["missing"] == "false"}
    assert told >= {"P1", "P2", "P3", "P4", "P5"}
    assert HTTP.request("GET", f"{town.node.url}{town.ship}").status == 200
    assert town.health()["ship_stops"] == 1


def test_a_collector_answers_at_the_nodes_address_and_others_read_the_receipt_once(town: Town) -> None:
    key = Path(town.settings["key"]).read_bytes()
    link = collectors.link(key, Carrier.TRUCK, f"{town.serving.url}ships").rstrip("/")
    (asked,) = HTTP.request("GET", f"{link}.json").json()["requests"]
    page = HTTP.request("GET", f"{link.replace('/ships/', '/ships/fr/')}/").data.decode()
    assert asked["round"] in page and "/services/waste/fr/" in page
    now = datetime.now(UTC)
    times = {"delivered_from": now - timedelta(hours=1), "delivered_to": now}
    taken = {
        "load": asked["id"], **{name: at.isoformat() for name, at in times.items()}, "reception_facility": "Nobody",
        "received": [{"type": "plastics", "received_m3": 2.5}],
    }  # fmt: skip
    assert HTTP.request("POST", f"{link}/received.json", body=json.dumps(taken)).status == 201
    (row,) = within(20, lambda: town.made("ship-waste-receipts"), bool)
    assert (row["load"], row["received_m3"], row["as_notified"]) == (asked["id"], 2.5, False)
    (count,) = within(20, lambda: town.made("ship-waste-statistics"), bool)
    assert (count["type"], count["deliveries"], count["received_m3"]) == ("plastics", 1, 2.5)
    assert town.serving._process is not None
    town.serving._process.kill()
    town.serving._process.wait()
    town.start()
    time.sleep(3)
    assert len(town.made("ship-waste-receipts")) == len(town.made("ship-waste-statistics")) == 1
    where = f"{town.node.url}{town.ship.removesuffix('.json')}/receipt.json"
    assert [one["load"] for one in HTTP.request("GET", where).json()["receipts"]] == [asked["id"]]
    assert HTTP.request("GET", f"{link}.json").json()["requests"] == []
