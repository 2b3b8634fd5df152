"""What a node takes after work: the story of the demonstration, then a thousand negotiations, 16 at once.

The greater of the two nodes' resident sizes counts. Anchor: Eclipse EDC 0.14.1 under load, 500 MB at the least.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.results import Result, less, table
from havre.demo.report import Report
from havre.demo.story import Story

NEGOTIATIONS, AT_ONCE, EDC_MB = 1000, 16, 500.0
DATA = Path("../shared/data")


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        story = Story(Report(lambda line: None), Path(home), DATA if DATA.exists() else None)
        try:
            if not story.play():
                raise RuntimeError("the story did not come out as told")
            _negotiate(story)
            sizes = [node.memory_mb() or 0 for node in story.nodes.values()]
        finally:
            story.stop()
    return [less("node_loaded_mb", max(sizes), "MB", EDC_MB)]


def _negotiate(story: Story) -> None:
    startup = story.people["startup"]
    offer = startup.offer(story.dids["terminal"], "gate-passes")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in pool.map(lambda _: startup.negotiate(offer, wait=60, anew=True), range(NEGOTIATIONS)):
            if done.state != "FINALIZED":
                raise RuntimeError(f"{done.pid} is {done.state}")


if __name__ == "__main__":
    print(table(measure()))
