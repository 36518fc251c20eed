"""Mutation tests: `python -m tests.mutate PATH... [--tests PATH...]` changes the code and tells what no test noticed.

It works on a copy under `.cache/mutation`, which holds the outcome of each change afterwards; a second run goes on from
there. Run again with `--afresh` after changing tests. `mutmut show NAME` in that folder prints a change.

mutmut runs the tests in one process and switches changes on one after the other, some five in a second. It sees which
tests run a function in that process only: what runs in a child process alone counts as untested.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

WORK = Path(".cache/mutation")
_MUTMUT = [sys.executable, "-m", "mutmut"]


def main() -> int:
    """Run it; 0 if every change was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("paths", nargs="+", help="files or folders whose code is changed")
    parser.add_argument("--tests", nargs="+", default=[], help="tests to run; default: the folders of the same layers")
    parser.add_argument("--afresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    chosen = parser.parse_args()
    tests = chosen.tests or sorted({f"tests/{Path(path).parts[0]}" for path in chosen.paths})
    if chosen.afresh:
        shutil.rmtree(WORK, ignore_errors=True)
    _copy()
    _configure(chosen.paths, tests)
    run = [*_MUTMUT, "run", "--max-children", str(chosen.jobs)]
    ended = subprocess.run(run, cwd=WORK, env=_environment(), check=False)
    return ended.returncode or _report()


def _copy() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        source, target = Path(name), WORK / name
        # A file that is as it was keeps its time, so that mutmut knows what it has done.
        if source.is_file() and not (target.is_file() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _configure(paths: list[str], tests: list[str]) -> None:
    everything = sorted(path.name for path in WORK.iterdir() if path.name not in ("mutants", ".git", "pyproject.toml"))
    section = {
        "source_paths": paths,
        "also_copy": everything,
        "pytest_add_cli_args": ["-m", "not stack", "-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": tests,
        # The copy lies in a repository whose changes are not its own.
        "use_git_change_detection": False,
        # A change that hangs is waited for so many times the seconds of its tests; the default is 15 and 1.
        "timeout_multiplier": 4,
        "timeout_constant": 4,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in section.items()]
    settings = Path("pyproject.toml").read_text(encoding="utf-8")
    (WORK / "pyproject.toml").write_text("\n".join([settings, "[tool.mutmut]", *lines, ""]), encoding="utf-8")


def _environment() -> dict[str, str]:
    data = os.environ.get("DOCBEAM_EVAL_DATA", str(Path.cwd().parent / "shared" / "eval"))
    return os.environ | {"DOCBEAM_EVAL_DATA": data}


def _report() -> int:
    for arguments in (["export-cicd-stats"], ["results"]):
        done = subprocess.run([*_MUTMUT, *arguments], cwd=WORK, env=_environment(), check=True, stdout=subprocess.PIPE)
    print(done.stdout.decode())
    found = json.loads((WORK / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    noticed = found["killed"] + found["timeout"] + found["segfault"]
    reached = found["total"] - found["no_tests"] - found["skipped"]
    print(f"{noticed} of {reached} changes noticed ({noticed / max(1, reached):.0%}), {found['no_tests']} not reached")
    return 0 if noticed == found["total"] else 1


if __name__ == "__main__":
    sys.exit(main())
