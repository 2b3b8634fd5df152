"""Run the Eclipse DSP TCK 1.0.1 against a node: ``python -m tests.conformance.kit``. Succeeds on 65 passed, 0 failed.

The kit is the artifact of ``pom.xml`` beside this file (Java 17, Maven). Where the same kit lies beside the checkout,
that one is run. With ``--postgresql`` the node keeps its state there instead of in SQLite.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from havre.demo.nodes import free_port, wait
from havre.participants.did import did_of
from tests.conformance import profile
from tests.postgres import Missing, server

EXPECTED = 65
KIT_SECONDS = 600.0
HERE = Path(__file__).parent
BESIDE = HERE.parents[2] / "shared/judges/dsp-tck/run"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "havre/dsp-tck-1.0.1"
SUITE = "org.eclipse.dataspacetck.dsp.suite.DspTckSuite"


def command(properties: Path) -> list[str] | None:
    """What runs the kit; None when it cannot be had here."""
    if shutil.which("java") is None or shutil.which("mvn") is None:
        return None
    if BESIDE.exists():
        return [str(BESIDE), str(properties)]
    if not (CACHE / "complete").exists():
        copy = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        done = subprocess.run([*copy, "-DincludeScope=runtime", f"-DoutputDirectory={CACHE}"], check=False)
        if done.returncode != 0:
            return None
        (CACHE / "complete").touch()
    return ["java", "-cp", f"{CACHE}/*", SUITE, "-config", str(properties)]


def judged(home: Path) -> tuple[int, int]:
    """How many tests passed and how many failed. ``RuntimeError`` when the kit or the node cannot be run."""
    port, kit = free_port(), f"http://localhost:{free_port()}"
    node, properties = f"http://localhost:{port}", home / "kit.properties"
    properties.write_text(profile.properties(node, did_of(f"{node}/participants/{profile.SLUG}"), kit))
    run = command(properties)
    if run is None:
        raise RuntimeError(f"the conformance kit cannot be had here: it takes Java 17, Maven and {HERE / 'pom.xml'}")
    log = home / "node.log"
    environment = {**os.environ, "HAVRE_HOME": str(home / "node"), "HAVRE_PORT": str(port)}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.conformance.node", kit], env=environment, stderr=stderr
        )
    try:
        wait(process, f"{node}/healthz", log)
        said = subprocess.run(run, stdout=subprocess.PIPE, text=True, timeout=KIT_SECONDS, check=False).stdout
    finally:
        process.terminate()
        process.wait(timeout=20)
    print(said)
    return _count("Passed", said), _count("Failed", said)


def _count(what: str, said: str) -> int:
    found = re.findall(rf"{what} tests: (\d+)", said)
    return int(found[-1]) if found else 0


def main() -> int:
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        try:
            if "--postgresql" in sys.argv:
                os.environ["HAVRE_DATABASE_URL"] = stack.enter_context(server()).database()
            passed, failed = judged(Path(home))
        except (RuntimeError, Missing) as error:
            print(error, file=sys.stderr)
            return 1
        kept = Path("build")
        kept.mkdir(exist_ok=True)
        shutil.copy(Path(home) / "node.log", kept / "conformance-node.log")
    print(f"{passed} passed, {failed} failed; wanted {EXPECTED} passed, 0 failed")
    return 0 if (passed, failed) == (EXPECTED, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
