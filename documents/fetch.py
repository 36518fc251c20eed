"""From a document reference to a file on this machine, inside limits of size, time and attempts."""

from __future__ import annotations

import functools
import os
import queue
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from config.settings import DocumentSettings
from documents.attempts import read_until_it_passes
from documents.cache import CacheEntry, DocumentCache
from documents.location import Location
from documents.permission import permitted
from documents.stores.contract import Deadline, Sink, Store, changed, disk_failed, timeout
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A document on this machine's disk.

    The file stays for `documents.cache.KEEP_SECONDS` after the fetch, and for as long as `DocumentCache.hold` keeps
    it. Whoever finds it gone later fetches again.
    """

    path: Path
    size_bytes: int
    sha256: str
    generation: str | None
    etag: str | None
    from_cache: bool


def open_cache(settings: DocumentSettings) -> DocumentCache:
    """The cache of this machine's workers."""
    return DocumentCache(cache_folder(settings), settings.cache_bytes)


def cache_folder(settings: DocumentSettings) -> Path:
    """`documents.cache_dir`, or a private folder under the temporary one."""
    return settings.cache_dir or _temporary_folder()


def _temporary_folder() -> Path:
    try:
        root = tempfile.gettempdir()
    except FileNotFoundError:
        # Nothing can be written anywhere now; each fetch will say so, until something can.
        root = str(Path.cwd())
    return Path(root) / f"docbeam-documents-{os.geteuid()}"


def fetch(reference: DocumentReference, settings: DocumentSettings, cache: DocumentCache) -> FetchedDocument:
    """Bring the document that `reference` names into `cache`, or find it there.

    Served from the cache only if the reference pins the content by sha256 or generation.
    Raises DocbeamError INVALID_LOCATION, LOCATION_FORBIDDEN, INVALID_REQUEST (a generation where there are none),
    DOCUMENT_NOT_FOUND, DOCUMENT_ACCESS_DENIED, DOCUMENT_CHANGED, DOCUMENT_EMPTY, DOCUMENT_TOO_LARGE,
    TOO_MANY_REDIRECTS, FETCH_TIMEOUT or FETCH_FAILED.
    """
    location = permitted(reference, settings.allow, settings.private_hosts)
    try:
        entry = cache.find(location.url, reference.generation, reference.sha256)
        if entry is not None:
            return _fetched(entry, from_cache=True)
        deadline = Deadline(settings.fetch_seconds)
        entry = _within(deadline, lambda: _download(location, reference, settings, cache, deadline))
        return _fetched(entry, from_cache=False)
    except OSError as error:
        raise disk_failed(error) from None


def _download(
    location: Location,
    reference: DocumentReference,
    settings: DocumentSettings,
    cache: DocumentCache,
    deadline: Deadline,
) -> CacheEntry:
    with cache.incoming() as path:
        with path.open("wb") as file:
            sink = Sink(file, settings.max_bytes, deadline)
            store, generation = _store(location.scheme), reference.generation
            facts = read_until_it_passes(store, location, generation, sink, settings, deadline)
        if generation is not None and facts.generation != generation:
            raise changed("generation")
        if sink.size_bytes == 0:
            raise DocbeamError(ErrorCode.DOCUMENT_EMPTY, "the document has no bytes; send one that has content")
        if reference.sha256 is not None and sink.sha256 != reference.sha256:
            raise changed("content (sha256)")
        deadline.check()
        return cache.admit(path, location.url, sink.sha256, facts.generation, facts.etag)


def _within(deadline: Deadline, work: Callable[[], T]) -> T:
    """What `work` returns or raises; FETCH_TIMEOUT once the deadline passes, whatever `work` is blocked on.

    Cloud clients limit single waits, not whole downloads. A thread left behind holds its slot, ends at its next byte
    or timeout, and leaves no file. After tries that failed it is FETCH_FAILED, since they are why no time is left.
    """
    answers: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(1)

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=run, name="docbeam-fetch", daemon=True).start()
    try:
        answer, error = answers.get(timeout=deadline.remaining)
    except queue.Empty:
        answer, error = None, timeout()
    if isinstance(error, DocbeamError) and error.code is ErrorCode.FETCH_TIMEOUT and deadline.failures:
        message = f"{deadline.failures}, and one more try took too long; try later or raise documents.fetch_seconds"
        raise DocbeamError(ErrorCode.FETCH_FAILED, message)
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]


@functools.cache
def _store(scheme: str) -> Store:
    # Imported on first use: the cloud clients take seconds to load and many jobs use one scheme.
    if scheme == "gs":
        from documents.stores.gs import GcsStore

        return GcsStore()
    if scheme == "s3":
        from documents.stores.s3 import S3Store

        return S3Store()
    if scheme == "https":
        from documents.stores.https import HttpsStore

        return HttpsStore()
    from documents.stores.file import FileStore

    return FileStore()


def _fetched(entry: CacheEntry, from_cache: bool) -> FetchedDocument:
    return FetchedDocument(entry.path, entry.size_bytes, entry.sha256, entry.generation, entry.etag, from_cache)
