"""``havre demo``."""

import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from havre.demo.story import Story


@click.command()
@click.option("--once", is_flag=True, help="End after the story; exit status 1 if a step did not come out as told.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of real data that is loaded beside the scenario.",
)
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Empty folder of the two nodes.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which day of the scenario.")
@click.option(
    "--report", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the steps to this file, as JSON."
)
def demo(once: bool, data: Path | None, home: Path | None, seed: int, file: Path | None) -> None:
    """Watch two nodes agree on terms and exchange data, step by step."""
    if home is not None and home.exists() and any(home.iterdir()):
        raise click.BadParameter(f"{home} is not empty", param_hint="--home")
    with tempfile.TemporaryDirectory(prefix="havre-demo-") as temporary:
        as_told = _play(home or Path(temporary), data, seed, file, once)
    if not as_told:
        raise SystemExit(1)


def _play(home: Path, data: Path | None, seed: int, file: Path | None, once: bool) -> bool:
    from havre.demo.report import Report
    from havre.demo.story import Story

    report = Report(click.echo)
    story = Story(report, home, data, seed)
    try:
        story.play()
        if file is not None:
            report.write(file)
        if report.as_told and not once:
            _stay(story)
    finally:
        story.stop()
    return report.as_told


def _stay(story: "Story") -> None:
    from havre.demo.next import hints

    click.echo(hints(story))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.set())
    try:
        stopped.wait()
    except KeyboardInterrupt:
        click.echo("\nstopping both nodes", err=True)
