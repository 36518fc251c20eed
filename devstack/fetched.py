"""The cache of fetched and built things: each made once, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from devstack.failure import StackError
from devstack.locking import locked

Progress = Callable[[str], None]

LOCKS = Path(__file__).parent / "locks"
_MARKER = ".complete"


def cache_root() -> Path:
    """`$DOCBEAM_CACHE`, else `docbeam` under `$XDG_CACHE_HOME`, else `~/.cache/docbeam`."""
    chosen = os.environ.get("DOCBEAM_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "docbeam"


def fetched(name: str, pins: Sequence[str], make: Callable[[Path], None]) -> Path:
    """The folder of `name` made from exactly `pins`; `make` fills it where it is missing or was interrupted.

    A marker holding the pins' sha256 is written last, so a folder without it is made anew. The folder's name
    holds the sha256 too: other pins live beside it, and whatever still runs from them is not disturbed.
    """
    digest = hashlib.sha256("\0".join(pins).encode()).hexdigest()
    folder = cache_root() / f"{name}-{digest[:12]}"
    marker = folder / _MARKER
    if _holds(marker, digest):
        return folder
    with locked(cache_root() / "locks" / f"{name}.lock"):
        if _holds(marker, digest):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        partial = folder / f"{_MARKER}.partial"
        partial.write_text(digest, encoding="utf-8")
        partial.replace(marker)
    return folder


def _holds(marker: Path, digest: str) -> bool:
    try:
        return marker.read_text(encoding="utf-8") == digest
    except FileNotFoundError:
        return False


def run_tool(argv: Sequence[str], *, purpose: str, env: Mapping[str, str], cwd: Path | None = None) -> str:
    """Standard output of a finished tool.

    Raises StackError with the end of what the tool said when it cannot be run or fails.
    """
    try:
        done = subprocess.run(
            argv, env=dict(env), cwd=cwd, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise StackError(f"{purpose}: {argv[0]} cannot be run ({error})") from error
    if done.returncode != 0:
        said = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-15:])
        raise StackError(
            f"{purpose} failed: {Path(argv[0]).name} ended with {done.returncode}:\n{said}\n"
            "Check the network and the package sources this machine uses, then run it again; what is done is kept."
        )
    return done.stdout
