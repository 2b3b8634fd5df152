"""The story: each step is done through the API, as anybody would, and looked at.

Node *port*: the harbour authority and a terminal operator. Node *city*: the urban community, a waste collector, a
start-up and a laboratory. Their names say what they are; no such firms exist.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from havre.client import Agreement, Exchange, ExchangeError, Negotiation, Refused
from havre.demo import datasets, nodes
from havre.demo.collection import RUNS, Collection
from havre.demo.datasets import Published
from havre.demo.motion import BEFORE, Motion
from havre.demo.nodes import Node
from havre.demo.report import Report, Told, expect

NODES = {
    "port": {"harbour": "Harbour authority", "terminal": "Terminal operator"},
    "city": {
        "city": "Urban community",
        "collector": "Waste collector",
        "startup": "Start-up",
        "laboratory": "Laboratory",
    },
}
MEMBERSHIPS = {"laboratory": ("research",)}
CHANNEL, CHANNEL_SHIPS = "channel-ais", 119
AT = "city"
"""The node of the service of port mobility."""
WITHDRAWN = "the harbour takes its positions back"


class Story:
    """Plays the story in a folder. ``data`` is a folder of real data, where there is one."""

    def __init__(self, report: Report, home: Path, data: Path | None, seed: int = 1) -> None:
        self._report = report
        self._home = home
        self._data = data
        self._seed = seed
        self.nodes: dict[str, Node] = {}
        self.people: dict[str, Exchange] = {}
        self.dids: dict[str, str] = {}
        self.published: list[Published] = []
        self.agreements: dict[str, str] = {}
        self.motion = Motion(home / "motion", seed, self.people, self.dids)
        self.collection = Collection(home / "collection", seed, self.people, self.dids)
        self._tokens: dict[str, str] = {}

    def play(self) -> bool:
        """All steps until one fails; whether they all came out as told."""
        steps: list[tuple[str, Callable[[], Told]]] = [
            ("scenario", self._scenario),
            ("nodes", self._start),
            ("trust", self._trust),
            ("load", self._load),
            ("publish", self._publish),
            ("find", self._find),
            ("negotiate", self._negotiate),
            ("read", self._read),
            ("read_real", self._read_real),
            ("deny", self._deny),
            ("refuse", self._refuse),
            ("decide", self._decide),
            ("withdraw", self._withdraw),
            ("usage", self._usage),
            ("audit", self._audit),
            ("motion", self._set_in_motion),
            ("page", self._show_page),
            ("waste", self._collect),
            ("rounds", self._plan_rounds),
        ]
        return all(self._report.step(name, step) for name, step in steps)

    def stop(self) -> None:
        self.collection.stop()
        self.motion.stop()
        for node in self.nodes.values():
            node.stop()

    # Before

    def _scenario(self) -> Told:
        from havre_scenario import city

        folder = self._home / "scenario"
        city(self._seed).write(folder)
        self.published = datasets.of_scenario(folder, datetime.now(UTC))
        self.published += datasets.real(self._data) if self._data else []
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        real = len(self.published) - 5
        line = f"a day of Le Havre, seed {self._seed}: {size / 1e6:.1f} MB; and {real} files of real data"
        return line, {"bytes": size, "real_files": real}

    def _start(self) -> Told:
        places = (*(self._home / name for name in ("scenario", "motion", "collection")), self._data)
        folders = tuple(path.resolve() for path in places if path is not None)
        ready = {}
        for name in NODES:
            services = f"{self.motion.serving.address} {self.collection.serving.address}"
            more = {"HAVRE_SERVICES": services} if name == AT else {}
            node = self.nodes[name] = nodes.make(name, self._home / name, folders, more=more)
            started = time.perf_counter()
            node.start()
            ready[f"{name}_ready_s"] = round(time.perf_counter() - started, 2)
        line = ", ".join(
            f"node {name} at {node.url} in {ready[f'{name}_ready_s']} s" for name, node in self.nodes.items()
        )
        return line, ready

    def _trust(self) -> Told:
        for name, node in self.nodes.items():
            for slug, title in NODES[name].items():
                added = node.operator.add_participant(slug, title)
                self.dids[slug] = added.did
                self._tokens[slug] = added.token or ""
                self.people[slug] = Exchange(node.url, self._tokens[slug])
        for node in self.nodes.values():
            for participants in NODES.values():
                for slug, title in participants.items():
                    node.operator.trust(self.dids[slug], title, MEMBERSHIPS.get(slug, ()))
        return f"{len(self.people)} organisations with keys of their own, on the trust lists of both nodes", {
            "participants": len(self.people)
        }

    def _load(self) -> Told:
        counts, quarantined = {}, 0
        for one in self.published:
            taken = datasets.load(self.people[one.owner], one)
            expect(taken.rows > 0, f"{one.id} has no rows")
            counts[one.id] = taken.rows
            quarantined += taken.quarantined
        line = (
            f"{sum(counts.values()):,} rows in {len(counts)} datasets; {quarantined} inputs set apart with the reason"
        )
        return line, {**counts, "quarantined": quarantined}

    def _publish(self) -> Told:
        for one in self.published:
            datasets.publish(self.people[one.owner], one)
        return f"{len(self.published)} offers, the five of the scenario on five different terms", {
            "offers": len(self.published)
        }

    # The start-up

    def _find(self) -> Told:
        startup = self.people["startup"]
        found = [
            entry
            for slug, word in (("harbour", "position"), ("terminal", "truck"))
            for entry in startup.catalog(self.dids[slug], q=word)
        ]
        ids = {entry.id for entry in found}
        expect({"ship-positions", "gate-passes"} <= ids, f"found only {sorted(ids)}")
        return f"the start-up finds {', '.join(sorted(ids))} in the catalogues of the port", {"found": len(found)}

    def _negotiate(self) -> Told:
        times = {}
        for slug, dataset in (("harbour", "ship-positions"), ("terminal", "gate-passes")):
            started = time.perf_counter()
            done = self._ask("startup", slug, dataset)
            times[f"{dataset}_ms"] = round((time.perf_counter() - started) * 1000, 1)
            expect(done.state == "FINALIZED" and done.agreement is not None, f"{dataset}: {done.state} {done.reason}")
            self.agreements[dataset] = done.agreement or ""
        return f"two agreements, by the terms alone, in {' and '.join(f'{ms:g}' for ms in times.values())} ms", times

    def _read(self) -> Told:
        startup, counts = self.people["startup"], {}
        for dataset, purpose in (("ship-positions", None), ("gate-passes", "mobility")):
            owner = next(one.owner for one in self.published if one.id == dataset)
            table = startup.open(self.agreements[dataset], purpose=purpose).to_arrow()
            there = self.people[owner].dataset(dataset).statistics.rows
            expect(table.num_rows == there, f"{dataset}: {table.num_rows} rows came, {there} are there")
            counts[dataset] = table.num_rows
        frame = startup.open(self.agreements["ship-positions"], columns=["mmsi"]).to_arrow()
        counts["ships"] = len(frame["mmsi"].unique())
        line = f"the start-up reads {counts['ship-positions']:,} positions of {counts['ships']} ships and "
        return line + f"{counts['gate-passes']:,} gate passes", counts

    def _read_real(self) -> Told:
        """The log of the English Channel has 119 ships that say where they are."""
        if not any(one.id == CHANNEL for one in self.published):
            return "the real log of the English Channel is not at hand: --data says where real data is", {}
        agreement = self._ask("laboratory", "harbour", CHANNEL).agreement
        table = self.people["laboratory"].open(agreement or "", columns=["mmsi", "latitude"]).to_arrow()
        ships = len(table.filter(table["latitude"].is_valid())["mmsi"].unique())
        expect(ships == CHANNEL_SHIPS, f"{ships} ships came instead of {CHANNEL_SHIPS}")
        line = f"the laboratory reads {table.num_rows:,} real reports of {ships} ships of the English Channel"
        return line, {"rows": table.num_rows, "ships": ships}

    def _deny(self) -> Told:
        reading = self.people["startup"].open(self.agreements["gate-passes"], purpose="advertising")
        why = _denied(reading.to_arrow)
        expect("purpose" in why, f"denied for another reason: {why}")
        return f"for advertising it is denied: {why}", {"denied": 1}

    # The others

    def _refuse(self) -> Told:
        try:
            done = self._ask("startup", "collector", "bin-levels")
        except Refused as refused:
            why = "; ".join(refused.reasons)
            expect("membership" in why, f"refused for another reason: {why}")
            return f"the levels of the bins are refused to it: {why}", {"refused": 1}
        return f"not refused: {done.state}", {}

    def _decide(self) -> Told:
        harbour, laboratory = self.people["harbour"], self.people["laboratory"]
        asked = self._ask("laboratory", "harbour", "ship-particulars", wait=0.2)
        expect(asked.state == "REQUESTED", f"decided without a person: {asked.state}")
        pending = harbour.negotiations(state="REQUESTED", role="provider")
        expect(len(pending) == 1, f"{len(pending)} requests wait for a person")
        harbour.agree(pending[0].pid)
        done = laboratory.negotiation(asked.pid, wait=10)
        expect(done.state == "FINALIZED" and done.agreement is not None, f"{done.state} {done.reason}")
        rows = laboratory.open(done.agreement or "").to_arrow().num_rows
        return f"a person of the harbour agrees to the laboratory's request; it reads {rows:,} particulars", {
            "rows": rows
        }

    def _withdraw(self) -> Told:
        harbour, startup = self.people["harbour"], self.people["startup"]
        agreement = self.agreements["ship-positions"]
        reading = startup.open(agreement, limit=1)
        ended: Agreement = harbour.end(agreement, WITHDRAWN)
        expect(ended.ended is not None, "the agreement has not ended")
        why = _denied(reading.to_arrow)
        expect(WITHDRAWN in why, f"stopped for another reason: {why}")
        return f"the harbour ends its agreement; the next reading says: {why}", {"denied": 1}

    # After

    def _usage(self) -> Told:
        lines = [(slug, line) for slug in ("harbour", "terminal") for line in self.people[slug].usage()]
        names = {did: slug for slug, did in self.dids.items()}
        rows = sum(line.rows for _, line in lines)
        used = 3 + any(one.id == CHANNEL for one in self.published)
        expect(len(lines) == used, f"{len(lines)} agreements were used, not {used}")
        told = [
            f"      {slug:<9} {line.dataset:<17} {names[line.consumer]:<11}"
            f"{line.accesses:>3} times {line.rows:>9,} rows {line.bytes:>11,} bytes"
            for slug, line in lines
        ]
        return "what was used:\n" + "\n".join(told), {"rows": rows, "bytes": sum(line.bytes for _, line in lines)}

    def _audit(self) -> Told:
        counts = {}
        for name, slug in (("port", "harbour"), ("city", "startup")):
            found = self.people[slug].verify_audit()
            expect(found.whole, f"the log of {name} breaks at {found.first_bad}: {found.why}")
            counts[f"{name}_entries"] = found.entries
        memory = {f"{name}_mb": node.memory_mb() for name, node in self.nodes.items()}
        told = " and ".join(f"{count} entries" for count in counts.values())
        return f"the audit logs of both nodes are whole: {told}", {**counts, **memory}

    # The port in motion

    def _set_in_motion(self) -> Told:
        moving = self.motion
        size = moving.write()
        counts = moving.load()
        line = f"a city that has moved for {BEFORE} days until now: {size / 1e6:.0f} MB, "
        return line + f"{sum(counts.values()):,} rows in {len(counts)} datasets", {"bytes": size, **counts}

    def _show_page(self) -> Told:
        shown = self.motion.begin(self.nodes[AT], self._tokens["startup"])
        line = f"the service of port mobility has read {shown['rows']:,} rows under agreements; its public page shows "
        return line + f"{shown['ships']} ships and {shown['bridges']} bridges: {self.motion.url}", shown

    # The city's part

    def _collect(self) -> Told:
        collection = self.collection
        collection.home.mkdir(exist_ok=True)
        size = collection.write(self.motion.moving)
        counts = collection.load()
        line = f"four weeks of the city's waste: {size / 1e6:.0f} MB, "
        return line + f"{sum(counts.values()):,} rows in {len(counts)} datasets", {"bytes": size, **counts}

    def _plan_rounds(self) -> Told:
        places = self.motion.city / "places.geojson"
        found = self.collection.begin(self.nodes[AT], self._tokens[RUNS], places)
        expect(found["waits_for_no_bridge"] > 0, "every round waits for a bridge")
        line = f"{found['levels']} levels of containers with how sure they are, {found['faults']} sensors doubted; "
        line += f"{found['rounds']} rounds planned, {found['waits_for_no_bridge']} of them cross bridges and wait for "
        line += f"none, {found['ship_stops']} stops at ships: {self.collection.serving.url}"
        return line, found

    def _ask(self, consumer: str, provider: str, dataset: str, wait: float = 20) -> Negotiation:
        exchange = self.people[consumer]
        return exchange.negotiate(exchange.offer(self.dids[provider], dataset), wait)


def _denied(read: Callable[[], object]) -> str:
    """Why a reading is denied; ``Unexpected`` when it is not."""
    try:
        read()
    except ExchangeError as error:
        return "; ".join(error.reasons) or error.detail
    expect(False, "it was not denied")
    return ""
