"""Mutation tests: `python -m tests.mutate PATH... [--tests PATH...]` changes the code and tells what nobody noticed.

It works on a copy under `.cache/mutation`, which holds the outcome of each change afterwards; a second run goes on from
there. Run again with `--afresh` after changing tests. `mutmut show NAME` in that folder prints a change.

What mypy notices, as half of all changes, is not run. mutmut runs the tests in one process and switches changes on one
after the other, some five in a second. It sees which tests run a function in that process only: what runs in a child
process alone counts as untested. It changes no functions with decorators, no constants of modules and no sentences.

`--sample N` judges N changes drawn by chance and says how sure the score is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

from evaluation.statistics import Measured, fraction

WORK = Path(".cache/mutation")
_MUTMUT = [sys.executable, "-m", "mutmut"]
_TEXTS = r'^\s*(raise |return |\w+ = )?([\w.]+\()?(ErrorCode\.\w+, )?f?"[^"]* [^"]* [^"]*"'
"""Lines that hold a sentence: tests need not hold each message to its words."""
_ALONE = "tests/analysis/test_confinement.py::test_a_system_without_it_is_told_and_works"
"""Starts Python without any package, so without the one that switches changes on."""
_NO_CHANGE = "none-at-all"
_UNNOTICED = ("survived", "suspicious")
_UNTRIED = ("no tests", "skipped", "not checked", "check was interrupted by user")


def main() -> int:
    """Run it; 0 if every change was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("paths", nargs="+", help="files or folders whose code is changed")
    parser.add_argument("--tests", nargs="+", default=[], help="tests to run; default: the folders of the same layers")
    parser.add_argument("--afresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--sample", type=int, help="judge so many changes drawn by chance instead of all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    chosen = parser.parse_args()
    tests = chosen.tests or sorted({f"tests/{Path(path).parts[0]}" for path in chosen.paths})
    if chosen.afresh:
        shutil.rmtree(WORK, ignore_errors=True)
    _copy()
    _configure(chosen.paths, tests)
    run = [*_MUTMUT, "run", "--max-children", str(chosen.jobs)]
    if chosen.sample:
        # Changes exist once mutmut has begun; this name matches none of them, so that it stops before it judges any.
        subprocess.run([*run, _NO_CHANGE], cwd=WORK, env=_environment(), stderr=subprocess.DEVNULL, check=False)
        run += _drawn(chosen.sample, chosen.seed)
    ended = subprocess.run(run, cwd=WORK, env=_environment(), check=False)
    return ended.returncode or _report()


def _drawn(size: int, seed: int) -> list[str]:
    names = sorted(name for file in _judgements() for name in _outcomes(file))
    return random.Random(seed).sample(names, min(size, len(names)))


def _judgements() -> list[Path]:
    return sorted((WORK / "mutants").rglob("*.py.meta"))


def _outcomes(file: Path) -> dict[str, int | None]:
    """Exit code of each change of a file; None: not judged."""
    codes: dict[str, int | None] = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


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
        "pytest_add_cli_args": ["-m", "not stack", "-p", "no:cacheprovider", "--deselect", _ALONE],
        "pytest_add_cli_args_test_selection": tests,
        "type_check_command": _types(paths),
        "do_not_mutate_patterns": [_TEXTS],
        # The copy lies in a repository whose changes are not its own.
        "use_git_change_detection": False,
        # A change that hangs is waited for so many times the seconds of its tests; the default is 15 and 1.
        "timeout_multiplier": 4,
        "timeout_constant": 4,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in section.items()]
    settings = Path("pyproject.toml").read_text(encoding="utf-8")
    (WORK / "pyproject.toml").write_text("\n".join([settings, "[tool.mutmut]", *lines, ""]), encoding="utf-8")


def _types(paths: list[str]) -> list[str]:
    layers = sorted({Path(path).parts[0] for path in paths})
    # The code that switches changes on has comments for mypy of its own.
    check = [sys.executable, "-m", "mypy", "--no-warn-unused-ignores", "--output", "json"]
    return check + [word for layer in layers for word in ("-p", layer)]


def _environment() -> dict[str, str]:
    data = os.environ.get("DOCBEAM_EVAL_DATA", str(Path.cwd().parent / "shared" / "eval"))
    return os.environ | {"DOCBEAM_EVAL_DATA": data}


def _report() -> int:
    """What became of the changes of each file; the names of those that nothing noticed."""
    total: Counter[str] = Counter()
    for file in _judgements():
        ended = _outcomes(file)
        found = Counter(status_by_exit_code[code] for code in ended.values())
        for name, code in ended.items():
            if status_by_exit_code[code] in _UNNOTICED:
                print(f"  {name}: {status_by_exit_code[code]}")
        if found:
            print(f"{file.relative_to(WORK / 'mutants').with_suffix('')}: {_score(found)}")
        total += found
    print(f"all: {_score(total)}")
    return 0 if not any(total[status] for status in (*_UNNOTICED, *_UNTRIED)) else 1


def _score(found: Counter[str]) -> str:
    reached = found.total() - sum(found[status] for status in _UNTRIED)
    noticed = reached - sum(found[status] for status in _UNNOTICED)
    share = f"{noticed} of {reached} changes noticed ({_share(fraction(noticed, reached))}"
    others = f"{found['no tests']} not reached, {found['not checked']} not judged"
    return f"{share}, {found['caught by type check']} by mypy), {others}"


def _share(measured: Measured) -> str:
    if measured.value is None or measured.low is None or measured.high is None:
        return "none judged"
    return f"{measured.value:.0%}, 95 % between {measured.low:.0%} and {measured.high:.0%}"


if __name__ == "__main__":
    sys.exit(main())
