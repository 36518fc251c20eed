"""Fetched documents on disk: bounded, least recently used first out, shared by threads and processes.

An entry is two files in a folder named by the first digits of the location's hash: the document, and what the store
said about it. File names carry the hash of the content, so a hit proves itself; locations are stored nowhere.
An entry's access time is its clock, set by this module alone; the modification time tells whether it was replaced.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KEEP_SECONDS = 120.0
"""An entry used more recently stays, even above the bound: its path has just been handed out."""
_ABANDONED_SECONDS = 3600.0
_DOCUMENT, _FACTS, _INCOMING = ".document", ".json", ".incoming"
_PROBE_BYTES = 4096
_SCAN_SHARE = 20
"""A scan of the folder is due when this share (one in so many bytes) of the bound has come in since the last."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A document on disk and what its store said about it."""

    path: Path
    size_bytes: int
    sha256: str
    generation: str | None
    etag: str | None


class DocumentCache:
    """The cache in one folder. Any number of threads and processes may use the folder at once.

    The files take at most `max_bytes`, plus a twentieth for each process, plus what was used in the last
    `KEEP_SECONDS` or is held. The folder is made when it is first needed, and made again when it is gone. Every method
    raises OSError while it cannot be used: it is none, belongs to someone else, is read-only, or the disk is full.
    """

    def __init__(self, folder: Path, max_bytes: int, keep_seconds: float = KEEP_SECONDS) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._verified: dict[str, tuple[int, int, int]] = {}
        self._unscanned_bytes: int | None = None

    def check(self) -> None:
        """Write a little and take it away again; raises OSError naming the folder when the cache cannot be used."""
        with self.incoming() as path:
            path.write_bytes(bytes(_PROBE_BYTES))

    def find(self, url: str, generation: str | None, sha256: str | None) -> CacheEntry | None:
        """The document at `url`, if the reference pins it by generation or sha256 and it is here, whole.

        Its content is hashed the first time this process meets it.
        """
        if generation is None and sha256 is None:
            return None
        self._own_folder()
        pattern = f"{_digest(url)}-{'*' if generation is None else _digest(generation)}-{sha256 or '*'}{_DOCUMENT}"
        for path in sorted(self._shard(url).glob(pattern)):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                if (entry := self._load(path)) is not None:
                    return entry
        return None

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """A new empty file for a document on its way in; gone after the block unless it was admitted."""
        self._own_folder()
        descriptor, name = tempfile.mkstemp(suffix=_INCOMING, dir=self._folder)
        os.close(descriptor)
        path = Path(name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def admit(self, incoming: Path, url: str, sha256: str, generation: str | None, etag: str | None) -> CacheEntry:
        """Take over the file `incoming`, whose content has the hash `sha256`, as the document at `url`."""
        shard = self._shard(url)
        shard.mkdir(mode=0o700, exist_ok=True)
        path = shard / f"{_digest(url)}-{_digest(generation or '')}-{sha256}{_DOCUMENT}"
        size_bytes = incoming.stat().st_size
        with self.incoming() as facts:
            facts.write_text(json.dumps({"generation": generation, "etag": etag}), encoding="utf-8")
            facts.rename(path.with_suffix(_FACTS))
        if not self._has(path, sha256):
            incoming.rename(path)
            self._verified[path.name] = _identity(path)
        self._touch(path)
        self._make_room(size_bytes)
        return CacheEntry(path, size_bytes, sha256, generation, etag)

    @contextlib.contextmanager
    def hold(self, path: Path) -> Iterator[Path]:
        """Keep the entry at `path` from being evicted, by any process, until the block ends.

        Raises FileNotFoundError if it is gone already; fetch the document again then.
        """
        while True:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                if os.stat(path).st_ino != os.fstat(file.fileno()).st_ino:
                    # Another process admitted the same content meanwhile; that file is as good.
                    continue
                self._touch(path)
                yield path
                return

    def _own_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_uid != os.geteuid():
            # Whoever owns the folder could put documents into it.
            raise PermissionError(errno.EACCES, "it belongs to another user", str(self._folder))

    def _has(self, path: Path, sha256: str) -> bool:
        """Whether the content is there already: whoever holds it must not lose it to a twin."""
        with contextlib.suppress(OSError):
            if self._verified.get(path.name) == _identity(path):
                return True
            if _hash_file(path) == sha256:
                self._verified[path.name] = _identity(path)
                return True
        return False

    def _shard(self, url: str) -> Path:
        return self._folder / _digest(url)[:2]

    def _load(self, path: Path) -> CacheEntry | None:
        sha256 = path.name.removesuffix(_DOCUMENT).rpartition("-")[2]
        facts = json.loads(path.with_suffix(_FACTS).read_text(encoding="utf-8"))
        with self.hold(path):
            if self._verified.get(path.name) != _identity(path):
                if _hash_file(path) != sha256:
                    path.unlink(missing_ok=True)
                    return None
                self._verified[path.name] = _identity(path)
            return CacheEntry(path, path.stat().st_size, sha256, facts["generation"], facts["etag"])

    def _touch(self, path: Path) -> None:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))

    def _make_room(self, added_bytes: int) -> None:
        with self._lock:
            if self._unscanned_bytes is not None:
                self._unscanned_bytes += added_bytes
                if self._unscanned_bytes * _SCAN_SHARE < self._max_bytes:
                    return
            self._unscanned_bytes = 0
            self._evict()

    def _evict(self) -> None:
        now = time.time()
        entries: list[tuple[float, int, Path]] = []
        for path in self._folder.rglob("*"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                if path.suffix == _DOCUMENT:
                    entries.append((facts.st_atime, facts.st_size, path))
                elif self._is_leftover(path, now - facts.st_mtime):
                    path.unlink(missing_ok=True)
        excess = sum(size for _, size, _ in entries) - self._max_bytes
        for used, size, path in sorted(entries):
            if excess <= 0 or now - used < self._keep_seconds:
                break
            if _remove_unless_held(path):
                self._verified.pop(path.name, None)
                excess -= size

    def _is_leftover(self, path: Path, age_seconds: float) -> bool:
        """Whether a process died between two writes: a file half come in, or facts without their document."""
        if age_seconds < _ABANDONED_SECONDS:
            return False
        return path.suffix == _INCOMING or (path.suffix == _FACTS and not path.with_suffix(_DOCUMENT).exists())


def _remove_unless_held(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
        path.with_suffix(_FACTS).unlink(missing_ok=True)
        return True
    return False


def _identity(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
