"""A folder for each worker that a pool starts: the options it got, and what it and native libraries print."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

LOG_FOLDER = "DOCBEAM_WORKER_LOGS"
"""Variable with the folder for what workers print; default: docbeam-workers in the temporary folder."""
PRINTED = "printed.log"
_KEPT_FOLDERS = 50
"""Of workers that were started; more than run at once on a machine."""
_TOLD_CHARACTERS = 2000


def new_worker_folder(worker_id: str) -> Path:
    """One more, of this start alone; the oldest of others are deleted."""
    root = _root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(root)
    return Path(tempfile.mkdtemp(prefix=_prefix(worker_id), dir=root))


def last_printed(worker_id: str) -> str:
    """The end of what the last worker of that name printed; empty where it did not come to print."""
    with suppress(OSError, ValueError):
        folder = max(_root().glob(f"{_prefix(worker_id)}*"), key=lambda each: each.stat().st_mtime)
        return (folder / PRINTED).read_text(encoding="utf-8", errors="replace")[-_TOLD_CHARACTERS:]
    return ""


def _root() -> Path:
    return Path(os.environ.get(LOG_FOLDER) or Path(tempfile.gettempdir()) / "docbeam-workers")


def _prefix(worker_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", worker_id) + "-"


def _forget_old(root: Path) -> None:
    """A worker that crashes at every start would fill the disk; the last ones tell why."""
    with suppress(OSError):
        folders = sorted((each for each in root.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
        for folder in folders[:-_KEPT_FOLDERS]:
            shutil.rmtree(folder, ignore_errors=True)
