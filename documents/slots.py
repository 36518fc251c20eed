"""How many fetches may run at once against one host."""

from __future__ import annotations

import functools
import threading

from config.settings import DocumentSettings
from documents.location import Location
from documents.stores.contract import Deadline, timeout


class Slot:
    """A place among the fetches of this process that may run at once against one host; a context manager.

    Entering waits for a place until the deadline, then raises DocbeamError(FETCH_TIMEOUT).
    """

    def __init__(self, location: Location, settings: DocumentSettings, deadline: Deadline) -> None:
        # All buckets of a service are one host.
        host = f"{location.host}:{location.port}" if location.scheme == "https" else location.scheme
        self._semaphore = _semaphore(host, settings.concurrent_fetches_per_host)
        self._deadline = deadline

    def __enter__(self) -> None:
        if not self._semaphore.acquire(timeout=self._deadline.remaining):
            raise timeout()

    def __exit__(self, *_: object) -> None:
        self._semaphore.release()


@functools.cache
def _new_semaphore(host: str, count: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(count)


_semaphore_lock = threading.Lock()


def _semaphore(host: str, count: int) -> threading.BoundedSemaphore:
    with _semaphore_lock:
        return _new_semaphore(host, count)
