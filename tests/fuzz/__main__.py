"""Fuzz every step: `python -m tests.fuzz [NAME...] [--seconds 600]`.

Each property of `tests/fuzz/test_*.py` gets its share of the time, in processes of its own: with values drawn at
random, and, where atheris is installed, guided by which code of ours they reach. A line for each says how often it ran.
Exit code 1 when something failed. The folder that is named then holds the values, and from atheris the input, which
`--replay FILE` runs again.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
FAILURES = Path(".cache/fuzz")
ENGINES = ("hypothesis", "atheris")
_MARGIN_SECONDS = 600
"""For imports, for the last input, and for making a failing one small."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one property with one engine."""

    executions: int
    seconds: float
    failure: str | None


def main() -> int:
    """Run them; 0 if none failed."""
    chosen = _arguments()
    found = [name for name in properties() if not chosen.names or any(part in name for part in chosen.names)]
    if not found:
        print("no property has such a name", file=sys.stderr)
        return 2
    if chosen.replay:
        return _replayed(found, chosen.replay)
    engines = _engines(chosen.engine)
    share = chosen.seconds * chosen.jobs / len(found) / len(engines)
    print(
        f"{len(found)} properties, {share:.0f} s each with {' and '.join(engines)}, {chosen.jobs} at a time", flush=True
    )
    with ThreadPoolExecutor(chosen.jobs) as pool:
        failed = sum(pool.map(partial(_fuzzed, engines=engines, seconds=share), found))
    print(f"{failed} of {len(found)} properties failed")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="parts of names of properties; default: all")
    parser.add_argument("--seconds", type=float, default=600, help="for all of them together (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="properties at a time (%(default)s)")
    parser.add_argument("--engine", choices=ENGINES, help="one alone; default: all that are installed")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run an input that atheris saved")
    return parser.parse_args()


def properties() -> list[str]:
    """MODULE:TEST of each, without importing any."""
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append(f"tests.fuzz.{path.stem}:{node.name}")
    return found


def _engines(chosen: str | None) -> Sequence[str]:
    if chosen:
        return (chosen,)
    return ENGINES if importlib.util.find_spec("atheris") else ENGINES[:1]


def _fuzzed(name: str, engines: Sequence[str], seconds: float) -> bool:
    """Run a property and say what came of it; whether it failed."""
    failures = 0
    for engine in engines:
        outcome = _run(name, engine, seconds)
        failures += outcome.failure is not None
        short = name.partition(":")[2].removeprefix("test_")
        said = f"FAILED: {outcome.failure}"[:300] if outcome.failure else "ok"
        print(f"{engine:10} {outcome.executions:8} times {outcome.seconds:5.0f} s  {short}  {said}", flush=True)
    return failures > 0


def _run(name: str, engine: str, seconds: float) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="docbeam-fuzz-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "out"
        folder.mkdir()
        code = _ended(engine, name, str(seconds), folder, seconds + _MARGIN_SECONDS)
        outcome = _told(folder, code, time.monotonic() - began)
        if outcome.failure:
            _keep(folder, name, engine)
    return outcome


def _ended(engine: str, name: str, budget: str, folder: Path, most_seconds: float) -> int | None:
    """The exit code of a run; None if it had to be killed."""
    command = [sys.executable, "-m", "tests.fuzz.target", engine, name, budget, str(folder)]
    environment = {**os.environ, "TMPDIR": str(folder.parent)}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            return process.wait(most_seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _told(folder: Path, code: int | None, seconds: float) -> Outcome:
    try:
        told = json.loads((folder / "outcome").read_text(encoding="utf-8"))
    except FileNotFoundError:
        told = {"executions": 0, "failure": None}
    failure = told["failure"]
    if code != 0 and failure is None:
        failure = "it does not end" if code is None else f"it ended with {code}"
    return Outcome(told["executions"], seconds, failure)


def _keep(folder: Path, name: str, engine: str) -> None:
    kept = FAILURES / f"{name.partition(':')[2]}-{engine}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("corpus"))
    print(f"see {kept}", flush=True)


def _replayed(names: Sequence[str], saved: Path) -> int:
    if len(names) != 1:
        print(f"which one of: {', '.join(names)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz.target", "replay", names[0], str(saved), folder]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
