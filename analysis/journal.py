"""Files that say what a process works on, and what came of it; they outlive the process.

at-work/PROCESS/alive       locked by the process: the kernel lets go when it ends, however it ends
at-work/PROCESS/N           one line of JSON for each work in progress
suspects/HASH               work that was in progress when a process died: how often, and how often alone
convicted/HASH              deliveries that ended too many processes
"""

from __future__ import annotations

import fcntl
import itertools
import json
import logging
import os
import shutil
import stat
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
_KEEP_SECONDS = 7 * 86_400


class JournalOff(Exception):
    """The folder is not ours alone."""


class Journal:
    """The files of one process in the folder that all of them share. Thread-safe.

    Methods raise OSError when the folder cannot be used any more.
    """

    def __init__(self, folder: Path, tries: int) -> None:
        self._tries = tries
        self._numbers = itertools.count()
        self._closing = threading.Lock()
        make_private(folder)
        self._folder = folder
        self._processes, self._suspects, self._convicted = (
            folder / name for name in ("at-work", "suspects", "convicted")
        )
        for each in (self._processes, self._suspects, self._convicted):
            each.mkdir(mode=0o700, exist_ok=True)
        self._sweep()
        self._name = f"{os.getpid()}-{uuid.uuid4().hex}"
        # Under its name only when it is locked: until then it looks like one of a dead process.
        hidden = self._processes / f".{self._name}"
        hidden.mkdir(mode=0o700)
        self._alive: int | None = os.open(hidden / "alive", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        self._mine = self._processes / self._name
        hidden.rename(self._mine)

    def begin(self, delivery: str, stage: str, suspect: bool) -> Path:
        """Work begins; the entry to end it with."""
        entry = self._mine / str(next(self._numbers))
        told = json.dumps({"delivery": delivery, "stage": stage, "suspect": suspect}).encode()
        # Complete or not there: a process may die between the two.
        file = os.open(entry, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, told)
        finally:
            os.close(file)
        return entry

    def end(self, entry: Path, delivery: str, stage: str) -> None:
        """Work ended, and the process lives: no suspicion is left."""
        with suppress(FileNotFoundError):
            os.unlink(entry)
        with suppress(FileNotFoundError):
            os.unlink(self._suspect(delivery, stage))

    def is_suspect(self, delivery: str, stage: str) -> bool:
        """Whether it was in work when a process died."""
        return self._suspect(delivery, stage).exists()

    def is_convicted(self, delivery: str) -> bool:
        """Whether it ended too many."""
        return (self._convicted / _hash(delivery)).exists()

    def look_for_dead(self) -> None:
        """Take up the journals of processes that died; each is counted by one process only."""
        for name in os.listdir(self._processes):
            if name != self._name and not name.startswith("."):
                self._take_up(self._processes / name)

    def close(self) -> None:
        """Forget what this process has in work."""
        with self._closing:
            shutil.rmtree(self._mine, ignore_errors=True)
            if self._alive is not None:
                os.close(self._alive)
                self._alive = None

    def _take_up(self, process: Path) -> None:
        try:
            alive = os.open(process / "alive", os.O_RDWR)
        except FileNotFoundError:
            # Just taken up by another, or left half removed by one that died in turn.
            with suppress(OSError):
                if time.time() - process.stat().st_mtime > 60:
                    shutil.rmtree(process, ignore_errors=True)
            return
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            with self._counting():
                if process.exists():
                    self._count(list(_entries(process)))
                    shutil.rmtree(process, ignore_errors=True)
        finally:
            os.close(alive)

    def _count(self, entries: list[dict[str, Any]]) -> None:
        suspects = [entry for entry in entries if entry["suspect"]]
        (alone,) = suspects if len(suspects) == 1 else entries if len(entries) == 1 else (None,)
        for entry in entries:
            path = self._suspect(entry["delivery"], entry["stage"])
            before = _read(path) or {}
            deaths = before.get("deaths", 0) + 1
            guilty = before.get("alone", 0) + (entry is alone)
            _write(path, {**entry, "deaths": deaths, "alone": guilty})
            log.warning(
                "a worker process died in step %r of %s (%d times, %d alone)",
                entry["stage"],
                entry["delivery"],
                deaths,
                guilty,
            )
            if guilty >= self._tries:
                _write(self._convicted / _hash(entry["delivery"]), entry)

    def _suspect(self, delivery: str, stage: str) -> Path:
        return self._suspects / _hash(f"{delivery} {stage}")

    @contextmanager
    def _counting(self) -> Iterator[None]:
        file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _sweep(self) -> None:
        oldest = time.time() - _KEEP_SECONDS
        for folder in (self._suspects, self._convicted):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()
        for path in self._processes.glob(".*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    shutil.rmtree(path, ignore_errors=True)


def make_private(folder: Path) -> None:
    """Make the folder if it is not there. Raises JournalOff when others may change what is in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise JournalOff("it is not a folder of this user")
    if found.st_mode & 0o077:
        raise JournalOff("others may write or read in it; it needs mode 0700")


def _hash(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _entries(process: Path) -> Iterable[dict[str, Any]]:
    for path in process.iterdir():
        entry = _read(path)
        if entry is not None and entry.keys() >= {"delivery", "stage", "suspect"}:
            yield entry


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _write(path: Path, told: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(told), encoding="utf-8")
    os.replace(partial, path)
