"""Files and folders, read on demand or watched.

Rules that hold here: only what lies in a folder that the operator has opened for sources is read (setting
``source_folders``; else ``inbox/<participant>`` in the home of the node), also when a link points out of it. A file is
read when its size or its time has changed; what of it is new, the intake knows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from havre.errors import Invalid, NotFound
from havre.settings import Settings
from havre.sources.transports import TransportOptions

if TYPE_CHECKING:
    from havre.sources.intake import Intake


LINES_ALONE = False


class Options(TransportOptions):
    path: str = Field(min_length=1, description="A file or a folder; a relative one lies in the first open folder.")
    pattern: str = Field("*", description="Which files of a folder, as in *.csv.")
    watch: bool = Field(False, description="Read it again whenever it changes.")
    every: float = Field(2.0, ge=0.1, le=86_400, description="Seconds between two looks, when it is watched.")


def transport(options: Options, settings: Settings, participant: str) -> "Files":
    return Files(options, settings, participant)


class Files:
    def __init__(self, options: Options, settings: Settings, participant: str) -> None:
        self.interval = options.every if options.watch else None
        self._options = options
        self._roots = [root.resolve() for root in settings.source_folders] or [
            (settings.home / "inbox" / participant).resolve()
        ]
        self._path = self._allowed(self._roots[0] / options.path)
        self._seen: dict[Path, tuple[int, int]] = {}

    def read(self, intake: "Intake") -> None:
        for path in self._files():
            if intake.stop.is_set():
                return
            facts = path.stat()
            mark = (facts.st_size, facts.st_mtime_ns)
            if self._options.watch and self._seen.get(path) == mark:
                continue
            with path.open("rb") as file:
                name = str(path.relative_to(self._path)) if path != self._path else path.name
                intake.file(name, file, facts.st_size, final=not self._options.watch)
            self._seen[path] = mark

    def _files(self) -> Iterator[Path]:
        if self._path.is_dir():
            return (path for path in sorted(self._path.glob(self._options.pattern)) if self._allowed(path).is_file())
        if not self._path.exists():
            if self._options.watch:
                return iter(())
            raise NotFound(f"there is no file {self._path}")
        return iter((self._path,))

    def _allowed(self, path: Path) -> Path:
        resolved = path.resolve()
        if not any(resolved.is_relative_to(root) for root in self._roots):
            wanted = " or ".join(f"a path in {root}" for root in self._roots)
            raise Invalid(f"{path} is not in a folder that is open for sources", field="options.path", expected=wanted)
        return resolved
