"""Virtual environments of tools, apart from docbeam's own, made by uv from hashed locks."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from devstack.failure import StackError
from devstack.fetched import LOCKS, Progress, fetched, run_tool


def tool_venv(name: str, progress: Progress, finish: Callable[[Path], None] | None = None) -> Path:
    """The environment that `locks/<name>.txt` describes; its commands are under `bin`.

    `finish` may add to the new environment before it counts as complete.
    """
    lock = LOCKS / f"{name}.txt"

    def make(folder: Path) -> None:
        progress(f"installing the {name} tools")
        env = _clean_environment()
        purpose = f"installing the {name} tools"
        run_tool(
            [*_uv(), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)],
            purpose=purpose,
            env=env,
        )
        run_tool(
            [
                *_uv(),
                "pip",
                "install",
                "--quiet",
                "--python",
                str(folder / "bin" / "python"),
                "--require-hashes",
                "--requirement",
                str(lock),
            ],
            purpose=purpose,
            env=env,
        )
        if finish is not None:
            finish(folder)

    pins = (lock.read_text(encoding="utf-8"), platform.python_version(), platform.machine(), sys.executable)
    return fetched(f"{name}-venv", pins, make)


def _uv() -> list[str]:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    found = shutil.which("uv")
    if found is None:
        raise StackError("uv is missing; install docbeam's extra: python -m pip install 'docbeam[devstack]'")
    return [found]


def _clean_environment() -> dict[str, str]:
    """Ours without what would point uv at another environment."""
    return {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")}
