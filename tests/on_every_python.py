"""The quick part of the tests on every Python docbeam promises: `python -m tests.on_every_python [VERSION...]`.

Each gets an environment of its own under `.cache`, from the same locks. Interpreters are those that uv finds on this
machine; one that is missing is named, and costs the promise its proof, so the exit code is then 3.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
_UV = [sys.executable, "-m", "uv"]
_LOCKS = ["-r", "requirements.lock", "-r", "requirements-dev.lock"]
# What takes minutes and does little that could differ: models over pages, and drawing.
_LEFT_OUT = ("tests/models", "tests/evaluation", "tests/synthesis")


def main(versions: Sequence[str]) -> int:
    """Run them all; 0 if all passed, 1 if one failed, 3 if none failed and one was not there."""
    outcomes = {version: _run(version) for version in versions}
    for version, outcome in outcomes.items():
        print(f"python {version}: {outcome}")
    if "failed" in outcomes.values():
        return 1
    return 3 if "not found" in outcomes.values() else 0


def _run(version: str) -> str:
    interpreter = _interpreter(version)
    if interpreter is None:
        return "not found"
    folder = Path(".cache").resolve() / f"python-{version}"
    python = folder / "bin" / "python"
    _done([*_UV, "venv", "--quiet", "--allow-existing", "--python", interpreter, str(folder)])
    install = [*_UV, "pip", "install", "--quiet", "--python", str(python), "--no-deps"]
    _done([*install, "--require-hashes", *_LOCKS])
    _done([*install, "--no-build-isolation", "--editable", ".", "--editable", "workbench"])
    left_out = [f"--ignore={folder}" for folder in _LEFT_OUT]
    tests = [str(python), "-m", "pytest", "-m", "not stack", "-p", "no:cacheprovider", *left_out]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return "failed" if subprocess.run(tests, env=environment, check=False).returncode else "passed"


def _interpreter(version: str) -> str | None:
    environment = dict(os.environ)
    if shutil.which("pyenv"):
        # Its names on PATH answer for the chosen versions only, and uv stops at the first that does not.
        listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False)
        environment["PYENV_VERSION"] = ":".join(listed.stdout.split())
    find = [*_UV, "python", "find", "--no-python-downloads", "--no-project", "--system", version]
    found = subprocess.run(find, env=environment, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def _done(command: list[str]) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or VERSIONS))
