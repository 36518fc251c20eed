"""One property in a process of its own: `python -m tests.fuzz.target ENGINE MODULE:TEST SECONDS FOLDER`.

Writes one line of JSON, `{"executions": N, "failure": TEXT or null}`, to FOLDER/outcome. What fails is left in FOLDER.

`atheris` changes bytes and keeps those that reach new code of ours; hypothesis makes values of them. `hypothesis` draws
values without looking at the code, and makes a failing one small. `replay` runs the bytes in the file SECONDS.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.children.death import die_with_parent

FUZZING = "DOCBEAM_FUZZ"
"""As `tests.fuzz.hostile` has it, which is not imported yet."""
OURS = ("analysis", "connections", "documents", "models", "schemas", "transforms", "use_cases")
"""What new code is looked for in."""
_ROUND = 20
_LARGEST_INPUT = 16_384


class _Record:
    """How often a property ran, and what it failed with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.executions = 0

    def watching(self, inner: Callable[..., None]) -> Callable[..., None]:
        """The property, watched."""

        @functools.wraps(inner)
        def run(*args: Any, **kwargs: Any) -> None:
            self.executions += 1
            if self.executions % _ROUND == 0:
                self.write(None)
            try:
                inner(*args, **kwargs)
            except Exception as error:
                error.add_note(f"with {kwargs!r}"[:20_000])
                self.write(error)
                raise

        return run

    def write(self, error: BaseException | None) -> None:
        """How far it came, and what failed last."""
        if error is not None:
            told = "".join(traceback.format_exception(error))
            (self._folder / "failure.txt").write_text(told, encoding="utf-8", errors="backslashreplace")
        failure = None if error is None else f"{type(error).__name__}: {error}"
        (self._folder / "outcome").write_text(json.dumps({"executions": self.executions, "failure": failure}))


def main() -> None:
    """Run it; leaves the process by an exception when the property fails."""
    engine, name, budget, folder = sys.argv[1:]
    module, _, function = name.partition(":")
    die_with_parent(os.getppid())
    here = Path(folder)
    os.environ[FUZZING] = "1"
    with _instrumented() if engine == "atheris" else contextlib.nullcontext():
        test = getattr(importlib.import_module(module), function)
    record = _Record(here)
    test.hypothesis.inner_test = record.watching(test.hypothesis.inner_test)
    if engine == "replay":
        test.hypothesis.fuzz_one_input(Path(budget).read_bytes())
    elif engine == "atheris":
        _with_atheris(test, float(budget), here)
    else:
        _with_hypothesis(test, float(budget))
    record.write(None)


def _instrumented() -> Any:
    import atheris

    return atheris.instrument_imports(include=list(OURS))


def _with_hypothesis(test: Callable[[], None], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        test()


def _with_atheris(test: Any, seconds: float, folder: Path) -> None:
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number in range(16):
        # Long ones to begin with: short bytes are no values yet.
        (corpus / f"seed{number}").write_bytes(random.Random(number).randbytes(64 << number % 8))

    # It ends the process by itself, whatever would come afterwards here.
    options = [f"-max_total_time={max(1, round(seconds))}", f"-artifact_prefix={folder}/", f"-max_len={_LARGEST_INPUT}"]
    options += ["-timeout=300", "-rss_limit_mb=0"]
    atheris.Setup(["fuzz", *options, str(corpus)], test.hypothesis.fuzz_one_input, enable_python_coverage=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
