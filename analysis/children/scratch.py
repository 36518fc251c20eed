"""The one folder that the children of a process may write to."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from pathlib import Path

_PREFIX = "docbeam-children-"
_LOCK = ".lock"


class Scratch:
    """A temporary folder, made when it is first asked for and removed at the end.

    A process that is killed leaves its folder behind; the next one removes it. A lock tells which are in use: it goes
    with the process that holds it, and is seen from other containers that share the disk, unlike a process id.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._held = -1
        self._lock = threading.Lock()

    def folder(self) -> Path:
        """The folder, for this user only."""
        with self._lock:
            if self._folder is None:
                _remove_abandoned()
            while self._folder is None:
                folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
                self._held = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._held, fcntl.LOCK_EX)
                # Another process may have taken it for abandoned just before.
                self._folder = folder if (folder / _LOCK).exists() else None
            return self._folder

    def close(self) -> None:
        """Remove the folder and what is in it."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                os.close(self._held)
                self._folder = None


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid != os.geteuid():
                continue
            held = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)
