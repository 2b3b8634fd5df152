"""The public page of mobility: what a page costs, and how many who look one process serves.

Protocol: a busy port made by hand (five bridges, eight ships, two gates, two lines), asked in memory, no sockets; CPU
time of this process, the median of five runs. A browser that shows the page asks for positions once a second and for
the page's part that is alive every five seconds: ``viewers`` is how many of them take one core, if all see one picture.
"""

import statistics
import time
from collections.abc import Callable

from tests.asgi import ask
from tests.mobility.pages import pictures
from tests.mobility.pages.served import Stage

from benchmarks.results import Result, less, more, table

RUNS, TIMES = 5, 60


def measure() -> list[Result]:
    stage = Stage(pictures.busy(), moves=True)
    app = stage.application()
    page, positions, part = (
        _cost(lambda path=path: ask(app, "GET", path, headers={"accept-encoding": "gzip"}))  # type: ignore[misc]
        for path in ("/fr/", "/fr/positions", "/fr/now")
    )
    return [
        less("public_page_ms", page * 1000, "ms"),
        more("public_page_viewers", 1 / (positions + part / 5), "viewers"),
    ]


def _cost(answer: Callable[[], object]) -> float:
    """Seconds of CPU for one answer."""
    answer()
    return statistics.median(_run(answer) for _ in range(RUNS))


def _run(answer: Callable[[], object]) -> float:
    before = time.process_time()
    for _ in range(TIMES):
        answer()
    return (time.process_time() - before) / TIMES


if __name__ == "__main__":
    print(table(measure()))
